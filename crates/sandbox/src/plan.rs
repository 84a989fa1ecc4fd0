//! What the engine tells the inner stages: at the start of their standard input, before the command's own.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::policy::{Level, Policy};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub level: Level,
    /// The process that everything dies with.
    pub engine_pid: u32,
    /// This binary, outside.
    pub program: PathBuf,
    pub bwrap: PathBuf,
    pub policy: Policy,
    pub argv: Vec<String>,
}

/// A larger plan would not fit into a pipe before somebody reads it.
pub(crate) const BYTES_MAX: usize = 1 << 20;

impl Plan {
    /// How many stages read the plan, one after the other.
    fn readers(&self) -> usize {
        match self.level {
            Level::Full | Level::Reduced if cfg!(target_os = "linux") => 2,
            Level::Full | Level::Reduced | Level::Off => 1,
        }
    }

    /// A copy for each stage that reads one.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_vec(self)?;
        let mut bytes = Vec::new();
        for _ in 0..self.readers() {
            bytes.write_all(&(json.len() as u64).to_le_bytes())?;
            bytes.write_all(&json)?;
        }
        if bytes.len() > BYTES_MAX {
            let problem = format!("arguments and environment take {} of {BYTES_MAX} bytes", bytes.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        Ok(bytes)
    }

    /// Reads not one byte too much.
    pub fn read(mut from: impl Read) -> io::Result<Self> {
        let mut length = [0; 8];
        from.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > BYTES_MAX as u64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no plan"));
        }
        let mut json = vec![0; length as usize];
        from.read_exact(&mut json)?;
        Ok(serde_json::from_slice(&json)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Root;

    #[test]
    fn each_stage_reads_its_copy_and_leaves_the_rest() {
        let plan = Plan {
            level: Level::Full,
            engine_pid: 7,
            program: "/bin/program".into(),
            bwrap: "/usr/bin/bwrap".into(),
            policy: Policy::new(Root::Directory("/work".into()), "/work"),
            argv: vec!["cat".into()],
        };
        let mut bytes = plan.to_bytes().expect("written");
        bytes.extend_from_slice(b"input");
        let mut rest = &bytes[..];
        for _ in 0..plan.readers() {
            let read = Plan::read(&mut rest).expect("read");
            assert_eq!((read.policy, read.argv), (plan.policy.clone(), plan.argv.clone()));
        }
        assert_eq!(rest, b"input");
    }
}
