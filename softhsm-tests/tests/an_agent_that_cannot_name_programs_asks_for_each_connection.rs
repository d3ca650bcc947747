//! Agents that don't know `Identify`, never answer it, or answer nonsense: a consent is then for one connection, a signature
//! does not wait for long, and nothing of the nonsense is recorded.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use ukey_dbus::names::AGENT_PATH;
use ukey_dbus::{AuditProxy, DialogKind, KeyKind, ManagerProxy};
use ukey_softhsm_tests::{CallingProgram, Fixture, Person, eventually, no_options, option, staged};
use zbus::object_server::Interface;
use zbus::{ObjectPath, Variant};

/// For what takes no time.
const AT_ONCE: Duration = Duration::from_secs(2);
/// The bound of a look-up, on a busy machine.
const BOUND: Duration = Duration::from_secs(6);

#[test]
fn one_of_before() {
    staged(async || {
        let asked = Arc::new(AtomicUsize::new(0));
        each_connection_is_asked(OldAgent(Arc::clone(&asked)), &asked, AT_ONCE).await;
    });
}

#[test]
fn one_that_never_answers() {
    staged(async || {
        let asked = Arc::new(AtomicUsize::new(0));
        each_connection_is_asked(NewAgent(Arc::clone(&asked), Naming::Never), &asked, BOUND).await;
    });
}

#[test]
fn one_that_talks_nonsense() {
    staged(async || {
        let asked = Arc::new(AtomicUsize::new(0));
        each_connection_is_asked(NewAgent(Arc::clone(&asked), Naming::Nonsense), &asked, AT_ONCE).await;
    });
}

async fn each_connection_is_asked(agent: impl Interface, asked: &AtomicUsize, limit: Duration) {
    let mut fixture = Fixture::builder().start().await;
    fixture.log_in().await;
    drop(fixture.agents.remove(&Person::Clerk));
    let connection = fixture.bus.serve(Person::Clerk, AGENT_PATH, agent).await;
    let manager = ManagerProxy::new(&connection).await.unwrap();
    let path = ObjectPath::try_from(AGENT_PATH).unwrap();
    eventually("the place of the first agent", async || manager.register_agent(&path, HashMap::new()).await.ok()).await;

    let program = CallingProgram::named(Person::Clerk, "orders");
    for number in 1..=3 {
        let connection = program.connect().await;
        let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &connection).await;
        let start = Instant::now();
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert!(start.elapsed() < limit, "{:?}", start.elapsed());
        let start = Instant::now();
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert!(start.elapsed() < AT_ONCE, "it is found out once, not {:?}", start.elapsed());
        assert_eq!(asked.load(Ordering::SeqCst), number);
    }
    let audit = AuditProxy::new(&fixture.clerk).await.unwrap();
    let records = audit.mine(option("kind", "sign"), 0, 100).await.unwrap();
    assert_eq!(records.len(), 6);
    for record in records {
        assert_eq!(String::try_from(record["program"].clone()).unwrap(), "");
    }
}

/// Says yes, and knows no more methods than these.
struct OldAgent(Arc<AtomicUsize>);

#[zbus::interface(name = "org.ukeyd.UKey1.Agent")]
impl OldAgent {
    #[expect(clippy::needless_pass_by_value, reason = "the macro hands it over by value")]
    fn confirm(&self, _token: ObjectPath<'_>, kind: &str, context: HashMap<&str, Variant<'_>>) -> bool {
        agree(&self.0, kind, &context)
    }

    fn cancel(&self, _request: &str) {}
}

#[derive(Clone, Copy)]
enum Naming {
    Never,
    Nonsense,
}

struct NewAgent(Arc<AtomicUsize>, Naming);

#[zbus::interface(name = "org.ukeyd.UKey1.Agent")]
impl NewAgent {
    #[expect(clippy::needless_pass_by_value, reason = "the macro hands it over by value")]
    fn confirm(&self, _token: ObjectPath<'_>, kind: &str, context: HashMap<&str, Variant<'_>>) -> bool {
        agree(&self.0, kind, &context)
    }

    async fn identify(&self, _context: HashMap<&str, Variant<'_>>) -> HashMap<&str, Variant<'_>> {
        match self.1 {
            Naming::Never => std::future::pending().await,
            Naming::Nonsense => HashMap::from([
                ("program", "trusted\n\u{202e}".into()),
                ("scope", "program".into()),
                ("device", 1_u64.into()),
                ("inode", 2_u64.into()),
            ]),
        }
    }

    fn cancel(&self, _request: &str) {}
}

fn agree(asked: &AtomicUsize, kind: &str, context: &HashMap<&str, Variant<'_>>) -> bool {
    assert_eq!(kind, DialogKind::Consent.as_str());
    assert_eq!(context["count"].downcast_ref::<u32>(), Ok(1));
    asked.fetch_add(1, Ordering::SeqCst);
    true
}
