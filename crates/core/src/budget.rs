//! Limits on a run, and the one ledger that says yes or no to spending. Integers only.
//!
//! **Rule:** what was spent, what is set aside and the worst case of the next request together never pass a
//! cap. A request that does not fit waits as long as others may still give something back, is made smaller
//! near the cap, and is refused when nothing is left. (Checking first and spending afterwards overshoots
//! under concurrency: by 74 % with 16 agents at once, twenty-eightfold with 1,000.)

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::{CallKey, Failure, FailureKind, Price, Usage};

/// What a run may do at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Agents at once: 1..=1,024.
    pub concurrency: u32,
    /// Agents started in the whole run, replayed ones included.
    pub agents: u64,
    /// Items of one `parallel` or `pipeline`.
    pub items: u64,
    /// Of the whole run over all its attempts.
    #[serde(flatten)]
    pub cap: Cap,
    /// Of each agent, unless its call names another.
    #[serde(default, skip_serializing_if = "Cap::is_none")]
    pub each_agent: Cap,
    /// Nobody named the cap: it is the upper end of an estimate, and is raised by what a crash loses.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cap_is_estimate: bool,
}

/// The most that may be spent, in each currency; `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cap {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Millionths of a dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_micros: Option<u64>,
}

pub const CONCURRENCY_MAX: u32 = 1024;

/// A reply is made shorter near a cap down to this, before the request waits for others to give back.
const COMFORTABLE_OUTPUT: u64 = 4_096;
/// A reply of fewer tokens is not worth its input.
const LEAST_OUTPUT: u64 = 256;
/// Percent of a cap at which a person is told.
const WARN_AT: [u32; 3] = [50, 80, 95];

/// One request to a model, before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Whole turns of this agent before it.
    pub turns: u32,
    /// Its input has at most so many tokens.
    pub input_tokens: u64,
    /// By the provider, at most.
    pub web_searches: u64,
    /// The longest reply that is wanted.
    pub output_tokens: u64,
    /// `None`: nobody knows; refused where dollars are limited.
    pub price: Option<Price>,
}

/// What becomes of a [`Quote`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may be sent, for a reply of at most so many tokens.
    Granted {
        output_tokens: u64,
    },
    /// Others hold what it needs, and may give it back.
    Wait,
    Refused(Failure),
}

/// Part of a cap is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// `run`, `phase TITLE`, `agent KEY`.
    pub scope: String,
    pub percent: u32,
    pub spent: u64,
    pub total: u64,
    /// `output_tokens` or `usd_micros`.
    pub unit: &'static str,
}

/// Counts what a run used. The only place that says yes or no to another agent, or another request.
#[derive(Debug)]
pub struct Ledger {
    limits: Limits,
    agents: u64,
    run: Account,
    /// Those that have a limit.
    phases: HashMap<String, Account>,
    tabs: HashMap<CallKey, Tab>,
    /// A provider billed more than a request could cost.
    alarm: Option<String>,
}

/// Something that may be limited, and what it has used.
#[derive(Debug, Default)]
struct Account {
    cap: Cap,
    spent: Amount,
    /// Set aside for requests under way.
    held: Amount,
    /// How many of [`WARN_AT`] were told, by currency.
    warned: [usize; 2],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Amount {
    output_tokens: u64,
    usd_micros: u64,
}

/// What one call under way has used.
#[derive(Debug)]
struct Tab {
    phase: Option<String>,
    account: Account,
    used: Usage,
    held: Option<Amount>,
    /// Nobody asked before spending: what the backend reports at the end is all that is known.
    was_asked: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 16,
            agents: 1_000,
            items: 4_096,
            cap: Cap::default(),
            each_agent: Cap::default(),
            cap_is_estimate: false,
        }
    }
}

impl Cap {
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// At most so many output tokens.
    pub fn tokens(output_tokens: u64) -> Self {
        Self { output_tokens: Some(output_tokens), usd_micros: None }
    }

    /// At most so many micro-dollars.
    pub fn usd(usd_micros: u64) -> Self {
        Self { output_tokens: None, usd_micros: Some(usd_micros) }
    }
}

