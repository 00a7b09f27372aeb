//! The claims of `expected.toml`, one by one, each checked from the definitions and against a solver.

use std::collections::BTreeSet;

use counterplay_equilibrium::logit::{Settings, Solver, Status};
use counterplay_equilibrium::nash::backward_induction::{PerfectInformation, Status as Listed};
use counterplay_equilibrium::nash::bimatrix::Bimatrix;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::lemke::TwoPlayers;
use counterplay_equilibrium::nash::pure::pure_equilibria as solve_pure;
use counterplay_equilibrium::nash::reduced::ReducedForm;
use counterplay_equilibrium::nash::support_enumeration::{self, all_equilibria};
use counterplay_equilibrium::nash::zero_sum::ZeroSum;
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::{Rational, to_f64};
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use crate::binary;
use crate::case::{Case, File};
use crate::concepts::{self, nash_from, perfect_outcomes, sequential, subgame_perfect};
use crate::schema::{
    All, BackwardInduction, Concept, Profile, Pure, QuantalResponse, Shape, Value, exact, row_words,
};
use crate::tree::{Node, Play, Tree};

/// The residual that a quantal response equilibrium may have.
pub(crate) const LARGEST_RESIDUAL: f64 = 1e-9;

/// Rounding in the referee, which calculates in floating point what was found in fractions.
const ROUNDING: f64 = 1e-12;

/// The most information sets of a game whose exact tableau, which grows with their square, is worked through.
const MOST_SETS: usize = 100;

/// How well the linear program is solved.
const SOLVED: f64 = 1e-7;

/// The most profiles, equilibria and pivots that solvers may find or make.
const MOST: usize = 20_000;

pub(crate) fn must_be<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: &T,
    claimed: &T,
) -> Result<(), String> {
    if found == claimed { Ok(()) } else { Err(format!("{what}: found {found:?}, claimed {claimed:?}")) }
}

impl Case {
    /// Checks every claim.
    pub(crate) fn check(&self) -> Result<(), String> {
        let expected = &self.expected;
        must_be("title", &self.title(), &expected.title.as_str())?;
        let year = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(|w| w.len() == 4);
        let words = [Some(&expected.source), expected.page.as_ref(), Some(&expected.note)];
        if !year(&expected.source) || words.into_iter().flatten().any(|w| w.trim().is_empty()) {
            return Err("the source names no year, or a text is empty".to_owned());
        }
        self.check_shape(&expected.shape)?;
        let Some((game, numbers)) = &self.game else { return self.claims_nothing_more() };
        let play = self.check_profiles(&self.tree)?;
        self.check_payoffs(&play)?;
        for (profile, play) in expected.equilibrium.iter().zip(&play) {
            if profile.kind == Concept::Sequential || matches!(self.file, File::Normal(_)) {
                referee(game, numbers, play)?;
            }
        }
        if let Some(pure) = &expected.pure {
            check_pure(&self.tree, pure)?;
            let solved = solve_pure(&normal_form(game, numbers)?);
            must_be("pure equilibria of the solver", &solved.len(), &pure.count)?;
        }
        if let Some(all) = &expected.all {
            self.check_all(all, game, numbers)?;
        }
        if let Some(value) = &expected.value {
            self.check_value(value, &play)?;
        }
        if let Some(induction) = &expected.backward_induction {
            check_induction(&self.tree, induction)?;
            check_solved_induction(&self.tree, game, numbers)?;
        }
        expected.quantal_response.iter().try_for_each(|q| self.check_quantal_response(q, game, numbers))
    }

    /// A game without perfect recall has no solver here, so that nothing can be claimed of its equilibria.
    fn claims_nothing_more(&self) -> Result<(), String> {
        let e = &self.expected;
        let nothing = e.pure.is_none() && e.equilibrium.is_empty() && e.all.is_none() && e.value.is_none();
        if nothing && e.backward_induction.is_none() && e.quantal_response.is_empty() {
            return Ok(());
        }
        Err("without perfect recall no claim about play can be checked".to_owned())
    }

