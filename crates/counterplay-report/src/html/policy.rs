//! The Content-Security-Policy of the page, and the fingerprint of its data.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// A policy that lets exactly these inline scripts run, and nothing be loaded from anywhere.
///
/// Inline styles are allowed: the plotting library writes a style element into each figure.
pub(crate) fn policy<'a>(scripts: impl Iterator<Item = &'a str>) -> String {
    let hashes: Vec<String> = scripts.map(|script| format!("'sha256-{}'", base64(&sha256(script)))).collect();
    format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        hashes.join(" ")
    )
}

/// The first twelve hexadecimal digits of the SHA-256 of the data, to tell two analyses apart.
pub(crate) fn fingerprint(data: &str) -> String {
    hex(&sha256(data))[..12].to_owned()
}

fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Standard base64 with padding (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::assets;

    #[test]
    fn base64_agrees_with_the_test_vectors_of_rfc_4648() {
        let vectors = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (plain, coded) in vectors {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_hash_of_an_empty_script_is_the_published_one() {
        assert!(policy([""].into_iter()).contains("'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"));
    }

    #[test]
    fn vendored_scripts_are_those_that_the_readme_names() {
        let readme = include_str!("../../assets/vendor/README.md");
        for (name, script) in assets::SCRIPTS.iter().take(2) {
            assert!(readme.contains(&hex(&sha256(script))), "{name} is not the file that the README names");
        }
    }

    #[test]
    fn no_script_can_end_its_own_element() {
        for (name, script) in assets::SCRIPTS {
            assert!(!script.contains("</script") && !script.contains("<!--"), "{name} would end early");
            assert!(!script.contains('\r'), "{name}: a parser would change its line ends, and so its hash");
        }
    }
}
