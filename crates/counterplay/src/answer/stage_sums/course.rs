//! Both worlds followed from stage to stage up to the horizon.

use std::collections::BTreeMap;
use std::rc::Rc;

use counterplay_game::id::NodeId;
use counterplay_math::statistics::to_twelve_digits;

use super::mass::{Mass, Mixture, add_all, mix};
use super::stage::{FirstAt, FirstClass, KnownRank, Pairing, StagePair};
use super::{Beginning, Counts, Followed, Monitor, Place, StageSums};
use crate::answer::query::{MeasuredLaw, RankRange};
use crate::answer::stages::monitor::MonitorState;
use crate::world::joint::JointWalk;

/// More places than this at a stage are too many.
const MOST_SPOTS: usize = 20_000;

/// What out of step may be left out.
const NEGLIGIBLE: f64 = 1e-12;

/// Where both worlds are before a stage, and what of the histories so far bears on what is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    place: Place,
    /// The state of the second world; `None` once it has ended.
    state: Option<usize>,
    /// Whether the two still share their luck.
    shared: bool,
    /// What has come up: the same in both as long as they share their luck, and else events in the second, and measured quantities in
    /// the first.
    counts: Counts,
    /// What has come up more often in the first while its luck mattered: of these the second's next occurrence has luck of which something
    /// is known.
    pending: Counts,
    first: MonitorState,
    second: MonitorState,
}

/// What tells stages apart that come to the same.
type StageKey = (Place, usize, bool, Vec<u32>, MonitorState);

/// All that comes of the second world of two.
#[derive(Default)]
pub(crate) struct Course {
    /// For what is remembered of each of the two in the end, its probability and all that is told with it.
    together: BTreeMap<(MonitorState, MonitorState), Mass>,
    /// Stage by stage.
    by_stage: Vec<StageMass>,
    laws: Vec<MeasuredLaw>,
}

/// What is told of a stage.
struct StageMass {
    /// For each outcome and value, the probability that it is stated there, or was last when the world ended.
    outcomes: Vec<Vec<f64>>,
    /// For each outcome that is true or false, the probability that it has not been true by then.
    untrue: Vec<f64>,
    /// By which laws each quantity is measured.
    laws: Vec<Mixture>,
}

/// What is told of a stage, in the end.
pub(crate) struct StageTotals {
    /// For each outcome and value, the probability that it is stated there, or was last when the world ended.
    pub(crate) outcomes: Vec<Vec<f64>>,
    /// For each outcome that is true or false, the probability that it has been true by then.
    pub(crate) been_true: Vec<f64>,
    /// By which laws each quantity is measured, with their probabilities.
    pub(crate) measured: Vec<Vec<(MeasuredLaw, f64)>>,
}

/// The sums over two worlds, under way.
pub(super) struct Run<'s, 'a> {
    pairing: Pairing<'s, 'a>,
    beginning: Beginning,
    known: BTreeMap<StageKey, Rc<StagePair>>,
    laws: Vec<MeasuredLaw>,
}

impl<'s, 'a> Run<'s, 'a> {
    pub(super) fn new(sums: &'s StageSums<'a>, beginning: Beginning, followed: Followed<'s>) -> Self {
        let pairing = Pairing::new(sums, (beginning.first, beginning.second), followed);
        Self { pairing, beginning, known: BTreeMap::new(), laws: Vec::new() }
    }

    /// What comes of both up to the horizon; `None` if the two come out of step, or it is too much.
    pub(super) fn sum(mut self, walk: &mut JointWalk) -> Option<Course> {
        let mut now = BTreeMap::from([(self.start(), self.whole())]);
        let mut course = Course::default();
        let mut ended = self.whole().nothing();
        for stage in 0..=self.pairing.sums.inquiry.horizon() {
            course.by_stage.extend(self.stage_mass(&ended));
            let mut next = BTreeMap::new();
            for (spot, mass) in now {
                let last = stage == self.pairing.sums.inquiry.horizon();
                for (to, moved) in self.moves(walk, &spot, &mass, &mut course)? {
                    if last || to.is_over() {
                        ended.add(&moved);
                        course.finish(to, &moved);
                    } else {
                        let nothing = || moved.nothing();
                        next.entry(to).or_insert_with(nothing).add(&moved);
                    }
                }
            }
            if next.len() > MOST_SPOTS {
                return None;
            }
            now = next;
        }
        course.laws = self.laws;
        Some(course)
    }

