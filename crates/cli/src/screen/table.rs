//! A table in columns, measured as a terminal measures.

use super::style::{Line, Tone};
use super::text;

pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<(Tone, String)>>,
}

#[derive(Clone, Copy)]
pub struct Column {
    title: &'static str,
    right: bool,
    columns_min: usize,
    /// Widest that it gets.
    columns_max: usize,
}

/// Between two columns.
const GAP: usize = 2;
/// A column is not squeezed below this.
const SQUEEZED: usize = 8;

impl Column {
    pub fn left(title: &'static str) -> Self {
        Self { title, right: false, columns_min: 0, columns_max: usize::MAX }
    }

    /// For numbers.
    pub fn right(title: &'static str) -> Self {
        Self { right: true, ..Self::left(title) }
    }

    /// Keeps its place even when it is empty.
    pub fn at_least(self, columns_min: usize) -> Self {
        Self { columns_min, ..self }
    }

    pub fn at_most(self, columns_max: usize) -> Self {
        Self { columns_max, ..self }
    }
}

impl Table {
    pub fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new() }
    }

    /// One cell a column.
    pub fn row(&mut self, cells: impl Into<Vec<(Tone, String)>>) {
        let mut cells = cells.into();
        debug_assert_eq!(cells.len(), self.columns.len());
        for (_, text) in &mut cells {
            *text = text::clean(text);
        }
        self.rows.push(cells);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows under a head; columns without any content are left out. No line is wider than `columns`
    /// unless the squeezed columns are.
    pub fn lines(&self, columns: usize) -> Vec<Line> {
        let widths = self.widths(columns);
        let head: Vec<_> = self.columns.iter().map(|column| (Tone::Dim, column.title.to_owned())).collect();
        let titled = self.columns.iter().any(|column| !column.title.is_empty());
        let head = titled.then(|| self.line(&head, &widths));
        head.into_iter().chain(self.rows.iter().map(|row| self.line(row, &widths))).collect()
    }

    /// Columns that each column gets; 0 for an empty one.
    fn widths(&self, columns: usize) -> Vec<usize> {
        let width = |(index, column): (usize, &Column)| {
            let widest = self.rows.iter().map(|row| text::width(&row[index].1)).max().unwrap_or(0);
            if widest == 0 {
                column.columns_min
            } else {
                widest.max(column.title.len()).max(column.columns_min).min(column.columns_max)
            }
        };
        let mut widths: Vec<usize> = self.columns.iter().enumerate().map(width).collect();
        let shown = widths.iter().filter(|width| **width > 0).count();
        let mut total = widths.iter().sum::<usize>() + GAP * shown.saturating_sub(1);
        while total > columns {
            let widest = (0..widths.len())
                .filter(|index| !self.columns[*index].right)
                .max_by_key(|index| widths[*index]);
            let Some(widest) = widest.filter(|index| widths[*index] > SQUEEZED) else { break };
            let by = (total - columns).min(widths[widest] - SQUEEZED);
            // Only down to the next widest, so that two wide columns share the loss.
            let by = by.min((widths[widest] / 4).max(1));
            widths[widest] -= by;
            total -= by;
        }
        widths
    }

    fn line(&self, cells: &[(Tone, String)], widths: &[usize]) -> Line {
        let mut line = Line::new();
        // What is empty at the end leaves no blanks.
        let shown = |index: &usize| widths[*index] > 0 && !cells[*index].1.is_empty();
        let last = (0..cells.len()).rev().find(shown).unwrap_or(0);
        for (index, (tone, text)) in cells.iter().enumerate().take(last + 1) {
            if widths[index] == 0 {
                continue;
            }
            let text = text::clip(text, widths[index]);
            let blank = " ".repeat(widths[index] - text::width(&text));
            if self.columns[index].right {
                line.push(Tone::Plain, &blank);
                line.push(*tone, &text);
            } else {
                line.push(*tone, &text);
                if index != last {
                    line.push(Tone::Plain, &blank);
                }
            }
            if index != last {
                line.push(Tone::Plain, &" ".repeat(GAP));
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::style::Style;

    fn check(columns: usize, expect: &str) {
        let mut table = Table::new([
            Column::left("name"),
            Column::left("none"),
            Column::right("tokens"),
            Column::left("why"),
        ]);
        for (name, tokens, why) in
            [("a", "12", "short"), ("日本語", "3.4k", "a reason that goes on for a while")]
        {
            table.row([name, "", tokens, why].map(|cell| (Tone::Plain, cell.to_owned())));
        }
        let style = Style { color: false, unicode: true };
        assert_eq!(style.render(&table.lines(columns)), expect);
    }

    #[test]
    fn columns_are_aligned_by_what_a_terminal_shows_and_empty_ones_left_out() {
        check(
            80,
            "name    tokens  why\n\
             a           12  short\n\
             日本語    3.4k  a reason that goes on for a while\n",
        );
    }

    #[test]
    fn the_widest_column_gives_way() {
        check(
            32,
            "name    tokens  why\n\
             a           12  short\n\
             日本語    3.4k  a reason that g…\n",
        );
    }
}