impl Ledger {
    pub fn new(limits: Limits, phases: &BTreeMap<String, Cap>) -> Self {
        let phases = phases.iter().filter(|(_, cap)| !cap.is_none());
        Self {
            limits,
            agents: 0,
            run: Account::new(limits.cap),
            phases: phases.map(|(title, cap)| (title.clone(), Account::new(*cap))).collect(),
            tabs: HashMap::new(),
            alarm: None,
        }
    }

    /// Counts what earlier attempts used, in all and by phase. Nobody is warned again of what is past.
    pub fn restore<'a>(&mut self, total: Usage, by_phase: impl Iterator<Item = (&'a str, Usage)>) {
        self.run.restore(total);
        for (title, usage) in by_phase {
            if let Some(account) = self.phases.get_mut(title) {
                account.restore(usage);
            }
        }
    }

    /// Counts one more agent of the script, or says that the cap forbids it.
    pub fn count_agent(&mut self) -> Result<(), Failure> {
        if self.agents >= self.limits.agents {
            let cap = self.limits.agents;
            let message = format!("the cap of {cap} agents is reached; `--max-agents {}` raises it", cap * 2);
            return Err(Failure { kind: FailureKind::Cap, message });
        }
        self.agents += 1;
        Ok(())
    }

    /// Whether anything is limited: where nothing is, nobody has to ask.
    pub fn is_limited(&self) -> bool {
        !self.run.cap.is_none() || !self.phases.is_empty() || !self.limits.each_agent.is_none()
    }

    /// The same for one call, which may have a limit of its own.
    pub fn limits_call(&self, key: &CallKey) -> bool {
        self.is_limited() || self.tabs.get(key).is_some_and(|tab| !tab.account.cap.is_none())
    }

    /// Lets an agent of a phase start, or says at once that nothing is left for it.
    pub fn admit(&self, phase: Option<&str>) -> Result<(), Failure> {
        if let Some(alarm) = &self.alarm {
            return Err(refusal(alarm.clone()));
        }
        let phase_account = phase.and_then(|title| Some((title, self.phases.get(title)?)));
        match phase_account {
            _ if self.run.is_used_up() => Err(self.run.refused("run", None)),
            Some((title, account)) if account.is_used_up() => Err(account.refused(&phase_scope(title), None)),
            Some(_) | None => Ok(()),
        }
    }

    /// Opens the tab of a call. `base`: what an earlier attempt that died in it used, counted already.
    pub fn open(&mut self, key: &CallKey, phase: Option<&str>, cap: Option<Cap>, base: Usage) {
        let mut account = Account::new(cap.unwrap_or(self.limits.each_agent));
        account.restore(base);
        let tab = Tab {
            phase: phase.map(str::to_owned),
            account,
            used: base,
            held: None,
            was_asked: !base.is_zero(),
        };
        self.tabs.insert(key.clone(), tab);
    }

    /// Sets the worst case of a request aside. Whatever an earlier request of the call still held is taken
    /// for spent: nobody said what became of it.
    pub fn reserve(&mut self, key: &CallKey, quote: &Quote) -> Answer {
        if self.tabs.get(key).is_some_and(|tab| tab.held.is_some()) {
            self.forfeit(key, Usage::default());
        }
        if let Some(alarm) = &self.alarm {
            return Answer::Refused(refusal(alarm.clone()));
        }
        let Some(tab) = self.tabs.get_mut(key) else {
            unreachable!("a call asks only while it is under way")
        };
        tab.was_asked = true;
        let accounts = path(&mut self.run, &mut self.phases, tab.phase.as_deref(), &mut tab.account);
        let (mut now, mut ever) = (u64::MAX, (u64::MAX, String::new()));
        for (scope, account) in accounts.iter().map(|(scope, account)| (scope, &**account)) {
            let Some(left) = account.room(quote, account.spent) else {
                return Answer::Refused(unpriced(scope));
            };
            let free = account.room(quote, account.spent.plus(account.held)).unwrap_or_default();
            now = now.min(free);
            if left < ever.0 {
                ever = (left, scope.to_string());
            }
        }
        let want = quote.output_tokens;
        let granted = now.min(want);
        if ever.0 < want.min(LEAST_OUTPUT) {
            let (_, account) =
                accounts.into_iter().find(|(scope, _)| scope.to_string() == ever.1).expect("one of them");
            return Answer::Refused(account.refused(&ever.1, Some(quote)));
        }
        // Worth waiting for more, if there is more to come.
        if granted < want.min(COMFORTABLE_OUTPUT) && now < ever.0 {
            return Answer::Wait;
        }
        let usd_micros =
            quote.price.map_or(0, |price| price.worst(quote.input_tokens, quote.web_searches, granted));
        let amount = Amount { output_tokens: granted, usd_micros };
        for (_, account) in accounts {
            account.held = account.held.plus(amount);
        }
        tab.held = Some(amount);
        Answer::Granted { output_tokens: granted }
    }

    /// The request of a call came to an end, and used this. Returns what a person should hear of.
    pub fn settle(&mut self, key: &CallKey, used: Usage) -> Vec<Warning> {
        let held = self.release(key);
        let amount = Amount::of(&used);
        if held.is_some_and(|held| amount.exceeds(held)) && self.limits_call(key) {
            let held = held.unwrap_or_default();
            self.alarm = Some(format!(
                "the provider billed a request at {} where {} was the most it could cost: nothing more is asked; look at what `{}` bills and at its price in the settings",
                amount.show(),
                held.show(),
                key
            ));
        }
        self.charge(key, used)
    }

    /// The request of a call ended, and nobody knows what it used: counted as the worst case. `known`: what
    /// was reported of it.
    pub fn forfeit(&mut self, key: &CallKey, known: Usage) -> Vec<Warning> {
        let Some(held) = self.release(key) else { return self.settle(key, known) };
        let more = held.minus(Amount::of(&known));
        let worst = Usage {
            unconfirmed: 1,
            unconfirmed_output_tokens: more.output_tokens,
            unconfirmed_usd_micros: more.usd_micros,
            ..known
        };
        self.charge(key, worst)
    }

    /// What a call has used so far, its request under way not included.
    pub fn used(&self, key: &CallKey) -> Usage {
        self.tabs.get(key).map(|tab| tab.used).unwrap_or_default()
    }

    /// What the request of a call holds, as if all of it were used.
    pub fn held(&self, key: &CallKey) -> Usage {
        let held = self.tabs.get(key).and_then(|tab| tab.held).unwrap_or_default();
        Usage {
            unconfirmed: u64::from(held != Amount::default()),
            unconfirmed_output_tokens: held.output_tokens,
            unconfirmed_usd_micros: held.usd_micros,
            ..Usage::default()
        }
    }

    /// A later account of what an earlier attempt used of this call.
    pub fn correct(&mut self, key: &CallKey, used: Usage) {
        let Some(tab) = self.tabs.get_mut(key) else { return };
        let before = Amount::of(&tab.used);
        tab.used = used;
        for (_, account) in path(&mut self.run, &mut self.phases, tab.phase.as_deref(), &mut tab.account) {
            account.spent = account.spent.minus(before).plus(Amount::of(&used));
        }
    }

    /// Closes the tab of a call: what it used in all. `reported`: by the backend, for one that never asked
    /// before it spent.
    pub fn close(&mut self, key: &CallKey, reported: Usage) -> (Usage, Vec<Warning>) {
        let mut warnings = Vec::new();
        match self.tabs.get(key) {
            None => return (reported, warnings),
            Some(tab) if tab.held.is_some() => warnings = self.forfeit(key, Usage::default()),
            Some(tab) if !tab.was_asked => warnings = self.charge(key, reported),
            Some(_) => (),
        }
        let tab = self.tabs.remove(key).expect("looked at above");
        // Nobody but the backend knows of these.
        (Usage { tool_calls: reported.tool_calls.max(tab.used.tool_calls), ..tab.used }, warnings)
    }

    /// Whether no request is under way that could give anything back.
    pub fn nothing_is_held(&self) -> bool {
        self.run.held == Amount::default()
    }

    pub fn agents(&self) -> u64 {
        self.agents
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    fn release(&mut self, key: &CallKey) -> Option<Amount> {
        let tab = self.tabs.get_mut(key)?;
        let held = tab.held.take()?;
        for (_, account) in path(&mut self.run, &mut self.phases, tab.phase.as_deref(), &mut tab.account) {
            account.held = account.held.minus(held);
        }
        Some(held)
    }

    fn charge(&mut self, key: &CallKey, used: Usage) -> Vec<Warning> {
        let Some(tab) = self.tabs.get_mut(key) else { return Vec::new() };
        tab.used += used;
        let mut warnings = Vec::new();
        for (scope, account) in path(&mut self.run, &mut self.phases, tab.phase.as_deref(), &mut tab.account)
        {
            account.spent = account.spent.plus(Amount::of(&used));
            // An agent's own limit is its own business.
            if !matches!(scope, Scope::Agent) {
                account.warn(&scope, &mut warnings);
            }
        }
        warnings
    }
}