    fn start(&self) -> Spot {
        let memory = |monitor: Option<&Monitor>| monitor.map_or_else(MonitorState::default, Monitor::start);
        Spot {
            place: self.beginning.place,
            state: Some(0),
            shared: self.beginning.shared,
            counts: self.pairing.nothing(),
            pending: self.pairing.nothing(),
            first: memory(self.pairing.followed.first),
            second: memory(self.pairing.followed.second),
        }
    }

    /// All probability, before anything has come up.
    fn whole(&self) -> Mass {
        let outcomes =
            self.pairing.sums.inquiry.catalogue.outcomes.iter().filter(|_| self.pairing.followed.outcomes);
        Mass {
            whole: 1.0,
            last: outcomes.map(|o| vec![0.0; o.1.len()]).collect(),
            untrue: self.pairing.followed.by_stage.map_or_else(Vec::new, |truths| vec![1.0; truths.len()]),
            laws: vec![Mixture::new(); self.pairing.followed.quantities.len()],
        }
    }

    /// What is told of a stage because of what has ended before it, if that is asked for.
    fn stage_mass(&self, ended: &Mass) -> Option<StageMass> {
        self.pairing.followed.by_stage.map(|_| StageMass {
            outcomes: ended.last.clone(),
            untrue: ended.untrue.clone(),
            laws: vec![Mixture::new(); ended.laws.len()],
        })
    }

    /// Where a stage leads from a spot.
    fn moves(
        &mut self,
        walk: &mut JointWalk,
        spot: &Spot,
        mass: &Mass,
        course: &mut Course,
    ) -> Option<Vec<(Spot, Mass)>> {
        let at = FirstAt { place: spot.place, counts: &spot.counts, memory: &spot.first };
        let Some(state) = spot.state else {
            let step = |(class, p): (FirstClass, f64)| {
                let first = self.first_after(spot, &class);
                let counts = spot.counts.and(&class.counts);
                (Spot { place: class.on, counts, first, ..spot.clone() }, mass.share(p))
            };
            return Some(self.pairing.alone(at)?.into_iter().map(step).collect());
        };
        let pair = self.stage(walk, at, state, spot.shared)?;
        let mut all = Vec::new();
        for end in &pair.ends {
            let class = &pair.first[end.class];
            let to = self.onward(spot, state, class, end.end, end.probability, end.redrawn)?;
            let known: &[KnownRank] = if spot.shared && !end.redrawn { &class.measured } else { &[] };
            let moved = mass.share(end.probability);
            all.extend(self.second_after(&to, state, end.end, known, moved, course));
        }
        Some(all)
    }

    /// A stage of both, found once where nothing that comes as a surprise is still to come.
    fn stage(
        &mut self,
        walk: &mut JointWalk,
        at: FirstAt<'_>,
        state: usize,
        shared: bool,
    ) -> Option<Rc<StagePair>> {
        let past = |world| self.pairing.sums.surprises(world).all_past(&at.counts.events);
        let lasting = past(self.pairing.worlds.0) && past(self.pairing.worlds.1);
        let measures = self.pairing.followed.first.is_some_and(Monitor::measures);
        let memory = if measures { at.memory.clone() } else { MonitorState::default() };
        let key = (at.place, state, shared, at.counts.measured.clone(), memory);
        if let Some(known) = self.known.get(&key).filter(|_| lasting) {
            return Some(Rc::clone(known));
        }
        let found = Rc::new(self.pairing.walked(walk, at, state, shared)?);
        if lasting {
            self.known.insert(key, Rc::clone(&found));
        }
        Some(found)
    }

    /// What is remembered of the first world after an end of a class.
    fn first_after(&self, spot: &Spot, class: &FirstClass) -> MonitorState {
        let mut memory = spot.first.clone();
        if let (Some(gates), Some(state)) = (self.pairing.followed.first, self.pairing.state_of(spot.place)) {
            gates.step(&mut memory, state, class.watched);
            for &(measure, _, value) in &class.measured {
                gates.measure(&mut memory, measure, value);
            }
        }
        memory
    }

