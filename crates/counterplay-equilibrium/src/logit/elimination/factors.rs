//! The numbers of an elimination: factors, and solutions with them.

use super::plan::{Below, Entry, Group, NONE, Plan};
use crate::logit::layout::{InfoSet, Layout};
use crate::logit::sweep::View;
use crate::numeric::vector::dot;

/// A part of the tree is taken for constant where it changes the logits above it by less than this share of a change
/// of the reach below.
const NEGLIGIBLE: f64 = 1e-13;

/// The factors of the Jacobian at one point.
#[derive(Clone, Debug, Default)]
pub(crate) struct EliminationFactors {
    numbers: Vec<f64>,
    pivots: Vec<u32>,
    /// For each group, whether the part that it makes is as good as constant.
    constant: Vec<bool>,
    /// Whether the determinant is positive.
    pub(crate) positive: bool,
    /// Whether there are any.
    whole: bool,
    point: FactorPoint,
    work: SolutionBuffers,
}

/// The point of the factors.
#[derive(Clone, Debug, Default)]
struct FactorPoint {
    odds: Vec<f64>,
    new_odds: Vec<f64>,
    values: Vec<f64>,
    beliefs: Vec<f64>,
    action_values: Vec<f64>,
    precisions: Vec<f64>,
    logits: Vec<f64>,
}

impl FactorPoint {
    fn store(&mut self, at: &View<'_>, precisions: &[f64], logits: &[f64]) {
        let pairs = [
            (&mut self.odds, at.odds),
            (&mut self.new_odds, at.new_odds),
            (&mut self.values, at.values),
            (&mut self.beliefs, at.beliefs),
            (&mut self.action_values, at.action_values),
            (&mut self.precisions, precisions),
            (&mut self.logits, logits),
        ];
        for (to, from) in pairs {
            to.clear();
            to.extend_from_slice(from);
        }
    }

    fn view(&self) -> View<'_> {
        View {
            odds: &self.odds,
            new_odds: &self.new_odds,
            values: &self.values,
            beliefs: &self.beliefs,
            action_values: &self.action_values,
        }
    }
}

/// Arrays that are used again.
#[derive(Clone, Debug, Default)]
struct SolutionBuffers {
    /// The changes of values that do not depend on the reach, node by node, player by player.
    values: Vec<f64>,
    /// The changes of the logarithms of reach.
    reach: Vec<f64>,
    local: Vec<f64>,
    shift: Vec<f64>,
}

/// The numbers of one group, row by row.
struct Parts<'a> {
    /// $M$: from the reach of the frontier to its values.
    map: &'a mut [f64],
    /// From the reach of the frontier to the unknowns.
    response: &'a mut [f64],
    /// From the logits of the group to its unknowns, through what is below.
    back: &'a mut [f64],
    /// The factors of the identity less that.
    factors: &'a mut [f64],
    /// From the logits of the group to the values of the frontier, through what is below.
    through: &'a mut [f64],
}

impl Group {
    fn parts<'a>(&self, numbers: &'a mut [f64], players: usize) -> Parts<'a> {
        let (columns, unknowns) = (self.frontier.len(), self.unknowns);
        let rows = columns * players;
        let square = if self.coupled() { unknowns * unknowns } else { 0 };
        let (map, rest) = numbers.split_at_mut(rows * columns);
        let (response, rest) = rest.split_at_mut(unknowns * columns);
        let (back, rest) = rest.split_at_mut(square);
        let (factors, rest) = rest.split_at_mut(square);
        let through = if self.coupled() { &mut rest[..rows * unknowns] } else { &mut rest[..0] };
        Parts { map, response, back, factors, through }
    }
}

