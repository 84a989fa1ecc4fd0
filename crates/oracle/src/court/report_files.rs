//! Reports that a check writes to files: only those that it wrote itself, and no links.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};

use crate::spec::{Check, Format};

const FILES_MAX: usize = 10_000;
const ENTRIES_MAX: usize = 500_000;
const BYTES_MAX: u64 = 64 << 20;

/// What was there before is no report of this run.
pub fn clear(root: &Path, check: &Check) -> io::Result<()> {
    for glob in check.report.iter().chain(&check.coverage) {
        // Where the project lies does not matter for what goes.
        for file in files(root, &matcher(&format!("{{,**/}}{}", glob.trim_start_matches("./")))?)? {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// The texts of the files that match, in the order of their names.
pub fn read(root: &Path, project: &Path, glob: &str) -> io::Result<Vec<String>> {
    let mut texts = Vec::new();
    let mut left = BYTES_MAX;
    for file in files(&root.join(project), &matcher(glob.trim_start_matches("./"))?)? {
        let mut bytes = Vec::new();
        fs::File::open(file)?.take(left).read_to_end(&mut bytes)?;
        left -= bytes.len() as u64;
        texts.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(texts)
}

pub fn format(check: &Check) -> Format {
    match (check.format, &check.report) {
        (Format::Auto, Some(name)) => Format::of_file(name),
        (format, _) => format,
    }
}

fn matcher(glob: &str) -> io::Result<GlobMatcher> {
    Glob::new(glob).map(|glob| glob.compile_matcher()).map_err(io::Error::other)
}

/// No process of the check is alive: what is a file or a folder here stays one.
fn files(root: &Path, matcher: &GlobMatcher) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut todo = vec![root.to_owned()];
    let mut seen = 0;
    while let Some(folder) = todo.pop() {
        // A folder that may not be read holds no report.
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry?;
            seen += 1;
            let kind = entry.file_type()?;
            let path = entry.path();
            let within = path.strip_prefix(root).unwrap_or(&path);
            if kind.is_dir() && seen < ENTRIES_MAX {
                todo.push(path);
            } else if kind.is_file() && matcher.is_match(within) && found.len() < FILES_MAX {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
