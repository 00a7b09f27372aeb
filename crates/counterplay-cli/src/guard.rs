//! The child process in which files are read and analysed.
//!
//! A scenario is a program, perhaps a stranger's, and tables and games come from anywhere too. The library bounds steps and
//! memory, but what a bound inside a process cannot stop, such as an exhausted stack, ends the process. So every command
//! that reads a file runs again in a child with limits of its own and next to no environment, and the parent stays to tell
//! what became of it.
//!
//! The child's standard input is the *lifeline*: a byte on it is a Ctrl-C, its end is the end of the parent. The
//! terminal sends Ctrl-C to both; the child lets it pass and waits for the lifeline, so that it counts once.

use std::env;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio, exit};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use crate::failure::{BAD_INPUT, Failure, INTERRUPTED};
use crate::output::{complain, said, say};
use crate::size::Bytes;

/// Set in the child's environment.
const MARK: &str = "COUNTERPLAY_GUARDED";

/// Stack of each thread that works on a scenario.
pub(crate) const STACK: usize = 16 << 20;
/// What the program needs for itself, beyond what a scenario may use: the library reads on a large stack.
const OWN_MEMORY: u64 = 128 << 20;

static STOPPED: AtomicBool = AtomicBool::new(false);

/// Whether the user has asked to stop.
pub(crate) fn interrupted() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// Whether this process is the child.
pub(crate) fn inside() -> bool {
    env::var_os(MARK).is_some()
}

/// What the child sees of the environment: where its cache is, what its terminal shows, and what its runtime is told.
const ENVIRONMENT: [&str; 20] = [
    "APPDATA",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "GLIBC_TUNABLES",
    "HOME",
    "LINES",
    "LLVM_PROFILE_FILE",
    "LOCALAPPDATA",
    "NO_COLOR",
    "RAYON_NUM_THREADS",
    "RUST_BACKTRACE",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMPDIR",
    "USERPROFILE",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
];

/// What a command that runs in a child needs there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// What the process may hold.
    pub(crate) memory: Bytes,
    /// Threads that work.
    pub(crate) threads: usize,
    /// Whether it reads the standard input itself, so that there is no lifeline.
    pub(crate) standard_input: bool,
}

/// Runs the present command again in a child, and says how that ended.
pub(crate) fn run_in_child(needs: Needs) -> ExitCode {
    let memory = needs.memory;
    match start(needs) {
        Ok(child) => watch_over(child, memory),
        Err(failure) => {
            complain(&failure.to_string());
            failure.exit_code()
        }
    }
}

fn start(needs: Needs) -> Result<Child, Failure> {
    let failed =
        |e: std::io::Error| Failure::new(format!("the program could not start itself again: {}", said(&e)));
    let program = env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    let kept = ENVIRONMENT.iter().filter_map(|name| Some((name, env::var_os(name)?)));
    command.args(env::args_os().skip(1)).env_clear().envs(kept).env(MARK, "1");
    command.stdin(if needs.standard_input { Stdio::inherit() } else { Stdio::piped() });
    command.spawn().map_err(failed)
}

fn watch_over(mut child: Child, memory: Bytes) -> ExitCode {
    static PRESSED: AtomicU32 = AtomicU32::new(0);
    let mut lifeline = child.stdin.take();
    // Without a handler Ctrl-C ends the parent, and with it the lifeline and the child.
    let _ = ctrlc::set_handler(move || {
        if PRESSED.fetch_add(1, Ordering::Relaxed) == 0 {
            say("\nstopping; press Ctrl-C again to stop at once");
        }
        if let Some(lifeline) = &mut lifeline {
            // If the child is gone, there is nothing to stop.
            let _ = lifeline.write_all(b"!").and_then(|()| lifeline.flush());
        }
    });
    match child.wait() {
        Ok(status) => verdict(status, PRESSED.load(Ordering::Relaxed) > 0, memory),
        Err(error) => {
            complain(&format!("error: lost sight of the process that does the work: {}", said(&error)));
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn verdict(status: ExitStatus, pressed: bool, memory: Bytes) -> ExitCode {
    match status.code() {
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(BAD_INPUT)),
        None if pressed => ExitCode::from(INTERRUPTED),
        None => {
            complain(&cut_off(status, memory));
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// What is to be said of a child that did not end by itself.
#[cfg(unix)]
fn cut_off(status: ExitStatus, memory: Bytes) -> String {
    use std::os::unix::process::ExitStatusExt;
    let from_outside = |how: &str| format!("error: the work was ended from outside{how}");
    match status.signal() {
        Some(9) => {
            from_outside(", perhaps because the machine ran out of memory")
                + "\nhint: give it less to do, or lower `--max-process-memory`"
        }
        // What a fault of memory, or an exhausted stack, ends a process with.
        Some(4 | 6 | 7 | 8 | 10 | 11) => format!(
            "error: the work was stopped: it needed more memory than {memory}, or nested too deeply\n\
             hint: does something grow without an end? if not, raise `--max-process-memory`"
        ),
        Some(24) => "error: the work used up the processor time that the system gives it\n\
                     hint: `ulimit -t` says how much that is"
            .to_owned(),
        Some(25) => "error: a file would have become larger than the system lets it\n\
                     hint: `ulimit -f` says how large that is"
            .to_owned(),
        Some(15) => from_outside(": something asked it to end (SIGTERM)"),
        Some(signal) => from_outside(&format!(", by signal {signal}")),
        None => from_outside(""),
    }
}

#[cfg(not(unix))]
fn cut_off(_: ExitStatus, memory: Bytes) -> String {
    format!("error: the work was stopped: it needed more memory than {memory}, or nested too deeply")
}

/// Makes this process, the child, keep to its limits and listen to the lifeline.
pub(crate) fn enter(needs: Needs) {
    let stacks = (needs.threads * STACK) as u64;
    limit(needs.memory.0.saturating_add(OWN_MEMORY).saturating_add(stacks));
    if needs.standard_input {
        return;
    }
    // Ctrl-C comes by the lifeline. If no handler can be set, it ends the child at once, which is as well.
    let _ = ctrlc::set_handler(|| {});
    thread::spawn(|| {
        let mut lifeline = std::io::stdin().lock();
        let mut byte = [0];
        while lifeline.read(&mut byte).is_ok_and(|read| read == 1) {
            if STOPPED.swap(true, Ordering::Relaxed) {
                break;
            }
        }
        exit(i32::from(INTERRUPTED));
    });
}

/// The largest file that may be written.
#[cfg(unix)]
const MOST_WRITTEN: u64 = 16 << 30;

/// The most files that may be open at once.
#[cfg(unix)]
const MOST_OPEN: u64 = 256;

/// Bounds what the process may hold. Where the system knows no such bound, those of the library must do.
#[cfg(unix)]
fn limit(bytes: u64) {
    use rlimit::Resource;
    // Private memory that can be written to, and not address space: a thread reserves far more than it uses.
    let limits = [
        (Resource::DATA, bytes),
        (Resource::CORE, 0),
        (Resource::FSIZE, MOST_WRITTEN),
        (Resource::NOFILE, MOST_OPEN),
    ];
    for (resource, most) in limits {
        let (soft, hard) = resource.get().unwrap_or((rlimit::INFINITY, rlimit::INFINITY));
        // What is limited further already stays so.
        let _ = resource.set(most.min(soft), hard);
    }
}

#[cfg(not(unix))]
fn limit(_: u64) {}
