//! Whole runs on a simulated clock, in one thread, against a journal in memory and a bill of their own.

mod world;

use std::sync::Arc;

use fanfold_core::{
    AskCall, CacheRule, CallKind, Cap, Entry, EventBody, Failure, FailureKind, Halt, HaltKind, Limits,
    Person, RunStatus, WhyLive,
};
use fanfold_engine::ErrorKind;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use world::{Biller, World, failed};

#[test]
fn a_script_gets_what_its_agents_said() {
    let mut world = World::new(Biller::new(1));
    let report = world.run("const all = await parallel([1,2,3].map(n => () => agent('n' + n))); return all");
    assert_eq!(World::result(&report), json!(["re: n1", "re: n2", "re: n3"]));
    assert_eq!(report.status, RunStatus::Completed);
    assert_eq!((report.agents.started, report.agents.completed, report.agents.peak_concurrency), (3, 3, 3));
    assert_eq!(report.usage.output_tokens, 15);
}

#[test]
fn a_finished_run_is_replayed_without_asking_anyone() {
    let body = "const out = []; for (const n of [1,2,3]) out.push(await agent('same')); return out";
    let mut world = World::new(Biller::new(1));
    let first = world.run(body);
    let entries = world.disk.entries().len();
    let second = world.run(body);
    assert_eq!(World::result(&first), World::result(&second));
    assert_eq!(world.backend.asked(), 3);
    assert_eq!((second.agents.started, second.agents.replayed), (0, 3));
    assert_eq!(world.disk.entries().len(), entries + 2, "recalled calls append nothing");
}

/// The way of a script that has every kind of wait in it.
const BUSY: &str = "
    const first = await Promise.race([agent('race a'), agent('race b'), agent('race c')]);
    phase('Fan');
    const fan = await pipeline([1, 2, 3, 4, 5], n => agent('one ' + n), (r, n) => agent('two ' + n + ' ' + r), async r => {
      await new Promise(done => setTimeout(done, 250));
      return agent('same for all');
    });
    const child = await workflow('child', { from: first });
    const times = [now(), now()];
    return { first, fan, child, dice: [random(), random()], ordered: times[0] <= times[1], t0: times[0] };
";

#[test]
fn a_run_killed_anywhere_ends_as_if_it_had_never_been_killed_and_pays_nothing_twice() {
    for seed in 0..5 {
        let mut whole = World::new(Biller::new(seed));
        whole.run(BUSY);
        let total = whole.disk.entries().len() as u64;
        for death in 1..total {
            let mut world = World::new(Biller::new(seed));
            world.disk.die_after(death);
            assert!(world.run_or_die(BUSY).is_none(), "seed {seed}: it did not die after {death} entries");
            let durable = world::finished(&world.disk.entries());
            let asked_before = world.backend.asked();
            world.disk.die_after(0);
            let resumed = world.run(BUSY);
            let agents = 3 + 5 + 5 + 5 + 1;
            let durable_agents = durable
                .iter()
                .filter(|key| {
                    world.disk.entries().iter().any(|entry| {
                        matches!(entry, Entry::Called { key: called, asked } if called == *key && asked.what == CallKind::Agent)
                    })
                })
                .count() as u64;
            assert_eq!(
                world.backend.asked() - asked_before,
                agents - durable_agents,
                "seed {seed}, death after {death}: a finished agent was asked again, or an unfinished one was not"
            );
            // The race may have another winner when nothing of it was durable; a second resume may not.
            let again = world.run(BUSY);
            assert_eq!(World::result(&resumed), World::result(&again), "seed {seed}, death after {death}");
            assert_eq!(again.agents.started, 0);
        }
    }
}

#[test]
fn a_race_is_won_again_by_whoever_won_it_first() {
    let body = "
        const winner = await Promise.race([agent('a'), agent('b'), agent('c'), agent('d')]);
        const after = await agent('after ' + winner);
        return { winner, after };
    ";
    for seed in 0..40 {
        let mut world = World::new(Biller::new(seed));
        let first = world.run(body);
        let second = world.run(body);
        assert_eq!(World::result(&first), World::result(&second), "seed {seed}");
        assert_eq!(second.agents.started, 0, "seed {seed}: the other branch was taken");
    }
}

