//! Real paths of the project, so that simulated replies that name files name ones that there are.

use std::path::Path;

use ignore::WalkBuilder;

/// Paths that are handed out.
const FILES_MAX: usize = 200;
/// Paths that are looked at.
const SEEN_MAX: usize = 4_000;
/// With fewer the same file would come up twice in one reply, which is not what models do.
const FILES_MIN: usize = 32;

/// Some files beneath `cwd`, relative to it, from all over it: what git ignores and what is hidden are left out.
/// None where there are too few.
pub fn some(cwd: &Path) -> Vec<String> {
    let walk = WalkBuilder::new(cwd).sort_by_file_name(|one, other| one.cmp(other)).build();
    let files =
        walk.take(SEEN_MAX).flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let paths: Vec<String> =
        files.filter_map(|entry| Some(entry.path().strip_prefix(cwd).ok()?.to_str()?.to_owned())).collect();
    if paths.len() < FILES_MIN {
        return Vec::new();
    }
    let step = paths.len().div_ceil(FILES_MAX);
    paths.into_iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    #[test]
    fn files_are_from_all_over_and_neither_hidden_nor_ignored() {
        let made = MadeUp::new();
        made.file(".gitignore", "target/\n");
        made.file("target/x.rs", "");
        for n in 0..300 {
            made.file(&format!("src/{n:03}.rs"), "");
        }
        made.file("zzz/last.rs", "");
        let files = some(&made.project);
        assert!((100..=FILES_MAX).contains(&files.len()), "{}", files.len());
        assert_eq!(files[0], "src/000.rs");
        assert_eq!(files.last().map(String::as_str), Some("zzz/last.rs"));
        assert!(files.iter().all(|file| !file.starts_with('.') && !file.starts_with("target")));
    }

    #[test]
    fn a_handful_of_files_is_none() {
        let made = MadeUp::new();
        made.file("a.rs", "");
        assert!(some(&made.project).is_empty());
    }
}
