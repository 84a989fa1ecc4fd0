//! The start and the end of an output of any length.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};

/// Collects what a process prints, in bounded memory.
#[derive(Clone, Debug)]
pub struct Output {
    half_bytes_max: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out_bytes: u64,
}

impl Output {
    /// Half of `bytes_max` is kept of the start, and as much of the end.
    pub fn new(bytes_max: usize) -> Self {
        Self { half_bytes_max: bytes_max / 2, head: Vec::new(), tail: VecDeque::new(), left_out_bytes: 0 }
    }

    /// Reads until the end; safe to drop between two reads.
    pub async fn read_to_end(&mut self, from: &mut (impl AsyncRead + Unpin)) {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            self.push(&buffer[..count]);
        }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(self.half_bytes_max - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(self.half_bytes_max);
        self.tail.drain(..over);
        self.left_out_bytes += over as u64;
    }

    /// How much of the middle is lost.
    pub fn left_out_bytes(&self) -> u64 {
        self.left_out_bytes
    }

    pub fn into_text(mut self) -> String {
        let tail = self.tail.make_contiguous();
        match self.left_out_bytes {
            0 => {
                // In one piece: a character may lie across the border.
                self.head.extend_from_slice(tail);
                String::from_utf8_lossy(&self.head).into_owned()
            }
            bytes => {
                let (head, tail) = (String::from_utf8_lossy(&self.head), String::from_utf8_lossy(tail));
                format!("{head}\n[… {bytes} bytes left out …]\n{tail}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_output_the_start_and_the_end_are_kept() {
        let mut output = Output::new(1_000);
        for i in 0..20_000 {
            output.push(format!("{i}\n").as_bytes());
        }
        let total = (0..20_000).map(|i: i32| i.to_string().len() + 1).sum::<usize>();
        assert_eq!(output.left_out_bytes(), total as u64 - 1_000);
        let text = output.into_text();
        assert!(text.len() < 1_100);
        assert!(text.starts_with("0\n1\n") && text.ends_with("\n19999\n"), "{text}");
        assert!(text.contains("bytes left out"));
    }

    #[test]
    fn a_character_across_the_border_of_the_halves_is_whole() {
        let mut output = Output::new(6);
        output.push("äöü".as_bytes());
        assert_eq!(output.into_text(), "äöü");
    }
}
