//! What models cost now, each looked up once.

use std::collections::HashMap;
use std::sync::Mutex;

use fanfold_core::Price;

use crate::settings::Settings;

pub struct Prices<'a> {
    settings: &'a Settings,
    known: Mutex<HashMap<String, Option<Price>>>,
}

impl<'a> Prices<'a> {
    pub fn new(settings: &'a Settings) -> Self {
        Self { settings, known: Mutex::default() }
    }

    pub fn find(&self, model: &str) -> Option<Price> {
        let mut known = self.known.lock().expect("no panic while held");
        if let Some(price) = known.get(model) {
            return *price;
        }
        let price = self.settings.prices([model]).find(model);
        known.insert(model.to_owned(), price);
        price
    }
}
