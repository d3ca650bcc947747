//! Everything together: bus, polkit, Key, daemon, agents.

use crate::agent::Agent;
use crate::bus::{Bus, BusPolicy};
use crate::bystander::Bystander;
use crate::ca::{CertificateProfile, TestCa};
use crate::client::Pkcs11Client;
use crate::daemon::{Daemon, DaemonBuilder, ModuleFile};
use crate::key::{Key, KeyBuilder};
use crate::kryoptic::KryopticStore;
use crate::lab::Lab;
use crate::monitor::Monitor;
use crate::person::Person;
use crate::pinentry::ScriptedPinentry;
use crate::polkit::{Polkit, Seat};
use crate::softhsm::TokenStore;
use crate::spy::Spy;
use crate::wait::eventually;
use std::collections::HashMap;
use ukey_dbus::names::{BUS_NAME, CERTIFICATE, MODULE, ROOT_PATH, TOKEN};
use ukey_dbus::{CertificateProxy, Error, KeyKind, TokenProxy, TokenState};
use zbus::fdo::{ManagedObjects, ObjectManagerProxy};
use zbus::{Connection, OwnedObjectPath, OwnedVariant};

/// Name of the module that hosts the Keys.
const MODULE_NAME: &str = "softhsm2";

/// Name of the module beside it.
const BYSTANDER_NAME: &str = "bystander";

/// What the Keys are made of.
#[derive(Debug)]
enum Backend {
    SoftHsm,
    /// SoftHSM2 behind the lab module, prepared like this before the daemon starts.
    Lab(fn(&Lab, &[Key])),
    Kryoptic,
}

/// What a fixture should have: by default the shipped policy, polkit, one Key, the daemon, the clerk's agent.
#[derive(Debug)]
pub struct FixtureBuilder {
    keys: Vec<KeyBuilder>,
    policy: BusPolicy,
    polkit: Option<Seat>,
    agents: Vec<Person>,
    backend: Backend,
    spied: bool,
    bystander: bool,
    module_lines: String,
    extra_modules: Vec<ModuleFile>,
    profiles: Vec<(String, String)>,
    config: String,
}

impl Default for FixtureBuilder {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            policy: BusPolicy::Shipped,
            polkit: Some(Seat::ClerkAndNurse),
            agents: vec![Person::Clerk],
            backend: Backend::SoftHsm,
            spied: false,
            bystander: false,
            module_lines: String::new(),
            extra_modules: Vec::new(),
            profiles: Vec::new(),
            config: String::new(),
        }
    }
}

impl FixtureBuilder {
    /// Adds a Key; without any there is one with the default PIN and certificates.
    pub fn key(mut self, key: KeyBuilder) -> Self {
        self.keys.push(key);
        self
    }

    /// One Key with this PIN.
    pub fn pin(self, pin: &str) -> Self {
        self.key(KeyBuilder::default().pin(pin))
    }

    /// Another bus policy.
    pub fn policy(mut self, policy: BusPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Nobody answers on polkit's name.
    pub fn without_polkit(mut self) -> Self {
        self.polkit = None;
        self
    }

    /// No agent at all.
    pub fn without_agent(mut self) -> Self {
        self.agents.clear();
        self
    }

    /// An agent for this user too.
    pub fn agent_for(mut self, person: Person) -> Self {
        self.agents.push(person);
        self
    }

    /// The lab module in front of SoftHSM2, with all Keys added and then prepared like this before the daemon starts.
    pub fn lab(mut self, prepare: fn(&Lab, &[Key])) -> Self {
        self.backend = Backend::Lab(prepare);
        self
    }

    /// Keys of kryoptic, which lock at the tenth wrong PIN.
    pub fn kryoptic(mut self) -> Self {
        self.backend = Backend::Kryoptic;
        self
    }

    /// The spy between shim and module.
    pub fn spied(mut self) -> Self {
        self.spied = true;
        self
    }

    /// A Key of another module, with which nothing will be wrong: see [`Fixture::bystander`].
    pub fn bystander(mut self) -> Self {
        self.bystander = true;
        self
    }

    /// Lines of TOML for the module's file.
    pub fn module(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.module_lines);
        self
    }

    /// Another module beside the one with the Keys.
    pub fn extra_module(mut self, module: ModuleFile) -> Self {
        self.extra_modules.push(module);
        self
    }

    /// A vendor profile: a file of `modules.d` that names no library.
    pub fn profile(mut self, name: &str, toml: &str) -> Self {
        self.profiles.push((name.to_owned(), toml.to_owned()));
        self
    }

