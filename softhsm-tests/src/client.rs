//! Somebody else's program that uses the same Keys through a PKCS#11 module of its own.

use crate::process::Program;
use crate::stage::program;
use crate::tool::Tool;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Stdio};

/// A running `pkcs11-client`, as root; see there for what can be said to it.
#[derive(Debug)]
pub struct Pkcs11Client {
    program: Program,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Pkcs11Client {
    /// Starts it with a module, which is loaded and not initialized.
    pub fn start(module: &Path, environment: &[(String, String)]) -> Self {
        let mut command = Tool::Env.command();
        command
            .arg(program("pkcs11-client"))
            .arg(module)
            .envs(environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut program = Program::spawn("pkcs11-client", Tool::Env, &mut command);
        let (input, output) = (program.take_stdin(), BufReader::new(program.take_stdout()));
        Self { program, input, output }
    }

    /// Says something that is understood, and gives the answer, which is empty when the program died of it.
    pub fn ask(&mut self, words: &str) -> String {
        self.tell(words);
        self.answer()
    }

    /// Says something and leaves the answer for later.
    pub fn tell(&mut self, words: &str) {
        writeln!(self.input, "{words}").unwrap();
    }

    /// The answer to what was said first of what has none yet. Waits for it.
    pub fn answer(&mut self) -> String {
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        answer.trim_end().to_owned()
    }

    /// Its process.
    pub fn program_mut(&mut self) -> &mut Program {
        &mut self.program
    }
}
