//! Whom a consent is for: the executable behind a connection, or the connection alone.

use crate::process::Process;
use crate::requester::{ForeignUser, Looked, look};
use crate::script;
use std::collections::HashMap;
use ukey_dbus::ProgramScope;
use ukey_dbus::options::program::{DEVICE, INODE, PROGRAM, SCOPE, SCRIPT};
use ukey_formats::text::one_line;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, Variant};

/// Longest path that is told, in characters.
const PATH_MAX: usize = 255;
/// Longest name of a script that is told, in characters.
const SCRIPT_MAX: usize = 60;

/// Programs that do what somebody else wrote or typed, or speak for another program: who agrees to one use by them has
/// not agreed to the next. Without version numbers.
const FOR_OTHERS: &[&str] = &[
    // Interpreters and shells.
    "ash",
    "awk",
    "bash",
    "beam",
    "bun",
    "busybox",
    "csh",
    "dash",
    "deno",
    "dotnet",
    "electron",
    "erl",
    "fish",
    "gawk",
    "gjs",
    "gjs-console",
    "groovy",
    "guile",
    "irb",
    "java",
    "js",
    "jshell",
    "julia",
    "kotlin",
    "ksh",
    "lua",
    "luajit",
    "mawk",
    "mksh",
    "mono",
    "mono-sgen",
    "node",
    "nodejs",
    "ocaml",
    "octave",
    "osascript",
    "perl",
    "php",
    "pike",
    "powershell",
    "pwsh",
    "pypy",
    "python",
    "qml",
    "qmlscene",
    "r",
    "racket",
    "rhino",
    "rscript",
    "ruby",
    "scala",
    "sh",
    "swipl",
    "tcl",
    "tclsh",
    "toybox",
    "tcsh",
    "wine",
    "wine-preloader",
    "wish",
    "zsh",
    // What starts a program in its own process: the loader, emulators, debuggers.
    "gdb",
    "ld",
    "ld-linux",
    "lldb",
    "qemu",
    "valgrind",
    // Programs that send whatever call they are told to.
    "bustle",
    "busctl",
    "d-feet",
    "d-spy",
    "dbus-send",
    "gdbus",
    "qdbus",
    "qdbusviewer",
    // Programs that pass calls of others on.
    "dbus-daemon",
    "dbus-broker",
    "socat",
    "systemd-stdio-bridge",
    "xdg-dbus-proxy",
];

/// What the agent found out about a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Path of the executable; empty when unknown.
    program: String,
    script: Option<String>,
    /// Device and inode, where the executable alone says whose program it is.
    file: Option<(u64, u64)>,
}

/// Finds out about the owner of the unique name `caller`, which has to be of the user `uid`. What can't be known is
/// unknown, never an error.
///
/// # Errors
/// [`ForeignUser`] when the bus says that the connection belongs to another user.
pub(crate) async fn find(connection: &Connection, caller: &OwnedUniqueName, uid: u32) -> Result<Identity, ForeignUser> {
    match look(connection, caller, uid, |process| identity(&process)).await? {
        Looked::At(identity) => Ok(identity),
        Looked::Nowhere => Ok(Identity::default()),
    }
}

fn identity(process: &Process) -> Identity {
    let Some(executable) = process.executable() else { return Identity::default() };
    let path = executable.path.to_string_lossy();
    let name = executable.path.file_name().unwrap_or_default().to_string_lossy();
    let script = script::of_interpreter(&name, || process.command_line()).map(|script| one_line(&script, SCRIPT_MAX));
    let file = executable.file.filter(|_| script.is_none() && !is_for_others(&name));
    Identity { program: one_line(&path, PATH_MAX), script: script.filter(|script| !script.is_empty()), file }
}

/// Does a program called so do what others tell it? In doubt yes: a person is then asked once more.
fn is_for_others(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_listed = |name: &str| FOR_OTHERS.contains(&name);
    // python3.11-dbg, ld-linux-x86-64.so.2, qemu-aarch64-static, mono-sgen
    let before_number = name.split(|c: char| c.is_ascii_digit() || c == '.' || c == '_').next().unwrap_or_default();
    let first_word = name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    is_listed(&name) || is_listed(before_number.trim_end_matches('-')) || is_listed(first_word)
}

impl Identity {
    /// As it is answered.
    pub(crate) fn answer(self) -> HashMap<&'static str, Variant<'static>> {
        let scope = if self.file.is_some() { ProgramScope::Program } else { ProgramScope::Connection };
        let mut answer =
            HashMap::from([(PROGRAM, Variant::from(self.program)), (SCOPE, Variant::from(scope.as_str()))]);
        answer.extend(self.script.map(|script| (SCRIPT, Variant::from(script))));
        if let Some((device, inode)) = self.file {
            answer.extend([(DEVICE, Variant::from(device)), (INODE, Variant::from(inode))]);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_serve_others_are_known_by_any_version() {
        for name in [
            "python3",
            "python3.11",
            "python3.11-dbg",
            "perl5.36.0",
            "sh",
            "dash",
            "java",
            "node",
            "node18",
            "ruby2.7",
            "lua5.4",
            "busctl",
            "gdbus",
            "dbus-send",
            "dbus-daemon",
            "xdg-dbus-proxy",
            "ld-linux-x86-64.so.2",
            "ld.so",
            "gjs-console",
            "qemu-aarch64-static",
            "wine64-preloader",
            "mono-sgen",
            "php-fpm8.2",
            "systemd-stdio-bridge",
            "R",
            "PowerShell",
        ] {
            assert!(is_for_others(name), "{name}");
        }
        for name in ["procurement", "ukeyctl", "shopping", "orders", "nodes", "javelin", "采购", ""] {
            assert!(!is_for_others(name), "{name}");
        }
    }

    #[test]
    fn a_program_is_its_file_and_what_is_unknown_is_a_connection() {
        let process = Process::of_user(std::process::id(), rustix::process::getuid().as_raw()).unwrap();
        let own = identity(&process);
        assert_eq!(own.file, process.executable().unwrap().file);
        assert!(own.program.starts_with('/'), "{own:?}");
        let text = |answer: &HashMap<_, Variant<'_>>, key| answer[key].downcast_ref::<&str>().unwrap().to_owned();
        let answer = own.answer();
        assert_eq!((text(&answer, SCOPE), answer.len()), ("program".to_owned(), 4));
        let answer = Identity::default().answer();
        assert_eq!(
            (text(&answer, SCOPE), text(&answer, PROGRAM), answer.len()),
            ("connection".into(), String::new(), 2)
        );
    }
}
