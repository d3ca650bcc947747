//! Who lets events happen to one Key, and holds every answer to what it may be.

use super::desk::Plan;
use super::event::Event;
use super::expected::Expected;
use super::ledger::Ledger;
use super::machine::{LabModule, Machine, SoakKey};
use super::program::{ALGORITHM, Answer, TIMEOUT_MS};
use super::random::Random;
use super::tally::Tally;
use super::upheaval::Calm;
use crate::lab::Lab;
use crate::stage::STAGE;
use crate::verify::verify_data;
use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;
use ukey_lab_module::control::{Call, Who};

/// Lines of history in a complaint.
const HISTORY_MAX: usize = 12;
/// A call is answered at most so much later than it asked for: the machine may be busy.
const LATE: Duration = Duration::from_secs(2);

/// One Key's worker.
pub(super) struct Worker<'a> {
    pub(super) machine: &'a Machine,
    pub(super) place: &'a SoakKey,
    pub(super) random: Random,
    pub(super) tally: Tally,
    pub(super) ledger: Ledger,
    pub(super) plugged_in: bool,
    /// The state of the module in which the Key was seen to work.
    pub(super) worked: Option<Calm>,
    /// Number of the event, from 1.
    pub(super) number: usize,
    started: Instant,
    /// The latest calls, for complaints.
    history: VecDeque<String>,
}

/// How things stood before a call.
struct Before {
    calm: Option<Calm>,
    typed: u64,
    judged: u64,
    left: u32,
}

impl<'a> Worker<'a> {
    pub(super) fn new(machine: &'a Machine, place: &'a SoakKey, random: Random) -> Self {
        Self {
            machine,
            place,
            random,
            tally: Tally::default(),
            ledger: Ledger::default(),
            plugged_in: true,
            worked: None,
            number: 0,
            started: Instant::now(),
            history: VecDeque::new(),
        }
    }

    /// Lets so many events happen.
    pub(super) async fn work(&mut self, events: usize, done: impl Fn()) {
        for number in 1..=events {
            self.number = number;
            let event = self.next_event();
            self.tally.count(event);
            self.remember(&format!("{event:?}:"));
            self.happen(event).await;
            self.check_tries(event);
            done();
        }
    }

    fn next_event(&mut self) -> Event {
        if !self.plugged_in && self.random.one_in(3) {
            return Event::Insert;
        }
        if self.plugged_in && self.undisturbed().is_none() && self.random.one_in(3) {
            return Event::Recover;
        }
        if self.is_locked() && self.random.one_in(2) {
            return Event::Unblock;
        }
        Event::draw(&mut self.random)
    }

