//! A schema as a document: where each of its subschemas lies, and what each `$ref` refers to.

use std::collections::HashMap;
use std::ptr;

use serde_json::{Map, Value};
use url::Url;

/// Keywords that hold one subschema, a list of them, or a map of them.
const ONE: [&str; 12] = [
    "additionalProperties",
    "propertyNames",
    "items",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
    "additionalItems",
];
const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAP: [&str; 5] = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/// Identifies a subschema by its place in memory; the document outlives every use of it.
type Id = *const Value;

pub(super) struct Document<'s> {
    /// JSON pointer of each subschema.
    places: HashMap<Id, String>,
    /// Where a subschema's `$ref` and `$dynamicRef` lead.
    targets: HashMap<(Id, &'static str), &'s Value>,
}

impl<'s> Document<'s> {
    pub fn new(root: &'s Value) -> Self {
        let mut walk = Walk {
            root,
            document: Self { places: HashMap::new(), targets: HashMap::new() },
            resources: HashMap::new(),
            anchors: HashMap::new(),
            references: Vec::new(),
        };
        let base = Url::parse("json-schema:///").expect("a constant URL");
        walk.resources.insert(base.to_string(), root);
        walk.visit(root, &base, String::new());
        walk.resolve();
        walk.document
    }

    /// `None` for what is no part of the document.
    pub fn place(&self, schema: &Value) -> Option<&str> {
        self.places.get(&ptr::from_ref(schema)).map(String::as_str)
    }

    /// What `keyword` (`$ref` or `$dynamicRef`) of `schema` refers to; `None` when it leads out of the document.
    pub fn target(&self, schema: &Value, keyword: &'static str) -> Option<&'s Value> {
        self.targets.get(&(ptr::from_ref(schema), keyword)).copied()
    }
}

struct Walk<'s> {
    root: &'s Value,
    document: Document<'s>,
    /// By absolute URI without fragment.
    resources: HashMap<String, &'s Value>,
    /// By absolute URI with fragment.
    anchors: HashMap<String, &'s Value>,
    references: Vec<(&'s Value, &'static str, Url)>,
}

impl<'s> Walk<'s> {
    fn visit(&mut self, schema: &'s Value, base: &Url, place: String) {
        if self.document.places.contains_key(&ptr::from_ref(schema)) {
            return;
        }
        self.document.places.insert(ptr::from_ref(schema), place.clone());
        let Value::Object(keywords) = schema else { return };
        let own_base = text(keywords, "$id").and_then(|id| base.join(id).ok());
        let base = own_base.as_ref().unwrap_or(base);
        if own_base.is_some() {
            self.resources.insert(without_fragment(base), schema);
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let Some(anchor) = text(keywords, keyword) {
                self.anchors.insert(format!("{}#{anchor}", without_fragment(base)), schema);
            }
        }
        for keyword in ["$ref", "$dynamicRef"] {
            if let Some(uri) = text(keywords, keyword).and_then(|reference| base.join(reference).ok()) {
                self.references.push((schema, keyword, uri));
            }
        }
        for (keyword, value) in keywords {
            match value {
                Value::Object(_) | Value::Bool(_) if ONE.contains(&keyword.as_str()) => {
                    self.visit(value, base, format!("{place}/{}", escape(keyword)));
                }
                Value::Array(list) if LIST.contains(&keyword.as_str()) => {
                    for (i, child) in list.iter().enumerate() {
                        self.visit(child, base, format!("{place}/{}/{i}", escape(keyword)));
                    }
                }
                Value::Object(map) if MAP.contains(&keyword.as_str()) => {
                    for (name, child) in map {
                        self.visit(child, base, format!("{place}/{}/{}", escape(keyword), escape(name)));
                    }
                }
                _ => (),
            }
        }
    }

    /// Targets may lie where no keyword leads, and have references of their own.
    fn resolve(&mut self) {
        while let Some((schema, keyword, uri)) = self.references.pop() {
            let resource = without_fragment(&uri);
            let fragment = uri.fragment().unwrap_or_default();
            let target = if fragment.is_empty() {
                self.resources.get(&resource).copied()
            } else if fragment.starts_with('/') {
                let pointer = percent_decoded(fragment);
                self.resources.get(&resource).and_then(|resource| resource.pointer(&pointer))
            } else {
                self.anchors.get(&format!("{resource}#{fragment}")).copied()
            };
            let Some(target) = target else { continue };
            self.document.targets.insert((ptr::from_ref(schema), keyword), target);
            if self.document.place(target).is_none() {
                let in_root =
                    self.resources.get(&resource).is_some_and(|resource| ptr::eq(*resource, self.root));
                let place = if in_root { percent_decoded(fragment) } else { format!("({uri})") };
                let base = Url::parse(&resource).expect("it was a URL before");
                self.visit(target, &base, place);
            }
        }
    }
}

fn text<'s>(keywords: &'s Map<String, Value>, keyword: &str) -> Option<&'s str> {
    keywords.get(keyword)?.as_str()
}

fn without_fragment(uri: &Url) -> String {
    let mut uri = uri.clone();
    uri.set_fragment(None);
    uri.into()
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn percent_decoded(text: &str) -> String {
    // A query string is percent-decoded in the same way, but for `+`.
    let query = format!("={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes())
        .next()
        .map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_lead_to_pointers_anchors_and_ids() {
        let root = json!({
            "$defs": {
                "a b/c": {"type": "string"},
                "named": {"$anchor": "here", "type": "integer"},
                "other": {"$id": "item", "$defs": {"x": {"type": "null"}}, "$ref": "#/$defs/x"}
            },
            "allOf": [
                {"$ref": "#/$defs/a%20b~1c"}, {"$ref": "#here"}, {"$ref": "item"}, {"$ref": "#"},
                {"$ref": "https://elsewhere.example/schema"}
            ]
        });
        let document = Document::new(&root);
        let target = |i: usize| document.target(&root["allOf"][i], "$ref");
        assert_eq!(target(0), Some(&json!({"type": "string"})));
        assert_eq!(target(1), Some(&root["$defs"]["named"]));
        assert_eq!(target(2), Some(&root["$defs"]["other"]));
        assert_eq!(target(3), Some(&root));
        assert_eq!(target(4), None);
        assert_eq!(document.target(&root["$defs"]["other"], "$ref"), Some(&json!({"type": "null"})));
        assert_eq!(document.place(&root["$defs"]["a b/c"]), Some("/$defs/a b~1c"));
    }
}
