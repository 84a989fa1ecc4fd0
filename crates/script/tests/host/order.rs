//! A live batch and a replay one by one make the same calls in the same order.

use fanfold_script::protocol::Completion;
use serde_json::json;

use crate::session::{Session, value};

const RACY: &str = "
    const order = [];
    const chain = async (name) => {
        const a = await agent(name);
        order.push(a);
        await null; await null;
        order.push(await agent(`${name} after ${order.length}`));
    };
    const first = await Promise.race(['a', 'b', 'c'].map((n) => agent('race ' + n)));
    await Promise.all(['x', 'y', 'z'].map(chain));
    return { first, order }";

fn completion(seq: u32) -> Completion {
    Completion { seq, with: value(format!("reply {seq}")), output_tokens: 1, usd_micros: 0 }
}

#[test]
fn a_batch_and_one_by_one_make_the_same_requests() {
    let order = [[2, 0, 1], [5, 3, 4], [7, 6, 8]];
    let mut batches = Session::start(RACY);
    for batch in order {
        batches.settle_all(batch.map(completion).into());
    }
    let mut single = Session::start(RACY);
    for seq in order.into_iter().flatten() {
        single.settle_all(vec![completion(seq)]);
    }
    assert_eq!(batches.returned(), single.returned());
    assert_eq!(batches.returned()["first"], json!("reply 2"));
    assert_eq!(format!("{:?}", batches.requests), format!("{:?}", single.requests));
}

#[test]
fn calls_are_numbered_in_the_order_in_which_the_script_makes_them() {
    let session = Session::start("agent('a'); setTimeout(() => {}, 5); agent('b'); await agent('c')");
    let seqs: Vec<u32> = session.calls().iter().map(|(seq, _)| *seq).collect();
    assert_eq!(seqs, [0, 1, 2, 3]);
}

#[test]
fn what_nobody_waits_for_is_ignored() {
    let mut session = Session::start("return await agent('a')");
    session.settle_all(vec![completion(9), completion(0), completion(0)]);
    assert_eq!(session.returned(), json!("reply 0"));
}
