//! Where isolated agents work, and what becomes of it: the run's repository, workspaces, patches, merging.
//!
//! **Invariant:** git never runs on a tree that an agent wrote, and never runs a program that such a tree
//! names. All functions block; errors are sentences.

mod apply;
mod beneath;
mod capture;
mod checkout;
mod clean_up;
mod diff;
mod file;
mod git;
mod import;
mod judged;
mod known;
mod landing;
mod look;
mod path;
mod publish;
mod remove;
mod repo;
mod small;
mod standing;
mod tree;
mod unasked;
mod upper;
mod user;
mod workspaces;

pub use apply::{Applied, ApplyPlan};
pub use clean_up::{Cleaned, clean_up};
pub use diff::{Change, ChangeKind};
pub use git::{Git, GitConfig, Identity, Ran};
pub use landing::{Merged, Moved, Trailers};
pub use repo::{Captured, Origin, RunRepo, Snapshot};
pub use unasked::{Guard, guarded, unasked};
pub use user::UserRepository;
pub use workspaces::{Kind, Layers, Workspace, Workspaces};
