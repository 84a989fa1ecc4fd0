//! The run's repository and its workspaces, on real trees, with real git and real overlays.

mod landing;
mod patches;
mod support;
