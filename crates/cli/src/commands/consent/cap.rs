//! The cap of a run that nobody capped.

use fanfold_core::{Cap, Limits};

use crate::commands::launch;
use crate::estimate::{Estimate, Pricing, Range};

/// The upper end of the estimate, where nobody named a cap, and on top what requests under way hold until they
/// are billed: without it the last of them would wait for each other. Dollars where they are known and not
/// nothing, else output tokens.
///
/// `asked`: what the script or the project asks for, which lowers a cap and never makes one; only where nothing
/// else bounds a run it is shown to a person, who may take it. `false`: so it is here.
pub(super) fn capped(
    limits: Limits,
    named: Cap,
    asked: Cap,
    estimate: &Estimate,
    pricing: &Pricing,
) -> (Limits, bool) {
    let Estimate { amounts, .. } = estimate;
    if !named.is_none() {
        // A person's word beats the author's, each in its own currency.
        let cap = Cap {
            output_tokens: named.output_tokens.or(asked.output_tokens),
            usd_micros: named.usd_micros.or(asked.usd_micros),
        };
        return (Limits { cap, cap_is_estimate: false, ..limits }, true);
    }
    if !estimate.unpriced.is_empty() || estimate.unbounded.is_some() {
        return (Limits { cap: asked, cap_is_estimate: false, ..limits }, asked.is_none());
    }
    let wave = amounts.agents.high.unwrap_or(u64::MAX).min(limits.concurrency.into());
    let cap = match amounts.usd_micros {
        Some(Range { high: Some(high), .. }) if high > 0 => {
            let models = estimate.models.iter().filter_map(|part| pricing.price(&part.name));
            let held = models.map(|price| price.worst(HELD_INPUT_BYTES, 0, HELD_OUTPUT_TOKENS)).max();
            let usd = high.saturating_add(wave.saturating_mul(held.unwrap_or_default()));
            Cap::usd(usd.next_multiple_of(CENT))
        }
        Some(_) | None => {
            let held = wave.saturating_mul(HELD_OUTPUT_TOKENS);
            Cap {
                output_tokens: amounts.output_tokens.high.map(|high| high.saturating_add(held)),
                usd_micros: None,
            }
        }
    };
    (Limits { cap: launch::lower(cap, asked), cap_is_estimate: !cap.is_none(), ..limits }, true)
}

/// How a cap that nobody named came about.
pub(super) fn capped_by(limits: &Limits) -> Option<String> {
    limits.cap_is_estimate.then(|| {
        "the budget is the upper end, and on top what requests under way hold until they are billed; `--budget` names another".into()
    })
}

/// In micro-dollars.
const CENT: u64 = 10_000;
/// What a request of ordinary size holds: near a cap replies are made no shorter than this as long as others may
/// give back.
const HELD_OUTPUT_TOKENS: u64 = 4_096;
/// What the worst case of an input is counted in: a token is at least a byte.
const HELD_INPUT_BYTES: u64 = 32_000;
