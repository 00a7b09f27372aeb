//! The options of the models.

use std::num::NonZeroUsize;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use counterplay_collective::spatial::election::{Election, Victory, Voting};
use counterplay_collective::spatial::uncertainty::Spread;
use counterplay_collective::spatial::{expected_utility, politics};

const EUM: &str = "Expected utility (eum)";
const SMP: &str = "Spatial model of politics (smp)";

/// Makes an option of the command line for each variant of a setting of the library.
macro_rules! choices {
    ($(#[$of:meta])* $name:ident of $library:ty { $($(#[$doc:meta])* $variant:ident = $theirs:ident,)* }) => {
        $(#[$of])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub(super) enum $name { $($(#[$doc])* $variant,)* }

        impl From<$name> for $library {
            fn from(choice: $name) -> Self {
                match choice { $($name::$variant => Self::$theirs,)* }
            }
        }
    };
}

choices! {
    /// Ways from the support of third parties to the probability of success.
    Success of expected_utility::Success {
        /// The share of all support
        Share = Share,
        /// The lead of the stronger side, as a share of all support
        Lead = Lead,
    }
}
choices! {
    /// What an actor attends to.
    Attend of expected_utility::Choice {
        /// The meeting worth most to the side that comes out ahead
        Strongest = Strongest,
        /// The one that moves it least
        LeastMove = LeastMove,
    }
}
choices! {
    /// Victory.
    VictoryModel of Victory {
        /// In proportion to strength
        Linear = Linear,
        /// To its square
        Square = Square,
        /// To its fourth power
        Quartic = Quartic,
        /// To its eighth power
        Octic = Octic,
        /// Certain from an advantage of a tenth on
        Binary = Binary,
    }
}
choices! {
    /// Votes.
    VotingRule of Voting {
        /// All or nothing
        Binary = Binary,
        /// In proportion to the difference in utility, and a fifth all or nothing
        PropBin = PropBin,
        /// In proportion to the difference
        Proportional = Proportional,
        /// Half in proportion, half to the cube of it
        PropCbc = PropCbc,
        /// To the cube of the difference
        Cubic = Cubic,
        /// Gains count two thirds of losses
        AsymProsp = ASymProsp,
    }
}
choices! {
    /// Elections.
    ElectionModel of Election {
        /// That an option beats all others, given that one does
        Conditional = Conditional,
        /// A chain of favourites, each challenged by all alike
        MarkovUniform = MarkovUniform,
        /// A chain of favourites, challenged in proportion to the incentive to do so
        MarkovIncentive = MarkovIncentive,
    }
}
choices! {
    /// Transitions.
    Transition of politics::Transitions {
        /// The most probable bargain
        Deterministic = Deterministic,
        /// One drawn by its probability
        Stochastic = Stochastic,
    }
}
choices! {
    /// Ranges of risk attitudes.
    RiskRange of politics::RiskRange {
        /// From 0 to 1
        Min = Min,
        /// From -1/2 to 1
        Mid = Mid,
        /// From -1 to 1
        Max = Max,
    }
}
choices! {
    /// How far an actor sees the risk attitude of another as it is.
    RiskAdjust of politics::RiskAdjust {
        /// Not at all: as its own
        None = None,
        /// A third of the way
        OneThird = OneThird,
        /// Half way
        Half = Half,
        /// Two thirds of the way
        TwoThirds = TwoThirds,
        /// As it is
        Full = Full,
    }
}
choices! {
    /// What third parties have at stake.
    Commitment of politics::Commitment {
        /// Nothing
        None = None,
        /// They adopt the winner's position if their side loses
        Semi = Semi,
        /// They adopt the winner's position
        Full = Full,
    }
}
choices! {
    /// Interpolation.
    Interpolation of politics::Interpolation {
        /// Salience times probability
        S1P1 = S1P1,
        /// Their squares
        S2P2 = S2P2,
        /// Only the weaker side moves
        #[value(name = "s2pmax", alias = "s2-pmax")]
        S2Pmax = S2PMax,
    }
}
choices! {
    /// Whose view makes the bargain.
    Bargaining of politics::Bargaining {
        /// The initiator's
        Initiator = Initiator,
        /// Both, in two bargains
        Both = Both,
        /// Their weighted mean
        Compromise = Compromise,
    }
}

/// The options of the expected-utility model.
#[derive(Clone, Debug, Args)]
pub(super) struct EumOptions {
    /// Q, the probability that two actors of whom neither challenges stay as they are [default: 1]
    #[arg(long, help_heading = EUM, value_name = "PROBABILITY", value_parser = probability, allow_negative_numbers = true)]
    stalemate: Option<f64>,

    /// How support makes the probability of success [default: share]
    #[arg(long, help_heading = EUM, value_enum)]
    success: Option<Success>,

    /// Which of its meetings an actor attends to [default: strongest]
    #[arg(long, help_heading = EUM, value_enum)]
    attend: Option<Attend>,
}

impl EumOptions {
    /// An option that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        first(&[
            (self.stalemate.is_some(), "--stalemate"),
            (self.success.is_some(), "--success"),
            (self.attend.is_some(), "--attend"),
        ])
    }

    pub(super) fn settings(&self, rounds: Option<NonZeroUsize>) -> expected_utility::Settings {
        let base = expected_utility::Settings::default();
        expected_utility::Settings {
            stalemate: self.stalemate.unwrap_or(base.stalemate),
            success: self.success.map_or(base.success, Into::into),
            choice: self.attend.map_or(base.choice, Into::into),
            most_rounds: rounds.map_or(base.most_rounds, NonZeroUsize::get),
            tolerance: base.tolerance,
        }
    }
}

