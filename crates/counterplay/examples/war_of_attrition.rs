//! A process without an end of its own: two sides hold on year after year, and each year of war costs both.
//!
//!     cargo run --release --package counterplay --example war_of_attrition

use counterplay::builder::{force, lognormal, uniform};
use counterplay::{Analysis, Error, Scenario, Settings};

/// The case, analysed with as much work as `settings` say.
pub(crate) fn analysed(settings: &Settings) -> Result<Analysis, Error> {
    let mut s = Scenario::builder("A war of attrition", ["North", "South"]);
    s.about("winner", "North");
    s.horizon(10);
    let north = s.parameter("cost of a year to North", uniform(0.1, 0.5)).quantity();
    let south = s.parameter("cost of a year to South", uniform(0.1, 0.5)).quantity();
    s.precision("precision", lognormal(1.0, 0.3));
    s.story(|g| g.next("war", "under way", 1.0));
    s.stage("war", move |g, state| {
        // Neither sees what the other does this year before it has decided.
        let first = g.choose_seen_by("North", "North decides", ["hold", "yield"], &[])?;
        let second = g.choose_seen_by("South", "South decides", ["hold", "yield"], &[])?;
        g.reveal("North decides", &["South"])?;
        g.reveal("South decides", &["North"])?;
        g.pay("North", -&north)?;
        g.pay("South", -&south)?;
        match (first, second) {
            ("hold", "yield") => g.end([("North", 1.0)], [("winner", "North")]),
            ("yield", "hold") => g.end([("South", 1.0)], [("winner", "South")]),
            ("yield", "yield") => g.end([("North", 0.5), ("South", 0.5)], [("winner", "nobody")]),
            _ => g.next("war", state.clone(), 0.9),
        }
    });
    // They fought for a year, and then South gave in.
    s.record([("North decides", "hold"), ("South decides", "hold"), ("South decides #2", "yield")]);
    s.what_if("South holds on in the second year", [force("South decides #2", "hold")]);
    s.build()?.analyse(settings)
}

fn main() -> Result<(), Error> {
    let analysis = analysed(&Settings::default())?;
    for answer in &analysis.answers {
        let p = &answer.about_probability;
        println!("{}: North wins with {:.3}, between {:.3} and {:.3}", answer.name, p.mean, p.low, p.high);
    }
    println!("{} equilibria behind the answers were certified", analysis.play.certified);
    Ok(())
}
