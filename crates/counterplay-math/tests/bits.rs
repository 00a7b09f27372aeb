//! The bits of every function, against a record of them: the same on every machine, whatever its processor offers.
//!
//! `RECORD=1 cargo test -p counterplay-math --test bits` writes the record.

use counterplay_math as math;

/// A hash of numbers by their bits (FNV-1a).
struct Hash(u64);

impl Hash {
    fn add(&mut self, x: f64) {
        // One NaN is as good as another: their signs are not said by IEEE 754.
        let x = if x.is_nan() { f64::NAN } else { x };
        for byte in x.to_bits().to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// A hundred thousand numbers: any bits at all, and moderate ones.
fn numbers() -> impl Iterator<Item = f64> {
    let mut state = 1_u64;
    (0..100_000).map(move |k| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = state ^ (state >> 29);
        if k % 2 == 0 {
            f64::from_bits(mixed)
        } else {
            (mixed >> 11) as f64 * 2.0_f64.powi(-53) * 80.0 - 40.0
        }
    })
}

fn hash(function: impl Fn(f64) -> f64) -> String {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    numbers().for_each(|x| hash.add(function(x)));
    format!("{:016x}", hash.0)
}

#[test]
fn every_function_has_the_recorded_bits() {
    let probability = |x: f64| math::exp(-x.abs());
    let found = [
        ("exp", hash(math::exp)),
        ("exp in lanes", hash(|x| math::exp_lanes([0.5, x, -2.0, 1.0])[1])),
        ("ln", hash(math::ln)),
        ("ln in lanes", hash(|x| math::ln_lanes([0.5, x, -2.0, 1.0])[1])),
        ("ln_1p", hash(math::ln_1p)),
        ("exp_m1", hash(math::exp_m1)),
        ("log2", hash(math::log2)),
        ("log10", hash(math::log10)),
        ("powf", hash(|x| math::powf(x.abs(), 0.3))),
        ("powi", hash(|x| math::powi(x, -7))),
        ("cbrt", hash(math::cbrt)),
        ("hypot", hash(|x| math::hypot(x, 3.0))),
        ("atan2", hash(|x| math::atan2(x, 3.0))),
        ("ln_gamma", hash(|x| math::ln_gamma(x.abs()))),
        ("digamma", hash(|x| math::digamma(x.abs()))),
        ("erf", hash(math::erf)),
        ("erfc", hash(math::erfc)),
        ("normal_quantile", hash(|x| math::normal_quantile(probability(x)))),
        ("gamma_tails", hash(|x| math::gamma_tails(2.5, x.abs()).1)),
    ];
    let found = found.iter().fold(String::new(), |all, (name, hash)| all + &format!("{hash} {name}\n"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bits.txt");
    if std::env::var_os("RECORD").is_some() {
        std::fs::write(file, &found).expect("a file that can be written");
    }
    assert_eq!(found, std::fs::read_to_string(file).expect("the record"));
}
