//! Which lines a test run reached, as its own report says: told to people, and never part of a verdict.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

mod cobertura;
mod gaps;
mod hunks;
mod lcov;

pub use gaps::gaps;
pub use hunks::changed;

/// Those that can be reached at all, and whether they were.
pub type Lines = BTreeMap<u32, bool>;

/// Of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    files: Vec<File>,
    places: Places,
}

#[derive(Clone, Debug, PartialEq)]
struct File {
    /// As the report has it.
    name: String,
    /// Folders that it may be relative to, besides those of [`Places`].
    sources: Vec<String>,
    lines: Lines,
}

/// What the names of a report may be relative to.
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    /// Where the tree lay, as absolute paths.
    pub tops: Vec<PathBuf>,
    /// Within the tree, the likeliest first: where the command ran, where the project lies.
    pub folders: Vec<PathBuf>,
}

/// LCOV, or the XML of Cobertura. `None`: the texts are neither, or name no file.
pub fn read(texts: &[String], places: Places) -> Option<Coverage> {
    let of_text = |text: &String| match text.trim_start().starts_with('<') {
        true => cobertura::read(text).unwrap_or_default(),
        false => lcov::read(text),
    };
    let files: Vec<File> = texts.iter().flat_map(of_text).collect();
    (!files.is_empty()).then_some(Coverage { files, places })
}

impl Coverage {
    /// Adds to what is known by paths of the tree. Names that lie outside of it are left out.
    pub fn add_to(&self, known: &mut BTreeMap<String, Lines>, tree: &[String]) {
        let tree: HashSet<&str> = tree.iter().map(String::as_str).collect();
        for file in &self.files {
            let path = file.candidates(&self.places).into_iter().find(|path| tree.contains(path.as_str()));
            let Some(path) = path else { continue };
            let lines = known.entry(path).or_default();
            for (line, reached) in &file.lines {
                *lines.entry(*line).or_default() |= *reached;
            }
        }
    }
}

impl File {
    fn candidates(&self, places: &Places) -> Vec<String> {
        let (name, top) = (Path::new(&self.name), PathBuf::new());
        let from_sources = self.sources.iter().map(|source| Path::new(source).join(name));
        let named: Vec<PathBuf> = from_sources.chain([name.to_owned()]).collect();
        let mut paths = Vec::new();
        for named in named {
            match named.is_absolute() {
                true => {
                    paths.extend(places.tops.iter().filter_map(|top| plain(named.strip_prefix(top).ok()?)))
                }
                false => {
                    let folders = places.folders.iter().chain([&top]);
                    paths.extend(folders.filter_map(|folder| plain(&folder.join(&named))));
                }
            }
        }
        paths
    }
}

/// Without `.` and `..`. `None`: it leads out of the tree.
fn plain(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[(u32, bool)]) -> Lines {
        lines.iter().copied().collect()
    }

    fn by_path(texts: &[&str], tree: &[&str]) -> BTreeMap<String, Lines> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let places = Places { tops: vec!["/home/u/project".into()], folders: vec!["web".into()] };
        let mut known = BTreeMap::new();
        read(&owned(texts), places).expect("a report").add_to(&mut known, &owned(tree));
        known
    }

    #[test]
    fn what_node_and_coverage_py_write_is_read() {
        let node = include_str!("../tests/fixtures/node.lcov.info");
        let found = by_path(&[node], &["src/a.mjs", "src/b.mjs"]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["src/a.mjs"]);
        let unreached: Vec<u32> =
            found["src/a.mjs"].iter().filter(|(_, reached)| !**reached).map(|(line, _)| *line).collect();
        assert_eq!((unreached, found["src/a.mjs"].len()), (vec![5, 9, 10], 10));

        let python = include_str!("../tests/fixtures/coverage-py.xml");
        let found = by_path(&[python], &["pkg/m.py"]);
        assert_eq!(found["pkg/m.py"], lines(&[(1, true), (2, true), (3, true), (4, false), (7, true)]));
    }

    #[test]
    fn a_name_is_looked_for_where_the_command_ran_first() {
        let text = "SF:src/a.ts\nDA:1,0\nend_of_record\n";
        assert!(by_path(&[text], &["src/a.ts", "web/src/a.ts"]).contains_key("web/src/a.ts"));
        assert!(by_path(&[text], &["src/a.ts"]).contains_key("src/a.ts"));
        assert!(
            by_path(&["SF:/home/u/project/web/x/../a.ts\nDA:1,0\n"], &["web/a.ts"]).contains_key("web/a.ts")
        );
        assert!(
            by_path(&["SF:../../../a.ts\nDA:1,0\nSF:/etc/a.ts\nDA:1,0\n"], &["a.ts", "etc/a.ts"]).is_empty()
        );
    }

    #[test]
    fn a_line_that_any_run_reached_was_reached() {
        let one = "SF:a.ts\nDA:1,0\nDA:2,3\nDA:3,0\nend_of_record\n";
        let other = "SF:./a.ts\nDA:1,1\nDA:2,0\nend_of_record\n";
        let found = by_path(&[one, other], &["a.ts"]);
        assert_eq!(found["a.ts"], lines(&[(1, true), (2, true), (3, false)]));
    }

    #[test]
    fn what_is_no_report_is_none() {
        for text in ["", "TN:\n", "1 passed\n", "<html></html>", "<coverage>", "\u{0}\u{1}"] {
            let places = Places { tops: vec![], folders: vec![] };
            assert_eq!(read(&[text.to_owned()], places), None, "{text}");
        }
    }
}