    /// Content of `ukeyd.toml`.
    pub fn config(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.config);
        self
    }

    /// Starts everything, and waits until the Keys are ready and the agents registered.
    pub async fn start(mut self) -> Fixture {
        if self.keys.is_empty() {
            self.keys.push(KeyBuilder::default());
        }
        let bus = Bus::start(self.policy);
        let store = TokenStore::create(MODULE_NAME);
        let ca = TestCa::create();
        let kryoptic = KryopticStore::create(MODULE_NAME);
        let keys: Vec<Key> = match self.backend {
            Backend::SoftHsm | Backend::Lab(_) => self.keys.into_iter().map(|key| key.create(&store, &ca)).collect(),
            Backend::Kryoptic => self.keys.into_iter().map(|key| key.create(&kryoptic, &ca)).collect(),
        };
        let bystander = self.bystander.then(|| {
            let store = TokenStore::create(BYSTANDER_NAME);
            let key =
                KeyBuilder::default().label("旁观UKey").certificate(KeyKind::EcP256, CertificateProfile::default());
            let key = key.create(&store, &ca);
            self.extra_modules.push(ModuleFile::softhsm(BYSTANDER_NAME, &store));
            key
        });
        let lab = match self.backend {
            Backend::Lab(prepare) => Some(Lab::with_keys(MODULE_NAME, &keys, prepare)),
            Backend::SoftHsm | Backend::Kryoptic => None,
        };
        let polkit = match self.polkit {
            Some(seat) => Some(Polkit::start(&bus, seat).await),
            None => None,
        };
        let spy = self.spied.then(Spy::create);
        let module = match (&self.backend, &lab) {
            (Backend::Kryoptic, _) => ModuleFile::kryoptic(MODULE_NAME, &kryoptic),
            (_, Some(lab)) => ModuleFile::lab(MODULE_NAME, &store, lab),
            (_, None) => ModuleFile::softhsm(MODULE_NAME, &store),
        };
        let unspied = module.clone();
        let module = spy.iter().fold(module, ModuleFile::through).with(&self.module_lines);
        let daemon = DaemonBuilder::default().config(&self.config).module(module);
        let daemon = self.profiles.iter().fold(daemon, |daemon, (name, toml)| daemon.profile(name, toml));
        let daemon = self.extra_modules.into_iter().fold(daemon, DaemonBuilder::module).start(&bus).await;
        let clerk = bus.connect(Person::Clerk).await;
        let mut fixture = Fixture {
            clerk,
            agents: HashMap::new(),
            daemon,
            lab,
            spy,
            polkit,
            keys,
            bystander,
            ca,
            store,
            kryoptic,
            unspied,
            bus,
        };
        for key in fixture.keys.iter().chain(&fixture.bystander) {
            fixture.wait_for_state(key, TokenState::Ready).await;
        }
        for person in self.agents {
            let agent = Agent::start(&fixture.bus, person).await;
            fixture.agents.insert(person, agent);
        }
        fixture
    }
}

/// A running system. Its parts end in the order of the fields.
#[derive(Debug)]
pub struct Fixture {
    /// The clerk's connection, as a program of the clerk would have it.
    pub clerk: Connection,
    /// Running agents.
    pub agents: HashMap<Person, Agent>,
    /// The daemon.
    pub daemon: Daemon,
    /// The lab, when there is one.
    pub lab: Option<Lab>,
    /// The spy, when there is one.
    pub spy: Option<Spy>,
    /// polkit, when it runs.
    pub polkit: Option<Polkit>,
    /// The Keys, in the order of the builder.
    pub keys: Vec<Key>,
    /// The Key of the other module, when there is one.
    pub bystander: Option<Key>,
    /// Who certified them.
    pub ca: TestCa,
    /// Where their tokens are.
    pub store: TokenStore,
    /// Where they are when kryoptic has them.
    pub kryoptic: KryopticStore,
    unspied: ModuleFile,
    /// The bus.
    pub bus: Bus,
}

impl Fixture {
    /// A fixture to describe.
    pub fn builder() -> FixtureBuilder {
        FixtureBuilder::default()
    }

    /// The first Key.
    pub fn key(&self) -> &Key {
        &self.keys[0]
    }

    /// The clerk's dialogs.
    pub fn pinentry(&self) -> &ScriptedPinentry {
        self.agents[&Person::Clerk].pinentry()
    }

    /// The lab of a fixture that has one.
    pub fn lab(&self) -> &Lab {
        self.lab.as_ref().unwrap()
    }

    /// The spy of a fixture that has one.
    pub fn spy(&self) -> &Spy {
        self.spy.as_ref().unwrap()
    }

    /// Somebody else's program, as root, with a module of its own on the same Keys; not seen by the spy.
    pub fn other_program(&self) -> Pkcs11Client {
        self.unspied.client()
    }

