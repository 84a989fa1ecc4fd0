//! The person's own editor on a copy of the script.

use std::fs::{self, DirBuilder, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::world::World;

/// What came of it: `None` when nothing was changed. Blocks until the editor ends, which has the terminal
/// meanwhile.
pub fn edit(text: &str, file: &str, world: &World) -> Result<Option<String>, String> {
    let words = command(world)?;
    let copy = Copy::of(text, file, world)?;
    let mut editor = Command::new(&words[0]);
    editor.args(&words[1..]).arg(&copy.path).current_dir(&world.cwd);
    // Standard output may be a file that waits for the result.
    if !world.stdout_is_terminal
        && let Ok(terminal) = std::io::stderr().as_fd().try_clone_to_owned()
    {
        editor.stdout(Stdio::from(terminal));
    }
    let status = editor.status().map_err(|err| format!("`{}` could not be started: {err}", words[0]))?;
    if !status.success() {
        return Err(format!("`{}` ended with {status}; nothing was changed", words[0]));
    }
    let edited =
        fs::read_to_string(&copy.path).map_err(|err| format!("the edited text cannot be read: {err}"))?;
    Ok((edited != text).then_some(edited))
}

fn command(world: &World) -> Result<Vec<String>, String> {
    let (name, line) = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| Some((name, world.var(name)?)))
        .unwrap_or(("EDITOR", "vi"));
    let words = shlex::split(line).filter(|words| !words.is_empty());
    words.ok_or_else(|| format!("${name} is no command: {line}"))
}

/// A file that only this person can read or change, in a folder of the same kind; removed when dropped.
struct Copy {
    path: PathBuf,
    folder: PathBuf,
}

impl Copy {
    fn of(text: &str, file: &str, world: &World) -> Result<Self, String> {
        let above = world.state_dir().or_else(|| world.var("TMPDIR").map(PathBuf::from));
        let above = above.unwrap_or_else(|| "/tmp".into());
        let chance = RandomState::new().hash_one(file);
        let folder = above.join(format!("edit-{}-{chance:x}", std::process::id()));
        // Editors know a language by its ending.
        let name = Path::new(file).file_name().map_or("script.js".into(), |name| name.to_owned());
        let cannot = |err: std::io::Error| format!("`{}` cannot be written: {err}", folder.display());
        DirBuilder::new().recursive(true).mode(0o700).create(&above).map_err(cannot)?;
        DirBuilder::new().mode(0o700).create(&folder).map_err(cannot)?;
        let copy = Self { path: folder.join(name), folder: folder.clone() };
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&copy.path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(cannot)?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
