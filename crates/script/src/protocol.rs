//! What crosses the border between the engine and a script's host: bytes, and nothing else.
//!
//! A frame is its length (4 bytes, little endian) and that many bytes of JSON. The engine speaks first;
//! every [`ToHost`] is answered by exactly one [`FromHost`], after which the host can go no further by
//! itself. So the engine always knows whether a script is computing or waiting.

use std::io::{self, Read, Write};

use fanfold_core::call::present;
use fanfold_core::{Call, Diagnostic, Failure, Location, LogLevel, Meta};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// A frame longer than this is no frame: the other side has lost its mind.
pub const FRAME_BYTES_MAX: u32 = 1 << 30;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToHost {
    /// Parse and check a script; answered by `Loaded` or `Refused`. Nothing of it runs.
    Load { source: String, file: String },
    /// Run the loaded script up to its first wait; answered by `Idle`.
    Start(Start),
    /// Settle promises, in this order, each with all that follows from it; answered by `Idle`.
    Settle { completions: Vec<Completion>, now_ms: u64 },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// The run's input; `None` is `undefined` in the script.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub args: Option<Value>,
    /// Seed of `random()`.
    pub seed: u64,
    /// What `now()` answers until the first `Settle`, once `recorded_nows` are used up.
    pub now_ms: u64,
    /// What `now()` answered in earlier attempts, to be answered again in this order.
    pub recorded_nows: Vec<u64>,
    /// `budget.total`, in output tokens.
    pub budget_tokens: Option<u64>,
    /// `budget.usd.total`, in millionths of a dollar.
    pub budget_usd_micros: Option<u64>,
    pub limits: ScriptLimits,
}

/// What one script may use.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScriptLimits {
    pub memory_bytes: u64,
    pub stack_bytes: u64,
    /// CPU time between two waits.
    pub slice_cpu_ms: u64,
    /// Items of one `parallel` or `pipeline`.
    pub items: u64,
}

/// One settled call.
#[derive(Debug, Serialize, Deserialize)]
pub struct Completion {
    pub seq: u32,
    pub with: Settlement,
    /// What the call adds to `budget.spent()`.
    #[serde(default)]
    pub output_tokens: u64,
    /// What it adds to `budget.usd.spent()`.
    pub usd_micros: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Settlement {
    /// The promise resolves to this JSON.
    Value(Box<RawValue>),
    /// The promise resolves to `null`, and `failures()` gains an entry.
    Null(Failure),
    /// The promise rejects with an `Error` of this message, and `failures()` gains an entry.
    Throw(Failure),
    /// A `workflow()` call: run this script in place (a context of its own in the same host); the promise
    /// settles when it ends.
    Script {
        source: String,
        file: String,
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        args: Option<Value>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FromHost {
    Loaded { meta: Box<Meta>, warnings: Vec<Diagnostic> },
    Refused { errors: Vec<Diagnostic> },
    Idle { requests: Vec<Request>, end: Option<End> },
}

/// What a script did since the last frame, in the order in which it did it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Request {
    Call {
        /// Dense from 0 within an attempt.
        seq: u32,
        /// The `seq` of the `workflow()` call whose script makes this call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<u32>,
        /// Where the script makes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<Location>,
        call: Call,
    },
    /// Nobody waits for this call any more (`clearTimeout`).
    Cancel {
        seq: u32,
    },
    Phase {
        title: String,
    },
    Log {
        level: LogLevel,
        message: String,
    },
    /// `now()` answered this for the first time: to be journaled.
    Now {
        ms: u64,
    },
    /// `verified()` ended.
    Verified {
        label: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
        /// By the oracle; `None`: there is none.
        passed: Option<bool>,
        landed: bool,
        /// Why it did not land, in one line.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
        /// As the failure of the call that it comes from.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_listed: bool,
    },
    /// An entry of `failures()` that no call stands for: what a thunk or a stage threw.
    Thrown {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
        failure: Failure,
    },
}

/// How a script ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    Returned(Box<RawValue>),
    Failed(ScriptError),
}

/// Why a script could not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct ScriptError {
    pub kind: ScriptErrorKind,
    pub message: String,
    /// In the script's own text, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScriptErrorKind {
    /// An exception left the script.
    Thrown,
    /// It waits for nothing that could still happen.
    Stuck,
    /// Over its memory.
    Memory,
    /// Over its CPU time.
    Cpu,
    /// The host died: killed for what could not be interrupted, or crashed.
    HostDied,
}

impl Default for ScriptLimits {
    fn default() -> Self {
        Self { memory_bytes: 256 << 20, stack_bytes: 1 << 20, slice_cpu_ms: 5_000, items: 4_096 }
    }
}

/// `None` at the end of the stream.
pub fn read_frame<T: for<'de> Deserialize<'de>>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => (),
        Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(err) => return Err(err),
    }
    let length = u32::from_le_bytes(length);
    if length > FRAME_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

pub fn write_frame(to: &mut impl Write, frame: &impl Serialize) -> io::Result<()> {
    to.write_all(&encode_frame(frame)?)?;
    to.flush()
}

/// The bytes of one frame, for writers that are not `Write`.
pub fn encode_frame(frame: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, frame)?;
    let length = u32::try_from(bytes.len() - 4).map_err(|_| io::Error::other("a frame over 4 GiB"))?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}
