//! The shipped daemon, running as its own user on the stage's bus.

use crate::bus::Bus;
use crate::client::Pkcs11Client;
use crate::journal::SystemJournal;
use crate::kryoptic::KryopticStore;
use crate::lab::Lab;
use crate::memory::contains;
use crate::person::Person;
use crate::process::Program;
use crate::softhsm::{TokenStore, library};
use crate::spy::Spy;
use crate::stage::{STAGE, private_folder, program};
use crate::tool::{Tool, run};
use crate::wait::eventually;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use ukey_dbus::names::BUS_NAME;

/// A file of `modules.d`.
#[derive(Clone, Debug)]
pub struct ModuleFile {
    name: String,
    library: PathBuf,
    environment: Vec<(String, String)>,
    write: Vec<PathBuf>,
    lines: String,
}

impl ModuleFile {
    /// SoftHSM2 with the tokens of a store.
    pub fn softhsm(name: &str, store: &TokenStore) -> Self {
        Self::new(name, &library(), &[environment_of(store)]).writing(store.tokens())
    }

    /// The same, through the spy.
    pub fn spied(name: &str, store: &TokenStore, spy: &Spy) -> Self {
        Self::softhsm(name, store).through(spy)
    }

    /// SoftHSM2 with the tokens of a store, through the lab module.
    pub fn lab(name: &str, store: &TokenStore, lab: &Lab) -> Self {
        let mut environment = lab.environment();
        environment.push(environment_of(store));
        Self::new(name, &Lab::library(), &environment).writing(store.tokens())
    }

    /// kryoptic with the Keys of a store.
    pub fn kryoptic(name: &str, store: &KryopticStore) -> Self {
        Self::new(name, &KryopticStore::library(), &store.environment()).writing(store.folder().to_owned())
    }

    /// Any library.
    pub fn new(name: &str, library: &Path, environment: &[(String, String)]) -> Self {
        Self {
            name: name.to_owned(),
            library: library.to_owned(),
            environment: environment.to_owned(),
            write: Vec::new(),
            lines: String::new(),
        }
    }

    /// The same, with a spy between shim and library.
    pub fn through(mut self, spy: &Spy) -> Self {
        self.write.push(spy.folder().to_owned());
        self.environment.extend(spy.environment_for(&self.library));
        self.library = Spy::library();
        self
    }

    /// The same, where the library may change this file, or what is in this folder.
    pub fn writing(mut self, path: PathBuf) -> Self {
        self.write.push(path);
        self
    }

    /// The same, where the file lists nothing, as the simplest file does.
    pub fn unlisted(mut self) -> Self {
        self.write.clear();
        self
    }

    /// The same, with more lines of TOML.
    pub fn with(mut self, lines: &str) -> Self {
        self.lines.push_str(lines);
        self.lines.push('\n');
        self
    }

    /// Somebody else's program with the same library.
    pub fn client(&self) -> Pkcs11Client {
        Pkcs11Client::start(&self.library, &self.environment)
    }

    fn text(&self) -> String {
        let mut text = format!("library = {:?}\n", self.library.to_str().unwrap());
        let entries: Vec<String> = self.environment.iter().map(|(key, value)| format!("{key} = {value:?}")).collect();
        if !entries.is_empty() {
            writeln!(text, "environment = {{ {} }}", entries.join(", ")).unwrap();
        }
        if !self.write.is_empty() {
            writeln!(text, "write = {:?}", self.write).unwrap();
        }
        text.push_str(&self.lines);
        text
    }
}

fn environment_of(store: &TokenStore) -> (String, String) {
    ("SOFTHSM2_CONF".to_owned(), store.config().to_str().unwrap().to_owned())
}

/// How to start the daemon.
#[derive(Clone, Debug)]
pub struct DaemonBuilder {
    modules: Vec<ModuleFile>,
    profiles: Vec<(String, String)>,
    config: String,
    folder: PathBuf,
    log: String,
    program: &'static str,
    unit: Option<PathBuf>,
}

impl Default for DaemonBuilder {
    fn default() -> Self {
        let folder = Path::new(STAGE).join("ukeyd");
        Self {
            modules: Vec::new(),
            profiles: Vec::new(),
            config: String::new(),
            folder,
            log: "trace".to_owned(),
            program: "ukeyd",
            unit: None,
        }
    }
}

impl DaemonBuilder {
    /// Adds a module.
    pub fn module(mut self, module: ModuleFile) -> Self {
        self.modules.push(module);
        self
    }

