//! How each event is made to happen.

use super::desk::{Entry, Plan, RiskAnswer};
use super::event::Event;
use super::expected::Expected;
use super::ledger::Ledger;
use super::machine::text;
use super::program::{Answer, Prompt, log_out, sign, with_dialogs};
use super::worker::Worker;
use crate::lab::When;
use crate::person::Person;
use crate::process::kill;
use rustix::process::Signal;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use ukey_dbus::ErrorKind;
use ukey_dbus::names::TOKEN;
use ukey_lab_module::control::{Call, Fault, Who};

/// Calls that go wrong; each is about one Key.
const CALLS: [Call; 9] = [
    Call::OpenSession,
    Call::CloseSession,
    Call::Login(Who::User),
    Call::Logout,
    Call::GetTokenInfo,
    Call::FindObjectsInit,
    Call::GetAttributeValue,
    Call::SignInit,
    Call::Sign,
];
/// A status is read within this time whatever hangs: less than any limit of a module's call.
const READ_LIMIT: Duration = Duration::from_millis(1200);
/// A program that dies lives so long at most, and a Key is pulled out of a call so late; milliseconds.
const MIDDLE_MS: u64 = 80;
/// What is signed when a Key is pulled out.
const PULLED_OUT: &[u8] = b"pulled out";

