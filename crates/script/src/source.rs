//! A script's text as the engine runs it, and the way from the engine's stack traces back to its places.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fanfold_core::Location;

/// Stands before the body on its first line, so that every line keeps its number.
const PREFIX: &str = "(async () => {";

/// How far the arguments of a call are searched for its beginning.
const CALL_BYTES_MAX: usize = 16 << 10;

#[derive(Debug)]
pub struct Source {
    file: String,
    body: String,
    line_starts: Vec<usize>,
    /// How a frame of this script begins, named and unnamed.
    frame_marks: [String; 2],
    /// By the byte that the engine reports: a thousand calls are made in a handful of places.
    places: RefCell<HashMap<usize, Rc<Location>>>,
}

/// A place as the engine counts it, on its way through the prelude as one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub line: u32,
    /// Below 2^20: longer texts are no scripts.
    pub column: u32,
    /// Whether the script makes the call itself rather than through a built-in such as `map`.
    pub direct: bool,
}

impl Spot {
    const COLUMNS: f64 = (1 << 20) as f64;

    pub fn to_number(self) -> f64 {
        let number = f64::from(self.line) * Self::COLUMNS + f64::from(self.column);
        if self.direct { number } else { -number }
    }

    /// `None` for 0, which is no place.
    pub fn from_number(number: f64) -> Option<Self> {
        let line = (number.abs() / Self::COLUMNS) as u32;
        let column = (number.abs() % Self::COLUMNS) as u32;
        (line > 0).then_some(Self { line, column, direct: number > 0.0 })
    }
}

