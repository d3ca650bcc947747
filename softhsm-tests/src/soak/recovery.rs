//! How a Key is brought back into order, by what people do.

use super::desk::Plan;
use super::event::Event;
use super::expected::Expected;
use super::program::{Answer, Prompt, log_out, with_dialogs};
use super::worker::Worker;
use crate::person::Person;
use rustix::process::Signal;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use ukey_dbus::ErrorKind;

/// A Key works again within this time, counted from the last disturbance.
const LIMIT: Duration = Duration::from_secs(60);
/// Between two looks at a Key that doesn't work yet.
const STEP: Duration = Duration::from_millis(50);

impl Worker<'_> {
    /// A technician unlocks the Key.
    pub(super) async fn unblock(&mut self, event: Event) -> Answer {
        let call = with_dialogs(self.machine.program_of(Person::Technician), &self.place.token, "UnblockPin");
        self.call(event, Plan::RIGHT, Expected::Unblocked, call).await
    }

    /// Ends every fault, plugs the Key in, and waits until it works: it must, soon.
    pub(super) async fn recover(&mut self, event: Event) {
        let upheaval = &self.module().upheaval;
        if !self.plugged_in {
            self.insert();
        }
        let (mut state, mut since, mut last) = (None, Instant::now(), None);
        loop {
            self.lab().clear_faults();
            upheaval.faults_cleared();
            let now = upheaval.calm();
            if now != state || now.is_none() {
                (state, since) = (now, Instant::now());
            }
            if state.is_some() {
                match self.works(event).await {
                    Ok(()) if upheaval.calm() == state => {
                        self.worked = state;
                        return;
                    }
                    Ok(()) => {}
                    Err(answer) => last = Some(answer),
                }
            }
            if since.elapsed() > LIMIT {
                return self.complain(event, &format!("the Key does not come back; last answer {last:?}"));
            }
            self.end_quarantine(event).await;
            sleep(STEP).await;
        }
    }

    /// Does everything that needs a Key in order. The answer that shows that it isn't, else.
    async fn works(&mut self, event: Event) -> Result<(), Answer> {
        self.log_out_as(event, Person::Clerk).await;
        let mut answer = self.log_in_as(event, Person::Clerk, Plan::RIGHT, Expected::Login).await;
        if answer == Answer::Refused(ErrorKind::PinLocked) {
            answer = self.unblock(Event::Unblock).await;
            if answer == Answer::Done {
                answer = self.log_in_as(event, Person::Clerk, Plan::RIGHT, Expected::Login).await;
            }
        }
        if answer != Answer::Done {
            return Err(answer);
        }
        match self.sign_as(event, Person::Clerk, Plan::AWAY, Prompt::Never).await {
            Answer::Signature(_) => Ok(()),
            answer => Err(answer),
        }
    }

    /// A module that crashes often is left alone until somebody has the configuration read again.
    async fn end_quarantine(&mut self, event: Event) {
        let module = self.module();
        if self.machine.module_state(module.name).await.is_some_and(|(state, _)| state == "quarantined") {
            module.upheaval.begin();
            self.machine.daemon.program().signal(Signal::HUP);
            self.tally.note(event, "(quarantine ended)");
        }
    }

    /// Leaves the Key working, with nobody logged in.
    pub(super) async fn finish(&mut self) {
        self.recover(Event::Recover).await;
        self.check_tries(Event::Recover);
        let administrator = self.machine.administrator().await;
        log_out(&administrator, &self.place.token).await;
    }
}
