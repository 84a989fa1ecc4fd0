//! Stamps events and hands them to every watcher, in one order.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use fanfold_core::{Clock, Event, EventBody};

/// Cheap to clone; all clones stamp from one sequence.
#[derive(Clone)]
pub struct EventLog(Arc<Mutex<Inner>>);

struct Inner {
    seq: u64,
    clock: Arc<dyn Clock>,
    /// Best effort: a full disk loses events, never the run.
    file: Option<BufWriter<File>>,
    watcher: Box<dyn FnMut(&Event) + Send>,
}

impl EventLog {
    /// Appends to `dir/events.jsonl` where there is a directory, going on with its numbers; tells `watcher`.
    pub fn open(
        dir: Option<&Path>,
        clock: Arc<dyn Clock>,
        watcher: Box<dyn FnMut(&Event) + Send>,
    ) -> io::Result<Self> {
        let (mut seq, mut file) = (0, None);
        if let Some(dir) = dir {
            let path = dir.join("events.jsonl");
            let before = fs::read(&path).unwrap_or_default();
            seq = before.iter().filter(|byte| **byte == b'\n').count() as u64;
            let mut opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
            if before.last().is_some_and(|byte| *byte != b'\n') {
                // A torn line of an attempt that died: ended, so that the next one stands alone.
                opened.write_all(b"\n")?;
                seq += 1;
            }
            file = Some(BufWriter::with_capacity(32 << 10, opened));
        }
        Ok(Self(Arc::new(Mutex::new(Inner { seq, clock, file, watcher }))))
    }

    pub fn emit(&self, body: EventBody) {
        let mut inner = self.inner();
        let event = Event { seq: inner.seq, at: inner.clock.now_ms(), body };
        inner.seq += 1;
        if let Some(file) = &mut inner.file {
            let written = serde_json::to_writer(&mut *file, &event).map_err(io::Error::from);
            if written.and_then(|()| file.write_all(b"\n")).is_err() {
                inner.file = None;
            }
        }
        (inner.watcher)(&event);
    }

    /// Lets readers of the file see all events so far.
    pub fn flush(&self) {
        if let Some(file) = &mut self.inner().file {
            let _ = file.flush();
        }
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().expect("no panic while held")
    }
}