#[test]
fn a_failed_agent_is_null_listed_and_asked_again_on_resume() {
    let body = "const out = await parallel(['good', 'bad'].map(p => () => agent(p))); return { out, failures: failures() }";
    let mut backend = Biller::new(1);
    backend.replies =
        Box::new(
            |prompt, times| {
                if prompt == "bad" && times == 1 { failed(FailureKind::Timeout) } else { None }
            },
        );
    let mut world = World::new(backend);
    let first = world.run(body);
    assert_eq!(first.status, RunStatus::Degraded);
    let result = World::result(&first);
    assert_eq!(result["out"], json!(["re: good", null]));
    assert_eq!(result["failures"][0]["kind"], "timeout");
    assert_eq!(first.failures.len(), 1, "{:?}", first.failures);
    let plan = world.plan(body);
    assert_eq!(plan.len(), 1);
    assert!(matches!(&plan[0].why, WhyLive::Failed(failure) if failure.kind == FailureKind::Timeout));
    let second = world.run(body);
    assert_eq!(World::result(&second)["out"], json!(["re: good", "re: bad"]));
    assert_eq!((second.agents.started, second.agents.replayed), (1, 1));
    assert_eq!(second.status, RunStatus::Completed);
}

#[test]
fn an_edited_script_keeps_what_it_did_not_change() {
    let before = "return await parallel(['a','b','c','d'].map(p => () => agent(p)))";
    let after = "return await parallel(['d','b','new','a'].map(p => () => agent(p, { label: 'renamed', phase: 'P' })))";
    let mut world = World::new(Biller::new(1));
    world.run(before);
    let plan = world.plan(after);
    assert_eq!(plan.iter().map(|item| &item.why).collect::<Vec<_>>(), [&WhyLive::New]);
    let report = world.run(after);
    assert_eq!((report.agents.started, report.agents.replayed), (1, 3));
}

#[test]
fn the_prefix_rule_keeps_only_what_stands_before_the_first_change() {
    let before = "for (const p of ['a','b','c','d']) await agent(p)";
    let after = "for (const p of ['a','b','x','d']) await agent(p)";
    let mut world = World::new(Biller::new(1));
    world.run(before);
    world.cache = CacheRule::Prefix;
    let report = world.run(after);
    assert_eq!((report.agents.replayed, report.agents.started), (2, 2));
    world.cache = CacheRule::Off;
    let report = world.run(after);
    assert_eq!((report.agents.replayed, report.agents.started), (0, 4));
}

#[test]
fn an_agent_that_may_not_be_cached_is_asked_on_every_resume() {
    let body = "return [await agent('kept'), await agent('fresh', { cache: false })]";
    let mut world = World::new(Biller::new(1));
    world.run(body);
    let report = world.run(body);
    assert_eq!((report.agents.replayed, report.agents.started), (1, 1));
}

#[test]
fn a_full_disk_pauses_the_run_and_the_script_cannot_catch_it() {
    let body =
        "try { return await parallel([() => agent('a'), () => agent('b')]) } catch (e) { return 'caught' }";
    let mut world = World::new(Biller::new(1));
    // Opened and both calls fit; what they came to does not.
    world.disk.fill_after(4);
    let report = world.run(body);
    assert_eq!(report.status, RunStatus::Paused);
    assert_eq!(report.error.as_ref().map(|error| error.kind), Some(ErrorKind::Journal));
    assert!(report.result.is_none());
    world.disk.fill(false);
    let report = world.run(body);
    assert_eq!(report.status, RunStatus::Completed);
}

#[test]
fn an_outage_pauses_and_refused_credentials_end_the_run() {
    for (kind, status, error) in [
        (HaltKind::Outage, RunStatus::Paused, ErrorKind::Outage),
        (HaltKind::SpendLimit, RunStatus::Paused, ErrorKind::SpendLimit),
        (HaltKind::Credentials, RunStatus::Failed, ErrorKind::Credentials),
    ] {
        let mut backend = Biller::new(1);
        backend.replies = Box::new(move |prompt, times| {
            let halt = Halt { kind, message: "no".into(), hint: "later".into() };
            (prompt == "b" && times == 1).then_some(Err(halt))
        });
        let mut world = World::new(backend);
        let body = "return [await agent('a'), await agent('b')]";
        let report = world.run(body);
        assert_eq!((report.status, report.error.map(|error| error.kind)), (status, Some(error)));
        let resumed = world.run(body);
        assert_eq!(
            (resumed.status, resumed.agents.replayed, resumed.agents.started),
            (RunStatus::Completed, 1, 1)
        );
    }
}

