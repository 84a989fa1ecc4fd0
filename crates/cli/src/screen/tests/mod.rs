//! What the screens show of synthetic runs.

mod cost;
mod live;
mod logs;
mod plain;
mod show;
mod summary;
mod synthetic;
mod transcript;
pub mod vt;

use super::Style;

const PLAIN: Style = Style { color: false, unicode: true };
