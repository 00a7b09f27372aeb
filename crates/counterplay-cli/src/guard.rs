//! The child process in which a scenario is read and analysed.
//!
//! A scenario is a program, perhaps a stranger's. The library bounds its steps and its memory, but what a bound
//! inside a process cannot stop, such as an exhausted stack, ends the process. So every command that reads a
//! scenario runs again in a child with limits of its own, and the parent stays to tell what became of it.
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

/// Runs the present command again in a child, and says how that ended.
pub(crate) fn run_in_child(memory: Bytes) -> ExitCode {
    match start() {
        Ok(child) => watch_over(child, memory),
        Err(failure) => {
            complain(&failure.to_string());
            failure.exit_code()
        }
    }
}

fn start() -> Result<Child, Failure> {
    let failed =
        |e: std::io::Error| Failure::new(format!("the program could not start itself again: {}", said(&e)));
    let program = env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(env::args_os().skip(1)).env(MARK, "1").stdin(Stdio::piped());
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
    const KILLED: i32 = 9;
    match status.signal() {
        Some(KILLED) => {
            "error: the work was ended from outside, perhaps because the machine ran out of memory\n\
                         hint: give it less to do, or lower `--max-process-memory`"
                .to_owned()
        }
        _ => format!(
            "error: the scenario was stopped: it needed more memory than {memory}, or nested too deeply\n\
             hint: does something grow without an end? if not, raise `--max-process-memory`"
        ),
    }
}

#[cfg(not(unix))]
fn cut_off(_: ExitStatus, memory: Bytes) -> String {
    format!("error: the scenario was stopped: it needed more memory than {memory}, or nested too deeply")
}

/// Makes this process, the child, keep to its limits and listen to the lifeline. `threads` work on the scenario.
pub(crate) fn enter(memory: Bytes, threads: usize) {
    limit(memory.0.saturating_add(OWN_MEMORY).saturating_add((threads * STACK) as u64));
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

/// Bounds what the process may hold. Where the system knows no such bound, those of the library must do.
#[cfg(unix)]
fn limit(bytes: u64) {
    use rlimit::Resource;
    // Private memory that can be written to, and not address space: a thread reserves far more than it uses.
    for (resource, most) in [(Resource::DATA, bytes), (Resource::CORE, 0)] {
        let hard = resource.get_hard().unwrap_or(rlimit::INFINITY);
        let _ = resource.set(most.min(hard), hard);
    }
}

#[cfg(not(unix))]
fn limit(_: u64) {}
