//! While one module hangs or crashes, the Key of another is read and signs as fast as ever, and reading the state of the
//! hanging one's own Key waits for nothing either. Its callers get named errors within its time limit; it is started
//! again and its Key comes back. No PIN is used by any of that.

use std::time::{Duration, Instant};
use ukey_dbus::names::{BUS_NAME, TOKEN};
use ukey_dbus::{ErrorKind, KeyKind, ModuleState, TokenState};
use ukey_softhsm_tests::{
    Call, Code, Fault, Fixture, Lab, When, eventually, is_running, kill, no_options, option, refusal, staged,
};
use zbus::fdo::PropertiesProxy;

const SHORT: &str = "[timeouts]\nsign = 500\nread = 700\nlogin = 700\nstart = 700\n";

#[test]
fn hanging_in_a_signature() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).module(SHORT).bystander().start().await;
        let (lab, key) = (fixture.lab(), fixture.key());
        let bystander = fixture.bystander().await;
        fixture.log_in().await;
        let hanging = fixture.daemon.shims_of(&Lab::library());
        lab.fault(When::calling(Call::Sign).of(key), Fault::Hang);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let calls = [0; 3].map(|_| {
            let certificate = certificate.clone();
            tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await })
        });
        eventually("the hanging call", async || (lab.count(Call::Sign) > 0).then_some(())).await;
        read_state_at_once(&fixture).await;
        for call in calls {
            let kind = refusal(call.await.unwrap());
            // Those that had waited for the Key find its login gone.
            let expected = [ErrorKind::ModuleTimeout, ErrorKind::ModuleFailed, ErrorKind::LoginRequired];
            assert!(expected.contains(&kind), "{kind:?}");
        }
        lab.clear_faults();
        works_again(&fixture, 2).await;
        assert!(hanging.iter().all(|shim| !is_running(*shim)));
        bystander.noticed_nothing();
    });
}

#[test]
fn crashing_in_a_signature() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).bystander().start().await;
        let bystander = fixture.bystander().await;
        fixture.log_in().await;
        for (pin_calls, fault) in [(2, Fault::Segfault), (3, Fault::Abort)] {
            fixture.lab().fault(When::calling(Call::Sign).times(1), fault);
            let certificate = fixture.certificate(KeyKind::EcP256).await;
            let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
            assert_eq!(refusal(signed), ErrorKind::ModuleFailed);
            works_again(&fixture, pin_calls).await;
        }
        bystander.noticed_nothing();
    });
}

#[test]
fn hanging_while_its_keys_are_looked_at() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).module(SHORT).bystander().start().await;
        let (lab, key) = (fixture.lab(), fixture.key());
        let bystander = fixture.bystander().await;
        lab.fault(When::calling(Call::GetTokenInfo).of(key), Fault::Hang);
        fixture.wait_for_state(key, TokenState::ModuleFailed).await;
        read_state_at_once(&fixture).await;
        let start = Instant::now();
        let kind = refusal(fixture.token().await.login(option(ukey_dbus::options::TIMEOUT_MS, 10_000_u32)).await);
        assert!([ErrorKind::ModuleTimeout, ErrorKind::ModuleFailed].contains(&kind), "{kind:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "longer than the module's own limit");
        assert!(fixture.pinentry().dialogs().len() == 1, "a PIN was asked for that nobody could use");
        lab.clear_faults();
        works_again(&fixture, 1).await;
        bystander.noticed_nothing();
    });
}

#[test]
fn hanging_or_refusing_when_it_is_started() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).module(SHORT).bystander().start().await;
        let (lab, key) = (fixture.lab(), fixture.key());
        let bystander = fixture.bystander().await;
        for (fault, reason) in [(Fault::Hang, "time"), (Fault::Fail(Code::HOST_MEMORY), "0x2")] {
            lab.fault(When::calling(Call::Initialize), fault);
            end_shim(&fixture).await;
            eventually("the module's reason", async || {
                let module = fixture.module().await;
                let text = |name: &str| String::try_from(module[name].clone()).unwrap();
                (text("State") == ModuleState::Failed.as_str() && text("Reason").contains(reason)).then_some(())
            })
            .await;
            fixture.wait_for_state(key, TokenState::ModuleFailed).await;
            lab.clear_faults();
            fixture.wait_for_state(key, TokenState::Ready).await;
        }
        works_again(&fixture, 1).await;
        bystander.noticed_nothing();
    });
}

/// A status read of the failing module's own Key.
async fn read_state_at_once(fixture: &Fixture) {
    let path = fixture.token().await.inner().path().to_owned();
    let properties = PropertiesProxy::new(&fixture.clerk, BUS_NAME, path).await.unwrap();
    let start = Instant::now();
    properties.get_all(TOKEN.try_into().unwrap()).await.unwrap();
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}

async fn end_shim(fixture: &Fixture) {
    let shims = fixture.daemon.shims_of(&Lab::library());
    for shim in shims {
        kill(shim, rustix::process::Signal::KILL);
    }
}

/// It signs again after one more login; `pin_calls`: so many the module has seen in all.
async fn works_again(fixture: &Fixture, pin_calls: usize) {
    fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    fixture.log_in().await;
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    assert_eq!(fixture.lab().pin_calls(), pin_calls);
}
