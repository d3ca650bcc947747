//! No other processes: what the module starts would outlive a kill of this one and keep its socket open. Threads are
//! left alone. A module that can't do without is allowed to by its profile.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

use crate::error::Error;

/// May the module start processes?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forking {
    /// No.
    Denied,
    /// Yes: a keeper has to be put above the module's host first.
    Allowed,
    /// Yes: the parent is that keeper.
    Kept,
}

#[cfg(target_arch = "x86_64")]
const STARTING: &[i64] = &[libc::SYS_fork, libc::SYS_vfork, libc::SYS_execve, libc::SYS_execveat];
#[cfg(not(target_arch = "x86_64"))]
const STARTING: &[i64] = &[libc::SYS_execve, libc::SYS_execveat];

/// Denies it from here on, to this thread and all that it starts.
pub(crate) fn deny_forks() -> Result<(), Error> {
    let no_thread = SeccompCondition::new(
        0,
        SeccompCmpArgLen::Qword,
        SeccompCmpOp::MaskedEq(libc::CLONE_THREAD.unsigned_abs().into()),
        0,
    )?;
    let mut denied: BTreeMap<i64, Vec<SeccompRule>> = STARTING.iter().map(|call| (*call, Vec::new())).collect();
    denied.insert(libc::SYS_clone, vec![SeccompRule::new(vec![no_thread])?]);
    install(denied, libc::EPERM)?;
    // Its arguments are in memory, where a filter can't look; the C library then uses clone.
    install(BTreeMap::from([(libc::SYS_clone3, Vec::new())]), libc::ENOSYS)
}

impl From<seccompiler::BackendError> for Error {
    fn from(error: seccompiler::BackendError) -> Self {
        Self::Seccomp(error.to_string())
    }
}

fn install(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: i32) -> Result<(), Error> {
    let answer = SeccompAction::Errno(errno.unsigned_abs());
    let architecture: TargetArch = std::env::consts::ARCH.try_into()?;
    let program: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, answer, architecture)?.try_into()?;
    apply_filter(&program).map_err(|error| Error::Seccomp(error.to_string()))
}
