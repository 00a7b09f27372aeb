//! A border crisis told from Rust: a threat that may be a bluff, and what would have followed had it been resisted.
//!
//!     cargo run --release --package counterplay --example border_crisis

use counterplay::builder::{beta, force, lognormal, rest, share};
use counterplay::{Analysis, Error, Scenario, Settings};

/// The case, analysed with as much work as `settings` say.
pub(crate) fn analysed(settings: &Settings) -> Result<Analysis, Error> {
    let mut s = Scenario::builder("A border crisis", ["Challenger", "Defender"]);
    s.about("prize", "Challenger");
    let resolve = s.parameter("resolve", beta(2.0, 2.0)).judgement("it mobilised once").quantity();
    let cost = s.parameter("cost of war", share(0.1, 0.7)).quantity();
    s.precision("precision", lognormal(1.5, 0.3));
    s.story(move |g| {
        let kind = g.chance("resolve", [("resolved", &resolve), ("bluffing", &rest())], &["Challenger"])?;
        if g.choose("Challenger", "threat", ["threaten", "stay"])? == "stay" {
            return g.end([("Defender", 1.0)], [("prize", "Defender")]);
        }
        if g.choose("Defender", "answer", ["resist", "yield"])? == "yield" {
            return g.end([("Challenger", 1.0)], [("prize", "Challenger")]);
        }
        // War hurts a resolved challenger half as much.
        let hurt = if kind == "resolved" { 0.5 * &cost } else { cost.clone() };
        g.end([("Challenger", 0.5 - hurt), ("Defender", 0.5 - &cost)], [("prize", "fought over")])
    });
    s.record([("threat", "threaten"), ("answer", "yield")]);
    s.what_if("the Defender resists", [force("answer", "resist")]);
    s.build()?.analyse(settings)
}

fn main() -> Result<(), Error> {
    let analysis = analysed(&Settings::default())?;
    for answer in &analysis.answers {
        let p = &answer.about_probability;
        println!("{}: {:.3}, between {:.3} and {:.3}", answer.name, p.mean, p.low, p.high);
    }
    let resolve = &analysis.parameters[0];
    println!("resolve: {:.3} before the record, {:.3} after", resolve.before.mean, resolve.after.mean);
    Ok(())
}
