//! Fakes for the ports: a model server that keeps its own books, and a clock that tests drive.

pub mod clock;
pub mod reply;
pub mod server;

pub use clock::TestClock;
pub use reply::{Dialect, Part, Reply};
pub use server::{Answer, Bill, Hold, ModelServer, Seen};