    fn check_shape(&self, shape: &Shape) -> Result<(), String> {
        let tree = &self.tree;
        must_be("players", &tree.players, &shape.players)?;
        let ends = tree.nodes.iter().filter(|n| matches!(n, Node::End(_))).count();
        let of_player = |p: usize| tree.sets.iter().filter(move |s| s.player == p);
        let sets: Vec<usize> = (0..tree.players).map(|p| of_player(p).count()).collect();
        match &self.file {
            File::Extensive(form) => {
                must_be("nodes", &Some(tree.nodes.len()), &shape.nodes)?;
                must_be("ends", &Some(ends), &shape.ends)?;
                must_be("information sets", &Some(sets), &shape.information_sets)?;
                must_be("strategies", &None, &shape.strategies)?;
                must_be("perfect recall", &Some(form.recall().is_ok()), &shape.perfect_recall)?;
                must_be("a game for solvers", &form.game().is_ok(), &form.recall().is_ok())?;
            }
            File::Normal(_) => {
                must_be("strategies", &Some(tree.action_counts()), &shape.strategies)?;
                let absent = (shape.nodes, shape.ends, &shape.information_sets, shape.perfect_recall);
                must_be("sizes of a tree", &absent, &(None, None, &None, None))?;
            }
        }
        let classes = [
            ("perfect information", tree.has_perfect_information(), shape.perfect_information),
            ("constant sum", tree.is_constant_sum(), shape.constant_sum),
        ];
        // Silence says no.
        classes.iter().try_for_each(|(what, found, claimed)| must_be(what, found, &claimed.unwrap_or(false)))
    }

    /// Checks the equilibria on `tree`, and gives their play.
    pub(crate) fn check_profiles(&self, tree: &Tree) -> Result<Vec<Play>, String> {
        self.expected.equilibrium.iter().map(|profile| check_profile(tree, profile)).collect()
    }

    fn check_payoffs(&self, play: &[Play]) -> Result<(), String> {
        for (profile, play) in self.expected.equilibrium.iter().zip(play) {
            if let Some(payoffs) = &profile.payoffs {
                must_be("payoffs", &self.tree.value(0, play), &exact(payoffs)?)?;
            }
        }
        Ok(())
    }

    /// Compares with all equilibria as support enumeration finds them, each of them examined from the definition.
    fn check_all(&self, all: &All, game: &Game, numbers: &Valuation) -> Result<(), String> {
        if let (File::Normal(normal), 3) = (&self.file, self.tree.players) {
            let found = binary::all_equilibria(normal)?;
            must_be(
                "equilibria and components",
                &(found.len(), found.len()),
                &(all.extreme, all.components),
            )?;
            return must_be("list of all equilibria", &found, &self.listed()?);
        }
        let fractions = ExactNumbers::simplest(numbers).map_err(|e| format!("{e:?}"))?;
        let reduced = ReducedForm::of(game, MOST).map_err(|e| format!("{e:?}"))?;
        let bimatrix = Bimatrix::of(&reduced.normal_form(game, &fractions)).map_err(|e| format!("{e:?}"))?;
        let found = all_equilibria(&bimatrix, &support_enumeration::Settings::default());
        must_be("enumeration", &found.status, &support_enumeration::Status::Complete)?;
        must_be("extreme equilibria", &found.extreme.len(), &all.extreme)?;
        must_be("components", &found.components.len(), &all.components)?;
        let mut plays = BTreeSet::new();
        for mixed in &found.extreme {
            let flat = reduced.behaviour(game, mixed);
            let play: Play = game.info_set_ids().map(|s| flat[game.actions(s)].to_vec()).collect();
            nash_from(&self.tree, 0, &play)?;
            plays.insert(play);
        }
        if matches!(self.file, File::Normal(_)) && !found.has_continuum() {
            must_be("list of all equilibria", &plays, &self.listed()?)?;
        }
        Ok(())
    }

    /// The equilibria that are listed, pure or not.
    fn listed(&self) -> Result<BTreeSet<Play>, String> {
        let mut listed: BTreeSet<Play> = self.check_profiles(&self.tree)?.into_iter().collect();
        let pure = self.expected.pure.iter().flat_map(|p| &p.profiles);
        listed.extend(pure.map(|labels| pure_play(&self.tree, labels)));
        Ok(listed)
    }

    /// In a zero-sum game every equilibrium pays the value.
    fn check_value(&self, value: &Value, plays: &[Play]) -> Result<(), String> {
        if self.tree.players != 2 || !self.tree.is_constant_sum() || plays.is_empty() {
            return Err(
                "a value needs a constant-sum game of two and an equilibrium that proves it".to_owned()
            );
        }
        let amount = exact(std::slice::from_ref(&value.amount))?.remove(0);
        let player = value.player.checked_sub(1).filter(|&p| p < 2).ok_or("players are counted from 1")?;
        plays.iter().try_for_each(|play| must_be("value", &self.tree.value(0, play)[player], &amount))
    }