#[test]
fn never_more_agents_at_once_than_slots_and_the_makespan_is_that_of_a_greedy_schedule() {
    for slots in [1, 3, 16] {
        let mut world = World::new(Biller::new(5));
        world.limits = Limits { concurrency: slots, ..Limits::default() };
        let report = world
            .run("return (await parallel(Array.from({length: 100}, (_, i) => () => agent('p' + i)))).length");
        assert_eq!(report.agents.peak_concurrency, u64::from(slots));
        let mut free = vec![0; slots as usize];
        for i in 0..100 {
            let next = free.iter_mut().min().expect("a slot");
            *next += world.backend.duration_ms(&format!("p{i}"));
        }
        let greedy = *free.iter().max().expect("a slot");
        assert_eq!(report.duration_ms, greedy, "{slots} slots");
    }
}

#[test]
fn past_the_agent_cap_calls_reject_and_say_which_setting_raises_it() {
    let mut world = World::new(Biller::new(1));
    world.limits = Limits { agents: 2, ..Limits::default() };
    let body = "
        const got = []; let message = null;
        try { for (const n of [1, 2, 3]) got.push(await agent('n' + n)) } catch (e) { message = e.message }
        return { got: got.length, message };
    ";
    let report = world.run(body);
    let result = World::result(&report);
    assert_eq!(result["got"], 2);
    assert!(result["message"].as_str().expect("thrown").contains("--max-agents"), "{result}");
    assert_eq!(report.failures[0].failure.kind, FailureKind::Cap);
    assert_eq!(report.status, RunStatus::Degraded);
}

#[test]
fn a_spent_budget_refuses_and_a_higher_one_asks_only_what_was_refused() {
    let body = "const out = []; for (let n = 0; n < 4; n++) out.push(await agent('n' + n).catch(() => 'refused')); return out";
    let mut world = World::new(Biller::new(1));
    world.limits = Limits { cap: Cap::tokens(10), ..Limits::default() };
    let report = world.run(body);
    assert_eq!(World::result(&report), json!(["re: n0", "re: n1", "refused", "refused"]));
    assert!(report.failures.iter().all(|failed| failed.failure.kind == FailureKind::Budget));
    world.limits = Limits { cap: Cap::tokens(100), ..Limits::default() };
    let report = world.run(body);
    assert_eq!((report.agents.replayed, report.agents.started), (2, 2));
}

#[test]
fn budget_reads_the_same_on_resume() {
    let body = "const seen = []; for (let n = 0; n < 3; n++) { await agent('n' + n); seen.push(budget.spent(), budget.remaining()) } return seen";
    let mut world = World::new(Biller::new(1));
    world.limits = Limits { cap: Cap::tokens(100), ..Limits::default() };
    let first = world.run(body);
    assert_eq!(World::result(&first), json!([5, 95, 10, 90, 15, 85]));
    assert_eq!(World::result(&first), World::result(&world.run(body)));
}

#[test]
fn agents_of_a_phase_take_the_model_that_meta_gives_it() {
    let mut world = World::new(Biller::new(1));
    world.meta =
        "export const meta = { name: 'test', description: 'd', phases: [{ title: 'P', model: 'strong' }] }\n";
    world.run(
        "phase('P'); await agent('a'); await agent('b', { model: 'own' }); await agent('c', { phase: 'Q' })",
    );
    let models: Vec<Option<String>> = world.backend.models.lock().expect("no panic while held").clone();
    assert_eq!(models, [Some("strong".into()), Some("own".into()), None]);
}

#[test]
fn a_bad_call_rejects_before_anything_is_spent() {
    let mut world = World::new(Biller::new(1));
    let report =
        world.run("try { await agent('x', { agentType: 'nobody' }) } catch (e) { return e.message }");
    let message = World::result(&report);
    assert!(message.as_str().expect("thrown").contains("unknown agent type `nobody`"), "{message}");
    assert_eq!(world.backend.asked(), 0);
}

