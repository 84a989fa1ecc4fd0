//! The journal on disk: one holder, group commit, large outcomes in files of their own.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fanfold_core::line::{self, Damage};
use fanfold_core::{CallKey, Entry, RunSettings, key};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// An outcome of more bytes than this goes to a blob, written and synced before its line.
pub const INLINE_BYTES_MAX: usize = 64 << 10;

/// Entries of one group commit at most.
const GROUP_MAX: usize = 4_096;

/// How long a group stays open: for what is being appended at this moment, and for what other running
/// calls may append soon. A sync takes 0.1 to 5 ms, a model's turn seconds.
const GATHER_MIN: Duration = Duration::from_micros(200);
const GATHER_MAX: Duration = Duration::from_millis(5);

/// Where entries are kept.
pub trait JournalStore: Send + Sync {
    /// Takes entries in the order of these calls; the future resolves once this one would survive what
    /// the store promises to survive. A failure is the end of the run: it is never the script's to catch.
    fn append(&self, entry: &Entry) -> BoxFuture<'static, io::Result<()>>;

    /// Everything appended is on disk once this returns.
    fn finish(&self) -> io::Result<()>;

    /// How many calls may append soon: a group waits for them a moment, so that a wave shares a sync.
    fn under_way(&self, _calls: u64) {}

