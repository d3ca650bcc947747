//! The filter of system calls: no other processes, no network, nothing done to other processes, nothing of the kernel's
//! administration. What a module legitimately does is not listed, since nobody knows what vendors do; what harms others
//! is. A denied call answers `EPERM`, as it would for want of a privilege.

mod arguments;
mod system_calls;

use std::collections::BTreeMap;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule, TargetArch, apply_filter};

use crate::error::Error;
use crate::permissions::{Allowance, Forking, Permissions};

/// Which system calls, and with which arguments; without any rule: always.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Who else can be sent a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signals {
    /// Nobody: this process only.
    Own,
    /// Whoever Landlock lets through: processes that this one has started.
    Scoped,
}

/// Denies it from here on, to this thread and all that it starts.
pub(crate) fn confine(permissions: &Permissions, signals: Signals) -> Result<(), Error> {
    let own = std::process::id();
    let mut denied = vec![
        always(system_calls::NEVER),
        arguments::of_one_self(own)?,
        arguments::of_sockets(permissions)?,
        arguments::of_namespaces()?,
    ];
    if signals == Signals::Own {
        denied.push(arguments::of_signals(own)?);
    }
    if permissions.forking == Forking::Denied {
        denied.extend([always(system_calls::STARTING), arguments::of_processes()?]);
    }
    if !permissions.allowed.contains(&Allowance::FileModes) {
        denied.extend([always(system_calls::FILE_MODES), arguments::of_file_times()?]);
    }
    if !permissions.allowed.contains(&Allowance::Scheduling) {
        denied.push(always(system_calls::SCHEDULING));
    }
    // One filter each: of several, the strictest answer holds.
    denied.into_iter().try_for_each(|rules| install(rules, libc::EPERM))?;
    // Its arguments are in memory, where a filter can't look; the C library then uses clone.
    install(always(&[libc::SYS_clone3]), libc::ENOSYS)?;
    system_calls::deny_other_numbering()
}

fn always(calls: &[i64]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

fn install(rules: Rules, errno: i32) -> Result<(), Error> {
    let answer = SeccompAction::Errno(errno.unsigned_abs());
    let architecture: TargetArch = std::env::consts::ARCH.try_into()?;
    let program: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, answer, architecture)?.try_into()?;
    apply(&program)
}

fn apply(program: &BpfProgram) -> Result<(), Error> {
    apply_filter(program).map_err(|error| Error::Seccomp(error.to_string()))
}