impl EliminationFactors {
    /// Factorises the Jacobian at the point of the last sweep; none where it is singular.
    pub(crate) fn find(
        &mut self,
        plan: &Plan,
        layout: &Layout,
        at: &View<'_>,
        precisions: &[f64],
        logits: &[f64],
    ) -> Option<()> {
        self.whole = false;
        self.point.store(at, precisions, logits);
        self.numbers.resize(plan.stored, 0.0);
        self.pivots.resize(plan.groups.last().map_or(0, |g| g.first_pivot + g.unknowns), 0);
        self.constant.clear();
        self.positive = true;
        let largest = precisions.iter().fold(0.0, |m: f64, l| m.max(*l));
        for group in &plan.groups {
            let (done, own) = self.numbers.split_at_mut(group.first);
            let mut parts = group.parts(own, layout.players);
            parts.clear();
            for below in group.below.iter().filter(|b| !self.constant[b.part]) {
                let part = &plan.groups[below.part];
                let map = &done[part.first..][..below.entries.len().pow(2) * layout.players];
                parts.collect(group, below, map, layout, at, precisions);
            }
            let pivots = &mut self.pivots[group.first_pivot..][..group.unknowns];
            self.positive ^= !parts.eliminate(group, layout, at, precisions, pivots)?;
            let size = parts.map.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            if !size.is_finite() {
                return None;
            }
            self.constant.push(size * largest < NEGLIGIBLE);
        }
        self.whole = true;
        Some(())
    }

    /// Whether they are those at these precisions and logits.
    pub(crate) fn are_of(&self, precisions: &[f64], logits: &[f64]) -> bool {
        self.whole && self.point.precisions == precisions && self.point.logits == logits
    }

    /// Forgets the factors, as where the game's numbers change.
    pub(crate) fn forget(&mut self) {
        self.whole = false;
    }

    /// Solves $x - H_z x = b$ with the Jacobian that was factorised last.
    pub(crate) fn solve(&mut self, plan: &Plan, layout: &Layout, b: &[f64]) -> Vec<f64> {
        let point = std::mem::take(&mut self.point);
        let x = self.solve_at(plan, layout, &point.view(), &point.precisions, b);
        self.point = point;
        x
    }

    fn solve_at(
        &mut self,
        plan: &Plan,
        layout: &Layout,
        at: &View<'_>,
        precisions: &[f64],
        b: &[f64],
    ) -> Vec<f64> {
        let mut x = vec![0.0; b.len()];
        self.work.values.clear();
        self.work.values.resize(layout.inner_count * layout.players, 0.0);
        self.work.reach.clear();
        self.work.reach.resize(layout.inner_count, 0.0);
        for group in plan.groups.iter().filter(|g| g.inner) {
            self.ascend(group, layout, at, precisions, b, &mut x);
        }
        for group in plan.groups.iter().rev() {
            self.descend(group, layout, at, b, &mut x);
        }
        x
    }

    /// The unknowns of a group and the values of its heads, as far as they do not depend on the reach.
    fn ascend(
        &mut self,
        group: &Group,
        layout: &Layout,
        at: &View<'_>,
        precisions: &[f64],
        b: &[f64],
        x: &mut [f64],
    ) {
        let n = layout.players;
        let parts = group.parts(&mut self.numbers[group.first..], n);
        let SolutionBuffers { values, local, shift, .. } = &mut self.work;
        local.clear();
        local.resize(group.unknowns, 0.0);
        for &(index, first) in &group.sets {
            let set = &layout.sets[index];
            respond_to_values(set, layout, at, precisions, values, &mut local[first..first + set.count]);
        }
        if group.coupled() {
            shift.clear();
            for &(index, _) in &group.sets {
                shift.extend_from_slice(&b[layout.sets[index].actions()]);
            }
            for (y, row) in local.iter_mut().zip(parts.back.chunks_exact(group.unknowns.max(1))) {
                *y += dot(row, shift);
            }
            let pivots = &self.pivots[group.first_pivot..][..group.unknowns];
            back_substitute(parts.factors, pivots, local);
        }
        for &(index, first) in &group.sets {
            let set = &layout.sets[index];
            x[set.actions()].copy_from_slice(&local[first..first + set.count]);
        }
        for &head in &group.heads {
            mix(head as usize, layout, at, x, values);
        }
        if group.coupled() && group.unknowns > 0 {
            for (s, y) in shift.iter_mut().zip(local.iter()) {
                *s += y;
            }
            let rows = parts.through.chunks_exact(n * group.unknowns);
            for (&node, rows) in group.frontier.iter().zip(rows) {
                for (player, row) in rows.chunks_exact(group.unknowns).enumerate() {
                    values[node as usize * n + player] += dot(row, shift);
                }
            }
        }
    }

