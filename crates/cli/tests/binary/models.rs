//! `fanfold models`: what models cost here.

use serde_json::{Value, json};

use crate::project::Project;

const OWN: &str = "[prices.\"groq/mine\"]\ninput = \"0.27\"\noutput = 1.10\n\
                   [aliases]\nthrifty = \"groq/mine\"\nlost = \"groq/nowhere\"\n\
                   [providers.box]\nwire = \"openai-chat\"\nbase_url = \"http://box.example/v1\"\nfree = true\n";

fn listed(project: &Project, words: &[&str]) -> Value {
    project.fanfold(&[&["models", "--json"], words].concat()).exits(0).json()
}

#[test]
fn models_are_listed_with_what_they_cost_and_who_says_so() {
    let project = Project::new();
    let all = listed(&project, &[]);
    let models = all["models"].as_array().expect("a list");
    assert!(models.len() >= 60, "{}", models.len());
    // A model server of this very machine is listed too, and free.
    let published = |one: &&Value| !one["model"].as_str().is_some_and(|name| name.starts_with("local-"));
    assert!(models.iter().filter(published).all(|one| one["price"]["input"].as_u64() > Some(0)));
    assert_eq!(all["aliases"]["opus"]["priced"], true);
    assert_eq!((&all["keys"], all["sources"].as_array().map(Vec::len)), (&json!({}), Some(2)));

    project.file("~/.config/fanfold/config.toml", OWN);
    let own = listed(&project, &["groq/mine"]);
    let rates = json!({"input": 270_000, "output": 1_100_000, "cache_read": 270_000, "cache_write": 270_000});
    assert_eq!(own["models"][0]["price"], rates);
    assert_eq!(own["models"][0]["price_from"], "~/.config/fanfold/config.toml:2");
    assert_eq!(own["aliases"], json!({"thrifty": {"model": "groq/mine", "priced": true}}));
}

#[test]
fn a_filter_is_a_part_of_a_name_an_alias_or_a_model_however_it_is_spelt() {
    let project = Project::new();
    project.file("~/.config/fanfold/config.toml", OWN);
    let names = |filter: &str| -> Vec<String> {
        let models = listed(&project, &[filter])["models"].as_array().expect("a list").clone();
        models.iter().map(|one| one["model"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names("thrifty"), ["groq/mine"]);
    assert!(names("CLAUDE-OPUS-4-5").contains(&"anthropic/claude-opus-4-5".to_owned()));
    assert_eq!(names("anthropic/claude-opus-4-5-20251101"), ["anthropic/claude-opus-4-5-20251101"]);
    assert_eq!(names("box/anything"), ["box/anything"]);
    let ended = project.fanfold(&["models", "claude-opus-99"]).exits(2).says("`claude-opus-99`");
    assert_eq!(ended.says("[prices.").stdout, "");
}

#[test]
fn the_table_ends_with_aliases_keys_and_the_date_of_the_prices() {
    let project = Project::new();
    project.file("~/.config/fanfold/config.toml", OWN);
    project
        .file("~/.config/fanfold/config.toml", &format!("{OWN}[prices.\"gorq/x\"]\ninput = 1\noutput = 1\n"));
    let text = project.fanfold(&["models", "o"]).exits(0).says("there is no provider `gorq`").stdout;
    for expected in [
        "lost is groq/nowhere (its price is not known)",
        "no provider has a key here",
        "dollars per million tokens, of 20",
        "$0.27",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    let date = listed(&project, &[])["date"].as_str().expect("a date").to_owned();
    assert!(text.contains(&format!("of {date}, from genai-prices ")), "{text}");
}

#[test]
fn a_projects_price_stops_everything_and_says_where_it_stands() {
    let project = Project::new();
    project.file(".fanfold/config.toml", "\n[prices.\"groq/mine\"]\ninput = 0\n");
    let ended = project.fanfold(&["models"]).exits(2).says("cannot stand in a project's file");
    assert!(ended.stderr.contains(".fanfold/config.toml:3"), "{}", ended.stderr);
}
