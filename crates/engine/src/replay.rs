//! Hands recalled outcomes back in the order in which they first settled.
//!
//! Without this, whichever call the script made first would win every `Promise.race` on resume.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tokio::sync::oneshot;

#[derive(Default)]
pub(crate) struct ReplayGate {
    waiting: Mutex<BTreeMap<u64, oneshot::Sender<()>>>,
}

impl ReplayGate {
    /// Returns once every recalled call that settled before `order`, and is awaited now, has returned.
    pub(crate) async fn turn(&self, order: u64) {
        let (release, released) = oneshot::channel();
        self.waiting.lock().expect("no panic while held").insert(order, release);
        // The gate lives as long as the run, so the sender is never dropped unused.
        let _ = released.await;
    }

    /// Called when the script can go no further by itself: lets the earliest waiting outcome pass, and
    /// those that settled directly after it, between which nothing can come. `false`: none is waiting.
    pub(crate) fn release(&self) -> bool {
        let mut waiting = self.waiting.lock().expect("no panic while held");
        let Some((mut order, first)) = waiting.pop_first() else { return false };
        let _ = first.send(());
        while let Some(entry) = waiting.first_entry() {
            if *entry.key() != order + 1 {
                break;
            }
            order += 1;
            let _ = entry.remove().send(());
        }
        true
    }
}
