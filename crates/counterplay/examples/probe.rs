//! probe
use counterplay::language::{Files, ReadLimits, read};
use counterplay::model::Model;
use counterplay::story::Limits;
use counterplay::watch::Unwatched;
use rand::SeedableRng;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let files: Files = std::fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|x| x == "star" || x == "bib"))
        .map(|p| {
            (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&p).unwrap())
        })
        .collect();
    let scenario = read("hanoi-2019", &files, &ReadLimits::default()).unwrap();
    let model = Model::new(&scenario, Limits::default(), &Unwatched).unwrap();
    println!(
        "expr {} actions {} branches {} ends {}",
        model.expressions().len(),
        model.game().action_count(),
        model.game().branch_count(),
        model.game().end_count()
    );
    let multi = model.game().info_set_ids().filter(|&s| model.game().members(s).len() > 1).count();
    println!("multi-member sets {multi} of {}", model.game().info_set_count());
    let g = model.game();
    let on: usize = g
        .info_set_ids()
        .filter(|&s| g.members(s).iter().any(|&n| g.children(n).any(|c| g.child_count(c) > 0)))
        .map(|s| g.actions(s).len())
        .sum();
    println!(
        "actions of sets that lead on: {on}; internal {}",
        g.nodes().filter(|&n| g.child_count(n) > 0).count()
    );
    let prior = scenario.joint_prior(&[]).unwrap();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let s9 = counterplay_equilibrium::qre::Settings {
        tolerance: 1e-8,
        gradient_tolerance: 1e-7,
        ..Default::default()
    };
    for _ in 0..200 {
        let theta = prior.sample(&mut rng).theta;
        let mut ev = model.evaluator(s9);
        let t = std::time::Instant::now();
        let f = ev.solve(&theta);
        let cold = t.elapsed();
        let Ok(f) = f else {
            println!("failed {f:?}");
            continue;
        };
        let near: Vec<f64> = theta.iter().map(|x| x * 1.01).collect();
        let t = std::time::Instant::now();
        let g = ev.solve(&near).unwrap();
        let warm = t.elapsed();
        let mut grad = vec![0.0; theta.len()];
        let t = std::time::Instant::now();
        let l = ev.log_likelihood_gradient(&theta, &mut grad).unwrap();
        let both = t.elapsed();
        println!(
            "cold {cold:?} {} sweeps; warm {warm:?} {} sweeps; with gradient {both:?}; ll {l:.2}",
            f.sweeps, g.sweeps
        );
    }
}
