//! One file of a commit, without any checkout.

use crate::repo::RunRepo;
use crate::standing::Kind;

impl RunRepo {
    /// At most so many bytes of a regular file, by its path from the root. `None`: the commit has none there.
    pub fn file(&self, commit: &str, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, String> {
        match self.entry(commit, path.as_bytes())? {
            Some(entry) if entry.mode.starts_with("100") => {
                let told = self.git().ask(Kind::Objects, |git| git.blob(&entry.object, bytes_max));
                if told.is_some() {
                    return Ok(told);
                }
                let read = self.git().head(&["cat-file", "blob", &entry.object], bytes_max);
                read.map(|(bytes, _)| Some(bytes))
            }
            Some(_) | None => Ok(None),
        }
    }
}
