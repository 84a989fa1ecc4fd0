//! Finds workflows and agent types by name, and keeps new workflows.
//!
//! Places in order, the closest first: `.fanfold/` and `.claude/` of each folder from the working directory
//! up to the root of the repository, the personal ones, what comes with the program.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use fanfold_core::WorkflowTarget;
use fanfold_core::schema::nearest;

use crate::builtin::{BUILT_IN, BuiltIn};
use crate::error::{CliError, ErrorKind, Result};
use crate::places;
use crate::world::World;

/// A workflow's text, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// What it is called here: a file's name without its ending.
    pub name: String,
    pub text: String,
    /// For messages; its ending says which language it is.
    pub file: String,
    pub source: Source,
    /// What the person should know of how it was found.
    pub notices: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    Stdin,
    Saved(PathBuf),
    BuiltIn,
}

/// One line of `workflows`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What to type.
    pub name: String,
    /// Of its `meta`: its own name and its description. `None`: it cannot be read.
    pub meta: Option<(String, String)>,
    pub source: Source,
    /// A closer workflow has the same name.
    pub is_hidden: bool,
}

/// A file that describes an agent type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentFile {
    /// The file's, without its ending: the type's, where its front matter gives none.
    pub name: String,
    pub text: String,
    pub origin: PathBuf,
}

/// For whom a workflow is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    Project,
    Personal,
}

pub struct Library<'a> {
    world: &'a World,
    built_in: &'a [BuiltIn],
}

/// A name's files in one folder are looked for in this order.
const ENDINGS: [&str; 4] = [".js", ".mjs", ".ts", ".workflow.js"];
/// More than any script or agent type may have; what reads further has been given the wrong file.
const FILE_BYTES_MAX: u64 = 4 << 20;

impl<'a> Library<'a> {
    pub fn new(world: &'a World) -> Self {
        Self { world, built_in: BUILT_IN }
    }

    /// The workflow that `wanted` means: a path, `-` for standard input, or a name.
    pub fn find(&self, wanted: &str, stdin: &mut dyn Read) -> Result<Workflow> {
        if wanted == "-" {
            let text = read_text(stdin, Path::new("standard input"))?;
            let (name, file) = ("standard input".into(), "standard input".into());
            return Ok(Workflow { name, text, file, source: Source::Stdin, notices: Vec::new() });
        }
        let path = self.world.cwd.join(wanted);
        let is_bare = !wanted.contains('/');
        let stem = stem(wanted);
        // `review.js` that is not here may be a saved one; `review` is a name, whatever lies here.
        if !is_bare || (stem.is_some() && path.exists()) {
            return self.open(path, Source::File);
        }
        self.by_name(stem.unwrap_or(wanted)).map_err(|error| {
            if path.is_file() {
                error.hint(format!("to run the file of that name, type ./{wanted}"))
            } else if stem.is_some() && error.kind == ErrorKind::NotFound {
                let message = format!("there is no file `{wanted}`, and {}", error.message);
                let hint = self.near(&path).or(error.hint.clone());
                CliError { message, hint, ..error }
            } else {
                error
            }
        })
    }

    /// What `workflow(…)` of a script in `script_dir` means. A relative path is one of that folder, else of
    /// the working directory.
    pub fn nested(&self, target: &WorkflowTarget, script_dir: Option<&Path>) -> Result<Workflow> {
        match target {
            WorkflowTarget::Name(name) => self.by_name(name),
            WorkflowTarget::ScriptPath(path) => {
                let beside = script_dir.map(|folder| folder.join(path)).filter(|path| path.exists());
                self.open(beside.unwrap_or_else(|| self.world.cwd.join(path)), Source::File)
            }
        }
    }

    /// Every workflow that has a name. `read_meta` gives the name and the description in a script's `meta`;
    /// it is given the text and the file's name.
    pub fn list(&self, read_meta: impl Fn(&str, &str) -> Option<(String, String)>) -> Vec<Listed> {
        let mut listed: Vec<Listed> = Vec::new();
        let saved = self.saved().into_iter().map(|(name, path)| {
            let text = self.open(path.clone(), Source::Saved).ok();
            let meta = text.and_then(|found| read_meta(&found.text, &found.file));
            (name, meta, Source::Saved(path))
        });
        let built_in = self.built_in.iter().map(|one| {
            (one.name.to_owned(), read_meta(one.text, &format!("{}.js", one.name)), Source::BuiltIn)
        });
        for (name, meta, source) in saved.chain(built_in) {
            let is_hidden = listed.iter().any(|closer| closer.name == name);
            listed.push(Listed { name, meta, source, is_hidden });
        }
        listed
    }

