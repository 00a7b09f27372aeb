"""The comparisons as a table."""

import datetime
import os
import platform
import re
import subprocess

BEGIN, END = "<!-- table: written by benches/peers/run --readme -->", "<!-- end of the table -->"


def total(took):
    """Several computations as one: seconds are added up, memory is the most that any needed."""
    sums = {key: sum(t[key] for t in took) for key in ("seconds", "cpu_seconds")}
    return sums | {key: max(t[key] for t in took) for key in ("before_mb", "peak_mb")}


def page(rows, notes, limit):
    lines = [
        machine(),
        "",
        "| question | size | Counterplay | peer | peer took | time ratio | cpu ratio | memory ratio | do the answers agree? |",
        "|---|---|---|---|---|---|---|---|---|",
        *(line(row, limit) for row in rows),
    ]
    lines += ["", *notes] if notes else []
    return "\n".join(lines)


def line(row, limit):
    if row.theirs is None:
        ratio = f"> {significant(limit / row.ours['seconds'])}"
        cells = [row.peer, f"> {limit:.0f} s", ratio, "", ""]
    else:
        ratios = [ratio_of(row, key) for key in ("seconds", "cpu_seconds", "peak_mb")]
        cells = [row.peer, took(row.theirs), *ratios]
    agree = {True: "yes", False: "**NO**", None: "?"}[row.agrees]
    return "| " + " | ".join([row.what, row.size, took(row.ours), *cells, f"{agree}: {row.check}"]) + " |"


def took(t):
    return f"{seconds(t['seconds'])}, {seconds(t['cpu_seconds'])} cpu, {t['peak_mb']:.0f} MB ({t['before_mb']:.0f} before)"


def ratio_of(row, key):
    return f"{significant(row.theirs[key] / row.ours[key])} x"


def seconds(value):
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{significant(value / size)} {unit}"
    return f"{significant(value / 1e-6)} µs"


def significant(value):
    """Two digits, which is more than a shared machine repeats."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def sentence(row):
    theirs = "out of time" if row.theirs is None else took(row.theirs)
    return f"{row.what}: {took(row.ours)}; {row.peer}: {theirs}; {row.check}"


def machine():
    """When and where this was measured."""
    with open("/proc/cpuinfo") as told:
        model = next((rest.split(":")[1].strip() for rest in told if rest.startswith("model name")), "unknown")
    commit = first_line("git", "rev-parse", "--short", "HEAD")
    load = os.getloadavg()[2]
    return (
        f"{datetime.date.today()}, {os.cpu_count()} cores ({model}), Linux {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, {first_line('rustc', '--version')}, Counterplay at {commit}; "
        f"the mean load over the last 15 minutes was {load:.1f}."
    )


def first_line(*command):
    folder = os.path.dirname(os.path.abspath(__file__))
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    return done.stdout.strip().splitlines()[0]


def put_into(readme, table):
    text = readme.read_text()
    between = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"{readme} has no place for the table")
    readme.write_text(between.sub(lambda _: f"{BEGIN}\n{table}\n{END}", text))
