//! Draws that depend on the run's seed and one call's key only: never on the order of calls, nor on the machine.

use rand_distr::{Distribution, LogNormal};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// A stream of draws.
pub(super) struct Draws(Pcg64);

impl Draws {
    pub fn new(seed: u64, key: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes()).update(key.as_bytes());
        Self(Pcg64::from_seed(*hasher.finalize().as_bytes()))
    }

    /// Uniform in `0..n`; 0 for `n == 0`.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n)) >> 64) as u64
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Uniform in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Log-normal, rounded; 0 when the median is.
    pub fn spread(&mut self, spread: Spread) -> u64 {
        let Spread { median, sigma } = spread;
        match LogNormal::new(median.max(f64::MIN_POSITIVE).ln(), sigma.max(0.0)) {
            Ok(distribution) => distribution.sample(&mut self.0).round() as u64,
            Err(_) => median.round() as u64,
        }
    }
}

/// A log-normal distribution: half of the draws are below `median`, and two thirds lie within a factor of
/// `exp(sigma)` of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub sigma: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_from_seed_and_key() {
        let draw = |seed, key| Draws::new(seed, key).below(1 << 60);
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }

    #[test]
    fn draws_are_the_same_on_every_machine_and_version() {
        let mut draws = Draws::new(7, "0123456789abcdef.0");
        let spread = Spread { median: 1_000.0, sigma: 0.6 };
        let drawn = [draws.spread(spread), draws.spread(spread), draws.spread(spread), draws.below(1_000)];
        assert_eq!(drawn, [1995, 863, 475, 923]);
    }

    #[test]
    fn half_of_the_draws_are_below_the_median() {
        let mut draws = Draws::new(1, "a");
        let spread = Spread { median: 1_000.0, sigma: 0.6 };
        let below = (0..2_000).filter(|_| draws.spread(spread) < 1_000).count();
        assert!((900..1_100).contains(&below), "{below}");
        assert_eq!(draws.spread(Spread { median: 0.0, sigma: 0.6 }), 0);
    }
}