#[test]
fn a_nested_workflow_shares_the_caps_and_replays() {
    let body =
        "return [await workflow('child', {n: 1}), await workflow('child', {n: 1}), await agent('in child')]";
    let mut world = World::new(Biller::new(1));
    let first = world.run(body);
    let child = json!({"a": "re: in child", "args": {"n": 1}});
    assert_eq!(World::result(&first), json!([child, child, "re: in child"]));
    assert_eq!(first.agents.started, 3);
    let second = world.run(body);
    assert_eq!((second.agents.started, second.agents.replayed), (0, 3));
}

#[test]
fn the_first_interrupt_lets_running_agents_finish_and_be_kept() {
    let body = "return (await parallel(Array.from({length: 10}, (_, i) => () => agent('p' + i)))).length";
    let mut backend = Biller::new(1);
    let control = fanfold_engine::Control::default();
    let hand = control.clone();
    backend.replies = Box::new(move |prompt, _| {
        if prompt == "p0" {
            hand.interrupt();
        }
        None
    });
    backend.durations = Box::new(|prompt| Some(if prompt == "p0" { 10 } else { 100 }));
    let mut world = World::new(backend);
    world.control = control;
    world.limits = Limits { concurrency: 4, ..Limits::default() };
    let report = world.run(body);
    assert_eq!(report.status, RunStatus::Stopped);
    let settled = world::finished(&world.disk.entries()).len() as u64;
    assert_eq!(settled, report.agents.started, "what ran was finished and kept");
    assert!(settled < 10, "nothing more was started");
    world.control = Default::default();
    let resumed = world.run(body);
    assert_eq!((resumed.agents.replayed, resumed.agents.started), (settled, 10 - settled));
}

#[test]
fn a_wave_wider_than_any_batch_starts_at_once_on_a_slow_disk_too() {
    for slow in [false, true] {
        let mut backend = Biller::new(1);
        backend.durations = Box::new(|_| Some(1_000));
        let mut world = World::new(backend);
        world.limits = Limits { concurrency: 1_000, ..Limits::default() };
        if slow {
            world.disk.slow_down();
        }
        let report = world.run(
            "return (await parallel(Array.from({length: 1000}, (_, i) => () => agent('p' + i)))).length",
        );
        assert_eq!((report.status, report.duration_ms), (RunStatus::Completed, 1_000), "slow: {slow}");
        assert_eq!(report.agents.peak_concurrency, 1_000);
    }
}

#[test]
fn a_slow_disk_changes_nothing_but_real_time() {
    for seed in 0..3 {
        let mut quick = World::new(Biller::new(seed));
        let mut slow = World::new(Biller::new(seed));
        slow.disk.slow_down();
        let (one, other) = (quick.run(BUSY_BUT_NOW), slow.run(BUSY_BUT_NOW));
        assert_eq!(World::result(&one), World::result(&other));
        assert_eq!(one.duration_ms, other.duration_ms);
        assert_eq!(slow.run(BUSY_BUT_NOW).agents.started, 0);
    }
}

const BUSY_BUT_NOW: &str = "
    const first = await Promise.race([agent('race a'), agent('race b'), new Promise(done => setTimeout(done, 900, 'late'))]);
    const limit = setTimeout(() => {}, 50_000);
    const fan = await pipeline([1, 2, 3, 4, 5], n => agent('one ' + n), (r, n) => agent('two ' + n + ' ' + r));
    clearTimeout(limit);
    return { first, fan, child: await workflow('child', { from: first }) };
";

#[test]
fn a_refused_call_wins_its_race_again_on_resume() {
    let body = "
        let won;
        try { won = await Promise.race([agent('a'), agent('x', { agentType: 'nobody' })]) } catch (e) { won = 'refused' }
        return [won, await agent('after ' + won)];
    ";
    let mut world = World::new(Biller::new(1));
    let first = world.run(body);
    assert_eq!(World::result(&first)[0], "refused");
    let second = world.run(body);
    assert_eq!(World::result(&first), World::result(&second));
    assert_eq!(second.agents.started, 0);
}

