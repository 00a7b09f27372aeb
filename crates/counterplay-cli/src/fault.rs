//! What is said when the program itself is at fault.

use std::panic::{UnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use crate::failure::BAD_INPUT;
use crate::output::complain;

/// Where the last panic was, and what it said.
static LAST: Mutex<String> = Mutex::new(String::new());

/// Runs the program; a panic becomes a plain sentence.
///
/// The library turns some panics into problems of the scenario, so that a panic is told only once it gets here.
pub(crate) fn caught(program: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    set_hook(Box::new(|panic| {
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string().replace('\n', " ");
    }));
    catch_unwind(program).unwrap_or_else(|payload| {
        // A panic of ours has a text; that of the standard library when memory runs out has none.
        let has_text = payload.is::<&str>() || payload.is::<String>();
        complain(&if has_text { our_fault() } else { OUT_OF_MEMORY.to_owned() });
        ExitCode::from(BAD_INPUT)
    })
}

const OUT_OF_MEMORY: &str = "error: the scenario needs more memory than it may use\n\
                             hint: does something grow without an end? if not, raise `--max-process-memory`";

fn our_fault() -> String {
    let what = LAST.lock().unwrap_or_else(PoisonError::into_inner).clone();
    format!(
        "error: the fault is in Counterplay {} itself, and not in the scenario ({what})\n\
         hint: please report it, with the scenario if you can: {}/issues",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_REPOSITORY"),
    )
}
