//! Those who wait to land, so that who is served can serve some of them too.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fanfold_core::{CallKey, LandCall, Landing};
use tokio::sync::oneshot;

#[derive(Clone)]
pub struct Asked {
    pub key: CallKey,
    pub call: LandCall,
}

/// In the order of asking. Who was called off is not among them.
#[derive(Default)]
pub struct Waiting(Mutex<VecDeque<(Asked, oneshot::Sender<Landing>)>>);

impl Waiting {
    /// At most `most` of them, but not this one.
    pub fn open(&self, but: &CallKey, most: usize) -> Vec<Asked> {
        let all = self.all();
        all.iter().map(|(asked, _)| asked).filter(|asked| asked.key != *but).take(most).cloned().collect()
    }

    pub fn has(&self, key: &CallKey) -> bool {
        self.all().iter().any(|(asked, _)| asked.key == *key)
    }

    /// Nothing if it was called off meanwhile: asked again, it finds what it landed.
    pub fn answer(&self, key: &CallKey, landing: Landing) {
        if let Some(answer) = self.take(key) {
            let _ = answer.send(landing);
        }
    }

    fn take(&self, key: &CallKey) -> Option<oneshot::Sender<Landing>> {
        let mut all = self.all();
        let at = all.iter().position(|(asked, _)| asked.key == *key)?;
        all.remove(at).map(|(_, answer)| answer)
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<(Asked, oneshot::Sender<Landing>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those who wait, given up when it is dropped.
pub struct Ticket<'a> {
    waiting: &'a Waiting,
    asked: Asked,
    answer: oneshot::Receiver<Landing>,
}

impl<'a> Ticket<'a> {
    pub fn new(waiting: &'a Waiting, asked: Asked) -> Self {
        let (sender, answer) = oneshot::channel();
        waiting.all().push_back((asked.clone(), sender));
        Self { waiting, asked, answer }
    }

    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Of whoever served this one too.
    pub fn answer(&mut self) -> &mut oneshot::Receiver<Landing> {
        &mut self.answer
    }

    pub fn answered(&mut self) -> Option<Landing> {
        self.answer.try_recv().ok()
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.waiting.take(&self.asked.key);
    }
}

/// How many are judged together: half as many after they failed, twice as many after they passed.
pub struct Size(AtomicUsize);

impl Default for Size {
    fn default() -> Self {
        Self(AtomicUsize::new(usize::MAX))
    }
}

impl Size {
    pub fn at_most(&self, limit: usize) -> usize {
        self.0.load(Ordering::Relaxed).clamp(1, limit.max(1))
    }

    pub fn halve(&self, tried: usize) {
        self.0.store((tried / 2).max(1), Ordering::Relaxed);
    }

    /// `passed`: fewer than allowed say nothing about more.
    pub fn double(&self, passed: usize) {
        self.0.fetch_max(passed.saturating_mul(2), Ordering::Relaxed);
    }
}
