//! Landlock: which files the module can reach, whatever its user could. It holds for every thread and process that comes
//! after it, and can't be taken back. Older kernels do less of it; what is left then is in `docs/security.md`.

use std::path::Path;

use ::landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags, path_beneath_rules,
};

use crate::error::Error;
use crate::permissions::{Allowance, Permissions};

/// What is denied unless a rule allows it. On an older kernel: what it knows of that.
const FILES: ABI = ABI::V9;
const NETWORK: ABI = ABI::V4;
const SCOPES: ABI = ABI::V6;

/// What the linker, the C library and the common libraries read, as far as it holds nothing of anybody.
const LIBRARIES: &[&str] = &["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib"];
const SYSTEM: &[&str] = &[
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/usr/share/locale",
    "/usr/share/i18n",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/openssl.cnf",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/filesystems",
    "/proc/sys/crypto",
];
/// How a library finds USB devices. No process's data is there.
const DEVICE_LISTS: &[&str] = &["/sys/bus", "/sys/class", "/sys/dev", "/sys/devices", "/run/udev"];
/// USB devices, with the permissions that udev has given them.
const DEVICES: &[&str] = &["/dev/bus/usb", "/dev/null"];
/// Where `pcscd` listens.
const SMART_CARDS: &[&str] = &["/run/pcscd"];

const READ: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});
const CONNECT: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir | ResolveUnix});
const LOAD: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir | ResolveUnix | Execute});
const USE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir | WriteFile | IoctlDev});
/// No device nodes, and nothing that was written is executed.
const WRITE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{
    ReadFile | ReadDir | WriteFile | Truncate | IoctlDev | ResolveUnix | Refer
    | MakeReg | MakeDir | MakeSym | MakeFifo | MakeSock | RemoveFile | RemoveDir
});

/// The version of Landlock that is in force; 0 where the kernel has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LandlockVersion(pub(crate) u8);

impl LandlockVersion {
    /// Are signals kept within the module's own processes?
    pub(crate) fn scopes_signals(self) -> bool {
        self.0 >= SCOPES as u8
    }
}

/// Takes away from this thread, and all that it will start, every file but those of the system that libraries need, of
/// this library, and of the profile; TCP; abstract sockets of others; and signals to others.
///
/// Must run while the process has one thread. A path that is not there is passed over.
pub(crate) fn confine(library: &Path, permissions: &Permissions) -> Result<LandlockVersion, Error> {
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(FILES))?
        .handle_access(AccessNet::from_all(NETWORK))?
        .scope(Scope::from_all(SCOPES))?
        .create()?;
    let rules = with_paths(rules, LIBRARIES, LOAD)?;
    let rules = with_paths(rules, library.parent().filter(|folder| folder.parent().is_some()), LOAD)?;
    let rules = with_paths(rules, [library], LOAD)?;
    let rules = with_paths(rules, SYSTEM.iter().chain(DEVICE_LISTS), READ)?;
    let rules = with_paths(rules, DEVICES, USE)?;
    let rules = with_paths(rules, &permissions.read, LOAD)?;
    let rules = with_paths(rules, &permissions.write, WRITE)?;
    let unix = permissions.allowed.contains(&Allowance::UnixSockets);
    let rules = with_paths(rules, SMART_CARDS.iter().filter(|_| unix), CONNECT)?;
    let status = rules.restrict_self()?;
    Ok(match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, _) => LandlockVersion(0),
        (_, LandlockStatus::Available { effective_abi, .. }) => LandlockVersion(effective_abi as u8),
        // No ruleset can be enforced without it.
        (_, LandlockStatus::NotEnabled | LandlockStatus::NotImplemented) => LandlockVersion(0),
    })
}

fn with_paths<P: AsRef<Path>>(
    rules: RulesetCreated,
    paths: impl IntoIterator<Item = P>,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    rules.add_rules(path_beneath_rules(paths, access))
}