/// Whose account it is.
enum Scope<'a> {
    Run,
    Phase(&'a str),
    Agent,
}

impl std::fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Scope::Run => f.write_str("run"),
            Scope::Phase(title) => f.write_str(&phase_scope(title)),
            Scope::Agent => f.write_str("agent"),
        }
    }
}

fn phase_scope(title: &str) -> String {
    format!("phase `{title}`")
}

/// The accounts that a call of this phase is charged to.
fn path<'a>(
    run: &'a mut Account,
    phases: &'a mut HashMap<String, Account>,
    phase: Option<&'a str>,
    own: &'a mut Account,
) -> Vec<(Scope<'a>, &'a mut Account)> {
    let mut accounts = Vec::with_capacity(3);
    accounts.push((Scope::Run, run));
    if let Some((title, account)) = phase.and_then(|title| Some((title, phases.get_mut(title)?))) {
        accounts.push((Scope::Phase(title), account));
    }
    accounts.push((Scope::Agent, own));
    accounts
}

impl Account {
    fn new(cap: Cap) -> Self {
        Self { cap, ..Self::default() }
    }

    fn restore(&mut self, usage: Usage) {
        self.spent = Amount::of(&usage);
        self.warn(&Scope::Run, &mut Vec::new());
    }

    fn is_used_up(&self) -> bool {
        self.cap.output_tokens.is_some_and(|cap| self.spent.output_tokens >= cap)
            || self.cap.usd_micros.is_some_and(|cap| self.spent.usd_micros >= cap)
    }

