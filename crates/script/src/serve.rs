//! The life of a host process: frames in, frames out, until the input ends.

use std::io::{self, Read, Write};
use std::thread;

use fanfold_core::Meta;

use crate::confine::{CpuLimit, confine_process, limit_memory};
use crate::host::{Guard, Host, Idle, THREAD_STACK_BYTES};
use crate::parse;
use crate::protocol::{FromHost, ToHost, read_frame, write_frame};

/// The whole life of a child process that hosts one script; returns at the end of `input`. The process
/// belongs to the script from here on (see [`confine_process`]), and was started with `TZ=UTC`.
pub fn serve(input: impl Read + Send, output: impl Write + Send) -> io::Result<()> {
    confine_process();
    converse(input, output, Place::Process)
}

/// The same conversation on a thread of this process, without its protection: a script that loops in a
/// built-in is never stopped.
pub fn serve_on_thread(input: impl Read + Send, output: impl Write + Send) -> io::Result<()> {
    converse(input, output, Place::Thread)
}

#[derive(Clone, Copy)]
enum Place {
    Process,
    Thread,
}

fn converse(mut input: impl Read + Send, mut output: impl Write + Send, place: Place) -> io::Result<()> {
    thread::scope(|scope| {
        let host = thread::Builder::new().name("script".into()).stack_size(THREAD_STACK_BYTES).spawn_scoped(
            scope,
            || {
                let mut state = State::Empty;
                while let Some(frame) = read_frame(&mut input)? {
                    let reply;
                    (state, reply) = state.answer(frame, place)?;
                    write_frame(&mut output, &reply)?;
                }
                match place {
                    // The process is about to end: its memory goes with it.
                    Place::Process => std::mem::forget(state),
                    Place::Thread => drop(state),
                }
                Ok(())
            },
        )?;
        host.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

enum State {
    Empty,
    Loaded { body: String, file: String, meta: Box<Meta> },
    Running(Box<Host>),
}

impl State {
    fn answer(self, frame: ToHost, place: Place) -> io::Result<(State, FromHost)> {
        Ok(match (self, frame) {
            (State::Empty | State::Loaded { .. }, ToHost::Load { source, file }) => {
                match parse::parse(&source, &file) {
                    Ok(script) => {
                        let meta = Box::new(script.meta);
                        let reply = FromHost::Loaded { meta: meta.clone(), warnings: script.warnings };
                        (State::Loaded { body: script.body, file, meta }, reply)
                    }
                    Err(errors) => (State::Empty, FromHost::Refused { errors }),
                }
            }
            (State::Loaded { body, file, meta }, ToHost::Start(start)) => {
                let guard: Option<Guard> = match place {
                    Place::Process => {
                        limit_memory(start.limits.memory_bytes);
                        let mut limit = CpuLimit::new();
                        Some(Box::new(move |slice_cpu_ms| limit.allow(slice_cpu_ms)))
                    }
                    Place::Thread => None,
                };
                let (host, idle) = Host::start_guarded(&body, &file, &meta, start, guard);
                (State::Running(Box::new(host)), idle.into())
            }
            (State::Running(mut host), ToHost::Settle { completions, now_ms }) => {
                let idle = host.settle(completions, now_ms);
                (State::Running(host), idle.into())
            }
            (_, ToHost::Load { .. }) => return Err(out_of_turn("load")),
            (_, ToHost::Start(_)) => return Err(out_of_turn("start")),
            (_, ToHost::Settle { .. }) => return Err(out_of_turn("settle")),
        })
    }
}

impl From<Idle> for FromHost {
    fn from(Idle { requests, end }: Idle) -> Self {
        FromHost::Idle { requests, end }
    }
}

fn out_of_turn(frame: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("a frame out of turn: `{frame}`"))
}