    /// The equilibrium that Lemke's algorithm finds must be one by definition.
    pub(crate) fn check_lemke(&self) -> Result<(), String> {
        self.lemke().and_then(|play| play.map_or(Ok(()), |play| nash_from(&self.tree, 0, &play)))
    }

    /// None for games that are not of two players, or large.
    fn lemke(&self) -> Result<Option<Play>, String> {
        let Some((game, numbers)) =
            self.game.as_ref().filter(|_| self.tree.players == 2 && self.tree.sets.len() <= MOST_SETS)
        else {
            return Ok(None);
        };
        let fractions = ExactNumbers::simplest(numbers).map_err(|e| format!("{e:?}"))?;
        let solution = TwoPlayers::of(game, &fractions).map_err(|e| format!("{e:?}"))?.lemke(MOST as u64);
        let flat = solution.play.ok_or_else(|| format!("{:?}", solution.status))?;
        Ok(Some(game.info_set_ids().map(|s| flat[game.actions(s)].to_vec()).collect()))
    }

    /// All equilibria of a game of constant sum pay the same: what linear programming says, and what one of them pays.
    pub(crate) fn check_linear_programming(&self) -> Result<(), String> {
        if !self.tree.is_constant_sum() {
            return Ok(());
        }
        let Some(play) = self.lemke()? else { return Ok(()) };
        let Some((game, numbers)) = &self.game else { return Ok(()) };
        let solution = ZeroSum::of(game, numbers).map_err(|e| format!("{e:?}"))?.solve();
        let value = to_f64(&self.tree.value(0, &play)[0]);
        let same = (solution.value() - value).abs() < SOLVED && solution.gap.abs() < SOLVED;
        if same {
            Ok(())
        } else {
            Err(format!("the value is {value}, linear programming finds {solution:?}"))
        }
    }

    fn check_quantal_response(
        &self,
        q: &QuantalResponse,
        game: &Game,
        numbers: &Valuation,
    ) -> Result<(), String> {
        if q.source.trim().is_empty() {
            return Err("a quantal response equilibrium needs a source".to_owned());
        }
        let published: Vec<Vec<f64>> = row_words(&q.play, &self.tree.action_counts())?;
        let play = solve_quantal_response(game, numbers, q.precision)?;
        for (index, (found, claimed)) in play.iter().zip(published.iter().flatten()).enumerate() {
            if (found - claimed).abs().partial_cmp(&q.tolerance) != Some(std::cmp::Ordering::Less) {
                return Err(format!("quantal response of action {index}: found {found}, claimed {claimed}"));
            }
        }
        Ok(())
    }
}

/// Play at the logit equilibrium on the principal branch, as certified by the referee.
pub(crate) fn solve_quantal_response(
    game: &Game,
    numbers: &Valuation,
    precision: f64,
) -> Result<Vec<f64>, String> {
    let precisions = vec![precision; game.players().len()];
    let found = Solver::new(game, Settings::default()).solve(numbers, &precisions);
    must_be("status", &found.status, &Status::Converged)?;
    let certificate = certify(game, numbers, &precisions, &found.play);
    must_be("information sets that are not reached", &certificate.unreached, &0)?;
    let sound = certificate.residual < LARGEST_RESIDUAL && certificate.belief_error < ROUNDING;
    if sound { Ok(found.play) } else { Err(format!("{certificate:?}")) }
}

fn check_profile(tree: &Tree, profile: &Profile) -> Result<Play, String> {
    let lengths = tree.action_counts();
    let play: Play = row_words(&profile.play, &lengths)?;
    let is_distribution = |odds: &Vec<Rational>| {
        odds.iter().all(|p| *p >= Rational::default()) && odds.iter().sum::<Rational>() == one()
    };
    if !play.iter().all(is_distribution) {
        return Err("a row of play is no distribution".to_owned());
    }
    nash_from(tree, 0, &play)?;
    let perfect = subgame_perfect(tree, &play);
    match profile.kind {
        Concept::Nash => {}
        Concept::SubgamePerfect => perfect.clone()?,
        Concept::Sequential => {
            perfect.clone()?;
            let orders = match &profile.trembles {
                Some(rows) => row_words(rows, &lengths)?,
                None => play
                    .iter()
                    .map(|odds| odds.iter().map(|p| u32::from(*p == Rational::default())).collect())
                    .collect(),
            };
            sequential(tree, &play, &orders)?;
        }
    }
    if profile.trembles.is_some() && profile.kind != Concept::Sequential {
        return Err("only a sequential equilibrium has trembles".to_owned());
    }
    if let Some(claimed) = profile.subgame_perfect {
        must_be("subgame perfection", &perfect.is_ok(), &claimed)?;
    }
    Ok(play)
}