impl Source {
    pub fn new(body: &str, file: &str) -> Self {
        let line_starts = std::iter::once(0).chain(body.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let frame_marks = [format!("({file}:"), format!(" at {file}:")];
        Self {
            file: file.to_owned(),
            body: body.to_owned(),
            line_starts,
            frame_marks,
            places: RefCell::default(),
        }
    }

    /// An expression that starts the body as an async function and yields its promise.
    pub fn program(&self) -> String {
        format!("{PREFIX}{}\n}})()", self.body)
    }

    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where the script called the primitive `name`.
    pub fn place_of_call(&self, spot: Spot, name: &str) -> Option<Rc<Location>> {
        self.location(spot.line, spot.column, spot.direct.then_some(name))
    }

    /// The first place of `stack` that lies in this script.
    pub fn place(&self, stack: &str) -> Option<Location> {
        let mut above = None;
        for frame in stack.lines() {
            if let Some((line, column)) = self.position(frame) {
                return self.location(line, column, above).map(Rc::unwrap_or_clone);
            }
            above = primitive(frame);
        }
        None
    }

    fn position(&self, frame: &str) -> Option<(u32, u32)> {
        let at = self.frame_marks.iter().find_map(|mark| Some(frame.rfind(mark)? + mark.len()))?;
        let (line, column) = frame[at..].trim_end_matches(')').split_once(':')?;
        Some((line.parse().ok()?, column.parse().ok()?))
    }

    /// A stack trace of one frame, as the engine would write it for `place`.
    pub fn frame(&self, place: &Location) -> String {
        let start = self.line_starts.get(place.line.saturating_sub(1) as usize).copied().unwrap_or_default();
        let before = place.offset_in(&self.body).unwrap_or(start) - start;
        let column = before + if place.line == 1 { PREFIX.len() } else { 1 };
        format!("    at {}:{}:{column}\n", self.file, place.line)
    }

    /// The engine counts columns in bytes of UTF-8, from 0 on the first line and from 1 on the others;
    /// people and editors count UTF-16 code units from 1.
    fn location(&self, line: u32, column: u32, called: Option<&str>) -> Option<Rc<Location>> {
        let start = *self.line_starts.get(line.checked_sub(1)? as usize)?;
        let bytes = (column as usize).saturating_sub(if line == 1 { PREFIX.len() } else { 1 });
        let reported = self.body.floor_char_boundary(start + bytes);
        if let Some(known) = self.places.borrow().get(&reported) {
            return Some(Rc::clone(known));
        }
        let offset = called.and_then(|name| self.start_of_call(name, reported)).unwrap_or(reported);
        let place = Rc::new(Location::of(&self.file, &self.body, offset));
        self.places.borrow_mut().insert(reported, Rc::clone(&place));
        Some(place)
    }

    /// The engine reports a call by the last thing that it evaluated for it, which may be deep in the
    /// arguments: looks outwards from there for the call of `name`. Brackets in strings can hide it.
    fn start_of_call(&self, name: &str, reported: usize) -> Option<usize> {
        let bytes = self.body.as_bytes();
        if self.body[reported..].starts_with(name) {
            return None;
        }
        let mut closed = 0u32;
        for at in (reported.saturating_sub(CALL_BYTES_MAX)..reported).rev() {
            match bytes[at] {
                b')' | b']' | b'}' => closed += 1,
                b'(' | b'[' | b'{' if closed > 0 => closed -= 1,
                b'(' => {
                    let before = bytes[..at].trim_ascii_end();
                    let Some(callee) = before.strip_suffix(name.as_bytes()) else { continue };
                    if !callee.last().is_some_and(|&byte| is_name(byte) || byte == b'.') {
                        return Some(callee.len());
                    }
                }
                _ => (),
            }
        }
        None
    }
}

/// The primitive that this frame is in, if it is one of the prelude's.
fn primitive(frame: &str) -> Option<&str> {
    let (name, _) = frame.split_once(" (fanfold:prelude:")?;
    name.trim_start().strip_prefix("at ")
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

/// `file:line:column`.
pub fn show(place: &Location) -> String {
    format!("{}:{}:{}", place.file, place.line, place.column)
}

/// ` (file:line:column)`, or nothing where the place is not known.
pub fn aside(place: Option<&Location>) -> String {
    place.map_or_else(String::new, |place| format!(" ({})", show(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, stack: &str, expected: Option<(u32, u32)>) {
        let place = Source::new(body, "dir/w.js").place(stack);
        assert_eq!(place.map(|place| (place.line, place.column)), expected, "{stack}");
    }

    #[test]
    fn the_first_frame_in_the_script_is_the_place() {
        check("\nawait f()", "    at agent (fanfold:prelude:3:4)\n    at f (dir/w.js:2:7)", Some((2, 7)));
        check("\nawait f()", "    at dir/w.js:2:7", Some((2, 7)));
        check("a", "    at x (other.js:1:1)", None);
        check("a", "    at x (native)", None);
    }

    #[test]
    fn a_call_is_placed_at_its_beginning() {
        let stack = "    at readOptions (fanfold:prelude:9:9)\n    at agent (fanfold:prelude:3:4)\n    at f (dir/w.js:3:8)";
        check("\nawait agent(`a ${b[0]}`, {\n label: f.x })", stack, Some((2, 7)));
        check("\nawait agent (`a`, { l: f(')') ,\n label: f.x })", stack, Some((2, 7)));
        check("\nawait my.agent({\n label: f.x })", stack, Some((3, 8)));
        check("\nawait subagent({\n label: f.x })", stack, Some((3, 8)));
    }

    #[test]
    fn columns_are_those_of_the_script_and_in_utf16() {
        check("agent()", "    at <anonymous> (dir/w.js:1:14)", Some((1, 1)));
        check("'é'; f()", "    at <anonymous> (dir/w.js:1:20)", Some((1, 6)));
        check("\n'é😀'; f()", "    at <anonymous> (dir/w.js:2:11)", Some((2, 8)));
    }

    #[test]
    fn a_place_survives_the_way_there_and_back() {
        let source = Source::new("'é'; f();\n'é'; g()", "dir/w.js");
        for (line, column) in [(1, 6), (2, 6), (2, 1)] {
            let place = Location { file: "dir/w.js".into(), line, column };
            assert_eq!(source.place(&source.frame(&place)), Some(place));
        }
    }
}
