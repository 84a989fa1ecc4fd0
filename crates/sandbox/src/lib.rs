//! The only place that confines processes: a policy becomes bubblewrap, Landlock, seccomp and limits.
//!
//! ```text
//! engine -> __enter   supervises: dies with the engine, mounts the overlay, makes an outer PID namespace
//!           __init    first of that namespace: dies with __enter, whenever that happens; execs
//!           bwrap     makes the namespaces and the view of the files
//!           __forward with a proxy: relays a port to its socket, and waits for the next
//!           __confine in that view: limits, Landlock, seccomp; execs the command
//! ```
//!
//! The stages are the program itself, run again: it gives its arguments to [`stage::main`] before anything
//! else. Nothing passes between them but standard input, so that no descriptor can leak into another process.

mod confined;
mod error;
pub mod forward;
mod held;
mod missing;
mod output;
mod placeholder;
mod plan;
mod policy;
pub mod probe;
pub mod proxy;
mod sandbox;
pub mod seatbelt;
pub mod stage;

pub use confined::Confined;
pub use error::{Error, Missing};
pub use held::{HeldPlaces, remove_left_places};
pub use output::Output;
pub use placeholder::is_placeholder;
pub use policy::{Level, Network, PROXY_SOCKET, Policy, ProcessLimits, Root};
pub use sandbox::{Ran, Sandbox};
