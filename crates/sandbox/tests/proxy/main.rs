//! Requests that try to get past the proxy, each with its control: without the defence it would have worked.

mod attacks;
mod limits;
mod relaying;
mod world;