/// The options of the spatial model of politics: KTAB's parameters.
#[derive(Clone, Debug, Args)]
pub(super) struct SmpOptions {
    /// The scale that all positions are on; of the expected-utility model, the unit of distances is then its length
    /// [default: 0..100; for eum the spread of the positions]
    #[arg(long, help_heading = SMP, value_name = "LOW..HIGH", value_parser = scale, allow_hyphen_values = true)]
    scale: Option<(f64, f64)>,

    /// How strength makes victory (VictoryProbModel) [default: linear]
    #[arg(long, help_heading = SMP, value_enum, hide_short_help = true)]
    victory: Option<VictoryModel>,

    /// How a difference in utility makes a vote (VotingRule) [default: prop-cbc]
    #[arg(long, help_heading = SMP, value_enum, hide_short_help = true)]
    voting: Option<VotingRule>,

    /// How elections are decided (PCEModel) [default: markov-incentive]
    #[arg(long, help_heading = SMP, value_enum, hide_short_help = true)]
    election: Option<ElectionModel>,

    /// Which bargain of an actor comes about (StateTransitions) [default: stochastic]
    #[arg(long, help_heading = SMP, value_enum)]
    transitions: Option<Transition>,

    /// The range of risk attitudes (BigRRange) [default: mid]
    #[arg(long, help_heading = SMP, value_enum, hide_short_help = true)]
    risk_range: Option<RiskRange>,

    /// How far the risk attitude of others is seen as it is (BigRAdjust) [default: one-third]
    #[arg(long, help_heading = SMP, value_enum, hide_short_help = true)]
    risk_adjust: Option<RiskAdjust>,

    /// What third parties have at stake (ThirdPartyCommit) [default: semi]
    #[arg(long, help_heading = SMP, value_enum, hide_short_help = true)]
    commitment: Option<Commitment>,

    /// How bargains lie between positions (InterVecBrgn) [default: s2p2]
    #[arg(long, help_heading = SMP, value_enum, hide_short_help = true)]
    interpolation: Option<Interpolation>,

    /// Whose view of the chances makes the bargain (BargnModel) [default: initiator]
    #[arg(long, help_heading = SMP, value_enum, hide_short_help = true)]
    bargaining: Option<Bargaining>,
}