    /// How long a reply may be if so much is taken; `None`: without a price nobody can tell.
    fn room(&self, quote: &Quote, taken: Amount) -> Option<u64> {
        let tokens = match self.cap.output_tokens {
            Some(cap) => cap.saturating_sub(taken.output_tokens),
            None => u64::MAX,
        };
        let Some(cap) = self.cap.usd_micros else { return Some(tokens) };
        let price = quote.price?;
        let left = cap.saturating_sub(taken.usd_micros);
        let Some(left) = left.checked_sub(price.worst_input(quote.input_tokens, quote.web_searches)) else {
            return Some(0);
        };
        let rate = price.worst_output_rate(quote.input_tokens);
        let affordable = (u128::from(left) * u128::from(crate::price::MILLION)).checked_div(u128::from(rate));
        Some(tokens.min(affordable.map_or(u64::MAX, |tokens| u64::try_from(tokens).unwrap_or(u64::MAX))))
    }

    fn refused(&self, scope: &str, quote: Option<&Quote>) -> Failure {
        let Cap { output_tokens, usd_micros } = self.cap;
        let mut caps = Vec::new();
        if let Some(cap) = usd_micros {
            caps.push(format!("{} of {} spent", about(self.spent.usd_micros), dollars(cap)));
        }
        if let Some(cap) = output_tokens {
            caps.push(format!("{} of {cap} output tokens spent", self.spent.output_tokens));
        }
        // Where both are limited: the one of which less is left.
        let part = |spent: u64, cap: u64| u128::from(spent) * 1_000_000 / u128::from(cap.max(1));
        let usd_part = usd_micros.map(|cap| part(self.spent.usd_micros, cap));
        let tokens_part = output_tokens.map(|cap| part(self.spent.output_tokens, cap));
        let next = match (scope, usd_micros, output_tokens) {
            ("run", Some(cap), _) if usd_part >= tokens_part => {
                format!("; resume with `--budget '+{}'` to go on", dollars(cap.max(10_000)))
            }
            ("run", _, cap) => {
                format!("; resume with `--budget +{}` to go on", cap.unwrap_or_default().max(1))
            }
            ("agent", _, _) => "; `--agent-budget` or the call's `spendLimit` allow more".into(),
            _ => "; its `limit` in `meta.phases` allows more".into(),
        };
        // Of a worst case much larger than what is left, a person would not think.
        let worst = quote.filter(|_| usd_micros.is_some()).and_then(|quote| {
            let least = quote.output_tokens.min(LEAST_OUTPUT);
            Some(about(quote.price?.worst(quote.input_tokens, quote.web_searches, least)))
        });
        let worst = worst.map(|worst| format!(", and the next request may cost {worst}")).unwrap_or_default();
        refusal(format!("too little is left of the budget of the {scope}: {}{worst}{next}", caps.join(", ")))
    }

