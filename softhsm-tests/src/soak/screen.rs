//! The person before a user's screen: answers every dialog as the plan for its Key says.

use super::desk::{Desk, Entry, RiskAnswer};
use crate::pinentry::ScriptedPinentry;
use crate::process::is_running;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

/// How often the screen is looked at.
const STEP: Duration = Duration::from_millis(4);

/// One user's screen.
pub(super) struct Screen<'a> {
    pinentry: ScriptedPinentry,
    desks: Vec<&'a Desk>,
    /// How much of the log was seen.
    seen: u64,
    /// Dialogs that were answered and have not ended.
    answered: BTreeSet<u64>,
}

impl<'a> Screen<'a> {
    pub(super) fn new(pinentry: ScriptedPinentry, desks: Vec<&'a Desk>) -> Self {
        Self { pinentry, desks, seen: 0, answered: BTreeSet::new() }
    }

    /// Answers dialogs for ever.
    pub(super) async fn watch(mut self) {
        loop {
            for line in self.new_lines() {
                self.line(&line);
            }
            self.withdraw_answers();
            tokio::time::sleep(STEP).await;
        }
    }

    fn new_lines(&mut self) -> Vec<Value> {
        // There is no log before the first dialog.
        let Ok(mut log) = File::open(self.pinentry.log()) else { return Vec::new() };
        let mut text = String::new();
        log.seek(SeekFrom::Start(self.seen)).unwrap();
        log.read_to_string(&mut text).unwrap();
        // The last line may be half written.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.seen += whole as u64;
        text[..whole].lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn line(&mut self, line: &Value) {
        let pid = line["pid"].as_u64().unwrap();
        if line.get("outcome").is_some() {
            self.answered.remove(&pid);
            return;
        }
        let answer = self.answer(line);
        self.pinentry.answer(pid, &answer);
        self.answered.insert(pid);
    }

    fn answer(&self, dialog: &Value) -> String {
        let text = |name: &str| dialog[name].as_str().unwrap_or_default();
        let desk = self.desks.iter().find(|desk| text("setdesc").contains(desk.label()));
        let desk = desk.unwrap_or_else(|| panic!("a dialog about no Key of this soak: {dialog}"));
        let plan = desk.plan();
        match (text("command"), plan.entry, plan.risk) {
            ("message", _, _) | ("confirm", _, RiskAnswer::Agree) => "confirm".to_owned(),
            ("confirm", _, RiskAnswer::Refuse) => "refuse".to_owned(),
            (_, Entry::Close, _) => "cancel".to_owned(),
            (_, entry, _) => format!("pin {}", desk.typed(text("setprompt"), entry)),
        }
    }

    /// An answer that no dialog has taken before its end must not wait for the next process of that number.
    fn withdraw_answers(&mut self) {
        let pinentry = &self.pinentry;
        self.answered.retain(|pid| {
            let open = is_running(u32::try_from(*pid).unwrap());
            if !open {
                pinentry.withdraw(*pid);
            }
            open
        });
    }
}

impl ScriptedPinentry {
    fn log(&self) -> PathBuf {
        self.folder().join("dialogs.log")
    }

    /// Gives an answer to the dialog of this process only.
    fn answer(&self, pid: u64, answer: &str) {
        self.leave_answer(&answer_name(pid), answer);
    }

    fn withdraw(&self, pid: u64) {
        // Mostly it was taken.
        let _ = fs::remove_file(self.folder().join("answers").join(answer_name(pid)));
    }
}

fn answer_name(pid: u64) -> String {
    format!("soak.{pid}-only")
}
