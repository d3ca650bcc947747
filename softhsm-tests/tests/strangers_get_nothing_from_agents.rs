//! No other user can call an agent, become one for somebody else, or make an agent write a PIN to a stranger. The
//! bus policy has a test of its own; here the bus is open, so that the programs have to refuse by themselves.

use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, recv, socketpair};
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use ukey_dbus::names::{AGENT_PATH, BUS_NAME, ROOT_PATH};
use ukey_dbus::{AgentProxy, DialogKind, ErrorKind, ManagerProxy};
use ukey_softhsm_tests::{
    Agent, Bus, BusPolicy, CountingAgent, Fixture, Person, eventually, no_options, refusal, staged,
};
use zbus::{Connection, Fd, ObjectPath, Variant};

#[test]
fn a_real_agent_answers_nobody_but_the_daemon() {
    staged(async || {
        let fixture = Fixture::builder().policy(BusPolicy::Open).start().await;
        let agent = &fixture.agents[&Person::Clerk];
        // Even an answer would be ready.
        agent.pinentry().will_type(fixture.key().pin());
        for person in [Person::Nurse, Person::Clerk, Person::Root, Person::Service] {
            let stranger = fixture.bus.connect(person).await;
            let stolen = ask_for_a_pin(&stranger, agent.bus_name(), AGENT_PATH).await;
            assert_eq!(stolen, None, "{person:?} got a PIN");
        }
        assert!(agent.pinentry().dialogs().is_empty());
        // The answer is still there: the real daemon gets it.
        fixture.token().await.login(no_options()).await.unwrap();
    });
}

#[test]
fn an_agent_does_not_trust_whoever_owns_the_name() {
    staged(async || {
        let bus = Bus::start(BusPolicy::Open);
        let registered = Arc::new(AtomicU32::new(0));
        let impostor = bus.serve(Person::Nurse, ROOT_PATH, FalseManager(Arc::clone(&registered))).await;
        impostor.request_name(BUS_NAME).await.unwrap();
        let mut agent = Agent::launch(Person::Clerk);
        agent.pinentry().will_type("1234");
        let name = eventually("the agent on the bus or its end", async || {
            if agent.program_mut().try_ended().is_some() || registered.load(Ordering::SeqCst) > 0 {
                return Some(());
            }
            agent.program().log().contains("uid").then_some(())
        });
        name.await;
        let dbus = zbus::fdo::DBusProxy::new(&impostor).await.unwrap();
        for name in dbus.list_names().await.unwrap() {
            if name.as_str().starts_with(':') {
                assert_eq!(ask_for_a_pin(&impostor, name.as_str(), AGENT_PATH).await, None);
            }
        }
        assert!(agent.pinentry().dialogs().is_empty());
    });
}

#[test]
fn another_users_agent_serves_nobody_else() {
    staged(async || {
        let fixture = Fixture::builder().without_agent().start().await;
        let asked = Arc::new(AtomicU32::new(0));
        let nurse = fixture.bus.serve(Person::Nurse, AGENT_PATH, CountingAgent(Arc::clone(&asked))).await;
        let manager = ManagerProxy::new(&nurse).await.unwrap();
        let path = ObjectPath::try_from(AGENT_PATH).unwrap();
        manager.register_agent(&path, HashMap::new()).await.unwrap();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::NoAgent);
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        // It does serve its own user.
        let own = fixture.token_of(fixture.key(), &nurse).await.login(no_options()).await;
        assert_eq!(refusal(own), ErrorKind::Cancelled);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn a_terminal_agent_serves_its_own_connection_only() {
    staged(async || {
        let fixture = Fixture::builder().without_agent().start().await;
        let asked = Arc::new(AtomicU32::new(0));
        let terminal = fixture.bus.serve(Person::Clerk, AGENT_PATH, CountingAgent(Arc::clone(&asked))).await;
        let manager = ManagerProxy::new(&terminal).await.unwrap();
        let path = ObjectPath::try_from(AGENT_PATH).unwrap();
        manager.register_agent(&path, HashMap::from([("kind", Variant::from("terminal"))])).await.unwrap();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::NoAgent);
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        let own = fixture.token_of(fixture.key(), &terminal).await.login(no_options()).await;
        assert_eq!(refusal(own), ErrorKind::Cancelled);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn the_first_desktop_agent_stays_until_it_leaves() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        let asked = Arc::new(AtomicU32::new(0));
        let rival = fixture.bus.serve(Person::Clerk, AGENT_PATH, CountingAgent(Arc::clone(&asked))).await;
        let manager = ManagerProxy::new(&rival).await.unwrap();
        let path = ObjectPath::try_from(AGENT_PATH).unwrap();
        assert_eq!(refusal(manager.register_agent(&path, HashMap::new()).await), ErrorKind::NotAuthorized);
        drop(fixture.agents.remove(&Person::Clerk));
        eventually("the place of the first agent", async || manager.register_agent(&path, HashMap::new()).await.ok())
            .await;
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    });
}

/// Asks as the daemon would, with a socket of its own; gives what the agent wrote, if anything.
async fn ask_for_a_pin(stranger: &Connection, agent: &str, path: &str) -> Option<Vec<u8>> {
    let (mine, theirs): (OwnedFd, OwnedFd) =
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::NONBLOCK, None).unwrap();
    let proxy = AgentProxy::builder(stranger).destination(agent).path(path);
    let proxy = proxy.cache_properties(zbus::proxy::CacheProperties::No).build().await.unwrap();
    let token = ObjectPath::try_from("/org/ukeyd/UKey1/token/0000000000000000").unwrap();
    let context = HashMap::from([("request", Variant::from("d1")), ("label", Variant::from("采购UKey"))]);
    let call = proxy.request_pin(&token, DialogKind::UserPin.as_str(), context, Fd::from(theirs.as_fd()));
    // Whoever exports nothing may never answer; an agent that means to refuse does so at once.
    let answer = tokio::time::timeout(std::time::Duration::from_secs(3), call).await;
    assert!(!matches!(answer, Ok(Ok(()))), "the agent accepted");
    let mut bytes = [0; 256];
    match recv(&mine, &mut bytes[..], RecvFlags::DONTWAIT) {
        Ok((length, _)) if length > 0 => Some(bytes[..length].to_vec()),
        _ => None,
    }
}

struct FalseManager(Arc<AtomicU32>);

#[zbus::interface(name = "org.ukeyd.UKey1.Manager")]
impl FalseManager {
    fn register_agent(&self, _path: ObjectPath<'_>, _options: HashMap<&str, Variant<'_>>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
