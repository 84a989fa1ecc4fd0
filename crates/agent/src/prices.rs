//! What models cost, as their providers publish it, and as a person's settings say.

use std::collections::BTreeMap;

use fanfold_core::Price;

/// Prices by `provider/model`.
#[derive(Clone, Debug, Default)]
pub struct PriceTable {
    /// A person's own, which beat the published ones.
    overrides: BTreeMap<String, Price>,
}

impl PriceTable {
    /// The published prices, changed by a person's own.
    pub fn new(overrides: BTreeMap<String, Price>) -> Self {
        Self { overrides }
    }

    /// `None`: nobody knows. That is not nothing: a run that is limited in dollars refuses such a model.
    pub fn find(&self, model: &str) -> Option<Price> {
        self.overrides.get(model).copied()
    }
}
