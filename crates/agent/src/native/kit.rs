//! What agents of one kind share: the system prompt and the tools, made once and sent with each of their turns.

use std::sync::{Arc, PoisonError};

use fanfold_core::key::short_digest;
use fanfold_core::{AgentCall, Isolation, tokens};

use super::NativeBackend;
use crate::structured::return_tool;
use crate::tools::ToolSet;
use crate::types::AgentType;
use crate::wire::ToolSpec;

pub(super) struct Kit {
    pub system: Arc<str>,
    pub tools: Arc<Vec<ToolSpec>>,
    pub tokens: u64,
    pub digest: String,
}

#[derive(PartialEq, Eq, Hash)]
pub(super) struct KitKey {
    agent_type: String,
    tools: ToolSet,
    schema: Option<String>,
    isolation: bool,
}

impl NativeBackend {
    pub(super) fn kit(
        &self,
        call: &AgentCall,
        agent_type: &AgentType,
        tools: ToolSet,
        schema: Option<String>,
    ) -> Arc<Kit> {
        let isolation = call.isolation == Isolation::Worktree;
        let key = KitKey { agent_type: agent_type.name.clone(), tools, schema, isolation };
        let mut kits = self.kits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kit) = kits.get(&key) {
            return kit.clone();
        }
        let mut specs = tools.specs();
        specs.extend(call.schema.as_deref().map(return_tool));
        let system = self.system(call, agent_type, tools);
        let described = serde_json::to_string(&specs).expect("plain data always serializes");
        let kit = Arc::new(Kit {
            tokens: tokens::estimate(&system) + tokens::estimate(&described),
            digest: short_digest(format!("{system}\0{described}").as_bytes()),
            system: system.into(),
            tools: Arc::new(specs),
        });
        kits.insert(key, kit.clone());
        kit
    }

    /// No part of it differs between agents of one kind: the provider's cache holds it for all of them.
    fn system(&self, call: &AgentCall, agent_type: &AgentType, tools: ToolSet) -> String {
        let place = match call.isolation {
            _ if tools.is_empty() => include_str!("../prompts/no_tools.md").to_owned(),
            Isolation::Shared => include_str!("../prompts/shared.md")
                .replace("{workspace}", &self.config.workspace.to_string_lossy()),
            Isolation::Worktree => include_str!("../prompts/worktree.md").to_owned(),
        };
        let result = match call.schema {
            None => include_str!("../prompts/text.md"),
            Some(_) => include_str!("../prompts/structured.md"),
        };
        let notes = self.config.project_notes.as_ref();
        let notes = notes.map(|notes| format!("{}\n{notes}", include_str!("../prompts/project.md").trim()));
        let parts = [
            include_str!("../prompts/system.md"),
            result,
            &place,
            &agent_type.prompt,
            notes.as_deref().unwrap_or_default(),
        ];
        let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
        parts.join("\n\n")
    }
}
