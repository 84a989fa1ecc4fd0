//! LCOV: `SF:FILE`, then `DA:LINE,HITS` for each line, then `end_of_record`.

use super::{File, Lines};

pub fn read(text: &str) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end();
        if let Some(name) = line.strip_prefix("SF:") {
            files.push(File { name: name.to_owned(), sources: Vec::new(), lines: Lines::new() });
        } else if let Some(told) = line.strip_prefix("DA:")
            && let (Some(file), Some((line, reached))) = (files.last_mut(), reached(told))
        {
            *file.lines.entry(line).or_default() |= reached;
        }
    }
    files
}

/// `LINE,HITS`, and perhaps a checksum of the line.
fn reached(told: &str) -> Option<(u32, bool)> {
    let mut parts = told.split(',');
    let line = parts.next()?.parse().ok()?;
    // Some tools count beyond any integer, and one writes negative hits.
    let hits: f64 = parts.next()?.parse().ok()?;
    Some((line, hits > 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_branches_and_nonsense_are_no_lines() {
        let text = "TN:unit\r\nSF:a.c\r\nDA:1,12345678901234567890,abc==\r\nDA:2,-1\r\nDA:x,1\r\nDA:3\r\n\
                    BRDA:4,0,0,1\r\nend_of_record\r\n";
        let files = read(text);
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].lines, Lines::from([(1, true), (2, false)]));
    }
}
