//! What runs cost, told plainly: read from their journals, and summed as a person asks.

mod amount;
mod lines;
mod of_run;
mod prices;
mod report;
mod run;
mod since;
mod tally;

pub use amount::{Amount, PriceOf, Spent};
pub use of_run::{Budgeted, OfCap, Part, RunCost};
pub use prices::Prices;
pub use report::{CacheSavings, CostReport, LeftOut, Lost, PerResult, Row, Vain, cached_percent};
pub use run::RunSpending;
pub use since::Since;
pub use tally::{By, Tally};
