//! Scripts that were whole once: bytes, tokens and pieces of them changed, and texts that nobody would call one.

use crate::dice::Dice;

/// What an author's slip or an attacker puts into a text.
const PIECES: [&str; 44] = [
    "`",
    "${",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    "/",
    "/*",
    "*/",
    "//",
    "'",
    "\"",
    "\\",
    ";",
    ",",
    "=>",
    "await ",
    "async ",
    "return ",
    "export ",
    "import ",
    "yield ",
    "function ",
    "class ",
    "new ",
    "...",
    "?.",
    "**",
    "<!--",
    "-->",
    "#",
    "@",
    "\0",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "\u{200d}",
    "\r",
    "😀",
    "\\u{110000}",
    "as any",
    "<T>",
];

/// One to some changes of `text`. `other` is what pieces are taken from.
pub fn mutate(dice: &mut Dice, text: &str, other: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len() + 1);
        let length_max = [8, 400][dice.roll(2)];
        let end = (at + 1 + dice.roll(length_max)).min(bytes.len());
        match dice.roll(10) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.roll(8),
            1 if at < bytes.len() => bytes[at] = dice.roll(256) as u8,
            2 => drop(bytes.drain(at.min(end)..end)),
            3 => {
                let copy = bytes[at.min(end)..end].to_vec();
                let times = 1 + dice.roll(3);
                (0..times).for_each(|_| drop(bytes.splice(at..at, copy.iter().copied())));
            }
            4 | 5 => drop(bytes.splice(at..at, dice.of(&PIECES).bytes())),
            6 => {
                let from = dice.roll(other.len() + 1);
                let to = (from + dice.roll(600)).min(other.len());
                bytes.splice(at..at, other.as_bytes()[from..to].iter().copied());
            }
            7 => bytes.truncate(at),
            8 => swap_words(dice, &mut bytes),
            _ => number(dice, &mut bytes, at),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Exchanges two words: mostly still a script, and mostly a wrong one.
fn swap_words(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut words: Vec<&str> = text.split_inclusive(' ').collect();
    if words.len() > 2 {
        let (a, b) = (dice.roll(words.len()), dice.roll(words.len()));
        words.swap(a, b);
        *bytes = words.concat().into_bytes();
    }
}

/// Writes another number where the next one after `at` is.
fn number(dice: &mut Dice, bytes: &mut Vec<u8>, at: usize) {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let Some(start) = bytes[at..].iter().position(is_digit).map(|found| at + found) else { return };
    let end = start + bytes[start..].iter().take_while(|byte| is_digit(byte)).count();
    let other = dice.of(&["0", "-1", "4096", "4097", "99999", "1e999", "2**31", "0.1", "NaN", "10n"]);
    bytes.splice(start..end, other.bytes());
}

/// A text at some limit of the loader.
pub fn hostile(dice: &mut Dice) -> String {
    let meta = "export const meta = { name: 'h', description: 'd' }\n";
    let many = [10, 100, 400, 3_000, 20_000][dice.roll(5)];
    let body = match dice.roll(22) {
        0 => "(".repeat(many),
        1 => format!("const a = {}1{}", "(".repeat(many), ")".repeat(many)),
        2 => format!("return {}1{}", "[".repeat(many), "]".repeat(many)),
        3 => format!("return {}", "!".repeat(many) + "1"),
        4 => format!("return 1{}", " + 1".repeat(many)),
        5 => "a => ".repeat(many) + "1",
        6 => format!("return {}1{}", "`${".repeat(many), "}`".repeat(many)),
        7 => "if (1) ".repeat(many) + ";",
        8 => format!("{}{}", "{".repeat(many), "}".repeat(many)),
        9 => format!("return ''{}", ".a".repeat(many)),
        10 => "x".repeat(many * 30),
        11 => format!("const s = '{}'; return s.length", "日".repeat(many)),
        12 => format!("return /{}/.test('a')", "(a?)".repeat(many.min(400))),
        13 => format!("return /{}/u.test('a')", "(?:".repeat(many) + &")".repeat(many)),
        14 => (0..many).map(|n| format!("const v{n} = agent('{n}')\n")).collect(),
        15 => (0..many).map(|n| format!("missing{n}()\n")).collect(),
        16 => format!("switch (1) {{ {} }}", "case 1: ".repeat(many)),
        17 => format!("return {{ {} }}", "a: { ".repeat(many) + &"}, ".repeat(many)),
        18 => "label: ".repeat(many) + "1",
        19 => format!("return {}", "new ".repeat(many) + "Map"),
        20 => format!("type A = {}string{}\nreturn 1", "Array<".repeat(many), ">".repeat(many)),
        _ => format!("return await {}1", "await ".repeat(many)),
    };
    match dice.roll(8) {
        0 => body,
        1 => format!("\u{feff}#!/usr/bin/env fanfold\n{meta}{body}"),
        2 => format!("{}{meta}{body}", dice.of(&PIECES)),
        3 => format!("export const meta = {{ name: 'h', description: {body} }}\n"),
        4 => format!("{meta}{body}").replace('\n', "\r\n"),
        _ => format!("{meta}{body}"),
    }
}
