//! YAML whose parts know their lines.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// A node and its line, from 1.
#[derive(Debug)]
pub(super) struct Yaml {
    pub line: u64,
    pub node: Node,
}

#[derive(Debug)]
pub(super) enum Node {
    /// Key, its line, value.
    Mapping(Vec<(String, u64, Yaml)>),
    Sequence(Vec<Yaml>),
    Scalar(Value),
}

impl Yaml {
    /// `Err`: the line, 0 if it is not known, and what is wrong.
    pub fn parse(text: &str) -> Result<Self, (u64, String)> {
        // `n`, `y` and `on` are texts, as in YAML 1.2.
        let options = serde_saphyr::options! { strict_booleans: true };
        match serde_saphyr::from_str_with_options::<Option<Spanned<Node>>>(text, options) {
            Ok(Some(root)) => Ok(root.into()),
            Ok(None) => Ok(Yaml { line: 1, node: Node::Scalar(Value::Null) }),
            Err(err) => {
                let line = err.location().map_or(0, |location| location.line());
                let problem = err.without_snippet().to_string();
                Err((line, problem.lines().next().unwrap_or_default().to_owned()))
            }
        }
    }

    /// A scalar as text: `3` and `true` were meant as they are written.
    pub fn text(&self) -> Option<String> {
        match &self.node {
            Node::Scalar(Value::String(text)) => Some(text.clone()),
            Node::Scalar(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
            Node::Scalar(_) | Node::Sequence(_) | Node::Mapping(_) => None,
        }
    }

    pub fn into_value(self) -> Value {
        match self.node {
            Node::Scalar(value) => value,
            Node::Sequence(items) => items.into_iter().map(Yaml::into_value).collect(),
            Node::Mapping(entries) => {
                let entries = entries.into_iter().map(|(key, _, value)| (key, value.into_value()));
                Value::Object(entries.collect::<Map<String, Value>>())
            }
        }
    }
}

impl From<Spanned<Node>> for Yaml {
    fn from(spanned: Spanned<Node>) -> Self {
        Self { line: spanned.referenced.line(), node: spanned.value }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML that JSON could say")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element::<Spanned<Node>>()? {
            items.push(item.into());
        }
        Ok(Node::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = from.next_key::<Spanned<Node>>()? {
            let value: Yaml = from.next_value::<Spanned<Node>>()?.into();
            let key: Yaml = key.into();
            // `null:` is a key of ours.
            let name = match (&key.node, key.text()) {
                (Node::Scalar(Value::Null), _) => "null".to_owned(),
                (_, Some(text)) => text,
                (_, None) => return Err(A::Error::custom("a key must be a text")),
            };
            entries.push((name, key.line, value));
        }
        Ok(Node::Mapping(entries))
    }
}
