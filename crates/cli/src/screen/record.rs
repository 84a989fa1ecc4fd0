//! Reads the events of a run back from `events.jsonl`, whatever became of the file.

use std::io::{self, BufRead};

use fanfold_core::Event;

/// Hands `each` every event in order. Returns how many lines were none: torn by a crash, or damaged.
pub fn read(mut file: impl BufRead, mut each: impl FnMut(&Event)) -> io::Result<u64> {
    let (mut line, mut unreadable) = (Vec::new(), 0);
    while file.read_until(b'\n', &mut line)? > 0 {
        match serde_json::from_slice::<Event>(&line) {
            Ok(event) => each(&event),
            Err(_) if line.iter().all(u8::is_ascii_whitespace) => (),
            Err(_) => unreadable += 1,
        }
        line.clear();
    }
    Ok(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_core::{EventBody, RunView};

    #[test]
    fn torn_lines_and_kinds_of_later_versions_lose_nothing_else() {
        let file = concat!(
            r#"{"seq":0,"at":1,"type":"run.created","run_id":"wf_abcdef","workflow":"w","run_dir":"/r","simulated":false}"#,
            "\n",
            r#"{"seq":1,"at":2,"type":"oracle.started","command":"make"}"#,
            "\n{\"seq\":2,\"at\n\n\u{0}\u{0}\n",
            r#"{"seq":4,"at":5,"type":"log","level":"info","message":"hello"}"#,
            "\n{\"seq\":5,",
        );
        let (mut view, mut others) = (RunView::default(), 0);
        let unreadable = read(file.as_bytes(), |event| {
            view.apply(event);
            others += u64::from(matches!(event.body, EventBody::Other(_)));
        });
        assert_eq!(unreadable.expect("memory can be read"), 3);
        assert_eq!((view.run_id.as_str(), view.logs.len(), view.last_at, others), ("wf_abcdef", 1, 5, 1));
    }
}
