//! `check --fix`: types what is sure into the script's file, whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fanfold_script::lint::{Finding, apply, fixed};

use crate::error::{CliError, ErrorKind, Result};
use crate::library::{Source, Workflow};

/// One fix may make room for another; a script that still changes after so many is left as it is then.
const ROUNDS_MAX: usize = 8;

/// Fixes `workflow` and its file. Returns what was mended, in the order in which it was; of one round, the places
/// are those before it. `Err`: the file is as it was.
pub fn rewrite(workflow: &mut Workflow, lint: impl Fn(&Workflow) -> Vec<Finding>) -> Result<Vec<Finding>> {
    let path = file_of(workflow)?;
    let before = workflow.text.clone();
    let mut mended = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let findings = lint(workflow);
        let made: Vec<Finding> = fixed(&findings).into_iter().cloned().collect();
        if made.is_empty() {
            break;
        }
        workflow.text = apply(&workflow.text, &findings);
        mended.extend(made);
    }
    if workflow.text != before {
        write(&path, &before, &workflow.text).map_err(|err| CliError::io("fix", &path, &err))?;
    }
    Ok(mended)
}

/// With links followed, so that they stay links.
fn file_of(workflow: &Workflow) -> Result<PathBuf> {
    let refused = |why: &str, hint: &str| Err(CliError::new(ErrorKind::Usage, why).hint(hint));
    let path = match &workflow.source {
        Source::File(path) | Source::Saved(path) => path,
        Source::Stdin => {
            return refused("--fix cannot change standard input", "name the script's file instead of `-`");
        }
        Source::BuiltIn => {
            let why = format!("--fix cannot change `{}`, which comes with the program", workflow.name);
            return refused(&why, "leave out --fix");
        }
    };
    let path = path.canonicalize().map_err(|err| CliError::io("fix", path, &err))?;
    let file = path.metadata().map_err(|err| CliError::io("fix", &path, &err))?;
    if !file.is_file() {
        return refused("--fix can only change a file", "name the script's own file");
    }
    if file.permissions().readonly() {
        let hint = format!("allow it: chmod u+w {}", path.display());
        return refused(&format!("`{}` may not be written", path.display()), &hint);
    }
    Ok(path)
}

/// Beside it, then in its place: a crash leaves the one or the other.
fn write(path: &Path, before: &str, after: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fresh = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().create_new(true).write(true).open(&fresh)?;
        file.write_all(after.as_bytes())?;
        let old = path.metadata()?;
        // Only root may give files away; the others' are their own already.
        let _ = std::os::unix::fs::fchown(&file, Some(old.uid()), Some(old.gid()));
        file.set_permissions(old.permissions())?;
        file.sync_all()?;
        if fs::read(path)? != before.as_bytes() {
            return Err(io::Error::other("it was changed meanwhile"));
        }
        fs::rename(&fresh, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use fanfold_script::lint::{LintCx, lint};

    use super::*;

    const BEFORE: &str = "\u{feff}export const meta = { name: 'w', description: 'd' }\r\n\r\nlog(Date.now() + Math.random()) // é\r\n";

    fn workflow(path: &Path) -> Workflow {
        let text = fs::read_to_string(path).expect("it was written");
        let source = Source::File(path.to_owned());
        Workflow { name: "w".into(), text, file: "w.js".into(), source, notices: Vec::new() }
    }

    fn textual(workflow: &Workflow) -> Vec<Finding> {
        lint(&workflow.text, &workflow.file, &LintCx::default())
    }

    #[test]
    fn a_fix_keeps_the_mode_the_line_ends_the_mark_and_the_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, link) = (folder.path().join("w.js"), folder.path().join("link.js"));
        fs::write(&path, BEFORE).expect("a new file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).expect("ours");
        std::os::unix::fs::symlink("w.js", &link).expect("a new link");
        let mut script = workflow(&link);
        let mended = rewrite(&mut script, textual).expect("fixed");
        assert_eq!(mended.iter().map(|it| it.code).collect::<Vec<_>>(), ["FF003", "FF003"]);
        let after = BEFORE.replace("Date.now()", "now()").replace("Math.random()", "random()");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), after);
        assert_eq!(script.text, after);
        assert_eq!(path.metadata().expect("it is there").permissions().mode() & 0o777, 0o750);
        assert!(link.is_symlink());
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 2, "nothing is left behind");
        assert_eq!(rewrite(&mut script, textual), Ok(Vec::new()), "typed again, it changes nothing");
    }

    #[test]
    fn what_was_changed_meanwhile_or_may_not_be_written_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("w.js");
        fs::write(&path, BEFORE).expect("a new file");
        let mut script = workflow(&path);
        fs::write(&path, "// newer\n").expect("it is there");
        let error = rewrite(&mut script, textual).expect_err("it is another text now");
        assert!(error.message.contains("changed meanwhile"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "// newer\n");
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1, "nothing is left behind");

        fs::write(&path, BEFORE).expect("it is there");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("ours");
        let error = rewrite(&mut workflow(&path), textual).expect_err("it is read-only");
        assert!(error.hint.is_some_and(|hint| hint.contains("chmod u+w")));
        let mut piped = Workflow { source: Source::Stdin, ..workflow(&path) };
        assert!(rewrite(&mut piped, textual).is_err_and(|error| error.message.contains("standard input")));
    }
}
