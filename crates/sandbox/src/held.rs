//! Places that are kept in a directory where several runs are at work: the last that leaves removes what kept them, and
//! the next that comes removes what a killed one left.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::placeholder::{is_placeholder, places, remove_placeholders};
use crate::policy::Policy;

/// A project may come with a link in the place of the list, and what it leads to would be emptied.
const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// To be held, longer than anything that is confined by the policy to a shared directory.
#[derive(Debug)]
pub struct HeldPlaces {
    /// The last one, and those before that kept other places.
    policies: Mutex<Vec<Policy>>,
    /// Absolute paths, each ended by a zero byte. Locked, shared, by all who are at work: a lock ends with its process.
    list: Option<File>,
}

impl HeldPlaces {
    /// `list`: a file that all who work in that directory name, and that nobody confined sees. Without one, or where it
    /// cannot be written, places are kept for this one alone.
    pub fn hold(policy: Policy, list: Option<&Path>) -> Self {
        let list = list.and_then(|list| open(list).ok());
        let held = Self { policies: Mutex::default(), list };
        held.also(policy);
        held
    }

    /// What is confined from now on keeps these places as well.
    pub fn also(&self, policy: Policy) {
        let mut policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        if policies.iter().any(|known| known.root == policy.root && known.protected == policy.protected) {
            return;
        }
        if let Some(list) = &self.list {
            // Where it cannot be written, they are removed all the same unless this process is killed.
            let _ = note(&policy, list);
        }
        policies.push(policy);
    }
}

impl Drop for HeldPlaces {
    fn drop(&mut self) {
        if self.list.as_ref().is_some_and(|list| !is_last(list)) {
            return;
        }
        let policies = self.policies.get_mut().unwrap_or_else(PoisonError::into_inner);
        policies.iter().for_each(remove_placeholders);
        if let Some(list) = &mut self.list {
            // What cannot be removed now is tried again by the next.
            let _ = remove_listed(list);
        }
    }
}

/// Removes what keeps places for nobody any more.
pub fn remove_left_places(list: &Path) {
    if let Ok(mut list) = OpenOptions::new().read(true).write(true).custom_flags(NO_LINK).open(list)
        && is_last(&list)
    {
        // They are empty files at worst.
        let _ = remove_listed(&mut list);
    }
}

fn open(list: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600).custom_flags(NO_LINK);
    let mut file = options.open(list)?;
    if is_last(&file) {
        remove_listed(&mut file)?;
    }
    // From here on nobody else removes anything.
    flock(&file, FlockOperation::LockShared)?;
    Ok(file)
}

fn note(policy: &Policy, mut list: &File) -> io::Result<()> {
    let mut text = Vec::new();
    for place in places(policy).filter(|place| fs::symlink_metadata(place).is_err() || is_placeholder(place))
    {
        text.extend_from_slice(place.as_os_str().as_bytes());
        text.push(0);
    }
    list.write_all(&text)
}

/// Takes the lock from those who come, until it is shared again or the file is closed.
fn is_last(list: &File) -> bool {
    flock(list, FlockOperation::NonBlockingLockExclusive).is_ok()
}

fn remove_listed(list: &mut File) -> io::Result<()> {
    let mut text = Vec::new();
    list.rewind()?;
    list.read_to_end(&mut text)?;
    for place in text.split(|byte| *byte == 0).filter(|place| !place.is_empty()) {
        let place = Path::new(OsStr::from_bytes(place));
        if is_placeholder(place) {
            fs::remove_file(place)?;
        }
    }
    list.set_len(0)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::policy::Root;

    struct Project(tempfile::TempDir);

    impl Project {
        fn new() -> Self {
            Self(tempfile::tempdir().expect("a directory"))
        }

        fn list(&self) -> PathBuf {
            self.0.path().join("list")
        }

        fn policy(&self) -> Policy {
            let root = self.0.path().to_owned();
            let mut policy = Policy::new(Root::Directory(root.clone()), root);
            policy.protected = vec!["kept".into(), "deep/kept".into()];
            policy
        }

        /// A run, at whose work both places are kept.
        fn run(&self) -> HeldPlaces {
            let held = HeldPlaces::hold(self.policy(), Some(&self.list()));
            for name in ["kept", "deep"] {
                // By a stage; the second finds them there.
                let _ = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o000)
                    .open(self.0.path().join(name));
            }
            held
        }

        fn kept(&self) -> usize {
            ["kept", "deep"].iter().filter(|name| is_placeholder(&self.0.path().join(name))).count()
        }
    }

    #[test]
    fn places_are_kept_until_the_last_run_of_a_project_ends() {
        let project = Project::new();
        let (one, other) = (project.run(), project.run());
        drop(one);
        assert_eq!(project.kept(), 2, "the other is at work");
        remove_left_places(&project.list());
        assert_eq!(project.kept(), 2, "a third that comes and goes");
        drop(other);
        assert_eq!(project.kept(), 0);
        let first =
            HeldPlaces::hold(Policy { protected: Vec::new(), ..project.policy() }, Some(&project.list()));
        first.also(project.policy());
        let second = project.run();
        drop(second);
        assert_eq!(project.kept(), 2, "of an agent that came later");
        drop(first);
        assert_eq!(project.kept(), 0);
        // The control: what knows of no list takes them from the others.
        let _one = project.run();
        drop(HeldPlaces::hold(project.policy(), None));
        assert_eq!(project.kept(), 0, "void: nothing ever took them");
    }

    #[test]
    fn a_link_in_the_place_of_the_list_leads_nowhere() {
        let project = Project::new();
        let precious = project.0.path().join("precious");
        fs::write(&precious, "of a person").expect("written");
        std::os::unix::fs::symlink(&precious, project.list()).expect("a link");
        remove_left_places(&project.list());
        drop(project.run());
        assert_eq!(fs::read_to_string(&precious).expect("there"), "of a person");
        assert_eq!(project.kept(), 0, "kept for this one alone");
    }

    #[test]
    fn what_a_killed_run_left_is_removed_by_the_next_and_nothing_else() {
        let project = Project::new();
        let killed = project.run();
        flock(killed.list.as_ref().expect("it could be written"), FlockOperation::Unlock)
            .expect("as by its end");
        std::mem::forget(killed);
        assert_eq!(project.kept(), 2, "void: nothing was left");
        fs::remove_file(project.0.path().join("kept")).expect("ours");
        fs::write(project.0.path().join("kept"), "of a person").expect("written");
        remove_left_places(&project.list());
        assert_eq!(project.kept(), 0);
        assert_eq!(fs::read_to_string(project.0.path().join("kept")).expect("there"), "of a person");

        let killed = project.run();
        flock(killed.list.as_ref().expect("it could be written"), FlockOperation::Unlock)
            .expect("as by its end");
        std::mem::forget(killed);
        let mut policy = project.policy();
        policy.protected.clear();
        drop(HeldPlaces::hold(policy, Some(&project.list())));
        assert_eq!(project.kept(), 0, "by one that keeps other places");
    }
}
