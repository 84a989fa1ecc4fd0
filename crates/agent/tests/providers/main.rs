//! Both wires against a scripted server: what is sent, what comes back, what is tried again.

mod faults;
mod gates;
mod malformed;
mod registry;
mod replies;
mod support;