    /// Where both go on from ends of a stage; `None` if what is known of luck is shared across stages.
    fn onward(
        &self,
        spot: &Spot,
        state: usize,
        class: &FirstClass,
        end: NodeId,
        probability: f64,
        redrawn: bool,
    ) -> Option<Spot> {
        let onward = self.pairing.sums.unfolded().states[state].onward(end);
        let second = Counts {
            events: self.pairing.sums.events(state, end),
            measured: self.pairing.measured(state, end),
        };
        if second.meets(&spot.pending) && probability > NEGLIGIBLE {
            return None;
        }
        let asked = self.pairing.followed.first.is_some();
        let mut to = Spot {
            place: class.on,
            state: onward,
            shared: spot.shared && !redrawn,
            first: self.first_after(spot, class),
            ..spot.clone()
        };
        if to.shared && onward.is_some() {
            // Of a first world of which nothing more is known, only what is asked of it matters.
            let goes_on = match class.on {
                Place::Part(_) => true,
                Place::Free(_) => asked,
                Place::Over => false,
            };
            let matters = asked || matches!(spot.place, Place::Part(_));
            if !goes_on || self.keeps_step(&spot.counts, &class.counts, &second) {
                to.place = if goes_on { to.place } else { Place::Over };
                to.pending =
                    if matters { spot.pending.or(&class.counts.beyond(&second)) } else { to.pending };
            } else if probability > NEGLIGIBLE {
                return None;
            } else {
                to.place = Place::Over;
            }
        }
        if !asked && (!to.shared || onward.is_none()) {
            to.place = Place::Over;
        }
        to.shared &= to.place != Place::Over;
        let measured = spot.counts.and(&class.counts).measured;
        to.counts = match onward {
            Some(_) => Counts { events: spot.counts.events.and(&second.events), measured },
            None => spot.counts.and(&class.counts),
        };
        Some(to)
    }

    /// Whether, after a stage in which these have come up, each event of the second world has the luck of the first world's event of the same
    /// stage, but for events that come up no more in the second.
    fn keeps_step(&self, before: &Counts, first: &Counts, second: &Counts) -> bool {
        let surprises = self.pairing.sums.surprises(self.pairing.worlds.0);
        first == second
            || second.beyond(first) == self.pairing.nothing() && surprises.all_past(&before.events)
    }

    /// All that may be measured of the second world at an end, and what is remembered then; `known` is what is known of ranks.
    fn second_after(
        &mut self,
        to: &Spot,
        state: usize,
        end: NodeId,
        known: &[KnownRank],
        mut moved: Mass,
        course: &mut Course,
    ) -> Vec<(Spot, Mass)> {
        let (sums, world, second) = (self.pairing.sums, self.pairing.worlds.1, self.pairing.followed.second);
        let scene = sums.inquiry.scene_of(world);
        let truths = self.pairing.followed.by_stage.unwrap_or(&[]);
        let mut memory = to.second.clone();
        if let Some(asked) = second {
            asked.step(&mut memory, state, asked.classes[state].of(end));
        }
        for of in scene.stated(state, end) {
            moved.state(*of, truths);
        }
        course.tell_stated(scene.stated(state, end), &moved);
        let mut all = vec![(memory, moved)];
        for (measure, law) in scene.laws_of(state, end, sums.values(world, state)) {
            let ranks = known.iter().find(|k| k.0 == measure).map(|k| k.1);
            let law = ranks.map_or(MeasuredLaw::free(law), |ranks| MeasuredLaw::within(law, ranks));
            all = all
                .into_iter()
                .flat_map(|(memory, mass)| self.measured_as(measure, law, &memory, &mass, course))
                .collect();
        }
        let onto = |(second, mass): (MonitorState, Mass)| (Spot { second, ..to.clone() }, mass);
        all.into_iter().map(onto).collect()
    }

    /// A quantity is measured by a law: what may be remembered then, as far as that is told apart.
    fn measured_as(
        &mut self,
        measure: usize,
        law: MeasuredLaw,
        memory: &MonitorState,
        mass: &Mass,
        course: &mut Course,
    ) -> Vec<(MonitorState, Mass)> {
        let asked = self.pairing.followed.second;
        let cuts = asked.map_or_else(Vec::new, |asked| asked.cuts(memory, measure));
        let whole = law.ranks.width();
        let one = |(value, ranks): (f64, RankRange)| {
            let (mut memory, mut mass) = (memory.clone(), mass.clone());
            let mut own = law;
            if ranks != law.ranks {
                own = MeasuredLaw::within(law.law, ranks);
                mass = mass.share(ranks.width() / whole);
            }
            if let Some(asked) = asked {
                asked.measure(&mut memory, measure, value);
            }
            for (k, quantity) in self.pairing.followed.quantities.iter().enumerate() {
                let meant = asked.is_none_or(|asked| asked.is_meant(&memory, *quantity));
                if quantity.measure() == measure && meant {
                    let number = number_of(&mut self.laws, own);
                    mass.laws[k] = Mixture::from([(number, mass.whole)]);
                    if let Some(stage) = course.by_stage.last_mut() {
                        mix(&mut stage.laws[k], &mass.laws[k]);
                    }
                }
            }
            (memory, mass)
        };
        law.stretches(&cuts).into_iter().map(one).collect()
    }
}