#[test]
fn what_failed_attempts_used_counts_against_the_budget_of_a_resume() {
    let mut backend = Biller::new(1);
    backend.replies = Box::new(|_, _| failed(FailureKind::Schema));
    let mut world = World::new(backend);
    world.limits = Limits { cap: Cap::tokens(5), ..Limits::default() };
    let body = "return await agent('a').catch(() => null)";
    world.run(body);
    let report = world.run(body);
    assert_eq!(world.backend.asked(), 1, "the cap was reached in the first attempt");
    assert_eq!(report.failures[0].failure.kind, FailureKind::Budget);
}

#[test]
fn a_workflow_that_cannot_be_found_is_a_loss_of_the_run() {
    let mut world = World::new(Biller::new(1));
    let report = world.run("return await parallel([() => workflow('nope')])");
    assert_eq!((report.status, report.failures.is_empty()), (RunStatus::Degraded, false));
}

#[test]
fn exceptions_that_sound_alike_are_each_listed() {
    let mut world = World::new(Biller::new(1));
    let throw = |text: &str| format!("() => {{ throw new Error('{text}') }}");
    let body = format!("await parallel([{}, {}, {}])", throw("same"), throw("same"), throw("not the same"));
    assert_eq!(world.run(&body).failures.len(), 3);
}

#[test]
fn results_stand_until_newer_ones_have_come() {
    let body = "return [await agent('a'), await agent('b')]";
    let mut world = World::new(Biller::new(1));
    world.run(body);
    world.cache = CacheRule::Off;
    world.disk.die_after(world.disk.entries().len() as u64 + 2);
    assert!(world.run_or_die(body).is_none(), "it died in its first call");
    world.disk.die_after(0);
    world.cache = CacheRule::Content;
    let report = world.run(body);
    assert_eq!((report.agents.started, report.agents.replayed), (0, 2));
}

#[test]
fn a_time_limit_is_one_of_the_runs_own_clock() {
    let mut backend = Biller::new(1);
    backend.durations = Box::new(|_| Some(40_000));
    let mut world = World::new(backend);
    world.time_limit_ms = Some(60_000);
    let report = world.run("for (let i = 0; i < 5; i++) await agent('p' + i)");
    assert_eq!(report.error.map(|error| error.kind), Some(ErrorKind::TimeLimit));
    assert_eq!(
        (report.agents.completed, report.duration_ms),
        (2, 80_000),
        "what ran at the limit was finished"
    );
}

#[test]
fn a_second_interrupt_ends_the_run_now_and_says_what_was_cut_off() {
    let mut backend = Biller::new(1);
    let control = fanfold_engine::Control::default();
    let hand = control.clone();
    backend.durations = Box::new(|prompt| Some(if prompt == "p0" { 10 } else { 100_000 }));
    backend.replies = Box::new(move |prompt, _| {
        if prompt == "p0" {
            hand.interrupt();
            hand.interrupt();
        }
        None
    });
    let mut world = World::new(backend);
    world.control = control;
    let report = world.run("await parallel(Array.from({length: 5}, (_, i) => () => agent('p' + i)))");
    assert_eq!(report.status, RunStatus::Stopped);
    assert_eq!((report.agents.completed, report.agents.unfinished), (1, 4));
    assert_eq!(report.duration_ms, 10);
}

#[test]
fn a_plan_goes_through_timers_and_workflows_to_the_agents_behind_them() {
    let body =
        "await new Promise(done => setTimeout(done, 1000)); const c = await workflow('child'); return c";
    let mut world = World::new(Biller::new(1));
    let plan = world.plan(body);
    assert_eq!(plan.iter().map(|item| item.label.as_str()).collect::<Vec<_>>(), ["in child"]);
    assert!(world.disk.entries().is_empty(), "a plan writes nothing");
}

#[test]
fn a_cleared_timer_is_waited_for_by_nobody() {
    let body = "
        const limit = setTimeout(() => {}, 3_600_000);
        const first = await Promise.race([agent('a'), new Promise(done => setTimeout(done, 7_200_000, 'late'))]);
        clearTimeout(limit);
        return first;
    ";
    let mut world = World::new(Biller::new(1));
    let report = world.run(body);
    assert_eq!(World::result(&report), json!("re: a"));
    assert!(report.duration_ms < 5_001, "{}", report.duration_ms);
    let report = world.run("clearTimeout(setTimeout(() => {}, 3_600_000)); await new Promise(() => {})");
    assert_eq!(
        (report.status, report.duration_ms),
        (RunStatus::Failed, 0),
        "stuck at once, not after an hour"
    );
}