    pub(super) fn module(&self) -> &'a LabModule {
        &self.machine.modules[self.place.module]
    }

    pub(super) fn lab(&self) -> &'a Lab {
        &self.module().lab
    }

    pub(super) fn is_locked(&self) -> bool {
        self.tries_left() == 0
    }

    fn tries_left(&self) -> u32 {
        self.lab().tries_left(&self.place.key, Who::User)
    }

    fn judged(&self) -> u64 {
        self.lab().tries_used(&self.place.key) as u64
    }

    /// The state of the module, when nothing has happened since the Key was seen to work.
    pub(super) fn undisturbed(&self) -> Option<Calm> {
        self.module().upheaval.calm().filter(|now| self.plugged_in && self.worked == Some(*now))
    }

    /// Makes one call, its dialogs answered by this plan, and holds the answer to what it may be.
    pub(super) async fn call(
        &mut self,
        event: Event,
        plan: Plan,
        expected: Expected,
        call: impl Future<Output = Answer>,
    ) -> Answer {
        let before = Before {
            calm: self.undisturbed(),
            typed: self.place.desk.tries(),
            judged: self.judged(),
            left: self.tries_left(),
        };
        self.place.desk.set_plan(plan);
        let start = Instant::now();
        let answer = call.await;
        let time = start.elapsed();
        self.place.desk.set_plan(Plan::AWAY);
        self.tally.answer(event, &answer, time);
        let typed = self.place.desk.tries() - before.typed;
        let used = Ledger::of(&answer, typed, plan.entry);
        self.ledger.add(used);
        let judged = self.judged() - before.judged;
        self.remember(&format!("{event:?} {} in {time:.0?} ({typed} typed, {judged} tried)", answer.name()));
        if time > Duration::from_millis(TIMEOUT_MS.into()) + LATE {
            self.complain(event, &format!("answered {} after {time:?}", answer.name()));
        }
        if !Expected::Anything.allows(&answer, before.left) {
            self.complain(event, &format!("answered {answer:?}"));
        }
        if before.calm.is_some() && before.calm == self.undisturbed() {
            self.check_undisturbed(event, expected, &answer, &before, used);
        }
        answer
    }

    fn check_undisturbed(&mut self, event: Event, expected: Expected, answer: &Answer, before: &Before, used: Ledger) {
        self.tally.was_strict();
        if !expected.allows(answer, before.left) {
            let left = before.left;
            self.complain(event, &format!("undisturbed, with {left} tries left, answered {}", answer.name()));
        }
        let judged = self.judged() - before.judged;
        if !used.range().contains(&judged) {
            self.complain(event, &format!("undisturbed, {} has used {judged} tries, not {used:?}", answer.name()));
        }
    }

    /// Holds the lab's count of all tries to what the answers account for.
    pub(super) fn check_tries(&mut self, event: Event) {
        let (judged, range, typed) = (self.judged(), self.ledger.range(), self.place.desk.tries());
        if !range.contains(&judged) {
            self.complain(event, &format!("{judged} tries were used, {range:?} accounted for, {typed} PINs typed"));
            // Complained of once.
            self.ledger = Ledger { certain: judged, possible: self.ledger.possible };
        }
        let calls = self.module_calls();
        if calls > typed {
            self.complain(event, &format!("{typed} PINs were typed, and the module was called {calls} times"));
        }
    }

    /// Calls with a PIN that the Key may judge.
    fn module_calls(&self) -> u64 {
        let calls = [Who::User, Who::So].map(|who| self.lab().count_of(&self.place.key, Call::Login(who)));
        calls.iter().sum::<usize>() as u64
    }

    /// Checks a signature with a program that knows nothing of ukeyd.
    pub(super) async fn verify(&mut self, event: Event, data: Vec<u8>, answer: &Answer) {
        let Answer::Signature(signature) = answer else { return };
        let (certificate, signature) = (self.place.test_certificate().clone(), signature.clone());
        let file = Path::new(STAGE).join(self.place.desk.label());
        let right = tokio::task::spawn_blocking(move || {
            fs::write(&file, data).unwrap();
            verify_data(&certificate, ALGORITHM.parse().unwrap(), &file, &signature)
        });
        if !right.await.unwrap() {
            self.complain(event, "a signature is wrong");
        }
    }

    /// Keeps a line of what has happened.
    pub(super) fn remember(&mut self, what: &str) {
        if self.history.len() == HISTORY_MAX {
            self.history.pop_front();
        }
        self.history.push_back(format!("{} {what}", self.number));
    }

    pub(super) fn complain(&mut self, event: Event, what: &str) {
        let (label, number, at) = (self.place.desk.label(), self.number, self.started.elapsed());
        let history: Vec<_> = self.history.iter().map(String::as_str).collect();
        let before = history.join("; ");
        self.tally.complain(format!("{label}, event {number} ({event:?}), after {at:.2?}: {what}\n    {before}"));
    }

    /// A line for the report.
    pub(super) fn line(&self) -> String {
        let Ledger { certain, possible } = self.ledger;
        let (label, typed, calls, judged) =
            (self.place.desk.label(), self.place.desk.tries(), self.module_calls(), self.judged());
        let left = self.tries_left();
        format!("{label:<12}{typed:>8}{calls:>8}{judged:>8}{certain:>10}{possible:>10}{left:>6}")
    }
}