    fn warn(&mut self, scope: &Scope<'_>, warnings: &mut Vec<Warning>) {
        let currencies = [
            (self.cap.usd_micros, self.spent.usd_micros, "usd_micros"),
            (self.cap.output_tokens, self.spent.output_tokens, "output_tokens"),
        ];
        for (warned, (cap, spent, unit)) in self.warned.iter_mut().zip(currencies) {
            let Some(total) = cap.filter(|cap| *cap > 0) else { continue };
            let reached = |percent: u32| u128::from(spent) * 100 >= u128::from(total) * u128::from(percent);
            let count = WARN_AT.iter().filter(|percent| reached(**percent)).count();
            if count > *warned {
                *warned = count;
                warnings.push(Warning {
                    scope: scope.to_string(),
                    percent: WARN_AT[count - 1],
                    spent,
                    total,
                    unit,
                });
            }
        }
    }
}

impl Amount {
    fn of(usage: &Usage) -> Self {
        Self { output_tokens: usage.output_tokens_max(), usd_micros: usage.usd_micros_max() }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            usd_micros: self.usd_micros.saturating_add(other.usd_micros),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            output_tokens: self.output_tokens.saturating_sub(other.output_tokens),
            usd_micros: self.usd_micros.saturating_sub(other.usd_micros),
        }
    }

    fn exceeds(self, other: Self) -> bool {
        self.output_tokens > other.output_tokens || self.usd_micros > other.usd_micros
    }

    fn show(self) -> String {
        format!("{} output tokens and {}", self.output_tokens, dollars(self.usd_micros))
    }
}

fn refusal(message: String) -> Failure {
    Failure { kind: FailureKind::Budget, message }
}

fn unpriced(scope: &Scope<'_>) -> Failure {
    refusal(format!(
        "the budget of the {scope} is in dollars, and no price is known for this model: set one under [prices] in your settings, or limit output tokens"
    ))
}

/// Micro-dollars for a person: cents, and more digits below one cent.
pub fn dollars(usd_micros: u64) -> String {
    let (whole, rest) = (usd_micros / 1_000_000, usd_micros % 1_000_000);
    match rest {
        0 => format!("${whole}"),
        rest if rest % 10_000 == 0 => format!("${whole}.{:02}", rest / 10_000),
        rest => format!("${whole}.{}", format!("{rest:06}").trim_end_matches('0')),
    }
}

/// The same without what is below a cent, where there is more than that.
pub fn about(usd_micros: u64) -> String {
    dollars(if usd_micros < 10_000 { usd_micros } else { usd_micros - usd_micros % 10_000 })
}

fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests;
