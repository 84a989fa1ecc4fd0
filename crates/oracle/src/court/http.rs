//! Has a server asked, within the sandbox that it runs in, and judges what came back.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fanfold_core::Failure;
use fanfold_sandbox::{Confined, Error, Level, Output, Policy, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::cannot;
use crate::http::{self, Heard, Question};
use crate::spec::{Check, HttpRule};
use crate::stage::HTTP_CHECK;

/// A body and what was printed, should every byte of them need an escape of six.
const HEARD_BYTES_MAX: u64 = 8 << 20;
const LAST_WORDS_BYTES_MAX: usize = 4 << 10;
/// For whoever asks to notice the time by itself, and tell what the server printed.
const GRACE: Duration = Duration::from_secs(2);
const SHOWN_BYTES_MAX: usize = 4 << 10;

pub struct Asked {
    /// Why it did not pass; `None`: it did.
    pub fault: Option<String>,
    /// What the server printed, and what it answered.
    pub output: String,
    pub duration_ms: u64,
}

/// `folder`: where the server starts, relative to where the policy has processes start.
pub async fn ask(
    sandbox: &Sandbox,
    mut policy: Policy,
    folder: PathBuf,
    check: &Check,
    rule: &HttpRule,
) -> Result<Asked, Failure> {
    if sandbox.level() == Level::Reduced {
        let why = format!(
            "`{}` asks a server, and the reduced sandbox has no network of its own: use the full one",
            check.name
        );
        return Err(cannot(&why));
    }
    // What is served can then neither stop nor outlive whoever asks.
    policy.is_pid_1 = true;
    let question = Question {
        start: check.command.clone(),
        folder,
        url: rule.url.clone(),
        method: rule.method.clone(),
        headers: rule.headers.clone(),
        body: rule.body.clone(),
        ready_ms: rule.ready_ms,
        timeout_ms: check.timeout_ms,
    };
    let question = serde_json::to_vec(&question).expect("plain data has JSON");
    let started = Instant::now();
    let argv = [sandbox.program().to_string_lossy().into_owned(), HTTP_CHECK.to_owned()];
    let mut asking = sandbox.command(&policy, &argv).map_err(|err| cannot(&err))?;
    let patience = Duration::from_millis(check.timeout_ms) + GRACE;
    let heard = match tokio::time::timeout(patience, hear(&mut asking, &question)).await {
        Ok(heard) => heard?,
        Err(_) => {
            asking.kill().await.map_err(|err| cannot(&err))?;
            let answer = Err(format!("timed out after {} ms", check.timeout_ms));
            Heard { printed: String::new(), answer }
        }
    };
    let mut output = heard.printed;
    let fault = match &heard.answer {
        Ok(answer) => {
            let end = answer.body.floor_char_boundary(SHOWN_BYTES_MAX);
            let cut = if end < answer.body.len() || answer.is_cut {
                "\n[… the rest is left out …]"
            } else {
                ""
            };
            if !output.is_empty() && !output.ends_with('\n') {
                output.push('\n');
            }
            output.push_str(&format!("{rule}: {}\n{}{cut}", answer.status, &answer.body[..end]));
            http::fault(rule, answer)
        }
        Err(why) => Some(why.clone()),
    };
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Asked { fault, output, duration_ms })
}

/// Returns when nothing of it is left.
async fn hear(asking: &mut Confined, question: &[u8]) -> Result<Heard, Failure> {
    if let Some(mut input) = asking.stdin.take() {
        // If it is gone already, its end says so.
        let _ = input.write_all(question).await;
    }
    let (stdout, stderr) = (asking.stdout.take(), asking.stderr.take());
    let (mut frame, mut last_words) = (Vec::new(), Output::new(LAST_WORDS_BYTES_MAX));
    tokio::join!(
        async {
            if let Some(stdout) = stdout {
                let _ = stdout.take(HEARD_BYTES_MAX).read_to_end(&mut frame).await;
            }
        },
        async {
            if let Some(mut stderr) = stderr {
                last_words.read_to_end(&mut stderr).await;
            }
        },
    );
    let last_words = last_words.into_text().trim().to_owned();
    let status = match asking.wait().await {
        Err(Error::SetUp(_)) => return Err(cannot(&Error::SetUp(last_words))),
        ended => ended.map_err(|err| cannot(&err))?,
    };
    match serde_json::from_slice(&frame) {
        Ok(heard) if status == 0 => Ok(heard),
        Ok(_) | Err(_) => {
            let answer = Err(format!("whoever asked the server ended with exit status {status}"));
            Ok(Heard { printed: last_words, answer })
        }
    }
}
