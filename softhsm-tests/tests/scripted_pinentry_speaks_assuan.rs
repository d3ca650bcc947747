//! The pinentry of the tests behaves as a real one does on its pipe, and never writes a PIN down.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use ukey_softhsm_tests::{Dialog, DialogCommand, Outcome, Person, ScriptedPinentry, eventually, staged};

#[test]
fn it_shows_asks_answers_and_records() {
    staged(async || {
        let script = ScriptedPinentry::create(Person::Root);
        let mut pinentry = Pipe::start(&script);
        assert_eq!(pinentry.line(), "OK Pleased to meet you");
        assert_eq!(pinentry.ask("OPTION lc-ctype=zh_CN.UTF-8"), ["OK"]);
        assert_eq!(pinentry.ask("SETDESC 程序%3A 100%25%0A第二行"), ["OK"]);
        script.will_type("50% ä b");
        assert_eq!(pinentry.ask("GETPIN"), ["D 50%25 %C3%A4 b", "OK"]);
        script.will_refuse();
        assert_eq!(pinentry.ask("CONFIRM"), ["ERR 83886194 Not confirmed <Pinentry>"]);
        script.will_cancel();
        assert_eq!(pinentry.ask("GETPIN"), ["ERR 83886179 Operation cancelled <Pinentry>"]);
        script.will_type(&"x".repeat(2000));
        let lines = pinentry.ask("GETPIN");
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= 1000), "{lines:?}");
        assert!(pinentry.ask("GARBAGE")[0].starts_with("ERR "));
        assert!(pinentry.ask(&format!("SETDESC {}", "x".repeat(1000)))[0].starts_with("ERR "));
        assert_eq!(pinentry.ask("BYE"), ["OK closing connection"]);
        assert!(pinentry.process.wait().unwrap().success());

        let dialogs = script.dialogs();
        let outcomes: Vec<Outcome> = dialogs.iter().map(Dialog::outcome).collect();
        assert_eq!(outcomes, [Outcome::Pin, Outcome::Refused, Outcome::Cancelled, Outcome::Pin]);
        assert_eq!(dialogs[0].command(), DialogCommand::GetPin);
        assert_eq!(dialogs[1].command(), DialogCommand::Confirm);
        assert_eq!(dialogs[0].text("setdesc"), "程序: 100%\n第二行");
        assert!(dialogs.iter().all(|dialog| !dialog.everything().contains("50% ä b")));
    });
}

#[test]
fn without_an_answer_it_stays_open_until_it_is_killed() {
    staged(async || {
        let script = ScriptedPinentry::create(Person::Root);
        let mut pinentry = Pipe::start(&script);
        pinentry.line();
        pinentry.input.write_all(b"GETPIN\n").unwrap();
        assert_eq!(script.dialog(1).await.outcome(), Outcome::Open);
        pinentry.process.kill().unwrap();
        eventually("its end", async || pinentry.process.try_wait().unwrap()).await;
        assert_eq!(script.outcome(1).await, Outcome::Killed);
    });
}

struct Pipe {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Pipe {
    fn start(script: &ScriptedPinentry) -> Self {
        let (name, folder) = script.environment();
        let mut process = Command::new(ScriptedPinentry::program())
            .env(name, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, input, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    fn ask(&mut self, command: &str) -> Vec<String> {
        self.input.write_all(format!("{command}\n").as_bytes()).unwrap();
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            let last = line.starts_with("OK") || line.starts_with("ERR");
            lines.push(line);
            if last {
                return lines;
            }
        }
    }
}
