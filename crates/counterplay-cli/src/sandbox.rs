//! What the child can reach: of the files those that it was given, and neither the network nor other programs, as far as the
//! system can keep it to that. Linux can, by Landlock and by a filter on system calls; elsewhere limits are all there is.
//!
//! Both hold for the thread that asks for them and for those that it starts, so they are asked for before any other is there.

use std::fmt;

use crate::reach::Reach;

/// How far the system keeps a process to its [`Reach`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    files: Extent,
    calls: Extent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Whole,
    Partly,
    Not,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = match self.files {
            Extent::Whole => "only those it is given (Landlock)",
            Extent::Partly => "only those it is given, as far as this older kernel knows (Landlock)",
            Extent::Not => "not limited by this system",
        };
        let calls = match self.calls {
            Extent::Whole | Extent::Partly => "none (seccomp)",
            Extent::Not => "not limited by this system",
        };
        let limits = if cfg!(unix) { "memory, file sizes, open files" } else { "none from the system" };
        writeln!(f, "The process that reads files is held to:")?;
        writeln!(f, "  files               {files}")?;
        writeln!(f, "  network, programs   {calls}")?;
        write!(f, "  limits              {limits}")
    }
}

/// Keeps this thread, and those that it starts, to what they need.
#[cfg(target_os = "linux")]
pub(crate) fn enter(reach: &Reach) -> Kept {
    // The filter comes last: it refuses nothing that Landlock needs, but what is not there cannot be asked for.
    let files = linux::files(reach).unwrap_or(Extent::Not);
    let calls = if linux::calls().is_ok() { Extent::Whole } else { Extent::Not };
    Kept { files, calls }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn enter(_: &Reach) -> Kept {
    Kept { files: Extent::Not, calls: Extent::Not }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::error::Error;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
        RulesetStatus, path_beneath_rules,
    };
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

    use super::Extent;
    use crate::reach::Reach;

    /// The kernels that are written for; an older one does what it can.
    const KERNEL: ABI = ABI::V5;

    pub(super) fn files(reach: &Reach) -> Result<Extent, RulesetError> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let write: BitFlags<AccessFs> = read
            | AccessFs::WriteFile
            | AccessFs::RemoveFile
            | AccessFs::MakeReg
            | AccessFs::MakeDir
            | AccessFs::Truncate;
        let restricted = Ruleset::default()
            .handle_access(AccessFs::from_all(KERNEL))?
            .handle_access(AccessNet::from_all(KERNEL))?
            .create()?
            .add_rules(path_beneath_rules(&reach.read, read))?
            .add_rules(path_beneath_rules(&reach.write, write))?
            .restrict_self()?;
        Ok(match restricted.ruleset {
            RulesetStatus::FullyEnforced => Extent::Whole,
            RulesetStatus::PartiallyEnforced => Extent::Partly,
            RulesetStatus::NotEnforced => Extent::Not,
        })
    }

    /// Calls that reach other machines and other processes, or change what this one may do.
    const REFUSED: [i64; 24] = [
        libc::SYS_socket,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        libc::SYS_io_uring_setup,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_chroot,
        libc::SYS_pivot_root,
    ];

    /// What a refused call says: not permitted.
    const NOT_PERMITTED: u32 = libc::EPERM as u32;

    pub(super) fn calls() -> Result<(), Box<dyn Error>> {
        let refused: BTreeMap<i64, Vec<_>> = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
        let refuse = SeccompAction::Errno(NOT_PERMITTED);
        let here = std::env::consts::ARCH.try_into()?;
        let filter: BpfProgram =
            SeccompFilter::new(refused, SeccompAction::Allow, refuse, here)?.try_into()?;
        Ok(apply_filter(&filter)?)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::net::TcpListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_thread_reaches_what_it_was_given_and_nothing_else() {
        let (given, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(given.path().join("a"), "a").unwrap();
        fs::write(other.path().join("b"), "b").unwrap();
        let (given, other) = (given.path().to_owned(), other.path().to_owned());
        let (inside, outside) = (given.clone(), other.clone());
        // Both hold for the thread alone.
        let sandboxed = std::thread::spawn(move || {
            let reach = Reach::default().reading(&inside).writing(Some(&inside.join("result")));
            let kept = enter(&reach);
            if kept.files == Extent::Whole {
                assert_eq!(fs::read(inside.join("a")).unwrap(), b"a");
                crate::write_file::write_whole(&inside.join("result"), b"r").unwrap();
                assert!(fs::read(outside.join("b")).is_err() && fs::write(outside.join("c"), "").is_err());
                assert!(std::thread::spawn(move || fs::read(outside.join("b")).is_err()).join().unwrap());
            }
            if kept.calls == Extent::Whole {
                assert!(TcpListener::bind("127.0.0.1:0").is_err());
                assert!(Command::new("true").status().is_err());
            }
            kept
        });
        let kept = sandboxed.join().unwrap();
        assert_eq!(given.join("result").exists(), kept.files == Extent::Whole);
        assert!(other.exists());
    }
}