    fn syncs(&self) -> Syncs {
        Syncs::default()
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Syncs {
    pub count: u64,
    pub micros: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// An entry survives a power cut before the script sees what it says.
    EachGroup,
    /// Entries are synced once, at the end (simulated runs, which cost nothing to repeat).
    AtEnd,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("no readable journal in {0}")]
    Missing(PathBuf),
    #[error("another process holds this run")]
    Held,
    #[error("the outcome of call {key} lies in {path}, {what}")]
    MissingBlob { key: CallKey, path: PathBuf, what: String },
    #[error("the journal is damaged at {}", .damage[0])]
    Damaged {
        /// Never empty.
        damage: Vec<Damage>,
        whole: u64,
    },
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a journal held when it was opened.
#[derive(Debug)]
pub struct Opened {
    pub entries: Vec<Entry>,
    /// Bytes of a torn tail that were cut: what was being written when a process died.
    pub cut_bytes: u64,
}

pub struct FileStore {
    inner: Mutex<Inner>,
    path: PathBuf,
    under_way: Arc<AtomicU64>,
    sync_stats: Arc<SyncStats>,
}

struct Inner {
    next_n: u64,
    writer: Writer,
    /// The first failure: nothing is written after it.
    failed: Option<io::ErrorKind>,
}

/// Group commit runs on a thread of its own; what needs no sync is written where it stands.
enum Writer {
    Buffered(io::BufWriter<File>),
    Synced { queue: Option<mpsc::Sender<Group>>, thread: Option<JoinHandle<()>> },
}

struct Group {
    bytes: Vec<u8>,
    done: oneshot::Sender<io::Result<()>>,
    /// Somebody does nothing else until it is on disk.
    is_awaited: bool,
}

#[derive(Default)]
struct SyncStats {
    count: AtomicU64,
    micros: AtomicU64,
}

impl FileStore {
    /// Opens or creates the journal `dir/journal.jsonl`, takes its lock, cuts a torn tail, and returns its
    /// entries.
    pub fn open(dir: &Path, durability: Durability) -> Result<(Self, Opened), OpenError> {
        let path = dir.join("journal.jsonl");
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => (),
            Err(TryLockError::WouldBlock) => return Err(OpenError::Held),
            Err(TryLockError::Error(err)) => return Err(err.into()),
        }
        let opened = load(&mut file, dir)?;
        let (sync_stats, under_way) = (Arc::new(SyncStats::default()), Arc::new(AtomicU64::new(0)));
        let next_n = opened.entries.len() as u64;
        let writer = match durability {
            Durability::AtEnd => Writer::Buffered(io::BufWriter::with_capacity(64 << 10, file)),
            Durability::EachGroup => {
                let (queue, groups) = mpsc::channel();
                let (stats, peers) = (sync_stats.clone(), under_way.clone());
                let thread = std::thread::Builder::new()
                    .name("journal".into())
                    .stack_size(256 << 10)
                    .spawn(move || write_groups(&mut file, &groups, &peers, &stats))?;
                Writer::Synced { queue: Some(queue), thread: Some(thread) }
            }
        };
        let inner = Mutex::new(Inner { next_n, writer, failed: None });
        Ok((Self { inner, path: dir.to_owned(), under_way, sync_stats }, opened))
    }

    /// Like [`FileStore::open`] for a journal that must be there, without taking it or changing it.
    pub fn peek(dir: &Path) -> Result<Vec<Entry>, OpenError> {
        let path = dir.join("journal.jsonl");
        let bytes = fs::read(&path).map_err(|_| OpenError::Missing(path))?;
        whole_entries(&bytes, dir).map(|(entries, _)| entries)
    }

    /// Whether some process holds the journal in `dir` now.
    pub fn is_held(dir: &Path) -> bool {
        let Ok(file) = File::open(dir.join("journal.jsonl")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Keeps the damaged file as `journal.damaged-<n>` and writes a journal of its whole lines. A settled
    /// call is kept even where the lines before it are lost; `settings` stand in for a lost first line.
    ///
    /// Returns the lines kept.
    pub fn salvage(dir: &Path, settings: Option<RunSettings>) -> Result<usize, OpenError> {
        let path = dir.join("journal.jsonl");
        let mut damaged = File::open(&path).map_err(|_| OpenError::Missing(path.clone()))?;
        if damaged.try_lock().is_err() {
            return Err(OpenError::Held);
        }
        let mut bytes = Vec::new();
        damaged.read_to_end(&mut bytes)?;
        let whole = line::decode(&bytes).entries;
        let kept = whole.len();
        let mended = mend(whole, settings, dir);
        let aside = (0..).map(|n| dir.join(format!("journal.damaged-{n}"))).find(|aside| !aside.exists());
        fs::copy(&path, aside.expect("one of all numbers is free"))?;
        let fresh = dir.join("journal.new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        for (n, entry) in mended.iter().enumerate() {
            file.write_all(&line::encode(n as u64, entry))?;
        }
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        Ok(kept)
    }

    fn line_of(&self, n: u64, entry: &Entry) -> io::Result<Vec<u8>> {
        let bytes = line::encode(n, entry);
        match entry {
            Entry::Settled { key, outcome } if bytes.len() > INLINE_BYTES_MAX => {
                let json = serde_json::to_vec(outcome)?;
                let blob = key::short_digest(&json);
                write_blob(&self.path.join("blobs"), &blob, &json)?;
                Ok(line::encode(n, &Entry::Stored { key: key.clone(), blob }))
            }
            _ => Ok(bytes),
        }
    }
}

impl JournalStore for FileStore {
    fn append(&self, entry: &Entry) -> BoxFuture<'static, io::Result<()>> {
        let inner = &mut *self.inner.lock().expect("no panic while held");
        if let Some(kind) = inner.failed {
            return Box::pin(std::future::ready(Err(kind.into())));
        }
        let written = match (self.line_of(inner.next_n, entry), &mut inner.writer) {
            (Err(err), _) => Err(err),
            (Ok(bytes), Writer::Buffered(file)) => file.write_all(&bytes),
            (Ok(bytes), Writer::Synced { queue, .. }) => {
                inner.next_n += 1;
                let (done, written) = oneshot::channel();
                // Nobody waits for these alone: what follows them is what is waited for.
                let is_awaited = !matches!(entry, Entry::Called { .. } | Entry::Now { .. });
                let sent = queue.as_ref().map(|queue| queue.send(Group { bytes, is_awaited, done }));
                return Box::pin(async move {
                    match sent {
                        Some(Ok(())) => written.await.unwrap_or_else(|_| Err(writer_gone())),
                        Some(Err(_)) | None => Err(writer_gone()),
                    }
                });
            }
        };
        match &written {
            Ok(()) => inner.next_n += 1,
            Err(err) => inner.failed = Some(err.kind()),
        }
        Box::pin(std::future::ready(written))
    }

    fn finish(&self) -> io::Result<()> {
        match &mut self.inner.lock().expect("no panic while held").writer {
            Writer::Buffered(file) => {
                file.flush()?;
                timed_sync(file.get_ref(), &self.sync_stats)
            }
            Writer::Synced { queue, thread } => {
                drop(queue.take());
                match thread.take().map(JoinHandle::join) {
                    None | Some(Ok(())) => Ok(()),
                    Some(Err(_)) => Err(writer_gone()),
                }
            }
        }
    }

    fn under_way(&self, calls: u64) {
        self.under_way.store(calls, Ordering::Relaxed);
    }

    fn syncs(&self) -> Syncs {
        let SyncStats { count, micros } = &*self.sync_stats;
        Syncs { count: count.load(Ordering::Relaxed), micros: micros.load(Ordering::Relaxed) }
    }
}

fn writer_gone() -> io::Error {
    io::Error::other("the journal is closed")
}

/// What a run could have written, made of the lines that are left: what a settled call needs before it is
/// put there, and what still does not fit is left out.
fn mend(whole: Vec<Entry>, settings: Option<RunSettings>, dir: &Path) -> Vec<Entry> {
    let mut journal = fanfold_core::Journal::default();
    let mut last_opened = settings.map(|settings| Entry::Opened(Box::new(settings)));
    let mut mended = Vec::new();
    for entry in whole {
        let Ok(resolved) = resolve_blob(entry.clone(), dir) else { continue };
        let mut before = Vec::new();
        if !matches!(entry, Entry::Opened(_)) && (journal.attempts() == 0 || journal.closed().is_some()) {
            before.extend(last_opened.clone());
        }
        if let Entry::Settled { key, .. } = &resolved
            && !journal.is_unfinished(key)
        {
            before.push(Entry::Called { key: key.clone(), asked: Default::default() });
        }
        for missing in before {
            if journal.apply(&missing).is_ok() {
                mended.push(missing);
            }
        }
        if journal.apply(&resolved).is_ok() {
            if let Entry::Opened(_) = &entry {
                last_opened = Some(entry.clone());
            }
            mended.push(entry);
        }
    }
    mended
}

/// After the first failure nothing more is written: a later line after a lost one would be damage.
fn write_groups(file: &mut File, groups: &mpsc::Receiver<Group>, under_way: &AtomicU64, stats: &SyncStats) {
    let mut whole_bytes = file.metadata().map(|meta| meta.len()).unwrap_or(0);
    while let Ok(first) = groups.recv() {
        let began = Instant::now();
        let mut bytes = first.bytes;
        let mut awaited = u64::from(first.is_awaited);
        let mut waiting = vec![first.done];
        while waiting.len() < GROUP_MAX {
            // Calls that are appending hold their callers up, so once all are here nobody else can come.
            let all_here = awaited >= under_way.load(Ordering::Relaxed).max(1);
            let wait = if all_here { GATHER_MIN } else { GATHER_MAX };
            let Ok(next) = groups.recv_timeout(wait.saturating_sub(began.elapsed())) else { break };
            bytes.extend_from_slice(&next.bytes);
            awaited += u64::from(next.is_awaited);
            waiting.push(next.done);
        }
        match file.write_all(&bytes).and_then(|()| timed_sync(file, stats)) {
            Ok(()) => {
                whole_bytes += bytes.len() as u64;
                for done in waiting {
                    let _ = done.send(Ok(()));
                }
            }
            Err(err) => {
                let _ = file.set_len(whole_bytes);
                let fail = |done: oneshot::Sender<io::Result<()>>| {
                    let _ = done.send(Err(io::Error::new(err.kind(), err.to_string())));
                };
                waiting.into_iter().for_each(fail);
                groups.iter().for_each(|group| fail(group.done));
                return;
            }
        }
    }
}

fn timed_sync(file: &File, stats: &SyncStats) -> io::Result<()> {
    let began = Instant::now();
    file.sync_data()?;
    stats.count.fetch_add(1, Ordering::Relaxed);
    stats.micros.fetch_add(began.elapsed().as_micros() as u64, Ordering::Relaxed);
    Ok(())
}

fn load(file: &mut File, dir: &Path) -> Result<Opened, OpenError> {
    let mut bytes = Vec::new();
    file.seek(io::SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let (entries, whole_bytes) = whole_entries(&bytes, dir)?;
    let cut_bytes = bytes.len() as u64 - whole_bytes;
    if cut_bytes > 0 {
        file.set_len(whole_bytes)?;
        file.sync_data()?;
    }
    Ok(Opened { entries, cut_bytes })
}

fn whole_entries(bytes: &[u8], dir: &Path) -> Result<(Vec<Entry>, u64), OpenError> {
    let decoded = line::decode(bytes);
    if !decoded.damage.is_empty() {
        return Err(OpenError::Damaged { damage: decoded.damage, whole: decoded.entries.len() as u64 });
    }
    let entries =
        decoded.entries.into_iter().map(|entry| resolve_blob(entry, dir)).collect::<Result<_, _>>()?;
    Ok((entries, decoded.whole_bytes))
}

fn resolve_blob(entry: Entry, dir: &Path) -> Result<Entry, OpenError> {
    let Entry::Stored { key, blob } = entry else { return Ok(entry) };
    let path = dir.join("blobs").join(&blob);
    let missing = |what: String| OpenError::MissingBlob { key: key.clone(), path: path.clone(), what };
    let json = fs::read(&path).map_err(|err| missing(format!("which cannot be read: {err}")))?;
    if key::short_digest(&json) != blob {
        return Err(missing("which is not what was written".into()));
    }
    let outcome =
        serde_json::from_slice(&json).map_err(|err| missing(format!("which is no outcome: {err}")))?;
    Ok(Entry::Settled { key, outcome })
}

fn write_blob(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = dir.join(name);
    if path.exists() {
        return Ok(());
    }
    fs::create_dir_all(dir)?;
    let fresh = dir.join(format!("{name}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&fresh, &path)?;
    File::open(dir)?.sync_all()
}
