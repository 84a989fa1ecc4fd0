//! Requests that try to get past the proxy, each with its control: without the defence it would have worked.

mod attacks;
#[cfg(target_os = "linux")]
mod confined;
mod limits;
mod relaying;
mod world;