fn one() -> Rational {
    Rational::from_integer(1.into())
}

/// The referee of the library must agree.
fn referee(game: &Game, numbers: &Valuation, play: &Play) -> Result<(), String> {
    let flat: Vec<f64> = play.iter().flatten().map(to_f64).collect();
    let certificate = certify(game, numbers, &vec![1.0; game.players().len()], &flat);
    let sound = certificate.regret < ROUNDING && certificate.belief_error < ROUNDING;
    if sound { Ok(()) } else { Err(format!("the referee finds {certificate:?}")) }
}

fn normal_form(game: &Game, numbers: &Valuation) -> Result<NormalForm, String> {
    let fractions = ExactNumbers::simplest(numbers).map_err(|e| format!("{e:?}"))?;
    let reduced = ReducedForm::of(game, MOST).map_err(|e| format!("{e:?}"))?;
    Ok(reduced.normal_form(game, &fractions))
}

pub(crate) fn check_pure(tree: &Tree, pure: &Pure) -> Result<(), String> {
    must_be("number of profiles", &pure.profiles.len(), &pure.count)?;
    let claimed: BTreeSet<Vec<String>> = pure.profiles.iter().cloned().collect();
    must_be("pure equilibria", &concepts::pure_equilibria(tree)?, &claimed)
}

fn pure_play(tree: &Tree, labels: &[String]) -> Play {
    let odds = |(set, label): (&crate::tree::Set, &String)| {
        set.actions.iter().map(|a| if a == label { one() } else { Rational::default() }).collect()
    };
    tree.sets.iter().zip(labels).map(odds).collect()
}

/// Paths and payoffs of subgame-perfect equilibria.
fn check_induction(tree: &Tree, claim: &BackwardInduction) -> Result<(), String> {
    if !tree.has_perfect_information() {
        return Err("backward induction needs perfect information".to_owned());
    }
    let outcomes = perfect_outcomes(tree, 0);
    let found = outcomes.iter().map(|o| o.1.clone()).collect();
    let claimed: Result<BTreeSet<_>, _> = claim.payoffs.iter().map(|u| exact(u)).collect();
    contains("payoffs of subgame-perfect equilibria", &found, &claimed?, claim.complete)?;
    let Some(paths) = &claim.paths else { return Ok(()) };
    if tree.nodes.iter().any(|n| matches!(n, Node::Chance(_))) {
        return Err("paths need a game without chance".to_owned());
    }
    let found = outcomes.into_iter().map(|o| o.0).collect();
    contains("paths of subgame-perfect equilibria", &found, &paths.iter().cloned().collect(), claim.complete)
}

fn contains<T: Ord + std::fmt::Debug>(
    what: &str,
    found: &BTreeSet<T>,
    claimed: &BTreeSet<T>,
    complete: bool,
) -> Result<(), String> {
    let holds = !claimed.is_empty() && if complete { found == claimed } else { claimed.is_subset(found) };
    if holds { Ok(()) } else { Err(format!("{what}: found {found:?}, claimed {claimed:?}")) }
}

/// The solver must find payoffs that the definition allows, and all of them where it lists all equilibria.
fn check_solved_induction(tree: &Tree, game: &Game, numbers: &Valuation) -> Result<(), String> {
    let induction = PerfectInformation::of(game, numbers).map_err(|e| format!("{e:?}"))?;
    let solved = induction.all(MOST);
    let rounded = |u: f64| (u * 1e9).round() as i64;
    let allowed: BTreeSet<Vec<i64>> = perfect_outcomes(tree, 0)
        .into_iter()
        .map(|(_, payoffs)| payoffs.iter().map(|u| rounded(to_f64(u))).collect())
        .collect();
    let found: BTreeSet<Vec<i64>> =
        solved.found.iter().map(|e| e.payoffs.iter().map(|&u| rounded(u)).collect()).collect();
    contains("payoffs of the solver", &allowed, &found, solved.status == Listed::Complete)
}
