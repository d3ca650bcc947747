//! The test's side of `scripted-pinentry`: gives answers, sees dialogs.

use crate::person::Person;
use crate::process::is_running;
use crate::stage::{STAGE, private_folder, program};
use crate::wait::eventually;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a dialog was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogCommand {
    /// Asked for a PIN.
    GetPin,
    /// Asked yes or no.
    Confirm,
    /// Only told something.
    Message,
}

/// How a dialog ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not yet.
    Open,
    /// The program was killed before an answer.
    Killed,
    /// A PIN was given.
    Pin,
    /// It was closed.
    Cancelled,
    /// Yes.
    Confirmed,
    /// No.
    Refused,
    /// The script had an answer for another kind of dialog.
    Unfit,
}

/// A dialog that was shown.
#[derive(Clone, Debug)]
pub struct Dialog {
    shown: Value,
    outcome: Option<String>,
}

impl Dialog {
    /// What it asked.
    pub fn command(&self) -> DialogCommand {
        match self.shown["command"].as_str() {
            Some("getpin") => DialogCommand::GetPin,
            Some("confirm") => DialogCommand::Confirm,
            _ => DialogCommand::Message,
        }
    }

    /// The text of a `SET…` command, by its name in lower case (`setdesc`); empty when there was none.
    pub fn text(&self, command: &str) -> &str {
        self.shown[command].as_str().unwrap_or_default()
    }

    /// Everything it showed and was told, as one text.
    pub fn everything(&self) -> String {
        self.shown.to_string()
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        match self.outcome.as_deref() {
            Some("pin") => Outcome::Pin,
            Some("cancelled") => Outcome::Cancelled,
            Some("confirmed") => Outcome::Confirmed,
            Some("refused") => Outcome::Refused,
            Some(_) => Outcome::Unfit,
            None if is_running(self.pid()) => Outcome::Open,
            None => Outcome::Killed,
        }
    }

    /// The process that shows or showed it.
    pub fn pid(&self) -> u32 {
        self.shown["pid"].as_u64().and_then(|pid| pid.try_into().ok()).unwrap()
    }
}

/// One user's scripted pinentry.
#[derive(Debug)]
pub struct ScriptedPinentry {
    folder: PathBuf,
    owner: Person,
    count: AtomicU32,
}

impl ScriptedPinentry {
    /// Without answers yet: dialogs stay open until there are.
    pub fn create(owner: Person) -> Self {
        Self::at(owner, owner.name())
    }

    /// The same for another desktop of the owner's.
    pub(crate) fn at(owner: Person, desktop: &str) -> Self {
        let folder = Path::new(STAGE).join("pinentry").join(desktop);
        private_folder(folder.join("answers").to_str().unwrap(), owner);
        private_folder(folder.to_str().unwrap(), owner);
        Self { folder, owner, count: AtomicU32::new(0) }
    }

    /// Whose dialogs these are.
    pub fn owner(&self) -> Person {
        self.owner
    }

    /// The program to name as pinentry.
    pub fn program() -> PathBuf {
        program("scripted-pinentry")
    }

    /// What its environment needs.
    pub fn environment(&self) -> (&'static str, &Path) {
        ("SCRIPTED_PINENTRY", &self.folder)
    }

    /// The next dialog gets this PIN.
    pub fn will_type(&self, pin: &str) {
        self.will(&format!("pin {pin}"));
    }

    /// The next dialog is closed.
    pub fn will_cancel(&self) {
        self.will("cancel");
    }

    /// The next question is answered with yes.
    pub fn will_confirm(&self) {
        self.will("confirm");
    }

    /// The next question is answered with no.
    pub fn will_refuse(&self) {
        self.will("refuse");
    }

    /// Reads the message that is shown or about to be, and puts it away.
    pub async fn read_message(&self) {
        let read = || {
            let dialogs = self.dialogs();
            let messages = dialogs.iter().filter(|dialog| dialog.command() == DialogCommand::Message);
            messages.filter(|message| message.outcome() == Outcome::Confirmed).count()
        };
        let before = read();
        self.will_confirm();
        eventually("a message", async || (read() > before).then_some(())).await;
    }

    /// Is a dialog on the screen?
    pub fn is_asking(&self) -> bool {
        self.dialogs().last().is_some_and(|dialog| dialog.outcome() == Outcome::Open)
    }

    /// Every dialog so far, in the order in which they appeared.
    pub fn dialogs(&self) -> Vec<Dialog> {
        // There is no log before the first dialog.
        let log = fs::read_to_string(self.folder.join("dialogs.log")).unwrap_or_default();
        let mut dialogs: Vec<Dialog> = Vec::new();
        for line in log.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            match value["outcome"].as_str() {
                None => dialogs.push(Dialog { shown: value, outcome: None }),
                Some(outcome) => {
                    let ended = dialogs.iter_mut().rfind(|dialog| dialog.shown["pid"] == value["pid"]).unwrap();
                    ended.outcome = Some(outcome.to_owned());
                }
            }
        }
        dialogs
    }

    /// Waits until this many dialogs have appeared, and gives the last of them.
    pub async fn dialog(&self, number: usize) -> Dialog {
        assert!(number > 0, "dialogs are counted from 1");
        eventually(&format!("dialog number {number}"), async || self.dialogs().get(number - 1).cloned()).await
    }

    /// Waits until that dialog has ended, and says how.
    pub async fn outcome(&self, number: usize) -> Outcome {
        let what = format!("the end of dialog number {number}");
        eventually(&what, async || {
            let outcome = self.dialogs().get(number - 1)?.outcome();
            (outcome != Outcome::Open).then_some(outcome)
        })
        .await
    }

    fn will(&self, answer: &str) {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        self.leave_answer(&format!("{number:04}"), answer);
    }

    /// Where its answers and its log are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Leaves an answer under this name.
    pub(crate) fn leave_answer(&self, name: &str, answer: &str) {
        let file = self.folder.join("answers").join(name);
        let draft = self.folder.join("answers").join(format!("{name}.draft~"));
        fs::write(&draft, answer).unwrap();
        chown(&draft, Some(self.owner.uid()), Some(self.owner.uid())).unwrap();
        fs::rename(draft, file).unwrap();
    }
}
