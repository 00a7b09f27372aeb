//! What a run may still do: the work and the memory that the evaluator does not see.

use std::rc::Rc;

use crate::limits::ReadLimits;
use crate::values::failure::{too_many_steps, too_much_memory};
use counterplay::problem::Problem;

/// This number of items or characters is about as much work as one step.
const UNITS_PER_STEP: u64 = 100;

/// After this number of units the memory is looked at, and whether to go on is asked.
const UNITS_PER_LOOK: u64 = 100_000;

/// What a run has used up beside the evaluator's own steps and memory.
pub(crate) struct Budget {
    max_steps: u64,
    max_memory: usize,
    stop: Rc<dyn Fn() -> bool>,
    units: u64,
    looked_at: u64,
    /// Bytes that are not on the evaluator's heap.
    held: usize,
}

impl Budget {
    /// That of a run which begins now.
    pub(crate) fn of(limits: &ReadLimits) -> Self {
        Self {
            max_steps: limits.max_steps,
            max_memory: limits.max_memory,
            stop: Rc::from((limits.begin)()),
            units: 0,
            looked_at: 0,
            held: 0,
        }
    }

    /// Tells whether someone wants the run to end.
    pub(crate) fn stop_sign(&self) -> Rc<dyn Fn() -> bool> {
        Rc::clone(&self.stop)
    }

    /// Counts work; says whether it is time to look at the memory.
    pub(crate) fn spend(&mut self, units: usize) -> Result<bool, Problem> {
        self.units = self.units.saturating_add(units as u64);
        if self.units / UNITS_PER_STEP > self.max_steps {
            return Err(too_many_steps("this run", self.max_steps));
        }
        if self.units - self.looked_at < UNITS_PER_LOOK {
            return Ok(false);
        }
        self.looked_at = self.units;
        if (self.stop)() { Err(Problem::new("stopped")) } else { Ok(true) }
    }

    /// Counts memory that the evaluator does not see.
    pub(crate) fn hold(&mut self, bytes: usize) {
        self.held = self.held.saturating_add(bytes);
    }

    /// Refuses to go on with more than the memory, of which the evaluator sees this much.
    pub(crate) fn check_memory(&self, allocated: usize) -> Result<(), Problem> {
        if allocated.saturating_add(self.held) > self.max_memory {
            return Err(too_much_memory("this run", self.max_memory));
        }
        Ok(())
    }
}
