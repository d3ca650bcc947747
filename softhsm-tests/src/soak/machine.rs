//! What a soak runs on: three Keys in two lab modules, a daemon, agents for everybody who is asked.

use super::desk::Desk;
use super::upheaval::Upheaval;
use crate::agent::Agent;
use crate::bus::{Bus, BusPolicy};
use crate::ca::{CertificateProfile, TestCa};
use crate::caller::CallingProgram;
use crate::daemon::{Daemon, DaemonBuilder, ModuleFile};
use crate::key::{Key, KeyBuilder, TestCertificate};
use crate::lab::{Lab, SlotEvents};
use crate::person::Person;
use crate::polkit::{Polkit, Seat};
use crate::process::kill;
use crate::softhsm::TokenStore;
use crate::wait::eventually;
use rustix::process::Signal;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;
use ukey_dbus::KeyKind;
use ukey_dbus::names::{BUS_NAME, CERTIFICATE, MODULE, ROOT_PATH, TOKEN};
use zbus::fdo::{ManagedObjects, ObjectManagerProxy};
use zbus::{Connection, OwnedObjectPath, OwnedVariant};

/// Limits of the modules' calls, short so that a hang is soon over, long for a busy machine.
const TIMEOUTS: &str = "[timeouts]\nstart = 3000\nread = 1500\nlogin = 1500\nsign = 1500\n";
/// The longest of them twice over (a fresh start may hang too), and time to end the process.
const HANG_IS_OVER: Duration = Duration::from_millis(4500);
/// Wrong PINs until a Key of the soak locks.
const TRIES: u32 = 6;
const SO_TRIES: u32 = 10;
const LOG: &str = "info,zbus=warn";

/// Who has an agent.
const PEOPLE: [Person; 3] = [Person::Clerk, Person::Nurse, Person::Technician];

/// A lab module.
pub(super) struct LabModule {
    pub(super) name: &'static str,
    pub(super) lab: Lab,
    pub(super) upheaval: Upheaval,
}

/// A Key and where it is on the bus.
pub(super) struct SoakKey {
    pub(super) key: Key,
    pub(super) desk: Desk,
    /// Index of its module.
    pub(super) module: usize,
    pub(super) token: OwnedObjectPath,
    pub(super) certificate: OwnedObjectPath,
}

/// Everything; its parts end in the order of the fields.
pub(super) struct Machine {
    connections: HashMap<Person, Connection>,
    programs: HashMap<Person, CallingProgram>,
    agents: RefCell<HashMap<Person, Agent>>,
    agent_is_away: Cell<bool>,
    pub(super) daemon: Daemon,
    pub(super) modules: [LabModule; 2],
    pub(super) keys: Vec<SoakKey>,
    _polkit: Polkit,
    bus: Bus,
}

impl Machine {
    /// Starts it all.
    pub(super) async fn start() -> Self {
        let bus = Bus::start(BusPolicy::Shipped);
        let ca = TestCa::create();
        let (first_file, first, mut keys) = module("first", &["soak-one", "soak-two"], &ca);
        let (second_file, second, others) = module("second", &["soak-three"], &ca);
        // The first has slot events; of the second, polling alone tells.
        second.slot_events(SlotEvents::Missing);
        let polkit = Polkit::start(&bus, Seat::ClerkAndNurse).await;
        // The first states its tries; of the second they are unknown, but for the flags.
        let stated = format!("tries = {{ user = {TRIES}, so = {SO_TRIES} }}\n{TIMEOUTS}");
        let daemon = DaemonBuilder::default().log(LOG);
        let daemon = daemon.module(first_file.with(&stated)).module(second_file.with(TIMEOUTS)).start(&bus).await;
        // One program each: what it does on one connection, it may do on another.
        let (mut connections, mut programs) = (HashMap::new(), HashMap::new());
        for person in PEOPLE {
            let program = CallingProgram::named(person, person.name());
            connections.insert(person, program.connect().await);
            programs.insert(person, program);
        }
        let clerk = &connections[&Person::Clerk];
        let mut placed = Vec::new();
        for (module, key) in keys.drain(..).map(|key| (0, key)).chain(others.into_iter().map(|key| (1, key))) {
            let what = format!("the Key {} on the bus", key.label());
            let (token, certificate) = eventually(&what, async || place(&objects(clerk).await?, key.label())).await;
            placed.push(SoakKey { desk: Desk::new(&key), key, module, token, certificate });
        }
        let mut agents = HashMap::new();
        for person in PEOPLE {
            agents.insert(person, Agent::start_with_log(&bus, person, LOG).await);
        }
        let module = |name, lab| LabModule { name, lab, upheaval: Upheaval::new(HANG_IS_OVER) };
        Self {
            connections,
            programs,
            agents: RefCell::new(agents),
            agent_is_away: Cell::new(false),
            daemon,
            modules: [module("first", first), module("second", second)],
            keys: placed,
            _polkit: polkit,
            bus,
        }
    }

