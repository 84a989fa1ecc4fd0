//! What a model's name means.

use std::collections::BTreeMap;

use fanfold_agent::providers::{ProviderConfig, Registry, RegistryConfig, Secret, Wire};
use fanfold_agent::wire::Model;

/// The built-in providers, of which these have keys, and a local one of the user's own.
fn registry(with_keys: &[&str]) -> Registry {
    let mut config = RegistryConfig::default();
    for provider in &mut config.providers {
        provider.key = with_keys.contains(&provider.name.as_str()).then(|| Secret::new("sk-secret"));
    }
    let mut local =
        ProviderConfig::new("local", Wire::OpenAiChat, "http://127.0.0.1:8080/v1".parse().expect("a URL"));
    local.context_tokens = Some(8_192);
    config.providers.push(local);
    config.aliases = BTreeMap::from([
        ("quick".to_owned(), "local/qwen3".to_owned()),
        ("best".to_owned(), "opus".to_owned()),
        ("loop".to_owned(), "pool".to_owned()),
        ("pool".to_owned(), "loop".to_owned()),
    ]);
    Registry::new(config).expect("a sound configuration")
}

#[test]
fn names_aliases_and_bare_ids_find_their_provider() {
    let registry = registry(&["anthropic", "openai"]);
    let check = |name: &str, run: &str, expect: &str, warnings: usize| {
        let found = registry.resolve(name, run).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(format!("{}/{}", found.provider, found.model), expect, "{name}");
        assert_eq!(found.warnings.len(), warnings, "{name}: {:?}", found.warnings);
    };
    check("local/qwen3", "opus", "local/qwen3", 0);
    check("openrouter/meta-llama/llama-4", "opus", "openrouter/meta-llama/llama-4", 0);
    check("opus", "local/qwen3", "anthropic/claude-opus-5-5", 0);
    check("best", "local/qwen3", "anthropic/claude-opus-5-5", 0);
    check("quick", "opus", "local/qwen3", 0);
    check("inherit", "sonnet", "anthropic/claude-sonnet-5-5", 0);
    check("", "local/qwen3", "local/qwen3", 0);
    check("gpt-6-sol", "opus", "openai/gpt-6-sol", 0);
    check("o3", "opus", "openai/o3", 0);
    check("claude-opus-5", "local/qwen3", "anthropic/claude-opus-5", 0);
    check("qwen3", "local/other", "local/qwen3", 0);
    // No key for DeepSeek: the run's provider may serve it all the same.
    check("deepseek-v4-pro", "local/qwen3", "local/deepseek-v4-pro", 1);
}

#[test]
fn an_alias_without_a_key_uses_the_runs_model_with_a_warning() {
    let found = registry(&[]).resolve("haiku", "local/qwen3").expect("a model");
    assert_eq!((found.provider.as_str(), found.model.as_str()), ("local", "qwen3"));
    assert!(found.warnings[0].contains("`haiku`") && found.warnings[0].contains("anthropic"), "{found:?}");
    // Said of the run itself there is nothing to fall back to.
    let found = registry(&[]).resolve("inherit", "haiku").expect("a model");
    assert_eq!((found.provider.as_str(), found.warnings.len()), ("anthropic", 0));
}

#[test]
fn what_does_not_exist_is_named_with_what_does() {
    let registry = registry(&["anthropic"]);
    let error = registry.resolve("antropic/claude", "opus").expect_err("a misspelling");
    assert!(error.contains("did you mean `anthropic`?") && error.contains("ollama"), "{error}");
    let error = registry.resolve("sonet", "").expect_err("no run model to go by");
    assert!(error.contains("`sonnet`"), "{error}");
    assert!(registry.resolve("loop", "opus").expect_err("a circle").contains("circle"));
    assert!(registry.resolve("inherit", "").expect_err("nothing").contains("--model"));
    assert!(registry.resolve("anthropic/", "opus").is_err());
}

#[test]
fn a_provider_can_say_how_large_its_window_is() {
    let registry = registry(&[]);
    let limits = registry.provider("local").expect("it was added").limits("qwen3");
    assert_eq!((limits.context_tokens, limits.output_tokens_max), (8_192, 4_096));
    let limits = registry.provider("anthropic").expect("built in").limits("claude-opus-5-5");
    assert_eq!((limits.context_tokens, limits.web_search), (1_000_000, true));
}

#[test]
fn a_server_on_this_machine_is_given_longer_to_read_a_prompt() {
    let first_byte = |url: &str| {
        let url = url.parse().expect("a URL");
        ProviderConfig::new("acme", Wire::Anthropic, url).timers.first_byte.as_secs()
    };
    assert_eq!((first_byte("https://api.acme.com"), first_byte("http://localhost:8081")), (120, 600));
}

#[test]
fn a_key_is_shown_nowhere() {
    let mut config = ProviderConfig::new("acme", Wire::Anthropic, "http://127.0.0.1".parse().expect("a URL"));
    config.key = Some(Secret::new("sk-very-secret"));
    assert!(!format!("{config:?}").contains("very-secret"));
}
