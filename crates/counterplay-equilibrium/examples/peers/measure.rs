//! What a computation takes: seconds, seconds of processor time and memory.

use std::time::Instant;

use serde_json::{Value, json};

/// For how long a computation is repeated, so that hundredths of seconds of processor time are precise enough.
const AT_LEAST_SECONDS: f64 = 1.0;

/// The last result of a computation that is repeated until a second has passed, and what it took: `seconds` and
/// `cpu_seconds`, over all threads, of the mean run; `before_mb`, the memory held before the first run; and `peak_mb`,
/// the most the process ever held. The mean and not the fastest run, as a slow program is run only once.
pub(crate) fn repeated<T>(mut run: impl FnMut() -> T) -> (T, Value) {
    let before_mb = status_mb("VmRSS:");
    let (begin, processor) = (Instant::now(), cpu_seconds());
    let mut runs = 0;
    loop {
        let result = run();
        runs += 1;
        let seconds = begin.elapsed().as_secs_f64();
        if seconds < AT_LEAST_SECONDS {
            continue;
        }
        let cpu = cpu_seconds().zip(processor).map(|(now, then)| (now - then) / f64::from(runs));
        let took = json!({
            "seconds": seconds / f64::from(runs),
            "cpu_seconds": cpu,
            "runs": runs,
            "before_mb": before_mb,
            "peak_mb": status_mb("VmHWM:"),
        });
        return (result, took);
    }
}

/// Seconds of processor time that all threads have used, where Linux reports it.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name in brackets, the 12th and 13th fields: hundredths of seconds in the program and in the system.
    let fields = text.rsplit(')').next()?.split_whitespace().skip(11).take(2);
    fields.map(|f| f.parse::<f64>().ok()).sum::<Option<f64>>().map(|hundredths| hundredths * 0.01)
}

/// A line of `/proc/self/status` that counts kilobytes, in megabytes. Unlike the number of `getrusage`, it leaves out the
/// process that started this one.
fn status_mb(line: &str) -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix(line))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}
