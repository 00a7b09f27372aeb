//! Linear systems that are known only by their products: GMRES (Saad and Schultz 1986).
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use pulp::NullaryFnOnce;

use crate::numeric::lanes::{
    Lanes, add, add_product, dot_lanes, each, in_registers, lanes, lanes_mut, product, subtract_product,
};

/// Solves $A x = b$ to a relative residual of `tolerance`, starting from zero, without restarts.
///
/// Returns the solution and its relative residual after at most `budget` products.
pub(crate) fn gmres(
    product: impl FnMut(&[f64], &mut [f64]),
    b: &[f64],
    tolerance: f64,
    budget: usize,
) -> (Vec<f64>, f64) {
    let (x, [relative]) = gmres_lanes(product, b, [tolerance], budget);
    (x, relative)
}

/// The same for one system in each lane. A lane that is solved is given zeros to multiply until all others are.
pub(crate) fn gmres_lanes<const L: usize>(
    mut product: impl FnMut(&[f64], &mut [f64]),
    b: &[f64],
    tolerances: Lanes<L>,
    budget: usize,
) -> (Vec<f64>, Lanes<L>) {
    let mut space = in_registers::<L, _>(Begin { b: lanes(b), tolerances });
    let mut w = vec![0.0; b.len()];
    for k in 0..budget.min(b.len() / L) {
        if space.done == [true; L] {
            break;
        }
        product(space.basis[k].as_flattened(), &mut w);
        in_registers::<L, _>(Grow { space: &mut space, w: lanes_mut(&mut w), tolerances });
    }
    let x = in_registers::<L, _>(Combine { space: &space, length: b.len() / L });
    (x, space.relative)
}

/// The columns of the upper Hessenberg matrix that a matrix is in the Krylov space from `start`, in each lane (Arnoldi 1951). Where
/// the space ends in a lane, because it holds its own products, the matrix is continued by the identity.
pub(crate) fn hessenberg<const L: usize>(
    mut product: impl FnMut(&[f64], &mut [f64]),
    start: &[f64],
    dimension: usize,
) -> Vec<Vec<Lanes<L>>> {
    let mut basis = vec![start.to_vec()];
    in_registers::<L, _>(Normalise { w: lanes_mut(&mut basis[0]), length: [0.0; L] });
    let mut columns = Vec::with_capacity(dimension);
    let mut w = vec![0.0; start.len()];
    for _ in 0..dimension.min(start.len() / L) {
        product(&basis[basis.len() - 1], &mut w);
        let mut column = in_registers::<L, _>(Project { basis: &basis, w: lanes_mut(&mut w) });
        let below = in_registers::<L, _>(Normalise { w: lanes_mut(&mut w), length: [0.0; L] });
        for lane in 0..L {
            // A vector of the basis that is nothing is one beyond the end of the space.
            if column.iter().all(|h| h[lane] == 0.0) {
                column[basis.len() - 1][lane] = 1.0;
            }
        }
        column.push(below);
        columns.push(column);
        basis.push(w.clone());
    }
    columns
}

/// Divides a vector by its length, which it returns; one that is nothing but rounding becomes zero.
struct Normalise<'a, const L: usize> {
    w: &'a mut [Lanes<L>],
    length: Lanes<L>,
}

impl<const L: usize> NullaryFnOnce for Normalise<'_, L> {
    type Output = Lanes<L>;

    #[inline(always)]
    fn call(mut self) -> Lanes<L> {
        self.length = dot_lanes(self.w, self.w).map(f64::sqrt);
        let length = self.length.map(|l| if l > 1e-13 { l } else { 0.0 });
        let scale = length.map(|l| if l > 0.0 { 1.0 / l } else { 0.0 });
        for w in self.w.iter_mut() {
            *w = product(w, &scale);
        }
        length
    }
}

/// Makes a vector orthogonal to a basis; its products with the basis.
struct Project<'a, const L: usize> {
    basis: &'a [Vec<f64>],
    w: &'a mut [Lanes<L>],
}

impl<const L: usize> NullaryFnOnce for Project<'_, L> {
    type Output = Vec<Lanes<L>>;

    #[inline(always)]
    fn call(self) -> Vec<Lanes<L>> {
        let mut column = vec![[0.0; L]; self.basis.len()];
        for (h, q) in column.iter_mut().zip(self.basis) {
            let q = lanes::<L>(q);
            *h = dot_lanes(q, self.w);
            for (w, q) in self.w.iter_mut().zip(q) {
                subtract_product(w, h, q);
            }
        }
        column
    }
}

