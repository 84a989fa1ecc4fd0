//! The XML of Cobertura: `class` elements with a `filename`, relative to one of the `source` folders.

use roxmltree::{Document, ParsingOptions};

use super::{File, Lines};

const NODES_MAX: u32 = 2_000_000;

pub fn read(text: &str) -> Option<Vec<File>> {
    let text = without_doctype(text);
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).ok()?;
    let root = document.root_element();
    if !root.has_tag_name("coverage") {
        return None;
    }
    let named = |name: &'static str| root.descendants().filter(move |node| node.has_tag_name(name));
    let sources: Vec<String> =
        named("source").filter_map(|source| Some(source.text()?.trim().to_owned())).collect();
    let files = named("class").filter_map(|class| {
        let mut lines = Lines::new();
        for line in class.descendants().filter(|node| node.has_tag_name("line")) {
            let number = |name| line.attribute(name)?.parse::<u64>().ok();
            let place = number("number").and_then(|place| u32::try_from(place).ok());
            if let (Some(place), Some(hits)) = (place, number("hits")) {
                *lines.entry(place).or_default() |= hits > 0;
            }
        }
        Some(File { name: class.attribute("filename")?.to_owned(), sources: sources.clone(), lines })
    });
    Some(files.collect())
}

/// Most tools name one that defines nothing here; one that does is left, and refused.
fn without_doctype(text: &str) -> String {
    let Some(start) = text.find("<!DOCTYPE") else { return text.to_owned() };
    match text[start..].find(['>', '[']) {
        Some(end) if text[start + end..].starts_with('>') => {
            format!("{}{}", &text[..start], &text[start + end + 1..])
        }
        Some(_) | None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_document_type_is_passed_over_and_one_with_entities_refused() {
        let body = "<coverage><packages><package><classes><class filename='a.js'><methods><method><lines>\
                    <line number='1' hits='0'/></lines></method></methods><lines><line number='1' hits='2'/>\
                    <line number='2' hits='0'/></lines></class></classes></package></packages></coverage>";
        let named =
            format!("<?xml version='1.0'?>\n<!DOCTYPE coverage SYSTEM \"http://x/coverage-04.dtd\">\n{body}");
        let files = read(&named).expect("a report");
        assert_eq!((files.len(), files[0].name.as_str()), (1, "a.js"));
        assert_eq!(files[0].lines, Lines::from([(1, true), (2, false)]));
        let entities = format!("<!DOCTYPE coverage [<!ENTITY a 'b'>]>{body}");
        assert_eq!(read(&entities), None);
    }
}