    /// The solution at a group, given the changes of the reach of its frontier, and those of the frontiers below.
    fn descend(&mut self, group: &Group, layout: &Layout, at: &View<'_>, b: &[f64], x: &mut [f64]) {
        let parts = group.parts(&mut self.numbers[group.first..], layout.players);
        let SolutionBuffers { reach, local, shift, .. } = &mut self.work;
        let columns = group.frontier.len();
        local.clear();
        local.extend(group.frontier.iter().map(|&node| reach[node as usize]));
        shift.clear();
        shift.resize(group.unknowns, 0.0);
        for &(index, first) in &group.sets {
            let set = &layout.sets[index];
            for (k, action) in set.actions().enumerate() {
                let own = first + k;
                x[action] += b[action] + dot(&parts.response[own * columns..(own + 1) * columns], local);
                shift[own] = x[action];
            }
            let play = &at.odds[layout.branches..][set.actions()];
            let own = &mut shift[first..first + set.count];
            let mean = dot(play, own);
            for s in own.iter_mut() {
                *s -= mean;
            }
        }
        for below in &group.below {
            for entry in below.entries.iter().filter(|e| e.odds != NONE) {
                let shifted = shift.get(entry.unknown as usize).copied().unwrap_or(0.0);
                reach[entry.node as usize] = local[entry.column as usize] + shifted;
            }
        }
    }
}

