//! Tables in the terminal.

use unicode_width::UnicodeWidthStr;

/// Rows in columns as wide as their widest cell, the first to the left and the rest to the right. All rows have as many cells as the
/// first.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let Some(head) = rows.first() else { return String::new() };
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = padded(&row[0], widths[0]).0;
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            line += "  ";
            line += &padded(cell, *width).1;
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A text with blanks after it, and with blanks before it, so that it is as wide as a column. The widths that `format!` takes end at
/// 65,535, and count letters that are two columns wide as one.
fn padded(text: &str, width: usize) -> (String, String) {
    let blank = " ".repeat(width.saturating_sub(text.width()));
    (format!("{text}{blank}"), format!("{blank}{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_to_the_left_and_numbers_to_the_right() {
        let rows =
            [["Voter", "Weight"], ["Ö", "7"], ["立法院", "1"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows), "Voter   Weight\nÖ            7\n立法院       1\n");
        assert_eq!(aligned(&[]), "");
    }

    #[test]
    fn a_column_may_be_wider_than_65535() {
        let rows = [vec!["x".repeat(70_000), "1".to_owned()], vec!["y".to_owned(), "22".to_owned()]];
        assert_eq!(aligned(&rows).lines().map(str::len).collect::<Vec<_>>(), [70_004, 70_004]);
    }
}
