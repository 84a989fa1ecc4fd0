//! When a run without an oracle needs more than `--yes`.

/// Whether a run must be allowed by `--unverified` (or a rule of the settings). `estimate_upper_usd_micros`: the most
/// that it may spend; `None`: nobody knows, which is more than any amount. `above_usd_micros`: the setting.
pub fn needs_unverified(
    has_oracle: bool,
    estimate_upper_usd_micros: Option<u64>,
    above_usd_micros: u64,
) -> bool {
    !has_oracle && estimate_upper_usd_micros.is_none_or(|upper| upper > above_usd_micros)
}

#[cfg(test)]
mod tests {
    use super::needs_unverified;

    #[test]
    fn only_what_is_dear_and_unchecked_needs_it() {
        let five = 5_000_000;
        assert!(!needs_unverified(true, None, 0));
        assert!(!needs_unverified(false, Some(five), five));
        assert!(needs_unverified(false, Some(five + 1), five));
        assert!(needs_unverified(false, None, five));
        assert!(!needs_unverified(false, Some(0), 0), "what costs nothing is not dear");
    }
}
