//! Commands that people of the stage run.

use crate::person::Person;
use crate::pinentry::ScriptedPinentry;
use crate::process::Program;
use crate::stage::program;
use crate::tool::Tool;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A command's end.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ended {
    /// The same, but panics unless the code is 0.
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// Runs a program as this person, with an environment made from nothing, and waits for its end beside the test.
pub async fn as_person<S: AsRef<OsStr>>(person: Person, path: &Path, arguments: &[S]) -> Ended {
    let mut command = Program::command_as(person, path);
    command.args(arguments).current_dir(person.home());
    finish(command).await
}

/// Runs `ukeyctl` as this person on the stage's bus.
pub async fn ukeyctl<S: AsRef<OsStr>>(person: Person, arguments: &[S]) -> Ended {
    finish(ukeyctl_command(person, arguments)).await
}

/// The same, where its own dialogs are this person's scripted ones.
pub async fn ukeyctl_with_pinentry<S: AsRef<OsStr>>(script: &ScriptedPinentry, arguments: &[S]) -> Ended {
    let (name, folder) = script.environment();
    let mut command = ukeyctl_command(script.owner(), arguments);
    command.arg("--pinentry").arg(ScriptedPinentry::program()).env(name, folder);
    finish(command).await
}

fn ukeyctl_command<S: AsRef<OsStr>>(person: Person, arguments: &[S]) -> Command {
    let mut command = Program::command_as(person, &program("ukeyctl"));
    command.args(["--bus", "system"]).args(arguments).current_dir(person.home());
    command
}

async fn finish(mut command: Command) -> Ended {
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || Tool::Setpriv.output(&mut command)).await.unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