impl SmpOptions {
    /// An option that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        first(&[
            (self.victory.is_some(), "--victory"),
            (self.voting.is_some(), "--voting"),
            (self.election.is_some(), "--election"),
            (self.transitions.is_some(), "--transitions"),
            (self.risk_range.is_some(), "--risk-range"),
            (self.risk_adjust.is_some(), "--risk-adjust"),
            (self.commitment.is_some(), "--commitment"),
            (self.interpolation.is_some(), "--interpolation"),
            (self.bargaining.is_some(), "--bargaining"),
        ])
    }

    /// The scale that was given.
    pub(super) fn given_scale(&self) -> Option<(f64, f64)> {
        self.scale
    }

    pub(super) fn scale(&self) -> (f64, f64) {
        self.scale.unwrap_or(politics::Settings::default().scale)
    }

    pub(super) fn settings(&self, rounds: Option<NonZeroUsize>) -> politics::Settings {
        let base = politics::Settings::default();
        politics::Settings {
            scale: self.scale(),
            victory: self.victory.map_or(base.victory, Into::into),
            voting: self.voting.map_or(base.voting, Into::into),
            election: self.election.map_or(base.election, Into::into),
            transitions: self.transitions.map_or(base.transitions, Into::into),
            risk_range: self.risk_range.map_or(base.risk_range, Into::into),
            risk_adjust: self.risk_adjust.map_or(base.risk_adjust, Into::into),
            commitment: self.commitment.map_or(base.commitment, Into::into),
            interpolation: self.interpolation.map_or(base.interpolation, Into::into),
            bargaining: self.bargaining.map_or(base.bargaining, Into::into),
            most_rounds: rounds.map_or(base.most_rounds, NonZeroUsize::get),
            ..base
        }
    }
}

fn first(options: &[(bool, &'static str)]) -> Option<&'static str> {
    options.iter().find(|(given, _)| *given).map(|(_, name)| *name)
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        Ok(_) => Err("a probability lies between 0 and 1".to_owned()),
        Err(_) => Err(format!("`{text}` is not a number")),
    }
}

fn scale(text: &str) -> Result<(f64, f64), String> {
    let ends = text.split_once("..").and_then(|(low, high)| {
        let end = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        Some((end(low)?, end(high)?))
    });
    match ends {
        Some((low, high)) if low < high => Ok((low, high)),
        Some(_) => Err("a scale goes from its low end up to its high end".to_owned()),
        None => Err(format!("`{text}` is no scale: write LOW..HIGH, such as 0..10")),
    }
}

/// How many rounds there may be.
pub(super) fn some_rounds(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "it takes a whole number of rounds, at least one".to_owned())
}

/// How far inputs may be from what is stated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spreads(pub(super) Spread);

impl Default for Spreads {
    fn default() -> Self {
        Self(Spread { position: 0.05, salience: 0.1, capability: 0.1 })
    }
}

impl FromStr for Spreads {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut spread = Spread { position: 0.0, salience: 0.0, capability: 0.0 };
        for part in text.split(',').map(str::trim).filter(|part| *part != "none") {
            let (name, value) = part.split_once('=').ok_or_else(|| {
                format!("`{part}` names no spread: write INPUT=SPREAD, such as position=0.05, or none")
            })?;
            let value = probability(value.trim())
                .map_err(|_| format!("the spread `{value}` is no number from 0 to 1"))?;
            match name.trim() {
                "position" => spread.position = value,
                "salience" => spread.salience = value,
                "capability" => spread.capability = value,
                other => {
                    return Err(format!("`{other}` is no input: they are position, salience and capability"));
                }
            }
        }
        Ok(Self(spread))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_that_are_not_named_are_none() {
        let spread = |text: &str| text.parse::<Spreads>().map(|spreads| spreads.0);
        let only = Spread { position: 0.1, salience: 0.0, capability: 0.0 };
        assert_eq!(spread("position=0.1"), Ok(only));
        assert_eq!(spread("none"), Ok(Spread { position: 0.0, ..only }));
        assert!(spread("position=2").is_err() && spread("place=1").is_err() && spread("0.1").is_err());
    }

    #[test]
    fn a_scale_has_two_ends() {
        assert_eq!(scale("-1..2.5"), Ok((-1.0, 2.5)));
        assert!(scale("3..3").is_err() && scale("3").is_err() && scale("0..inf").is_err());
    }
}