impl Parts<'_> {
    fn clear(&mut self) {
        for numbers in [&mut *self.map, self.response, self.back, self.through] {
            numbers.fill(0.0);
        }
    }

    /// Adds what a part below passes on.
    fn collect(
        &mut self,
        group: &Group,
        below: &Below,
        map: &[f64],
        layout: &Layout,
        at: &View<'_>,
        precisions: &[f64],
    ) {
        let (n, columns, unknowns) = (layout.players, group.frontier.len(), group.unknowns);
        let width = below.entries.len();
        for (row, entry) in below.entries.iter().enumerate() {
            let weight = if entry.odds == NONE { 1.0 } else { at.new_odds[entry.odds as usize] };
            let own = &map[row * n * width..(row + 1) * n * width];
            for (player, numbers) in own.chunks_exact(width).enumerate() {
                let to = entry.column as usize * n + player;
                add(
                    weight,
                    numbers,
                    &below.entries,
                    &mut self.map[to * columns..(to + 1) * columns],
                    &mut self.through[to * unknowns..(to + 1) * unknowns],
                );
            }
            if entry.unknown != NONE {
                let (to, player) = (entry.unknown as usize, entry.player as usize);
                let before = group.frontier[entry.column as usize] as usize;
                add(
                    precisions[player] * at.beliefs[before],
                    &own[player * width..(player + 1) * width],
                    &below.entries,
                    &mut self.response[to * columns..(to + 1) * columns],
                    &mut self.back[to * unknowns..(to + 1) * unknowns],
                );
            }
        }
    }

    /// Eliminates the unknowns of a group whose parts below are collected; whether the determinant of its pivots is
    /// positive, and none where they are singular.
    fn eliminate(
        &mut self,
        group: &Group,
        layout: &Layout,
        at: &View<'_>,
        precisions: &[f64],
        pivots: &mut [u32],
    ) -> Option<bool> {
        let (n, columns, unknowns) = (layout.players, group.frontier.len(), group.unknowns);
        let mut column = 0;
        for &(index, first) in &group.sets {
            let set = &layout.sets[index];
            let own = first * columns..(first + set.count) * columns;
            if layout.members(set).len() > 1 {
                column = self.believe(group, column, set, layout, at, precisions, first);
            }
            centre(&mut self.response[own], columns);
            if group.coupled() {
                centre(&mut self.back[first * unknowns..(first + set.count) * unknowns], unknowns);
            }
        }
        let mut positive = true;
        if group.coupled() && unknowns > 0 {
            for &(index, first) in &group.sets {
                let set = &layout.sets[index];
                let play = &at.odds[layout.branches..][set.actions()];
                for row in self.back.chunks_exact_mut(unknowns).chain(self.through.chunks_exact_mut(unknowns))
                {
                    let own = &mut row[first..first + set.count];
                    let sum: f64 = own.iter().sum();
                    own.iter_mut().zip(play).for_each(|(x, p)| *x -= sum * p);
                }
            }
            for (k, (row, back)) in
                self.factors.chunks_exact_mut(unknowns).zip(self.back.chunks_exact(unknowns)).enumerate()
            {
                row.iter_mut().zip(back).for_each(|(x, b)| *x = -b);
                row[k] += 1.0;
            }
            positive = factorise(self.factors, self.response, pivots)?;
        }
        self.pass_on(group, layout, at, n);
        Some(positive)
    }

    /// The response of an information set to the reach of its members; returns the column of the member after its own.
    #[expect(clippy::too_many_arguments, reason = "they are the point and the place")]
    fn believe(
        &mut self,
        group: &Group,
        from: usize,
        set: &InfoSet,
        layout: &Layout,
        at: &View<'_>,
        precisions: &[f64],
        first: usize,
    ) -> usize {
        let (n, columns) = (layout.players, group.frontier.len());
        let members = layout.members(set);
        let start = from + group.frontier[from..].iter().position(|node| *node == members[0]).unwrap_or(0);
        for (k, &node) in members.iter().enumerate() {
            let scale = precisions[set.player] * at.beliefs[node as usize];
            let values = &at.action_values[set.actions()];
            for (a, (&child, value)) in layout.children(node as usize).iter().zip(values).enumerate() {
                let gain = at.values[child as usize * n + set.player] - value;
                self.response[(first + a) * columns + start + k] += scale * gain;
            }
        }
        start + members.len()
    }

    /// The map of the part that the group makes.
    fn pass_on(&mut self, group: &Group, layout: &Layout, at: &View<'_>, n: usize) {
        let (columns, unknowns) = (group.frontier.len(), group.unknowns);
        if unknowns == 0 || columns == 0 {
            return;
        }
        let mut row = vec![0.0; unknowns];
        for (place, &node) in group.frontier.iter().enumerate() {
            let odds = layout.odds(node as usize);
            let action = odds.start.checked_sub(layout.branches);
            let first = action.and_then(|action| group.unknown_of(layout, action));
            for player in 0..n {
                let to = place * n + player;
                if group.coupled() {
                    row.copy_from_slice(&self.through[to * unknowns..(to + 1) * unknowns]);
                } else {
                    row.fill(0.0);
                }
                if let Some(first) = first {
                    let here = at.values[node as usize * n + player];
                    let children = layout.children(node as usize).iter().zip(&at.new_odds[odds.clone()]);
                    for (x, (&child, p)) in row[first..].iter_mut().zip(children) {
                        *x += p * (at.values[child as usize * n + player] - here);
                    }
                }
                let map = &mut self.map[to * columns..(to + 1) * columns];
                for (x, response) in row.iter().zip(self.response.chunks_exact(columns)) {
                    if *x != 0.0 {
                        map.iter_mut().zip(response).for_each(|(m, r)| *m += x * r);
                    }
                }
            }
        }
    }
}

impl Group {
    /// The first unknown of the information set with this first action, if it is decided here.
    fn unknown_of(&self, layout: &Layout, action: usize) -> Option<usize> {
        self.sets.iter().find(|(set, _)| layout.sets[*set].first == action).map(|(_, first)| *first)
    }
}

/// Adds a row of the map of a part below, by columns of the group and by its unknowns.
fn add(weight: f64, row: &[f64], entries: &[Entry], by_column: &mut [f64], by_unknown: &mut [f64]) {
    if weight == 0.0 {
        return;
    }
    for (number, entry) in row.iter().zip(entries) {
        let x = weight * number;
        by_column[entry.column as usize] += x;
        if let Some(to) = by_unknown.get_mut(entry.unknown as usize) {
            *to += x;
        }
    }
}

/// Takes from each row the mean of all rows.
fn centre(rows: &mut [f64], width: usize) {
    if width == 0 {
        return;
    }
    let count = rows.len() / width;
    for column in 0..width {
        let mean = rows[column..].iter().step_by(width).sum::<f64>() / count as f64;
        rows[column..].iter_mut().step_by(width).for_each(|x| *x -= mean);
    }
}

