//! What checks print that no agent may read: kept in the run's folder, which agents do not see, for the person.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::{OUTPUT_BYTES_MAX, bench};
use crate::spec::Check;

const FOLDER: &str = "hidden";
const NAME_CHARS_MAX: usize = 60;
const TREE_CHARS: usize = 12;

/// Where it lies then, relative to the run's folder. A tree that is judged twice has both in one file.
pub fn keep(run_dir: &Path, tree: &str, check: &Check, why: &str, printed: &str) -> io::Result<String> {
    let plain = |ch: char| if ch.is_ascii_alphanumeric() || ch == '_' { ch } else { '-' };
    let name: String = check.name.chars().take(NAME_CHARS_MAX).map(plain).collect();
    let tree: String = tree.chars().take(TREE_CHARS).collect();
    let file = format!("{FOLDER}/{name}-{tree}.txt");
    let mut text = format!("{}: {why}\n", check.name);
    bench::show(&mut text, check, printed, OUTPUT_BYTES_MAX);
    text.push('\n');
    DirBuilder::new().recursive(true).mode(0o700).create(run_dir.join(FOLDER))?;
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    options.open(run_dir.join(&file))?.write_all(text.as_bytes())?;
    Ok(file)
}