    /// The first Key on the bus, for the clerk.
    pub async fn token(&self) -> TokenProxy<'static> {
        self.token_of(self.key(), &self.clerk).await
    }

    /// A Key on the bus, for whoever has this connection.
    pub async fn token_of(&self, key: &Key, connection: &Connection) -> TokenProxy<'static> {
        let path = eventually("the Key on the bus", async || self.token_path(key).await).await;
        TokenProxy::new(connection, path).await.unwrap()
    }

    /// The first Key's certificate of this kind, for the clerk.
    pub async fn certificate(&self, kind: KeyKind) -> CertificateProxy<'static> {
        self.certificate_of(self.key(), kind, &self.clerk).await
    }

    /// A Key's certificate of this kind, for whoever has this connection.
    pub async fn certificate_of(&self, key: &Key, kind: KeyKind, connection: &Connection) -> CertificateProxy<'static> {
        let path = eventually("the certificate on the bus", async || self.certificate_path(key, kind).await).await;
        CertificateProxy::new(connection, path).await.unwrap()
    }

    /// Waits until a Key shows this state.
    pub async fn wait_for_state(&self, key: &Key, state: TokenState) {
        eventually(&format!("the Key in state {state}"), async || {
            let objects = self.objects().await;
            let path = find(&objects, TOKEN, |properties| text(properties, "Label") == key.label())?;
            (text(&objects[&path][TOKEN], "State") == state.as_str()).then_some(())
        })
        .await;
    }

    /// Everything the daemon shows.
    pub async fn objects(&self) -> ManagedObjects {
        let manager = ObjectManagerProxy::new(&self.clerk, BUS_NAME, ROOT_PATH).await.unwrap();
        manager.get_managed_objects().await.unwrap()
    }

    /// Properties of the module with the Keys.
    pub async fn module(&self) -> HashMap<String, OwnedVariant> {
        self.module_named(MODULE_NAME).await.unwrap()
    }

    /// Properties of a module, when it is there.
    pub async fn module_named(&self, name: &str) -> Option<HashMap<String, OwnedVariant>> {
        let objects = self.objects().await;
        let path = find(&objects, MODULE, |properties| text(properties, "Name") == name)?;
        Some(objects[&path][MODULE].clone())
    }

    /// Logs the clerk in.
    pub async fn log_in(&self) {
        self.log_in_to(self.key()).await;
    }

    /// Logs the clerk in to this Key.
    pub async fn log_in_to(&self, key: &Key) {
        self.pinentry().will_type(key.pin());
        let token = self.token_of(key, &self.clerk).await;
        token.login(HashMap::new()).await.map_err(Error::from).unwrap();
    }

    /// Logs the clerk in to the bystander's Key, and uses it from now on.
    pub async fn bystander(&self) -> Bystander {
        let key = self.bystander.as_ref().unwrap();
        self.log_in_to(key).await;
        let token = eventually("the bystander's Key", async || self.token_path(key).await).await;
        let certificate = self.certificate_path(key, KeyKind::EcP256).await.unwrap();
        Bystander::start(token, certificate)
    }

    /// Ends the daemon by SIGKILL, and waits until it is gone.
    pub async fn kill_daemon(&mut self) {
        self.daemon.program().signal(rustix::process::Signal::KILL);
        self.daemon.program_mut().ended().await;
    }

    /// Starts the daemon again, which has ended, and waits until the Keys are ready and the agents registered.
    pub async fn start_daemon(&mut self) {
        let monitor = Monitor::start(&self.bus).await;
        self.daemon = self.daemon.builder().start(&self.bus).await;
        for key in self.keys.iter().chain(&self.bystander) {
            self.wait_for_state(key, TokenState::Ready).await;
        }
        eventually("the agents' registrations", async || {
            let answered = |call: &zbus::Message| monitor.reply_to(call).is_some();
            (monitor.calls("RegisterAgent").iter().filter(|call| answered(call)).count() >= self.agents.len())
                .then_some(())
        })
        .await;
    }

    async fn token_path(&self, key: &Key) -> Option<OwnedObjectPath> {
        find(&self.objects().await, TOKEN, |properties| text(properties, "Label") == key.label())
    }

    async fn certificate_path(&self, key: &Key, kind: KeyKind) -> Option<OwnedObjectPath> {
        let objects = self.objects().await;
        let token = find(&objects, TOKEN, |properties| text(properties, "Label") == key.label())?;
        let prefix = format!("{token}/");
        objects
            .iter()
            .filter(|(path, _)| path.as_str().starts_with(&prefix))
            .find(|(_, interfaces)| {
                interfaces.get(CERTIFICATE).is_some_and(|properties| text(properties, "KeyType") == kind.as_str())
            })
            .map(|(path, _)| path.clone())
    }
}

type Properties = HashMap<String, OwnedVariant>;

fn find(objects: &ManagedObjects, interface: &str, fits: impl Fn(&Properties) -> bool) -> Option<OwnedObjectPath> {
    let mut found = objects.iter().filter(|(_, interfaces)| interfaces.get(interface).is_some_and(&fits));
    found.next().map(|(path, _)| path.clone())
}

fn text(properties: &Properties, name: &str) -> String {
    String::try_from(properties[name].clone()).unwrap()
}