/// The response of an information set to changes of the values below it, under fixed beliefs.
fn respond_to_values(
    set: &InfoSet,
    layout: &Layout,
    at: &View<'_>,
    precisions: &[f64],
    values: &[f64],
    out: &mut [f64],
) {
    let n = layout.players;
    for &node in layout.members(set) {
        let belief = at.beliefs[node as usize];
        for (out, &child) in out.iter_mut().zip(layout.children(node as usize)) {
            *out += belief * values.get(child as usize * n + set.player).copied().unwrap_or(0.0);
        }
    }
    let mean = out.iter().sum::<f64>() / set.count as f64;
    for y in out {
        *y = precisions[set.player] * (*y - mean);
    }
}

/// The change of a node's values from those of its children, and of the odds.
fn mix(node: usize, layout: &Layout, at: &View<'_>, x: &[f64], values: &mut [f64]) {
    let (n, odds) = (layout.players, layout.odds(node));
    let action = odds.start.checked_sub(layout.branches);
    for (k, (&child, p)) in layout.children(node).iter().zip(&at.new_odds[odds.clone()]).enumerate() {
        let y = action.map_or(0.0, |a| x[a + k]);
        let child = child as usize;
        for player in 0..n {
            let below = values.get(child * n + player).copied().unwrap_or(0.0);
            let gain = at.values[child * n + player] - at.values[node * n + player];
            values[node * n + player] += p * (below + gain * y);
        }
    }
}

/// Factorises a square matrix row by row with partial pivoting, and solves for the rows of `right`; whether the
/// determinant is positive, and none where the matrix is singular.
fn factorise(matrix: &mut [f64], right: &mut [f64], pivots: &mut [u32]) -> Option<bool> {
    let size = pivots.len();
    let width = right.len() / size;
    let mut positive = true;
    for k in 0..size {
        let pivot =
            (k..size).max_by(|&i, &j| matrix[i * size + k].abs().total_cmp(&matrix[j * size + k].abs()))?;
        let value = matrix[pivot * size + k];
        if value == 0.0 || !value.is_finite() {
            return None;
        }
        pivots[k] = u32::try_from(pivot).ok()?;
        positive ^= (pivot != k) ^ (value < 0.0);
        if pivot != k {
            swap_rows(matrix, size, k, pivot);
            swap_rows(right, width, k, pivot);
        }
        let (top, low) = matrix.split_at_mut((k + 1) * size);
        let top = &top[k * size..];
        let (right_top, right_low) = right.split_at_mut((k + 1) * width);
        let right_top = &right_top[k * width..];
        for (row, right) in low.chunks_exact_mut(size).zip(right_low.chunks_exact_mut(width.max(1))) {
            let factor = row[k] / value;
            row[k] = factor;
            if factor != 0.0 {
                row[k + 1..].iter_mut().zip(&top[k + 1..]).for_each(|(x, t)| *x -= factor * t);
                right.iter_mut().zip(right_top).for_each(|(x, t)| *x -= factor * t);
            }
        }
    }
    for k in (0..size).rev() {
        let (above, own) = right.split_at_mut(k * width);
        let own = &mut own[..width];
        for x in own.iter_mut() {
            *x /= matrix[k * size + k];
        }
        for (i, row) in above.chunks_exact_mut(width.max(1)).enumerate() {
            let factor = matrix[i * size + k];
            if factor != 0.0 {
                row.iter_mut().zip(own.iter()).for_each(|(x, o)| *x -= factor * o);
            }
        }
    }
    Some(positive)
}

fn swap_rows(matrix: &mut [f64], width: usize, a: usize, b: usize) {
    let (low, high) = matrix.split_at_mut(b * width);
    low[a * width..(a + 1) * width].swap_with_slice(&mut high[..width]);
}

/// Solves with the factors for one right-hand side, in place.
fn back_substitute(factors: &[f64], pivots: &[u32], x: &mut [f64]) {
    let size = pivots.len();
    for (k, &pivot) in pivots.iter().enumerate() {
        x.swap(k, pivot as usize);
    }
    for k in 0..size {
        x[k] -= dot(&factors[k * size..k * size + k], &x[..k]);
    }
    for k in (0..size).rev() {
        let row = &factors[k * size..(k + 1) * size];
        x[k] = (x[k] - dot(&row[k + 1..], &x[k + 1..])) / row[k];
    }
}
