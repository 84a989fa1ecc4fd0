//! `--since`: how far back, or from which day.

use jiff::{Timestamp, civil, tz::TimeZone};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Milliseconds before now.
    Ago(u64),
    /// Milliseconds since the Unix epoch.
    At(u64),
}

impl Since {
    /// `90m`, `12h`, `7d`, `4w`; or `2026-11-01`, a day that begins at midnight UTC as those in the ids of runs
    /// do; or a time with its zone.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let ms = |at: Timestamp| u64::try_from(at.as_millisecond()).ok().map(Self::At);
        let parsed = if let Ok(day) = text.parse::<civil::Date>()
            && !text.contains('T')
        {
            day.to_zoned(TimeZone::UTC).ok().and_then(|at| ms(at.timestamp()))
        } else {
            text.parse().ok().and_then(ms).or_else(|| ago(text))
        };
        parsed.ok_or_else(|| "expected how far back (90m, 12h, 7d, 4w) or a day (2026-11-01)".to_owned())
    }

    /// Milliseconds since the Unix epoch.
    pub fn start(self, now_ms: u64) -> u64 {
        match self {
            Self::Ago(ms) => now_ms.saturating_sub(ms),
            Self::At(ms) => ms,
        }
    }
}

fn ago(text: &str) -> Option<Since> {
    let unit_ms = match text.chars().last()? {
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 7 * 86_400_000,
        _ => return None,
    };
    let number: u64 = text[..text.len() - 1].parse().ok()?;
    number.checked_mul(unit_ms).map(Since::Ago)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_or_a_day_is_understood_and_nothing_else() {
        let check = |text: &str, expect| assert_eq!(Since::parse(text).ok(), expect, "{text}");
        check("7d", Some(Since::Ago(604_800_000)));
        check("4w", Some(Since::Ago(2_419_200_000)));
        check(" 90m ", Some(Since::Ago(5_400_000)));
        check("2026-11-01", Some(Since::At(1_793_491_200_000)));
        check("2026-11-01T02:00:00+02:00", Some(Since::At(1_793_491_200_000)));
        for text in ["", "7", "d", "-7d", "1.5h", "soon", "2026-13-01", "7é", "99999999999999999w"] {
            check(text, None);
        }
        assert_eq!(Since::Ago(10).start(4), 0);
        assert_eq!(Since::parse("1h").expect("an hour").start(3_600_005), 5);
    }
}
