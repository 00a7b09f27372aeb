//! Writes the analysis that the tests use as JSON to stdout, to try the report with:
//! `cargo run -p counterplay-report --example fixture | cargo run -p counterplay-report --example render > report.html`.

#[path = "../tests/fixture/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod fixture;

fn main() -> Result<(), serde_json::Error> {
    println!("{}", serde_json::to_string(&fixture::hanoi())?);
    Ok(())
}