    /// The files of agent types, the closest first, and a notice for each that cannot be read.
    pub fn agent_files(&self) -> (Vec<AgentFile>, Vec<String>) {
        let (mut found, mut notices) = (Vec::new(), Vec::new());
        let paths = self.folders("agents").into_iter().flat_map(|folder| files_of(&folder));
        for origin in paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
            let name = origin.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match read_file(&origin) {
                Ok(text) => found.push(AgentFile { name, text, origin }),
                Err(error) => notices.push(error.message),
            }
        }
        (found, notices)
    }

    /// Keeps `text` as the workflow `name`. `file` is what it was called: it gives the ending. What is there
    /// already is not written over.
    pub fn save(&self, text: &str, file: &str, name: &str, shelf: Shelf) -> Result<PathBuf> {
        if !is_name(name) {
            let error = CliError::new(ErrorKind::Usage, format!("`{name}` cannot be the name of a workflow"));
            return Err(error.hint("--name takes letters, digits, `-` and `_`: --name review-changes"));
        }
        let folder = match shelf {
            Shelf::Project => {
                let folder = places::root(&self.world.cwd).join(".fanfold/workflows");
                folder.ancestors().take(2).try_for_each(places::refuse_link)?;
                folder
            }
            Shelf::Personal => match self.world.config_dir() {
                Some(folder) => folder.join("workflows"),
                None => {
                    return Err(CliError::new(ErrorKind::File, "there is no home directory to save it in")
                        .hint("leave out --user, or set HOME"));
                }
            },
        };
        let holders: Vec<PathBuf> = candidates(&folder, name).filter(|path| path.exists()).collect();
        if let Some(holder) = holders.first() {
            if read_file(holder).is_ok_and(|kept| kept == text) {
                return Ok(holder.clone());
            }
            let shown = self.world.show(holder);
            return Err(CliError::new(
                ErrorKind::Usage,
                format!("there is another workflow `{name}`: {shown}"),
            )
            .hint(format!("choose another name with --name, or remove it: rm {shown}")));
        }
        let ending = [".ts", ".mjs"].into_iter().find(|ending| file.ends_with(ending)).unwrap_or(".js");
        let path = folder.join(format!("{name}{ending}"));
        if fanfold_sandbox::is_placeholder(&folder) {
            let message =
                format!("agents are at work here, and nobody makes {} meanwhile", self.world.show(&folder));
            return Err(CliError::new(ErrorKind::File, message)
                .hint("try again when their run has ended, or save it with --user"));
        }
        let cannot = |err: io::Error| CliError::io("write", &path, &err);
        fs::create_dir_all(&folder).map_err(cannot)?;
        let mut to = File::create_new(&path).map_err(cannot)?;
        to.write_all(text.as_bytes()).map_err(cannot)?;
        Ok(path)
    }

    fn by_name(&self, name: &str) -> Result<Workflow> {
        let mut holders = Vec::new();
        if is_name(name) {
            let folders = self.folders("workflows");
            holders.extend(
                folders.iter().flat_map(|folder| candidates(folder, name)).filter(|path| path.is_file()),
            );
        }
        let built_in = self.built_in.iter().find(|one| one.name == name);
        let Some(closest) = holders.first() else {
            return match built_in {
                Some(one) => Ok(Workflow {
                    name: one.name.into(),
                    text: one.text.into(),
                    file: format!("{}.js", one.name),
                    source: Source::BuiltIn,
                    notices: Vec::new(),
                }),
                None => Err(self.unknown(name)),
            };
        };
        let mut found = self.open(closest.clone(), Source::Saved)?;
        let mut others: Vec<String> = holders[1..].iter().map(|path| self.world.show(path)).collect();
        if built_in.is_some() {
            others.push("the built-in one".into());
        }
        if !others.is_empty() {
            let (taken, others) = (self.world.show(closest), others.join(" and "));
            found.notices.push(format!("`{name}` is {taken}, which hides {others}"));
        }
        Ok(found)
    }

    fn open(&self, path: PathBuf, source: fn(PathBuf) -> Source) -> Result<Workflow> {
        let shown = self.world.show(&path);
        let text = read_file(&path).map_err(|error| {
            if path.is_dir() {
                error.hint(format!("name the script in it: {}/NAME.js", shown.trim_end_matches('/')))
            } else if path.exists() {
                error
            } else {
                let elsewhere = || "`fanfold workflows` lists those that have a name".into();
                error.hint(self.near(&path).unwrap_or_else(elsewhere))
            }
        })?;
        let base = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = stem(&base).unwrap_or(&base).to_owned();
        Ok(Workflow { name, text, file: shown, source: source(path), notices: Vec::new() })
    }

    /// A script beside a missing one that was meant, perhaps.
    fn near(&self, missing: &Path) -> Option<String> {
        let wanted = missing.file_name().unwrap_or_default().to_string_lossy();
        let siblings = files_of(missing.parent().unwrap_or(&self.world.cwd));
        let scripts: Vec<String> = siblings
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .filter(|name| stem(name).is_some())
            .map(str::to_owned)
            .collect();
        let near = nearest(&wanted, &scripts.iter().map(String::as_str).collect::<Vec<_>>())?;
        Some(format!("did you mean {}?", self.world.show(&missing.with_file_name(near))))
    }

    fn unknown(&self, name: &str) -> CliError {
        let saved = self.saved();
        let mut known: Vec<&str> = saved.iter().map(|(name, _)| name.as_str()).collect();
        known.extend(self.built_in.iter().map(|one| one.name));
        known.sort_unstable();
        known.dedup();
        let places: Vec<String> =
            self.folders("workflows").iter().map(|folder| self.world.show(folder)).collect();
        let message = format!(
            "no workflow is called `{name}`; looked in {}, and among the built-in ones",
            places.join(", ")
        );
        let error = CliError::new(ErrorKind::NotFound, message);
        match nearest(name, &known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => error.hint("a script is run by its path: fanfold run ./NAME.js"),
            None => error.hint(format!("there are {}", known.join(", "))),
        }
    }

    /// Every saved workflow with its path, the closest first.
    fn saved(&self) -> Vec<(String, PathBuf)> {
        let paths = self.folders("workflows").into_iter().flat_map(|folder| files_of(&folder));
        let named = paths.filter_map(|path| {
            let name = stem(path.file_name()?.to_str()?)?.to_owned();
            is_name(&name).then_some((name, path))
        });
        named.collect()
    }

    /// The folders called `kind`, the closest first.
    fn folders(&self, kind: &str) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        let mut add = |folder: PathBuf| {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        };
        for folder in places::upward(&self.world.cwd) {
            add(folder.join(".fanfold").join(kind));
            add(folder.join(".claude").join(kind));
        }
        if let Some(config) = self.world.config_dir() {
            add(config.join(kind));
        }
        if let Some(home) = &self.world.home {
            add(home.join(".claude").join(kind));
        }
        folders
    }
}

