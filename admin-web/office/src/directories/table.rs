//! Tables of the directories: text with tabs, a header line, and comments that begin with `#`.

/// The rows of a table that are read. The whole official classifier of administrative units has fewer than 16,000.
const ROWS_MAX: usize = 50_000;

/// Why a table is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TableError {
    /// Nothing but comments.
    #[error("the table has no header line; name the columns in its first line")]
    NoHeader,
    /// A column is missing.
    #[error("the table has no column {0:?}; name it in the header line")]
    NoColumn(&'static str),
    /// More rows than are read.
    #[error("the table has more than {ROWS_MAX} rows; no directory is that long")]
    TooLong,
    /// A row that has too many cells or too few.
    #[error("line {line} has {found} cells, the header {expected}; cells are separated by one tab each")]
    Cells {
        /// The line of the file.
        line: usize,
        /// Cells in the header.
        expected: usize,
        /// Cells in the line.
        found: usize,
    },
    /// An empty cell where something is needed.
    #[error("line {line} has nothing in column {column:?}")]
    Empty {
        /// The line of the file.
        line: usize,
        /// The name of the column.
        column: &'static str,
    },
    /// A code of another form.
    #[error("line {line}: {code:?} is no code of this directory; {form}")]
    Code {
        /// The line of the file.
        line: usize,
        /// What is there.
        code: String,
        /// What codes look like.
        form: &'static str,
    },
    /// A code that is there twice.
    #[error("line {line}: {code:?} is listed before; a code is listed once")]
    Repeated {
        /// The line of the file.
        line: usize,
        /// The code that is there twice.
        code: String,
    },
    /// A place without one above it.
    #[error("line {line}: nothing above {code:?} is listed; list its region")]
    Orphan {
        /// The line of the file.
        line: usize,
        /// The code of that place.
        code: String,
    },
}

/// A table: names of columns, and rows of as many cells.
pub(super) struct Table<'a> {
    columns: Vec<&'a str>,
    rows: Vec<(usize, Vec<&'a str>)>,
}

/// One row of a table, whose cells are read by the names of their columns.
#[derive(Clone, Copy)]
pub(super) struct Row<'t, 'a> {
    table: &'t Table<'a>,
    line: usize,
    cells: &'t [&'a str],
}

impl<'a> Table<'a> {
    /// Reads a table.
    pub(super) fn read(text: &'a str) -> Result<Self, TableError> {
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index.saturating_add(1), line.trim_end_matches('\r')))
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let (_, header) = lines.next().ok_or(TableError::NoHeader)?;
        let columns: Vec<&str> = header.split('\t').map(str::trim).collect();
        let mut rows = Vec::new();
        for (line, text) in lines {
            if rows.len() == ROWS_MAX {
                return Err(TableError::TooLong);
            }
            let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
            if cells.len() != columns.len() {
                return Err(TableError::Cells { line, expected: columns.len(), found: cells.len() });
            }
            rows.push((line, cells));
        }
        Ok(Self { columns, rows })
    }

    /// Whether there is such a column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    /// The rows in their order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_, 'a>> {
        self.rows.iter().map(|(line, cells)| Row { table: self, line: *line, cells })
    }
}

impl<'a> Row<'_, 'a> {
    /// The line of the file.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// What is in a column, which may be nothing.
    pub(super) fn cell(&self, column: &'static str) -> Result<&'a str, TableError> {
        let at = self.table.columns.iter().position(|name| *name == column);
        at.and_then(|at| self.cells.get(at)).copied().ok_or(TableError::NoColumn(column))
    }

    /// What is in a column that must not be empty.
    pub(super) fn text(&self, column: &'static str) -> Result<&'a str, TableError> {
        let cell = self.cell(column)?;
        if cell.is_empty() { Err(TableError::Empty { line: self.line, column }) } else { Ok(cell) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_header_and_rows_of_its_width() {
        let table = Table::read("# of 2026\ncode\tru\n\n1\tодин\r\n2\t\n").unwrap();
        let rows: Vec<_> = table.rows().collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].text("ru").unwrap(), "один");
        assert_eq!(rows[1].line(), 5);
        assert_eq!(rows[1].text("ru").unwrap_err(), TableError::Empty { line: 5, column: "ru" });
        assert_eq!(rows[1].text("kk").unwrap_err(), TableError::NoColumn("kk"));
    }

    #[test]
    fn a_broken_table_says_where() {
        assert_eq!(Table::read("# nothing\n").err(), Some(TableError::NoHeader));
        let wide = Table::read("code\tru\n1\tone\ttoo many\n").err();
        assert_eq!(wide, Some(TableError::Cells { line: 2, expected: 2, found: 3 }));
        let long = format!("code\n{}", "1\n".repeat(ROWS_MAX + 1));
        assert_eq!(Table::read(&long).err(), Some(TableError::TooLong));
    }
}
