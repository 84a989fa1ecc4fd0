//! Places that are kept in a directory where several runs are at work: the last that leaves removes what kept them, and
//! the next that comes removes what a killed one left.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::placeholder::{is_placeholder, places};
use crate::policy::Policy;

/// A project may come with a link in the place of the list, and what it leads to would be emptied.
const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// To be held, longer than anything that is confined by the policy to a shared directory.
#[derive(Debug)]
pub struct HeldPlaces {
    places: Mutex<Places>,
    /// Absolute paths, each ended by a zero byte. Locked, shared, by all who are at work: a lock ends with its process.
    list: Option<File>,
}

#[derive(Debug, Default)]
struct Places {
    /// The last one, and those before that kept other places.
    policies: Vec<Policy>,
    /// Nothing was there before: what keeps them is ours, whatever else looks like it is a person's.
    absent: Vec<PathBuf>,
}

impl HeldPlaces {
    /// `list`: a file that all who work in that directory name, and that nobody confined sees. Without one, or where it
    /// cannot be written, places are kept for this one alone.
    pub fn hold(policy: Policy, list: Option<&Path>) -> Self {
        let list = list.and_then(|list| open(list).ok());
        let held = Self { places: Mutex::default(), list };
        held.also(policy);
        held
    }

    /// What is confined from now on keeps these places as well.
    pub fn also(&self, policy: Policy) {
        let mut known = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if known.policies.iter().any(|one| one.root == policy.root && one.protected == policy.protected) {
            return;
        }
        let mut absent: Vec<PathBuf> = places(&policy).collect();
        absent.retain(|place| fs::symlink_metadata(place).is_err() && !known.absent.contains(place));
        if let Some(mut list) = self.list.as_ref() {
            // Where it cannot be written, they are removed all the same unless this process is killed.
            let _ = list.write_all(&listed(&absent));
        }
        known.absent.extend(absent);
        known.policies.push(policy);
    }
}

impl Drop for HeldPlaces {
    fn drop(&mut self) {
        if self.list.as_ref().is_some_and(|list| !is_last(list)) {
            return;
        }
        let known = self.places.get_mut().unwrap_or_else(PoisonError::into_inner);
        for place in known.absent.iter().filter(|place| is_placeholder(place)) {
            // One that cannot be removed stays in the list.
            let _ = fs::remove_file(place);
        }
        if let Some(list) = &mut self.list {
            // What cannot be removed now is tried again by the next, which says so.
            let _ = remove_listed(list, |place| fs::remove_file(place));
        }
    }
}

/// Removes what keeps places for nobody any more. What could not be removed, and why: they are empty files, and tried
/// again the next time.
pub fn remove_left_places(list: &Path) -> Vec<String> {
    let opened = OpenOptions::new().read(true).append(true).custom_flags(NO_LINK).open(list);
    match opened {
        Ok(mut list) if is_last(&list) => {
            let stuck = remove_listed(&mut list, |place| fs::remove_file(place)).unwrap_or_default();
            stuck.into_iter().map(|(place, why)| format!("{}: {why}", place.display())).collect()
        }
        Ok(_) | Err(_) => Vec::new(),
    }
}

fn open(list: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600).custom_flags(NO_LINK);
    let mut file = options.open(list)?;
    if is_last(&file) {
        remove_listed(&mut file, |place| fs::remove_file(place))?;
    }
    // From here on nobody else removes anything.
    flock(&file, FlockOperation::LockShared)?;
    Ok(file)
}

/// Takes the lock from those who come, until it is shared again or the file is closed.
fn is_last(list: &File) -> bool {
    flock(list, FlockOperation::NonBlockingLockExclusive).is_ok()
}

/// Those that stay are listed still.
fn remove_listed(
    list: &mut File,
    remove: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<Vec<(PathBuf, io::Error)>> {
    let mut text = Vec::new();
    list.rewind()?;
    list.read_to_end(&mut text)?;
    let places = text.split(|byte| *byte == 0).filter(|place| !place.is_empty());
    let places =
        places.map(|place| Path::new(OsStr::from_bytes(place))).filter(|place| is_placeholder(place));
    let stuck: Vec<(PathBuf, io::Error)> =
        places.filter_map(|place| Some((place.to_owned(), remove(place).err()?))).collect();
    list.set_len(0)?;
    list.write_all(&listed(stuck.iter().map(|(place, _)| place)))?;
    Ok(stuck)
}

fn listed<'a>(places: impl IntoIterator<Item = &'a PathBuf>) -> Vec<u8> {
    places.into_iter().flat_map(|place| [place.as_os_str().as_bytes(), b"\0"].concat()).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

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
        // The control: who knows of no list takes them from the others.
        let alone = HeldPlaces::hold(project.policy(), None);
        let _one = project.run();
        drop(alone);
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
    fn a_persons_own_file_that_looks_like_ours_stays() {
        for list in [true, false] {
            let project = Project::new();
            let own = project.0.path().join("kept");
            let mode = |mode| fs::Permissions::from_mode(mode);
            fs::write(&own, "").and_then(|()| fs::set_permissions(&own, mode(0o000))).expect("made");
            let list = list.then(|| project.list());
            let held = HeldPlaces::hold(project.policy(), list.as_deref());
            let deep = project.0.path().join("deep");
            fs::write(&deep, "").and_then(|()| fs::set_permissions(&deep, mode(0o000))).expect("by a stage");
            held.also(Policy { hidden: vec!["x".into()], ..project.policy() });
            drop(held);
            assert!(own.exists() && !deep.exists(), "{list:?}");
            remove_left_places(&project.list());
            assert!(own.exists());
        }
    }

    #[test]
    fn one_place_that_cannot_be_removed_leaves_no_other_and_is_told() {
        let project = Project::new();
        let killed = project.run();
        flock(killed.list.as_ref().expect("it could be written"), FlockOperation::Unlock)
            .expect("as by its end");
        std::mem::forget(killed);
        let stuck = project.0.path().join("kept");
        let remove = |place: &Path| match place == stuck {
            true => Err(io::ErrorKind::PermissionDenied.into()),
            false => fs::remove_file(place),
        };
        let mut list = OpenOptions::new().read(true).append(true).open(project.list()).expect("there");
        let told = remove_listed(&mut list, remove).expect("it can be read");
        assert_eq!(told.iter().map(|(place, _)| place).collect::<Vec<_>>(), [&stuck]);
        assert_eq!(project.kept(), 1, "the other one is gone");
        drop(list);
        assert_eq!(remove_left_places(&project.list()), [""; 0]);
        assert_eq!(project.kept(), 0, "by the next, for it was listed still");
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
