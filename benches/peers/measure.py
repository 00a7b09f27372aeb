"""What a computation takes, measured as on our side (crates/counterplay-equilibrium/examples/peers/measure.rs)."""

import time

AT_LEAST_SECONDS = 1.0


def status_mb(line):
    """A line of /proc/self/status that counts kilobytes, in megabytes."""
    with open("/proc/self/status") as told:
        return next(int(rest.split()[1]) / 1024 for rest in told if rest.startswith(line))


def repeated(run):
    """The last result of `run`, repeated until a second has passed, and what it took: `seconds` and
    `cpu_seconds`, over all threads, of the mean run; `before_mb`, the memory held before the first run; and `peak_mb`,
    the most the process ever held. The mean and not the fastest run, as a slow program is run only once."""
    before_mb = status_mb("VmRSS:")
    begin, processor = time.perf_counter(), time.process_time()
    runs = 0
    while runs == 0 or time.perf_counter() - begin < AT_LEAST_SECONDS:
        result = run()
        runs += 1
    took = {
        "seconds": (time.perf_counter() - begin) / runs,
        "cpu_seconds": (time.process_time() - processor) / runs,
        "runs": runs,
        "before_mb": before_mb,
        "peak_mb": status_mb("VmHWM:"),
    }
    return result, took
