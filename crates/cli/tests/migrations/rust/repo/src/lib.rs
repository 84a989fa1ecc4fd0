//! Reads what people write: sizes, spans of time, ratios, versions.

pub mod bytes;
pub mod clock;
pub mod error;
pub mod ratio;
pub mod roman;
pub mod scan;
pub mod span;
pub mod version;
