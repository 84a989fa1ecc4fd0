//! The calls under way: polled while the engine waits for anything, and handed over in order.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use fanfold_core::Source;
use futures_util::future::{AbortHandle, BoxFuture, abortable};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use super::{Done, Stop};

#[derive(Default)]
pub(super) struct Inflight<'run> {
    calls: FuturesUnordered<Pending<'run>>,
    /// Calls to be made once nothing recalled is left to hand back: a script that ends on what it knows
    /// already has nobody asked again.
    held_back: Vec<Pending<'run>>,
    /// Of timers, by `seq`: nobody may wait for them any more.
    timers: HashMap<u32, AbortHandle>,
    refused: Vec<Done>,
    live: VecDeque<Done>,
    replayed: VecDeque<Done>,
    stop: Option<Stop>,
}

/// `None`: it was cancelled.
type Pending<'run> = BoxFuture<'run, Option<Result<Done, Stop>>>;

impl<'run> Inflight<'run> {
    pub fn push(&mut self, call: impl Future<Output = Result<Done, Stop>> + Send + 'run) {
        self.calls.push(Box::pin(call.map(Some)));
    }

    pub fn hold_back(&mut self, call: impl Future<Output = Result<Done, Stop>> + Send + 'run) {
        self.held_back.push(Box::pin(call.map(Some)));
    }

    pub fn hold_back_timer(
        &mut self,
        seq: u32,
        call: impl Future<Output = Result<Done, Stop>> + Send + 'run,
    ) {
        let (call, handle) = abortable(call);
        self.timers.insert(seq, handle);
        self.held_back.push(Box::pin(call.map(Result::ok)));
    }

    /// Nobody waits for this call any more. Only timers can be taken back.
    pub fn cancel(&mut self, seq: u32) {
        if let Some(timer) = self.timers.remove(&seq) {
            timer.abort();
        }
    }

    /// Lets what was held back begin. `false`: nothing was.
    pub fn begin_held_back(&mut self) -> bool {
        let any = !self.held_back.is_empty();
        self.calls.extend(self.held_back.drain(..));
        any
    }

    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Waits for `other` without holding up the calls meanwhile.
    pub async fn during<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = pin!(other);
        poll_fn(|cx| {
            self.collect(cx);
            other.as_mut().poll(cx)
        })
        .await
    }

    /// Takes in whatever is ready, without waiting: until every call waits for something else than its turn.
    pub fn settle_ready(&mut self) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(woken.clone());
        while woken.0.swap(false, Ordering::Relaxed) {
            self.collect(&mut Context::from_waker(&waker));
        }
    }

    /// Waits until some call can go on, or `other` is there.
    pub async fn woken_or(&mut self, other: impl Future<Output = ()>) {
        let mut other = pin!(other);
        let mut slept = false;
        poll_fn(|cx| {
            let before = (self.live.len(), self.replayed.len());
            self.collect(cx);
            let changed = before != (self.live.len(), self.replayed.len()) || self.stop.is_some();
            // A call that went on without ending may now wait for virtual time.
            if changed || slept || other.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            slept = true;
            Poll::Pending
        })
        .await;
    }

    pub fn take_stop(&mut self) -> Option<Stop> {
        self.stop.take()
    }

    /// A call that never started.
    pub fn refuse(&mut self, done: Done) {
        self.refused.push(done);
    }

    /// In the order in which they were asked.
    pub fn take_refused(&mut self) -> Vec<Done> {
        std::mem::take(&mut self.refused)
    }

    /// Replayed outcomes that were let through, in the order in which they first settled.
    pub fn take_replayed(&mut self) -> Vec<Done> {
        let mut batch: Vec<Done> = self.replayed.drain(..).collect();
        batch.sort_by_key(|done| done.order);
        batch
    }

    /// Live outcomes, in the journal's order.
    pub fn take_live(&mut self) -> Vec<Done> {
        let mut batch: Vec<Done> = self.live.drain(..).collect();
        batch.sort_by_key(|done| done.order);
        batch
    }

    fn collect(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(settled)) = Pin::new(&mut self.calls).poll_next_unpin(cx) {
            match settled {
                None => (),
                Some(Ok(done)) => {
                    self.timers.remove(&done.completion.seq);
                    match done.source {
                        Source::Live => self.live.push_back(done),
                        Source::Replayed => self.replayed.push_back(done),
                    }
                }
                Some(Err(stop)) => self.stop = self.stop.take().or(Some(stop)),
            }
        }
    }
}

/// Whether a call asked to be polled again: virtual time may not move as long as one does.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