impl Worker<'_> {
    /// Makes it happen.
    pub(super) async fn happen(&mut self, event: Event) {
        match event {
            Event::Sign => self.sign(event, Plan::RIGHT, Prompt::Auto).await,
            Event::SignQuietly => self.sign(event, Plan::AWAY, Prompt::Never).await,
            Event::Read => self.read().await,
            Event::Login => drop(self.log_in(event, Plan::RIGHT, Expected::Login).await),
            Event::Logout => self.log_out(event).await,
            Event::WrongPin => drop(self.enter_wrong_pin(event).await),
            Event::Forget => while self.enter_wrong_pin(event).await == Answer::Refused(ErrorKind::PinIncorrect) {},
            Event::Decline => self.decline(event).await,
            Event::CallerDies => self.caller_dies(event).await,
            Event::AgentDies => {
                let person = self.random.pick(&[Person::Clerk, Person::Nurse]);
                self.machine.replace_agent(person).await;
            }
            Event::Remove => self.remove(),
            Event::RemoveInUse => self.remove_in_use(event).await,
            Event::Insert => self.insert(),
            Event::Crash => self.crash(),
            Event::Hang => self.hang(),
            Event::Kill => self.kill(),
            Event::Recover => self.recover(event).await,
            Event::Unblock => drop(self.unblock(event).await),
        }
    }

    /// Mostly the clerk.
    fn somebody(&mut self) -> Person {
        if self.random.one_in(5) { Person::Nurse } else { Person::Clerk }
    }

    async fn sign(&mut self, event: Event, plan: Plan, prompt: Prompt) {
        let person = self.somebody();
        self.sign_as(event, person, plan, prompt).await;
    }

    pub(super) async fn sign_as(&mut self, event: Event, person: Person, plan: Plan, prompt: Prompt) -> Answer {
        let data = format!("{} {} {}", self.place.desk.label(), self.number, self.random.below(u64::MAX)).into_bytes();
        let expected = if prompt == Prompt::Auto { Expected::Signature } else { Expected::QuietSignature };
        let call = sign(self.machine.program_of(person), &self.place.certificate, &data, prompt);
        let answer = self.call(event, plan, expected, call).await;
        self.verify(event, data, &answer).await;
        answer
    }

    async fn log_in(&mut self, event: Event, plan: Plan, expected: Expected) -> Answer {
        let person = self.somebody();
        self.log_in_as(event, person, plan, expected).await
    }

    pub(super) async fn log_in_as(&mut self, event: Event, person: Person, plan: Plan, expected: Expected) -> Answer {
        let call = with_dialogs(self.machine.program_of(person), &self.place.token, "Login");
        self.call(event, plan, expected, call).await
    }

    async fn log_out(&mut self, event: Event) {
        let person = self.somebody();
        self.log_out_as(event, person).await;
    }

    pub(super) async fn log_out_as(&mut self, event: Event, person: Person) {
        let call = log_out(self.machine.program_of(person), &self.place.token);
        self.call(event, Plan::AWAY, Expected::Logout, call).await;
    }

    /// Logs in with a wrong PIN, after a logout, so that one is asked for.
    async fn enter_wrong_pin(&mut self, event: Event) -> Answer {
        let person = self.somebody();
        self.log_out_as(Event::Logout, person).await;
        self.log_in_as(event, person, Plan::WRONG, Expected::WrongLogin).await
    }

    async fn decline(&mut self, event: Event) {
        let person = self.somebody();
        self.log_out_as(Event::Logout, person).await;
        let entry = self.random.pick(&[Entry::Close, Entry::Right]);
        let plan = Plan { entry, risk: RiskAnswer::Refuse };
        self.log_in_as(event, person, plan, Expected::Declined).await;
    }

    async fn caller_dies(&mut self, event: Event) {
        let person = self.somebody();
        let entry = self.random.pick(&[Entry::Right, Entry::Right, Entry::Wrong]);
        let (time, signs) = (self.random.moment(MIDDLE_MS), self.random.one_in(2));
        self.worked = None;
        let connection = self.machine.new_program(person).await;
        let (desk, typed) = (&self.place.desk, self.place.desk.tries());
        desk.set_plan(Plan { entry, risk: RiskAnswer::Agree });
        let call = async {
            match signs {
                true => sign(&connection, &self.place.certificate, b"unheard", Prompt::Auto).await,
                false => with_dialogs(&connection, &self.place.token, "Login").await,
            }
        };
        let answer = tokio::select! {
            answer = call => Some(answer),
            () = sleep(time) => None,
        };
        // One that fails was closed by the other side.
        let _ = connection.close().await;
        desk.set_plan(Plan::AWAY);
        match answer {
            Some(answer) => {
                self.ledger.add(Ledger::of(&answer, self.place.desk.tries() - typed, entry));
                self.tally.note(event, answer.name());
            }
            None => {
                self.ledger.add(Ledger::UNHEARD);
                self.tally.note(event, "(unheard)");
            }
        }
    }

    async fn read(&mut self) {
        let (event, before) = (Event::Read, self.undisturbed());
        let start = Instant::now();
        let objects = self.machine.objects().await;
        let time = start.elapsed();
        let answer = objects.as_ref().map_or(Answer::Odd("no objects".to_owned()), |_| Answer::Done);
        self.tally.answer(event, &answer, time);
        if time > READ_LIMIT {
            self.complain(event, &format!("a read took {time:?}"));
        }
        let Some(objects) = objects else { return self.complain(event, "a read failed") };
        if before.is_none() || before != self.undisturbed() {
            return;
        }
        self.tally.was_strict();
        let Some(token) = objects.get(&self.place.token).and_then(|interfaces| interfaces.get(TOKEN)) else {
            return self.complain(event, "undisturbed, the Key is not shown");
        };
        let (state, pin) = (text(token, "State"), text(token, "PinState"));
        if !["ready", "logged-in"].contains(&state.as_str()) || (pin == "locked") != self.is_locked() {
            let locked = if self.is_locked() { "locked" } else { "not locked" };
            self.complain(event, &format!("undisturbed and {locked}, the Key shows {state}, {pin}"));
        }
    }

    fn remove(&mut self) {
        if self.plugged_in {
            self.worked = None;
            self.plugged_in = false;
            self.lab().remove(&self.place.key);
        }
    }

    async fn remove_in_use(&mut self, event: Event) {
        if !self.plugged_in {
            return;
        }
        self.worked = None;
        let (time, lab, key) = (self.random.moment(MIDDLE_MS), self.lab(), &self.place.key);
        let (machine, place, person) = (self.machine, self.place, self.somebody());
        let wrong = self.random.one_in(2);
        let call = async {
            let call = async {
                let program = machine.program_of(person);
                match wrong {
                    true => with_dialogs(program, &place.token, "Login").await,
                    false => sign(program, &place.certificate, PULLED_OUT, Prompt::Auto).await,
                }
            };
            let remove = async {
                sleep(time).await;
                lab.remove(key);
            };
            tokio::join!(call, remove).0
        };
        let plan = if wrong { Plan::WRONG } else { Plan::RIGHT };
        let answer = self.call(event, plan, Expected::Anything, call).await;
        self.plugged_in = false;
        self.verify(event, PULLED_OUT.to_vec(), &answer).await;
    }

    pub(super) fn insert(&mut self) {
        let (lab, key) = (self.lab(), &self.place.key);
        if self.random.one_in(2) {
            lab.insert(key);
        } else {
            lab.insert_elsewhere(key);
        }
        self.plugged_in = true;
    }

    fn crash(&mut self) {
        let fault = self.random.pick(&[Fault::Segfault, Fault::Abort]);
        self.module().upheaval.begin();
        self.plant(fault);
    }

    fn hang(&mut self) {
        self.module().upheaval.begin_hang();
        self.plant(Fault::Hang);
    }

    /// The next call of some function goes wrong, before or after the Key has done its part.
    fn plant(&mut self, fault: Fault) {
        let call = self.random.pick(&CALLS);
        let when = When::calling(call).of(&self.place.key).times(1);
        let (when, place) = if self.random.one_in(2) { (when.after_it(), "after") } else { (when, "before") };
        self.remember(&format!("{fault:?} {place} {call:?}"));
        self.lab().fault(when, fault);
    }

    fn kill(&mut self) {
        let shims = self.machine.daemon.shims();
        if shims.is_empty() {
            return;
        }
        self.machine.disturb_all();
        self.lab().fault(When::calling(Call::Initialize).times(1), Fault::Fork);
        kill(self.random.pick(&shims), Signal::KILL);
    }
}
