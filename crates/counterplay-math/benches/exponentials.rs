//! Exponentials and logarithms against those of the C library: `cargo bench -p counterplay-math`.
//!
//! Nanoseconds for each number, the fastest of several runs: one after the other where each waits for the last (latency), many
//! that do not wait (throughput), lanes of eight, and the two-action softmax that a sweep over a game tree is made of.
#![allow(missing_docs, clippy::disallowed_methods, clippy::disallowed_macros, clippy::disallowed_types)]

use std::hint::black_box;
use std::time::Instant;

use counterplay_math::{exp, exp_lanes, ln, ln_lanes};

const NUMBERS: usize = 4096;
const RUNS: usize = 400;

/// Nanoseconds for each of the numbers.
fn nanoseconds(mut run: impl FnMut() -> f64) -> f64 {
    let timed = |_| {
        let begin = Instant::now();
        black_box(run());
        begin.elapsed().as_secs_f64()
    };
    (0..RUNS).map(timed).fold(f64::INFINITY, f64::min) / NUMBERS as f64 * 1e9
}

fn latency(x: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    nanoseconds(|| x.iter().fold(0.0, |last, x| f(x + last * 1e-300)))
}

fn throughput(x: &[f64], out: &mut [f64], f: impl Fn(f64) -> f64) -> f64 {
    nanoseconds(|| {
        for (out, x) in out.iter_mut().zip(x) {
            *out = f(*x);
        }
        black_box(&out)[0]
    })
}

fn in_lanes(x: &[f64], out: &mut [f64], f: impl Fn([f64; 8]) -> [f64; 8]) -> f64 {
    nanoseconds(|| {
        for (out, x) in out.as_chunks_mut().0.iter_mut().zip(x.as_chunks().0) {
            *out = f(*x);
        }
        black_box(&out)[0]
    })
}

/// Two-action softmax of neighbours, as in a sweep.
fn softmax(x: &[f64], out: &mut [f64], exp: impl Fn(f64) -> f64) -> f64 {
    nanoseconds(|| {
        for (out, x) in out.as_chunks_mut::<2>().0.iter_mut().zip(x.as_chunks::<2>().0) {
            let [a, b] = *x;
            let small = exp(-(a - b).abs());
            let large = 1.0 / (1.0 + small);
            *out = if a >= b { [large, small * large] } else { [small * large, large] };
        }
        black_box(&out)[0]
    }) * 2.0
}

/// Softmax where each waits for the last one, as up a path of a game tree.
fn softmax_up_a_path(x: &[f64], exp: impl Fn(f64) -> f64) -> f64 {
    nanoseconds(|| {
        x.iter().fold(0.5, |value, x| {
            let [a, b] = [x + value, 0.5];
            let small = exp(-(a - b).abs());
            let large = 1.0 / (1.0 + small);
            if a >= b { large } else { small * large }
        })
    })
}

fn line(what: &str, library: f64, ours: f64) {
    println!("{what:<34} {library:>9.2} {ours:>9.2} {:>7.2}", ours / library);
}

fn main() {
    let x: Vec<f64> = (0..NUMBERS).map(|k| (k * 7919 % NUMBERS) as f64 / 200.0 - 10.0).collect();
    let positive: Vec<f64> = x.iter().map(|x| x.exp()).collect();
    let mut out = vec![0.0; NUMBERS];
    println!("{:<34} {:>9} {:>9} {:>7}", "nanoseconds a number", "C library", "ours", "ratio");
    line("exp, one after the other", latency(&x, f64::exp), latency(&x, exp));
    let library = throughput(&x, &mut out, f64::exp);
    line("exp, many", library, throughput(&x, &mut out, exp));
    line("exp, in lanes of 8", library, in_lanes(&x, &mut out, exp_lanes));
    line("ln, one after the other", latency(&positive, f64::ln), latency(&positive, ln));
    let library = throughput(&positive, &mut out, f64::ln);
    line("ln, many", library, throughput(&positive, &mut out, ln));
    line("ln, in lanes of 8", library, in_lanes(&positive, &mut out, ln_lanes));
    line("softmax of two, many", softmax(&x, &mut out, f64::exp), softmax(&x, &mut out, exp));
    line("softmax of two, up a path", softmax_up_a_path(&x, f64::exp), softmax_up_a_path(&x, exp));
}