/// The space that is spanned by the products so far.
struct Space<const L: usize> {
    basis: Vec<Vec<Lanes<L>>>,
    /// The triangle of the projected matrix, column by column.
    triangle: Vec<Lanes<L>>,
    /// Cosines and sines.
    rotations: Vec<[Lanes<L>; 2]>,
    rhs: Vec<Lanes<L>>,
    /// The length of $b$.
    length: Lanes<L>,
    relative: Lanes<L>,
    /// The dimension at which a lane was done.
    sizes: [usize; L],
    done: [bool; L],
}

/// The space before the first product.
struct Begin<'a, const L: usize> {
    b: &'a [Lanes<L>],
    tolerances: Lanes<L>,
}

impl<const L: usize> NullaryFnOnce for Begin<'_, L> {
    type Output = Space<L>;

    #[inline(always)]
    fn call(self) -> Space<L> {
        let length = each(dot_lanes(self.b, self.b), f64::sqrt);
        let (mut relative, mut done) = ([1.0; L], [false; L]);
        for lane in 0..L {
            done[lane] = length[lane] == 0.0 || self.tolerances[lane] >= 1.0;
            relative[lane] = if length[lane] == 0.0 { 0.0 } else { 1.0 };
        }
        let mut space = Space {
            basis: Vec::new(),
            triangle: Vec::new(),
            rotations: Vec::new(),
            rhs: vec![length],
            length,
            relative,
            sizes: [0; L],
            done,
        };
        space.add_to_basis(self.b, &length);
        space
    }
}

impl<const L: usize> Space<L> {
    /// Adds a vector, divided by its length, to the basis; zero in the lanes that are done.
    #[inline(always)]
    fn add_to_basis(&mut self, w: &[Lanes<L>], length: &Lanes<L>) {
        let done = self.done;
        let mut unit = w.to_vec();
        for x in &mut unit {
            for ((x, length), done) in x.iter_mut().zip(length).zip(done) {
                *x = if done { 0.0 } else { *x / length };
            }
        }
        self.basis.push(unit);
    }
}

/// Adds the product with the last vector of the basis to the space.
struct Grow<'a, const L: usize> {
    space: &'a mut Space<L>,
    w: &'a mut [Lanes<L>],
    tolerances: Lanes<L>,
}

impl<const L: usize> NullaryFnOnce for Grow<'_, L> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { space, w, tolerances } = self;
        let k = space.rotations.len();
        let start = space.triangle.len();
        space.triangle.resize(start + k + 1, [0.0; L]);
        let column = &mut space.triangle[start..];
        // Orthogonalised twice, so that rounding does not spoil the basis.
        for _ in 0..2 {
            for (h, q) in column.iter_mut().zip(&space.basis) {
                let r = dot_lanes(q, w);
                add(h, &r);
                for (w, q) in w.iter_mut().zip(q) {
                    subtract_product(w, &r, q);
                }
            }
        }
        let below = each(dot_lanes(w, w), f64::sqrt);
        for (i, [c, s]) in space.rotations.iter().enumerate() {
            (column[i], column[i + 1]) = rotated(c, s, &column[i], &column[i + 1]);
        }
        let mut radius = product(&column[k], &column[k]);
        add_product(&mut radius, &below, &below);
        let radius = each(radius, f64::sqrt);
        let (mut c, mut s) = (column[k], below);
        for lane in 0..L {
            c[lane] /= radius[lane];
            s[lane] /= radius[lane];
        }
        column[k] = radius;
        space.rotations.push([c, s]);
        let (rotated, next) = rotated(&c, &s, &space.rhs[k], &[0.0; L]);
        space.rhs[k] = rotated;
        space.rhs.push(next);
        let done = space.done;
        for lane in (0..L).filter(|&lane| !done[lane]) {
            // Not with a NaN either, which no further product makes a number.
            if radius[lane].is_nan() || radius[lane] == 0.0 {
                space.done[lane] = true;
                continue;
            }
            space.sizes[lane] = k + 1;
            let relative = next[lane].abs() / space.length[lane];
            space.relative[lane] = relative;
            let goes_on = relative > tolerances[lane] && below[lane] > 1e-300;
            space.done[lane] = !goes_on;
        }
        space.add_to_basis(w, &below);
    }
}

