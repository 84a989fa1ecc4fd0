//! The run's repository and its workspaces, on real trees, with real git and real overlays.
#![expect(clippy::print_stderr, reason = "a skip is said")]

mod applying;
mod cleaning;
mod conflicts;
mod hostile;
mod landing;
mod patches;
mod repositories;
mod support;
