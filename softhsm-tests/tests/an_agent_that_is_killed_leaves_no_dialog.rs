//! An agent that is killed while a person types takes the dialog with it, the call is refused without a try, and the next
//! agent serves the same session. So it is with one that is stopped for good by a signal while a window is open.

use rustix::process::Signal;
use ukey_dbus::ErrorKind;
use ukey_softhsm_tests::{Agent, Fixture, Outcome, Person, no_options, refusal, staged};

#[test]
fn and_uses_no_try() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|_, _| ()).start().await;
        for signal in [Signal::KILL, Signal::TERM] {
            let token = fixture.token().await;
            let call = tokio::spawn(async move { token.login(no_options()).await });
            let mut agent = fixture.agents.remove(&Person::Clerk).unwrap();
            let number = agent.pinentry().dialogs().len() + 1;
            assert_eq!(agent.pinentry().dialog(number).await.outcome(), Outcome::Open);
            agent.program().signal(signal);
            agent.program_mut().ended().await;
            assert_eq!(agent.pinentry().outcome(number).await, Outcome::Killed, "{signal:?} leaves a window behind");
            assert!(matches!(refusal(call.await.unwrap()), ErrorKind::NoAgent | ErrorKind::Cancelled));
            drop(agent);
            assert_eq!(fixture.lab().pin_calls(), 0);
            fixture.agents.insert(Person::Clerk, Agent::start(&fixture.bus, Person::Clerk).await);
        }
        fixture.log_in().await;
    });
}