    /// Users that have a screen.
    pub(super) fn people(&self) -> [Person; 3] {
        PEOPLE
    }

    /// A user's program that stays.
    pub(super) fn program_of(&self, person: Person) -> &Connection {
        &self.connections[&person]
    }

    /// A user's program that may leave.
    pub(super) async fn new_program(&self, person: Person) -> Connection {
        self.programs[&person].connect().await
    }

    /// A connection of the administrator.
    pub(super) async fn administrator(&self) -> Connection {
        self.bus.connect(Person::Root).await
    }

    /// Process ids of the agents.
    pub(super) fn agents(&self) -> Vec<u32> {
        self.agents.borrow().values().map(|agent| agent.program().pid()).collect()
    }

    /// Kills a user's agent and starts another; does nothing while one is being started.
    pub(super) async fn replace_agent(&self, person: Person) {
        if self.agent_is_away.replace(true) {
            return;
        }
        self.disturb_all();
        kill(self.agents.borrow()[&person].program().pid(), Signal::KILL);
        // Its end is awaited here.
        self.agents.borrow_mut().remove(&person);
        let agent = Agent::start_with_log(&self.bus, person, LOG).await;
        self.agents.borrow_mut().insert(person, agent);
        self.disturb_all();
        self.agent_is_away.set(false);
    }

    /// Something happens that every module may feel.
    pub(super) fn disturb_all(&self) {
        self.modules.iter().for_each(|module| module.upheaval.begin());
    }

    /// Everything the daemon shows; none when it doesn't answer as it should.
    pub(super) async fn objects(&self) -> Option<ManagedObjects> {
        objects(&self.connections[&Person::Clerk]).await
    }

    /// A module's state and how often it was started again.
    pub(super) async fn module_state(&self, name: &str) -> Option<(String, u32)> {
        let objects = self.objects().await?;
        let mut modules = objects.values().filter_map(|interfaces| interfaces.get(MODULE));
        let module = modules.find(|module| text(module, "Name") == name)?;
        Some((text(module, "State"), u32::try_from(module["Restarts"].clone()).ok()?))
    }
}

/// Text of a property; empty when it is not there.
pub(super) fn text(properties: &HashMap<String, OwnedVariant>, name: &str) -> String {
    properties.get(name).and_then(|value| String::try_from(value.clone()).ok()).unwrap_or_default()
}

fn module(name: &'static str, labels: &[&str], ca: &TestCa) -> (ModuleFile, Lab, Vec<Key>) {
    let (store, lab) = (TokenStore::create(name), Lab::start(name));
    let build = |label: &&str| {
        let key = KeyBuilder::default().label(label).certificate(KeyKind::EcP256, CertificateProfile::default());
        key.create(&store, ca)
    };
    let keys: Vec<Key> = labels.iter().map(build).collect();
    for key in &keys {
        lab.add(key);
        lab.pin_limit(key, TRIES, SO_TRIES);
    }
    (ModuleFile::lab(name, &store, &lab), lab, keys)
}

impl SoakKey {
    /// Its certificate, for verifying.
    pub(super) fn test_certificate(&self) -> &TestCertificate {
        self.key.certificate(KeyKind::EcP256)
    }
}

async fn objects(connection: &Connection) -> Option<ManagedObjects> {
    ObjectManagerProxy::new(connection, BUS_NAME, ROOT_PATH).await.ok()?.get_managed_objects().await.ok()
}

/// Paths of a Key that is ready, and of its certificate.
fn place(objects: &ManagedObjects, label: &str) -> Option<(OwnedObjectPath, OwnedObjectPath)> {
    let is_it = |properties: &HashMap<String, OwnedVariant>| {
        text(properties, "Label") == label && text(properties, "State") == "ready"
    };
    let (token, _) = objects.iter().find(|(_, interfaces)| interfaces.get(TOKEN).is_some_and(is_it))?;
    let below = format!("{token}/");
    let is_certificate = |path: &str, has: bool| has && path.starts_with(&below);
    let (certificate, _) = objects
        .iter()
        .find(|(path, interfaces)| is_certificate(path.as_str(), interfaces.contains_key(CERTIFICATE)))?;
    Some((token.clone(), certificate.clone()))
}