/// The number of a law, entered if it is new.
fn number_of(laws: &mut Vec<MeasuredLaw>, law: MeasuredLaw) -> usize {
    laws.iter().position(|known| *known == law).unwrap_or_else(|| {
        laws.push(law);
        laws.len() - 1
    })
}

impl Counts {
    /// By how much these are more than others, where they are.
    fn beyond(&self, others: &Self) -> Self {
        let measured =
            self.measured.iter().zip(&others.measured).map(|(a, b)| a.saturating_sub(*b)).collect();
        Self { events: self.events.beyond(&others.events), measured }
    }

    /// One of each of which there is some in either.
    fn or(&self, others: &Self) -> Self {
        let some = |(a, b): (&u32, &u32)| u32::from(*a > 0 || *b > 0);
        let measured = self.measured.iter().zip(&others.measured).map(some).collect();
        Self { events: self.events.or(&others.events), measured }
    }

    /// Whether there is some of anything in both.
    fn meets(&self, others: &Self) -> bool {
        let both = |(a, b): (&u32, &u32)| *a > 0 && *b > 0;
        self.events.meets(&others.events) || self.measured.iter().zip(&others.measured).any(both)
    }

    fn and(&self, more: &Self) -> Self {
        let measured = self.measured.iter().zip(&more.measured).map(|(a, b)| a + b).collect();
        Self { events: self.events.and(&more.events), measured }
    }
}

impl Spot {
    /// Whether nothing more that is asked about can come.
    fn is_over(&self) -> bool {
        self.state.is_none() && self.place == Place::Over
    }
}

impl Course {
    fn finish(&mut self, at: Spot, mass: &Mass) {
        let nothing = || mass.nothing();
        self.together.entry((at.first, at.second)).or_insert_with(nothing).add(mass);
    }

    /// Outcomes are stated at the end of a stage.
    fn tell_stated(&mut self, stated: &[crate::world::catalogue::OutcomeIndex], mass: &Mass) {
        let Some(stage) = self.by_stage.last_mut() else { return };
        for of in stated {
            stage.outcomes[of.outcome][of.value] += mass.whole;
        }
        for (sum, x) in stage.untrue.iter_mut().zip(&mass.untrue) {
            *sum += x;
        }
    }

    /// For each outcome and value the probability that it is the last to be stated.
    pub(crate) fn outcomes(&self) -> Vec<Vec<f64>> {
        let mut masses = self.together.values();
        let Some(first) = masses.next() else { return Vec::new() };
        let mut sum = first.last.clone();
        masses.for_each(|mass| add_all(&mut sum, &mass.last));
        sum.iter_mut().flatten().for_each(|p| *p = to_twelve_digits(*p));
        sum
    }

    /// The probability of what is remembered of both worlds in the end.
    pub(crate) fn probability(&self, holds: &dyn Fn(&MonitorState, &MonitorState) -> bool) -> f64 {
        let some = self.together.iter().filter(|((first, second), _)| holds(first, second));
        to_twelve_digits(some.map(|(_, mass)| mass.whole).sum())
    }

    /// By which laws a quantity was measured, with their probabilities, where this is remembered of both worlds.
    pub(crate) fn measured(
        &self,
        quantity: usize,
        holds: &dyn Fn(&MonitorState, &MonitorState) -> bool,
    ) -> Vec<(MeasuredLaw, f64)> {
        let mut sum = Mixture::new();
        for ((first, second), mass) in &self.together {
            if holds(first, second) {
                mix(&mut sum, &mass.laws[quantity]);
            }
        }
        self.resolved(&sum)
    }

    fn resolved(&self, mixture: &Mixture) -> Vec<(MeasuredLaw, f64)> {
        mixture.iter().filter(|m| *m.1 > 0.0).map(|(law, p)| (self.laws[*law], *p)).collect()
    }

    /// All that is told stage by stage.
    pub(crate) fn stages(&self) -> Vec<StageTotals> {
        let rounded = |p: &f64| to_twelve_digits(*p);
        let one = |stage: &StageMass| StageTotals {
            outcomes: stage.outcomes.iter().map(|values| values.iter().map(rounded).collect()).collect(),
            been_true: stage.untrue.iter().map(|p| to_twelve_digits(1.0 - p)).collect(),
            measured: stage.laws.iter().map(|laws| self.resolved(laws)).collect(),
        };
        self.by_stage.iter().map(one).collect()
    }
}
