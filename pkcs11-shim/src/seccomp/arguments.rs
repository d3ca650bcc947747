//! System calls that are denied with some arguments only.

use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{Eq, MaskedEq, Ne};
use seccompiler::{BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

use super::Rules;
use crate::permissions::{Allowance, Permissions};

/// What the `libc` crate does not name: who gets a descriptor's signals, and which (`asm-generic/fcntl.h`, `sockios.h`);
/// input and selection of the console (`asm-generic/ioctls.h`).
const F_SETSIG: i32 = 10;
const F_SETOWN_EX: i32 = 15;
const FIOSETOWN: u64 = 0x8901;
const SIOCSPGRP: u64 = 0x8902;
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541c;

const NEW_NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Whose process it is, whom a signal of a descriptor goes to, limits of other processes, input of terminals.
pub(super) fn of_one_self(own: u32) -> Result<Rules, BackendError> {
    let options = [libc::PR_SET_PDEATHSIG, libc::PR_SET_DUMPABLE];
    let owners = [libc::F_SETOWN, F_SETOWN_EX, F_SETSIG];
    let controls = [FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX];
    Ok(Rules::from([
        (libc::SYS_prctl, each(options, |option| when([argument(0, Dword, Eq, option.unsigned_abs().into())]))?),
        (libc::SYS_fcntl, each(owners, |command| when([argument(1, Dword, Eq, command.unsigned_abs().into())]))?),
        (libc::SYS_ioctl, each(controls, |request| when([argument(1, Dword, Eq, request)]))?),
        (libc::SYS_prlimit64, vec![when([argument(0, Dword, Ne, 0), argument(0, Dword, Ne, own.into())])?]),
    ]))
}

/// Signals to others. Their effect, unlike that of a closed descriptor, is on processes of the same user.
pub(super) fn of_signals(own: u32) -> Result<Rules, BackendError> {
    let others = || Ok(vec![when([argument(0, Dword, Ne, own.into())])?]);
    let mut rules = super::always(&[libc::SYS_tkill, libc::SYS_pidfd_send_signal]);
    for call in [libc::SYS_kill, libc::SYS_tgkill, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo] {
        rules.insert(call, others()?);
    }
    Ok(rules)
}

/// All kinds of sockets but those that are allowed.
pub(super) fn of_sockets(permissions: &Permissions) -> Result<Rules, BackendError> {
    let families = [(Allowance::UnixSockets, libc::AF_UNIX), (Allowance::UsbEvents, libc::AF_NETLINK)];
    let allowed = families.into_iter().filter(|(allowance, _)| permissions.allowed.contains(allowance));
    let others: Vec<_> = allowed.map(|(_, family)| argument(0, Dword, Ne, family.unsigned_abs().into())).collect();
    let mut rules = Vec::new();
    if !others.is_empty() {
        rules.push(when(others)?);
        let netlink = argument(0, Dword, Eq, libc::AF_NETLINK.unsigned_abs().into());
        let other_messages = argument(2, Dword, Ne, libc::NETLINK_KOBJECT_UEVENT.unsigned_abs().into());
        rules.push(when([netlink, other_messages])?);
    }
    Ok(Rules::from([(libc::SYS_socket, rules)]))
}

/// New namespaces, with the process or without one.
pub(super) fn of_namespaces() -> Result<Rules, BackendError> {
    Ok(Rules::from([(
        libc::SYS_clone,
        each(NEW_NAMESPACES, |flag| {
            let bit = u64::from(flag.unsigned_abs());
            when([argument(0, Qword, MaskedEq(bit), bit)])
        })?,
    )]))
}

/// A new process; threads are none.
pub(super) fn of_processes() -> Result<Rules, BackendError> {
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    Ok(Rules::from([(libc::SYS_clone, vec![when([argument(0, Qword, MaskedEq(thread), 0)])?])]))
}

/// Times of a file by its path; those of a descriptor (no path) are for its owner.
pub(super) fn of_file_times() -> Result<Rules, BackendError> {
    Ok(Rules::from([(libc::SYS_utimensat, vec![when([argument(1, Qword, Ne, 0)])?])]))
}

/// One rule for each of these.
fn each<T, const N: usize>(
    values: [T; N],
    rule: impl Fn(T) -> Result<SeccompRule, BackendError>,
) -> Result<Vec<SeccompRule>, BackendError> {
    values.into_iter().map(rule).collect()
}

/// Fits when all of these do.
fn when(conditions: impl Into<Vec<Result<SeccompCondition, BackendError>>>) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.into().into_iter().collect::<Result<_, _>>()?)
}

fn argument(
    number: u8,
    length: SeccompCmpArgLen,
    comparison: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(number, length, comparison, value)
}
