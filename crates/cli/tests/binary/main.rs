//! The built binary, end to end: what a person types, what they get, and what a model server saw of it.

mod advise;
mod bad_input;
mod checks;
mod costs;
#[cfg(target_os = "linux")]
mod demo;
mod examples;
mod exits;
#[cfg(target_os = "linux")]
mod full_disk;
mod held;
#[cfg(target_os = "linux")]
mod kills;
mod landing;
mod model;
mod models;
mod money;
mod named;
mod output;
#[cfg(target_os = "linux")]
mod plain_user;
mod project;
mod resumes;
#[cfg(target_os = "linux")]
mod terminal;