/// Two numbers turned by the angle of a cosine and a sine.
#[inline(always)]
fn rotated<const L: usize>(c: &Lanes<L>, s: &Lanes<L>, x: &Lanes<L>, y: &Lanes<L>) -> (Lanes<L>, Lanes<L>) {
    let (mut first, mut second) = (product(c, x), product(c, y));
    add_product(&mut first, s, y);
    for ((second, s), x) in second.iter_mut().zip(s).zip(x) {
        *second -= s * x;
    }
    (first, second)
}

/// Back substitution in the triangle, and the combination of the basis.
struct Combine<'a, const L: usize> {
    space: &'a Space<L>,
    length: usize,
}

impl<const L: usize> NullaryFnOnce for Combine<'_, L> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn call(self) -> Vec<f64> {
        let space = self.space;
        let count = space.rotations.len();
        let mut y = space.rhs[..count].to_vec();
        for k in (0..count).rev() {
            let column = &space.triangle[k * (k + 1) / 2..][..=k];
            for lane in 0..L {
                if k >= space.sizes[lane] {
                    y[k][lane] = 0.0;
                    continue;
                }
                y[k][lane] /= column[k][lane];
                for i in 0..k {
                    y[i][lane] -= column[i][lane] * y[k][lane];
                }
            }
        }
        let mut x = vec![0.0; self.length * L];
        for (y, q) in y.iter().zip(&space.basis) {
            for (x, q) in lanes_mut(&mut x).iter_mut().zip(q) {
                add_product(x, y, q);
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved_to_rounding() {
        let a = [[2.0, 1.0, 0.0], [0.5, -3.0, 1.0], [1.0, 0.0, 1.5]];
        let truth = [1.0, -2.0, 0.25];
        let product = |x: &[f64], out: &mut [f64]| {
            for (out, row) in out.iter_mut().zip(&a) {
                *out = row.iter().zip(x).map(|(a, x)| a * x).sum();
            }
        };
        let mut b = [0.0; 3];
        product(&truth, &mut b);
        let (x, relative) = gmres(product, &b, 1e-14, 10);
        assert!(relative < 1e-13);
        assert!(x.iter().zip(&truth).all(|(x, t)| (x - t).abs() < 1e-12));
    }

    const SIZE: usize = 9;

    /// Systems of different difficulty: the identity, a general one, one that is no number, one that is singular.
    fn entry(lane: usize, i: usize, j: usize) -> f64 {
        let wave = ((3 * i + 5 * j + lane) as f64).sin();
        match lane {
            0 => f64::from(u8::from(i == j)),
            1 => wave + if i == j { 3.0 } else { 0.0 },
            2 => f64::NAN,
            _ => f64::from(u8::from(i == j && i > 2)),
        }
    }

    fn multiply(lane: usize, x: impl Fn(usize) -> f64, i: usize) -> f64 {
        (0..SIZE).map(|j| entry(lane, i, j) * x(j)).sum()
    }

    #[test]
    fn a_lane_is_solved_as_it_is_alone_whatever_is_in_the_others() {
        for zero in 0..5 {
            let b = |lane: usize, i: usize| if lane == zero { 0.0 } else { ((i + lane) as f64).cos() };
            let tolerances = [1e-12, 1e-10, 1e-12, 1e-6];
            let product = |x: &[f64], out: &mut [f64]| {
                for (k, out) in out.iter_mut().enumerate() {
                    *out = multiply(k % 4, |j| x[j * 4 + k % 4], k / 4);
                }
            };
            let all: Vec<f64> = (0..SIZE * 4).map(|k| b(k % 4, k / 4)).collect();
            let (together, residuals) = gmres_lanes(product, &all, tolerances, 20);
            for lane in 0..4 {
                let own: Vec<f64> = (0..SIZE).map(|i| b(lane, i)).collect();
                let product = |x: &[f64], out: &mut [f64]| {
                    for (i, out) in out.iter_mut().enumerate() {
                        *out = multiply(lane, |j| x[j], i);
                    }
                };
                let (alone, residual) = gmres(product, &own, tolerances[lane], 20);
                let bits = |x: f64| if x.is_nan() { 0 } else { x.to_bits() };
                assert_eq!(bits(residuals[lane]), bits(residual));
                for (i, x) in alone.iter().enumerate() {
                    assert_eq!(bits(together[i * 4 + lane]), bits(*x), "lane {lane}, number {i}");
                }
            }
        }
    }
}
