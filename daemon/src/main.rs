//! ukeyd: watches USB Keys, has the PIN asked on the user's own screen, signs for programs over D-Bus, and keeps a
//! Key from being locked by accident. It loads no vendor module and never reads a PIN.
#![forbid(unsafe_code)]

mod arguments;
mod audit;
mod bus;
mod certificate;
mod config;
mod fleet;
mod log;
mod modules;
mod prompt;
mod quiet;
mod run;
mod signing;
mod state_dir;
mod statistics;
mod token;

use arguments::{Arguments, Asked};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use std::fmt::Display;
use std::io::Write;
use std::panic;
use std::process::{self, ExitCode};

/// Exit code where the command line can't be understood.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match Asked::read(std::env::args_os().skip(1)) {
        Ok(Asked::Serve(arguments)) => match start(arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => last_word(&error, ExitCode::FAILURE),
        },
        // Whoever has asked may not read to the end.
        Ok(Asked::Text(text)) => {
            std::io::stdout().write_all(text.as_bytes()).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
        }
        Err(error) => last_word(&format!("{error}; see ukeyd --help"), ExitCode::from(USAGE)),
    }
}

/// What has panicked may be half changed, and a task of it is gone: the service ends, and is started anew as after a kill.
/// A release build can't do anything else; others are to be the same.
fn end_on_panic() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        tell(what);
        process::abort();
    }));
}

#[expect(clippy::print_stderr, reason = "the last word of a program that cannot go on")]
fn last_word(why: &dyn Display, code: ExitCode) -> ExitCode {
    eprintln!("ukeyd: {why}");
    code
}

fn start(arguments: Arguments) -> Result<(), run::RunError> {
    end_on_panic();
    // Descriptors with PINs waiting in them pass through this process: nobody may look into it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(std::io::Error::from)?;
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(std::io::Error::from)?;
    // Each call may bring a descriptor; the usual soft limit of 1024 is for programs that use select().
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).map_err(std::io::Error::from)?;
    let plan = run::Plan::read(arguments)?;
    log::start(plan.log());
    // One thread: everything that matters happens between the bus and the shims, and a hop to another thread costs
    // more than the work. The runtime stays on the main thread, which starts the shims.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(plan.run());
    // A thread may hang in a caller's file system for ever.
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::Signal;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    /// Set for the process that is to panic.
    const CHILD: &str = "UKEYD_TEST_PANICS";

    #[test]
    fn a_panic_in_any_thread_ends_the_program() {
        if std::env::var_os(CHILD).is_some() {
            end_on_panic();
            let _ = std::thread::spawn(|| panic!("on purpose")).join();
            return;
        }
        let name = "tests::a_panic_in_any_thread_ends_the_program";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let child = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        assert_eq!(child.status.signal(), Some(Signal::ABORT.as_raw()), "{child:?}");
        assert!(String::from_utf8_lossy(&child.stderr).contains("on purpose"), "{child:?}");
    }
}
