//! trial
use counterplay::analyse::{Settings, analyse};
use counterplay::language::{Files, ReadLimits, read};
use counterplay::watch::{Stage, Watch};
use std::sync::Mutex;
struct W(Mutex<Vec<(Stage, std::time::Instant)>>);
impl Watch for W {
    fn advance(&self, s: Stage, d: usize, t: Option<usize>) {
        let mut v = self.0.lock().unwrap();
        if v.last().is_none_or(|l| l.0 != s) {
            let now = std::time::Instant::now();
            if let Some(l) = v.last() {
                eprintln!("{:?} took {:?}", l.0, now - l.1);
            }
            v.push((s, now));
        }
        if d % 200 == 0 {
            eprintln!("{s:?} {d} of {t:?} {:?}", v.last().unwrap().1.elapsed());
        }
    }
    fn cancelled(&self) -> bool {
        false
    }
}
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
    let t = std::time::Instant::now();
    let scenario = match read("hanoi-2019", &files, &ReadLimits::default()) {
        Ok(s) => s,
        Err(p) => {
            eprintln!("{p}");
            return;
        }
    };
    eprintln!("read {:?}", t.elapsed());
    let s = Settings {
        draws: std::env::args().nth(2).map_or(500, |x| x.parse().unwrap()),
        warmup: std::env::args().nth(2).map_or(500, |x| x.parse().unwrap()),
        ..Settings::default()
    };
    match analyse(&scenario, &s, &W(Mutex::default())) {
        Ok(a) => {
            eprintln!("{:?}", t.elapsed());
            println!("{}", serde_json::to_string(&a).unwrap())
        }
        Err(e) => eprintln!("{e}"),
    }
}
