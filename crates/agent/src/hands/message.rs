//! What the engine and an agent's hands say to each other, and the frames it travels in.

use std::io;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::permissions::PermissionRules;
use crate::tools::{BashConfig, Tool};

/// From the engine: far more than a model can say in one reply.
pub(super) const REQUEST_BYTES_MAX: usize = 32 << 20;
/// A result, as text. More than any tool gives but a list of very long paths.
pub(super) const TEXT_BYTES_MAX: usize = 320 << 10;
/// From the hands: such a text, should every byte of it need an escape of six.
pub(super) const ANSWER_BYTES_MAX: usize = 2 << 20;

/// The first frame, answered under the id 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// As the hands see it.
    pub workspace: PathBuf,
    pub rules: PermissionRules,
    /// What absolute paths in the rules start with.
    pub rules_root: PathBuf,
    pub bash: Option<BashConfig>,
    /// Commands reach the hosts of a list, through the proxy's socket.
    pub has_proxy: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// From 1.
    pub id: u64,
    pub tool: Tool,
    pub input: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub id: u64,
    pub result: Result<String, String>,
}

/// A frame: the length of the JSON in four bytes, little-endian, then the JSON.
pub(super) fn frame(message: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message).expect("plain data always serializes");
    let length = u32::try_from(bytes.len() - 4).expect("far beneath the limit of a frame");
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    bytes
}

/// The next message; `None` at the end of the stream. Memory is only taken for what has arrived. Not to be
/// dropped halfway.
pub(super) async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
    bytes_max: usize,
) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    if from.read(&mut length[..1]).await? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..]).await?;
    let length = u32::from_le_bytes(length) as usize;
    if length > bytes_max {
        return Err(invalid(format!("a frame of {length} bytes, more than {bytes_max}")));
    }
    let mut bytes = Vec::new();
    if from.take(length as u64).read_to_end(&mut bytes).await? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|err| invalid(format!("no message: {err}")))
}

pub(super) async fn write(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    to.write_all(frame).await?;
    to.flush().await
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