impl Workflow {
    /// The folder that its relative paths are of.
    pub fn dir(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) | Source::Saved(path) => path.parent(),
            Source::Stdin | Source::BuiltIn => None,
        }
    }
}

/// The paths that would hold the workflow `name` in `folder`.
fn candidates(folder: &Path, name: &str) -> impl Iterator<Item = PathBuf> {
    ENDINGS.iter().map(move |ending| folder.join(format!("{name}{ending}")))
}

/// `review` of `review.js` and of `review.workflow.js`; `None` without such an ending.
fn stem(file: &str) -> Option<&str> {
    let stem = ENDINGS.iter().rev().find_map(|ending| file.strip_suffix(ending))?;
    (!stem.is_empty()).then_some(stem)
}

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.len() <= 64 && !name.starts_with(['.', '-']) && !name.is_empty() && name.bytes().all(is_plain)
}

/// Sorted, so that two machines find the same.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths
}

/// A pipe (`<(…)` of a shell) is as good as a file.
fn read_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|err| CliError::io("read", path, &err))?;
    read_text(&mut file, path)
}

fn read_text(from: &mut dyn Read, path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    from.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|err| CliError::io("read", path, &err))?;
    let what_is_wrong = if bytes.len() as u64 > FILE_BYTES_MAX {
        format!("it has more than {} MiB", FILE_BYTES_MAX >> 20)
    } else {
        match String::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(err) => format!("it is no UTF-8 text (byte {})", err.utf8_error().valid_up_to()),
        }
    };
    Err(CliError::new(ErrorKind::File, format!("could not read `{}`: {what_is_wrong}", path.display())))
}

#[cfg(test)]
mod tests;