    /// Adds a file of `modules.d` that names no library.
    pub fn profile(mut self, name: &str, toml: &str) -> Self {
        self.profiles.push((name.to_owned(), toml.to_owned()));
        self
    }

    /// Content of `ukeyd.toml`; by default the file is empty.
    pub fn config(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.config);
        self
    }

    /// What it logs, as `RUST_LOG`; by default everything.
    pub fn log(mut self, filter: &str) -> Self {
        filter.clone_into(&mut self.log);
        self
    }

    /// As the unit that this journal knows; then it logs there, and less.
    pub fn journal(mut self, journal: &SystemJournal) -> Self {
        self.unit = Some(journal.unit());
        self.log("info,zbus=warn")
    }

    /// Another build of the daemon.
    pub fn program(mut self, name: &'static str) -> Self {
        self.program = name;
        self
    }

    /// Another folder for configuration and state, for a second daemon.
    pub fn folder(mut self, name: &str) -> Self {
        self.folder = Path::new(STAGE).join(name);
        self
    }

    /// Starts it and waits until it owns its name.
    pub async fn start(self, bus: &Bus) -> Daemon {
        let daemon = self.launch();
        bus.wait_for_owner(BUS_NAME).await;
        daemon
    }

    /// Starts it and waits for nothing: it may be about to fail.
    pub fn launch(self) -> Daemon {
        let modules = self.folder.join("modules.d");
        let state = self.folder.join("state");
        let config = self.folder.join("ukeyd.toml");
        fs::create_dir_all(&modules).unwrap();
        private_folder(state.to_str().unwrap(), Person::Service);
        fs::write(&config, &self.config).unwrap();
        for module in &self.modules {
            fs::write(modules.join(format!("{}.toml", module.name)), module.text()).unwrap();
        }
        for (name, toml) in &self.profiles {
            fs::write(modules.join(format!("{name}.toml")), toml).unwrap();
        }
        let mut command = Program::command_as(Person::Service, &program(self.program));
        command
            .args(["--bus", "system", "--authorizer", "polkit", "--config"])
            .arg(&config)
            .arg("--modules-dir")
            .arg(&modules)
            .arg("--state-dir")
            .arg(&state)
            .env("RUST_LOG", &self.log)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(unit) = &self.unit {
            command = SystemJournal::as_unit(unit, &command);
            command.stdin(Stdio::null()).stdout(Stdio::null());
        }
        Daemon { program: Program::spawn("ukeyd", Tool::Setpriv, &mut command), config, state, builder: self }
    }
}

/// A started daemon.
#[derive(Debug)]
pub struct Daemon {
    program: Program,
    config: PathBuf,
    state: PathBuf,
    builder: DaemonBuilder,
}

impl Daemon {
    /// Its process.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Its process, to wait for its end.
    pub fn program_mut(&mut self) -> &mut Program {
        &mut self.program
    }

    /// Its configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Its folder for the audit database.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Adds lines to the file of a module, for it to read on SIGHUP.
    pub fn add_to_module(&self, name: &str, lines: &str) {
        let path = self.builder.folder.join("modules.d").join(format!("{name}.toml"));
        let mut file = fs::File::options().append(true).open(path).unwrap();
        writeln!(file, "{lines}").unwrap();
    }

    /// The processes that host its modules.
    pub fn shims(&self) -> Vec<u32> {
        self.program.children()
    }

    /// Those of them that host this library.
    pub fn shims_of(&self, library: &Path) -> Vec<u32> {
        let name = library.file_name().unwrap().as_encoded_bytes();
        let hosts =
            |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|arguments| contains(&arguments, name));
        self.shims().into_iter().filter(hosts).collect()
    }

    /// Every value of every table of the audit database, read by Python's SQLite.
    pub fn records(&self) -> String {
        let program = "import sqlite3, sys\nprint('\\n'.join(sqlite3.connect(sys.argv[1]).iterdump()))";
        let database = self.state.join("audit.sqlite");
        String::from_utf8(run(Tool::Python, ["-c", program, database.to_str().unwrap()])).unwrap()
    }

    /// Waits until the audit database has this text.
    pub async fn will_have_recorded(&self, text: &str) {
        eventually(&format!("a record of {text}"), async || self.records().contains(text).then_some(())).await;
    }

    /// What it was started with, to start it again.
    pub fn builder(&self) -> DaemonBuilder {
        self.builder.clone()
    }
}
