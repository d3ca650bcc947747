//! Between the entry of a PIN and its use the flags are read again, which may take long: a caller that leaves or
//! a request that is cancelled in that time is found out, and the module is not called.

use ukey_dbus::{ErrorKind, RequestProxy, names, options};
use ukey_softhsm_tests::{Call, Fault, Fixture, Person, When, eventually, no_options, option, refusal, staged};

#[test]
fn the_caller_has_left() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let leaver = fixture.bus.connect(Person::Clerk).await;
        let token = fixture.token_of(fixture.key(), &leaver).await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        let slow = typed_into_a_slow_module(&fixture).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        leaver.close().await.unwrap();
        is_over(&fixture, slow).await;
        assert_eq!(fixture.lab().pin_calls(), 0);
    });
}

#[test]
fn the_request_was_cancelled() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let token = fixture.token().await;
        let call = tokio::spawn(async move { token.login(option(options::REQUEST, "order_117")).await });
        let slow = typed_into_a_slow_module(&fixture).await;
        let path = names::request_path(fixture.clerk.unique_name().unwrap().as_str(), "order_117");
        RequestProxy::new(&fixture.clerk, path).await.unwrap().cancel().await.unwrap();
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::Cancelled);
        is_over(&fixture, slow).await;
        assert_eq!(fixture.lab().pin_calls(), 0);
    });
}

/// Types the PIN, and returns while the flags are being read after it, slowly; gives how many starts there were then.
async fn typed_into_a_slow_module(fixture: &Fixture) -> usize {
    fixture.pinentry().dialog(1).await;
    let starts = fixture.lab().count(Call::Initialize);
    fixture.lab().fault(When::calling(Call::Initialize), Fault::Delay(1000));
    fixture.pinentry().will_type(fixture.key().pin());
    eventually("a fresh look", async || (fixture.lab().count(Call::Initialize) > starts).then_some(())).await;
    starts
}

/// Waits until that look is over and what follows from it has happened: the next login gets a dialog of its own.
async fn is_over(fixture: &Fixture, starts: usize) {
    fixture.lab().clear_faults();
    let token = fixture.token().await;
    fixture.pinentry().will_cancel();
    eventually("the next dialog", async || {
        // One that joins the login that is being given up ends with it.
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::Cancelled);
        (fixture.pinentry().dialogs().len() == 2).then_some(())
    })
    .await;
    assert!(fixture.lab().count(Call::Initialize) > starts + 1);
}
