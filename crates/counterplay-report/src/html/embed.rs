//! JSON inside a page.

use counterplay_analysis::Analysis;

/// The analysis as JSON that can stand inside a `<script>` element: no character of it can end the element, open
/// a comment, or break a line for a script. Numbers that are not finite become `null`.
pub(crate) fn json(analysis: &Analysis) -> String {
    let plain =
        serde_json::to_string(analysis).unwrap_or_else(|error| panic!("an analysis is plain data: {error}"));
    escape(&plain)
}

/// Replaces the characters that mean something to HTML or end a line in a script by their JSON escapes, which
/// change nothing for whoever parses it: outside strings JSON has none of them.
fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_string_can_leave_its_script_element() {
        let hostile = "</script><!-- & \u{2028}\u{2029}";
        let escaped = escape(&serde_json::to_string(hostile).unwrap());
        assert!(escaped.is_ascii() && !escaped.contains(['<', '>', '&']));
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), hostile);
    }
}
