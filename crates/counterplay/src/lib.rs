//! Counterplay answers "what if?" about political bargaining.
//!
//! A [scenario](scenario::Scenario) is a short program that tells a political process: who decides, who knows
//! what, what chance decides, what each side wants, and how sure the analyst is of each number. This library
//! turns it into a game with incomplete information, finds how it would be played, learns the uncertain numbers
//! from what really happened, and answers what would have followed had one thing been different.
//!
//! The way through it goes by the rooms below, each of which uses only those before it:
//!
//! | step | module |
//! |---|---|
//! | tell the story along every history, into a game for each state | [`story`] |
//! | what the scenario says, as data | [`scenario`] |
//! | solve play, and find the likelihood of the record | [`model`] |
//! | draw from the posterior | [`posterior`] |
//! | change the world, keep the luck, replay | [`world`] |
//! | answer queries, share the outcome among factors, find causes | [`answer`], [`causality`] |
//! | check the scenario as a whole | [`mod@check`] |
//! | see what the answers rest on | [`robustness`] |
//! | all of it, in one record | [`assemble`], [`analysis`] |
//!
//! Scenarios in the scenario language are read by the crate `counterplay-language`.
//!
//! ```
//! use counterplay::{Settings, analyse};
//! use counterplay_language::{Files, ReadLimits, read};
//! use counterplay::watch::Unwatched;
//! let text = r#"
//! scenario("A threat", players = ["Challenger", "Defender"], about = {"war": True})
//! cost = param("cost of war", between(0.2, 0.8, kind = "share"), evidence = [judgement("an example")])
//! precision("precision", point(4), evidence = [judgement("an example")])
//! def play(g):
//!     if g.choose("Challenger", "threat", ["threaten", "stay"]) == "stay":
//!         return g.end(payoffs = {"Defender": 1}, outcomes = {"war": False})
//!     if g.choose("Defender", "answer", ["resist", "yield"]) == "yield":
//!         return g.end(payoffs = {"Challenger": 1}, outcomes = {"war": False})
//!     g.end(payoffs = {"Challenger": 0.5 - cost, "Defender": 0.5 - cost}, outcomes = {"war": True})
//! record({"threat": "threaten", "answer": "yield"})
//! what_if("the Defender resists", do({"answer": "resist"}))
//! "#;
//! let scenario = read("threat", &Files::of_scenario(text), &ReadLimits::default())?;
//! let settings = Settings { warmup: 100, draws: 100, answer_draws: 50, evidence_draws: 50, ..Settings::default() };
//! let analysis = analyse(&scenario, &settings, &Unwatched).expect("the scenario is sound");
//! assert_eq!(analysis.answers[0].about_probability.mean, 1.0);
//! # Ok::<(), counterplay::Error>(())
//! ```
//!
//! # Examples
//!
//! A scenario told from Rust:
//!
//! ```no_run
#![doc = include_str!("../examples/border_crisis.rs")]
//! ```
//!
//! A process that goes on from stage to stage:
//!
//! ```no_run
#![doc = include_str!("../examples/war_of_attrition.rs")]
//! ```
//!
//! A signalling game in Gambit's format, solved and certified:
//!
//! ```no_run
#![doc = include_str!("../examples/signalling_game.rs")]
//! ```

pub mod answer;
pub mod assemble;
pub mod causality;
pub mod check;
pub mod error;
pub mod memory;
pub mod model;
pub mod posterior;
pub mod problem;
pub mod robustness;
pub mod scenario;
pub mod settings;
pub mod story;
pub mod watch;
pub mod world;

pub use assemble::analyse::{analyse, analyse_with};
pub use counterplay_analysis as analysis;
pub use counterplay_analysis::Analysis;
pub use counterplay_inference as inference;
pub use error::Error;
pub use scenario::{Scenario, builder};
pub use settings::Settings;
