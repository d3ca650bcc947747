//! kryoptic: Keys that lock by themselves, after ten wrong PINs in a row, as a real one does.

use crate::client::Pkcs11Client;
use crate::key::Key;
use crate::person::Person;
use crate::stage::{STAGE, private_folder};
use crate::store::{KeyStore, NewToken};
use crate::tool::{Tool, run, succeed};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use ukey_lab_module::control::Who;

const MODULE: &str = "libukey_kryoptic_token.so";

/// Keys of one kryoptic configuration; all belong to [`Person::Service`].
///
/// Which Keys there are is read when a process initializes the module. A process caches flags and counters: it does not
/// see the wrong tries of another.
#[derive(Clone, Debug)]
pub struct KryopticStore {
    folder: PathBuf,
}

impl KryopticStore {
    /// Wrong PINs in a row that lock a PIN.
    pub const TRIES: u32 = 10;

    /// An empty store with this name.
    pub fn create(name: &str) -> Self {
        let folder = Path::new(STAGE).join("kryoptic").join(name);
        // Writable for its owner as a whole: SQLite puts a journal beside each database.
        private_folder(folder.to_str().unwrap(), Person::Service);
        let store = Self { folder };
        store.write_config(&[]);
        store
    }

    /// The module, where the daemon may load it from.
    pub fn library() -> PathBuf {
        let on_stage = Path::new(STAGE).join("lib").join(MODULE);
        if !on_stage.exists() {
            let tests = std::env::current_exe().unwrap();
            // target/<profile>/deps/<test> → target
            let built = tests.ancestors().nth(3).unwrap().join("kryoptic-token/debug").join(MODULE);
            assert!(built.exists(), "{} is missing: run softhsm-tests/kryoptic-token/build", built.display());
            fs::create_dir_all(on_stage.parent().unwrap()).unwrap();
            fs::copy(built, &on_stage).unwrap();
        }
        on_stage
    }

    /// What the module needs in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        vec![("KRYOPTIC_CONF".to_owned(), self.config().to_str().unwrap().to_owned())]
    }

    /// The folder of its Keys.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn config(&self) -> PathBuf {
        self.folder.join("token.conf")
    }

    /// How many wrong PINs in a row the Key has counted.
    pub fn wrong_tries(&self, key: &Key, who: Who) -> u32 {
        let sql = format!("SELECT hex(data) FROM meta WHERE {}", counter(who));
        let hex = query(key.path(), &sql);
        u32::from_str_radix(&hex, 16).unwrap().swap_bytes()
    }

    /// Makes the Key believe that it has counted so many. Processes that have initialized the module may not see it.
    pub fn set_wrong_tries(&self, key: &Key, who: Who, tries: u32) {
        let sql = format!("UPDATE meta SET data = X'{:08X}' WHERE {}", tries.swap_bytes(), counter(who));
        query(key.path(), &sql);
        // As root has written it, its journal may be root's.
        self.give_to_service();
    }

    fn write_config(&self, tokens: &[PathBuf]) {
        let text = tokens.iter().enumerate().fold(String::new(), |mut text, (slot, path)| {
            writeln!(text, "[[slots]]\nslot = {slot}\ndbtype = \"sqlite\"\ndbargs = {path:?}\n").unwrap();
            text
        });
        fs::write(self.config(), text).unwrap();
    }

    fn tokens(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.folder).unwrap().map(|file| file.unwrap().path());
        let mut tokens: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "sql")).collect();
        tokens.sort();
        tokens
    }
}

impl KeyStore for KryopticStore {
    fn initialize(&self, label: &str, pin: &str, so_pin: &str) -> NewToken {
        let mut tokens = self.tokens();
        // kryoptic makes the file when it initializes the token.
        let slot = tokens.len().to_string();
        let path = self.folder.join(format!("{slot:0>3}.sql"));
        tokens.push(path.clone());
        self.write_config(&tokens);
        let mut command = self.pkcs11_tool();
        command.args(["--init-token", "--slot", &slot, "--label", label, "--so-pin", so_pin]);
        succeed(Tool::Pkcs11Tool, &mut command);
        let mut command = self.pkcs11_tool();
        command.args(["--slot", &slot, "--login", "--login-type", "so", "--so-pin", so_pin]).args([
            "--init-pin",
            "--pin",
            pin,
        ]);
        succeed(Tool::Pkcs11Tool, &mut command);
        let serial_number = query(&path, "SELECT data FROM meta WHERE name = 'TOKEN INFO' AND value = 'serial'");
        NewToken { path, serial_number }
    }

    fn pkcs11_tool(&self) -> Command {
        let mut command = Tool::Pkcs11Tool.command();
        command.arg("--module").arg(Self::library()).env("KRYOPTIC_CONF", self.config());
        command
    }

    fn client(&self) -> Pkcs11Client {
        Pkcs11Client::start(&Self::library(), &self.environment())
    }

    fn give_to_service(&self) {
        let uid = Some(Person::Service.uid());
        for file in fs::read_dir(&self.folder).unwrap() {
            chown(file.unwrap().path(), uid, uid).unwrap();
        }
    }
}

fn counter(who: Who) -> &'static str {
    match who {
        Who::User | Who::Context => "name = 'USER COUNTER' AND value = 'USER'",
        Who::So => "name = 'USER COUNTER' AND value = 'SO'",
    }
}

fn query(database: &Path, sql: &str) -> String {
    // A process with the module may be reading it: then this waits, milliseconds at most.
    let answer = run(Tool::Sqlite, ["-cmd", ".timeout 5000", database.to_str().unwrap(), sql]);
    String::from_utf8(answer).unwrap().trim().to_owned()
}
