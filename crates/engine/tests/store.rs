//! The journal on a real disk: torn tails, damage, one holder, blobs.

use std::fs;
use std::io::Write;
use std::path::Path;

use fanfold_core::{Asked, CacheRule, CallKey, Entry, Limits, Outcome, Reply, RunSettings};
use fanfold_engine::{Durability, FileStore, JournalStore, OpenError};

fn opened() -> Entry {
    Entry::Opened(Box::new(RunSettings {
        journal_version: 1,
        key_version: 1,
        product: "test".into(),
        run_id: "wf_test-1".into(),
        workflow: "test".into(),
        attempt: 1,
        script: String::new(),
        args: String::new(),
        model: "sim".into(),
        seed: 1,
        simulated: true,
        limits: Limits::default(),
        cache: CacheRule::Content,
        at_ms: 0,
        front: Default::default(),
    }))
}

fn called(n: u32) -> Entry {
    Entry::Called { key: CallKey::new("aaaaaaaaaaaaaaaa", n), asked: Asked::default() }
}

fn settled(n: u32, text: &str) -> Entry {
    Entry::Settled { key: CallKey::new("aaaaaaaaaaaaaaaa", n), outcome: Outcome::done(text) }
}

fn write(dir: &Path, entries: &[Entry]) {
    let (store, _) = FileStore::open(dir, Durability::EachGroup).expect("opens");
    for entry in entries {
        futures_util::future::FutureExt::now_or_never(store.append(entry));
    }
    store.finish().expect("all on disk");
}

#[test]
fn what_was_written_is_read_back_whatever_the_durability() {
    for durability in [Durability::EachGroup, Durability::AtEnd] {
        let dir = tempfile::tempdir().expect("a directory");
        let entries = [opened(), called(0), settled(0, "x")];
        let (store, before) = FileStore::open(dir.path(), durability).expect("opens");
        assert!(before.entries.is_empty());
        for entry in &entries {
            drop(store.append(entry));
        }
        store.finish().expect("all on disk");
        drop(store);
        assert_eq!(FileStore::open(dir.path(), durability).expect("opens").1.entries, entries);
    }
}

#[test]
fn a_torn_tail_is_cut_and_the_next_entry_is_readable() {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), &[opened(), called(0)]);
    let path = dir.path().join("journal.jsonl");
    let whole = fs::read(&path).expect("readable");
    for garbage in [&b"{\"n\":2,\"crc\":\"00"[..], b"\0\0\0\0\0\0", b"\xff\xfe half a line"] {
        fs::write(&path, [&whole[..], garbage].concat()).expect("writable");
        write(dir.path(), &[settled(0, "after the tear")]);
        let entries = FileStore::peek(dir.path()).expect("whole");
        assert_eq!(entries, [opened(), called(0), settled(0, "after the tear")]);
    }
}

#[test]
fn damage_in_the_middle_is_named_and_a_salvage_keeps_every_whole_line() {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), &[opened(), called(0), settled(0, "x"), called(1), settled(1, "y")]);
    let path = dir.path().join("journal.jsonl");
    let text = fs::read_to_string(&path).expect("readable");
    fs::write(&path, text.replacen("\"x\"", "\"X\"", 1)).expect("writable");
    match FileStore::open(dir.path(), Durability::EachGroup) {
        Err(OpenError::Damaged { damage, whole }) => assert_eq!((damage[0].line, whole), (3, 4)),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("damage went unseen"),
    }
    assert_eq!(fs::read_to_string(&path).expect("readable").lines().count(), 5, "opening changed nothing");
    assert_eq!(FileStore::salvage(dir.path(), None).expect("salvages"), 4);
    let entries = FileStore::peek(dir.path()).expect("whole again");
    assert_eq!(entries, [opened(), called(0), called(1), settled(1, "y")]);
    assert!(dir.path().join("journal.damaged-0").exists(), "the damaged file is kept");
}

#[test]
fn a_salvage_keeps_settled_calls_whatever_stood_before_them() {
    let all = [opened(), called(0), settled(0, "x"), called(1), settled(1, "y")];
    for lost in [0, 1, 3] {
        let dir = tempfile::tempdir().expect("a directory");
        write(dir.path(), &all);
        let path = dir.path().join("journal.jsonl");
        let text = fs::read_to_string(&path).expect("readable");
        let lines: Vec<&str> =
            text.lines().enumerate().map(|(n, line)| if n == lost { "damaged" } else { line }).collect();
        fs::write(&path, lines.join("\n") + "\n").expect("writable");
        let Entry::Opened(settings) = opened() else { unreachable!("it is one") };
        assert_eq!(FileStore::salvage(dir.path(), Some(*settings)).expect("salvages"), 4);
        let mut journal = fanfold_core::Journal::default();
        for entry in FileStore::peek(dir.path()).expect("whole") {
            journal.apply(&entry).expect("a run could have written it");
        }
        for n in [0, 1] {
            assert!(
                journal.recall(&CallKey::new("aaaaaaaaaaaaaaaa", n)).is_some(),
                "line {lost} lost: call {n}"
            );
        }
    }
}

#[test]
fn a_journal_has_one_holder() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = FileStore::open(dir.path(), Durability::EachGroup).expect("opens");
    assert!(FileStore::is_held(dir.path()));
    assert!(matches!(FileStore::open(dir.path(), Durability::EachGroup), Err(OpenError::Held)));
    first.0.finish().expect("finishes");
    drop(first);
    assert!(!FileStore::is_held(dir.path()));
    assert!(FileStore::open(dir.path(), Durability::EachGroup).is_ok());
}

#[test]
fn a_large_outcome_lies_in_a_blob_and_a_missing_blob_is_damage() {
    let dir = tempfile::tempdir().expect("a directory");
    let large = "x".repeat(200 << 10);
    write(dir.path(), &[opened(), called(0), settled(0, &large)]);
    let journal = fs::metadata(dir.path().join("journal.jsonl")).expect("there").len();
    assert!(journal < 4_096, "{journal} bytes");
    match &FileStore::peek(dir.path()).expect("whole")[2] {
        Entry::Settled { outcome, .. } => assert_eq!(outcome.reply, Reply::Done(large.into())),
        other => panic!("{other:?}"),
    }
    for blob in fs::read_dir(dir.path().join("blobs")).expect("there") {
        let path = blob.expect("readable").path();
        fs::OpenOptions::new().append(true).open(path).expect("opens").write_all(b"!").expect("writes");
    }
    assert!(matches!(FileStore::peek(dir.path()), Err(OpenError::MissingBlob { .. })));
}

#[test]
fn waiting_appends_are_synced_in_groups() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, _) = FileStore::open(dir.path(), Durability::EachGroup).expect("opens");
    drop(store.append(&opened()));
    for n in 0..500 {
        drop(store.append(&called(n)));
    }
    store.finish().expect("all on disk");
    assert!(store.syncs().count < 100, "{:?}", store.syncs());
    assert_eq!(FileStore::peek(dir.path()).expect("whole").len(), 501);
}