#[test]
fn a_script_that_waits_for_nothing_is_told_so() {
    let mut world = World::new(Biller::new(1));
    let report = world.run("await agent('a'); await new Promise(() => {})");
    assert_eq!(report.status, RunStatus::Failed);
    assert_eq!(report.error.expect("an error").kind, ErrorKind::Script);
}

#[test]
fn four_thousand_and_ninety_six_instant_replies_and_their_resume_never_block() {
    let body = "return (await parallel(Array.from({length: 4096}, (_, i) => () => agent('p' + i)))).length";
    let mut backend = Biller::new(1);
    backend.durations = Box::new(|_| Some(0));
    let mut world = World::new(backend);
    world.limits = Limits { concurrency: 1024, agents: 5_000, ..Limits::default() };
    assert_eq!(World::result(&world.run(body)), json!(4096));
    let resumed = world.run(body);
    assert_eq!(resumed.status, RunStatus::Completed);
    assert_eq!((resumed.agents.started, resumed.agents.replayed), (0, 4096));
}

#[test]
fn the_events_are_dense_and_end_with_the_run() {
    let mut world = World::new(Biller::new(1));
    world.run("phase('One'); log('hello'); return await agent('a', { phase: 'Two' })");
    let events = world.events.lock().expect("no panic while held");
    assert!(events.iter().enumerate().all(|(n, event)| event.seq == n as u64));
    assert!(matches!(events.last().map(|event| &event.body), Some(EventBody::RunEnded { .. })));
    let mut view = fanfold_core::RunView::default();
    events.iter().for_each(|event| view.apply(event));
    assert_eq!(view.counts.done, 1);
    assert_eq!(view.phases.iter().map(|phase| phase.title.as_str()).collect::<Vec<_>>(), ["One", "Two"]);
}

#[test]
fn an_outcome_of_a_live_agent_is_a_fact_of_the_journal_before_the_script_knows_it() {
    // The script's second call is made only after it saw the first reply: the journal must say so too.
    let mut world = World::new(Biller::new(1));
    world.run("await agent('b ' + await agent('a'))");
    let order: Vec<&str> = world
        .disk
        .entries()
        .iter()
        .map(|entry| match entry {
            Entry::Opened(_) => "opened",
            Entry::Called { .. } => "called",
            Entry::Settled { .. } => "settled",
            Entry::Closed { .. } => "closed",
            Entry::Now { .. } | Entry::Stored { .. } | Entry::Reserved { .. } => "other",
        })
        .collect();
    assert_eq!(order, ["opened", "called", "settled", "called", "settled", "closed"]);
}

#[test]
fn usage_of_agents_that_came_to_nothing_is_counted() {
    let mut backend = Biller::new(1);
    backend.replies = Box::new(|_, times| if times == 1 { failed(FailureKind::Schema) } else { None });
    let mut world = World::new(backend);
    let body = "return await agent('a').catch(() => null)";
    world.run(body);
    let report = world.run(body);
    assert_eq!(report.usage.output_tokens, 10, "both attempts were paid for");
}

/// Answers from another thread: nobody knows when.
struct Thinker;

impl Person for Thinker {
    fn ask<'a>(&'a self, _: &'a AskCall) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(async { Ok(tokio::task::spawn_blocking(|| json!("yes")).await.expect("it does not panic")) })
    }
}

#[test]
fn a_person_who_thinks_takes_no_time_of_a_simulated_run() {
    let mut world = World::new(Biller::new(1));
    world.person = Arc::new(Thinker);
    world.time_limit_ms = Some(60_000);
    let late = "new Promise(done => setTimeout(() => done('late'), 1000))";
    let report = world.run(&format!("return await Promise.race([ask('Go on?'), {late}])"));
    assert_eq!((World::result(&report), report.duration_ms), (json!("yes"), 0));
}
