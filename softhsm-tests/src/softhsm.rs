//! SoftHSM2: one module with its tokens in a private folder.

use crate::client::Pkcs11Client;
use crate::person::Person;
use crate::stage::{STAGE, private_folder};
use crate::store::{KeyStore, NewToken};
use crate::tool::{Tool, succeed};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The module that Debian installs, as its real path.
pub(crate) fn library() -> PathBuf {
    let link = "/usr/lib/softhsm/libsofthsm2.so";
    fs::canonicalize(link).unwrap_or_else(|_| panic!("{link} is missing: run script/bootstrap (package softhsm2)"))
}

/// Tokens of one SoftHSM2 configuration; all belong to [`Person::Service`].
#[derive(Clone, Debug)]
pub struct TokenStore {
    folder: PathBuf,
}

impl TokenStore {
    /// An empty store with this name.
    pub fn create(name: &str) -> Self {
        let folder = Path::new(STAGE).join("softhsm").join(name);
        fs::create_dir_all(&folder).unwrap();
        let store = Self { folder };
        let tokens = store.tokens();
        private_folder(tokens.to_str().unwrap(), Person::Service);
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nslots.removable = true\nlog.level = ERROR\n",
            tokens.display()
        );
        fs::write(store.config(), text).unwrap();
        store
    }

    /// The configuration file, the value of `SOFTHSM2_CONF`.
    pub fn config(&self) -> PathBuf {
        self.folder.join("softhsm2.conf")
    }

    /// The folder that holds the tokens, one folder each.
    pub fn tokens(&self) -> PathBuf {
        self.folder.join("tokens")
    }

    fn folders(&self) -> BTreeSet<PathBuf> {
        fs::read_dir(self.tokens()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl KeyStore for TokenStore {
    fn initialize(&self, label: &str, pin: &str, so_pin: &str) -> NewToken {
        let before = self.folders();
        let mut command = Tool::Softhsm2Util.command();
        command
            .args(["--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", so_pin])
            .env("SOFTHSM2_CONF", self.config());
        succeed(Tool::Softhsm2Util, &mut command);
        let path = self.folders().difference(&before).next().unwrap().clone();
        // SoftHSM2 takes it from the end of the folder's name, a UUID.
        let uuid = path.file_name().unwrap().to_str().unwrap();
        let serial_number = format!("{}{}", &uuid[19..23], &uuid[24..]);
        NewToken { path, serial_number }
    }

    fn pkcs11_tool(&self) -> Command {
        let mut command = Tool::Pkcs11Tool.command();
        command.arg("--module").arg(library()).env("SOFTHSM2_CONF", self.config());
        command
    }

    fn client(&self) -> Pkcs11Client {
        let environment = ("SOFTHSM2_CONF".to_owned(), self.config().to_str().unwrap().to_owned());
        Pkcs11Client::start(&library(), &[environment])
    }

    fn give_to_service(&self) {
        let uid = Some(Person::Service.uid());
        for token in self.folders() {
            chown(&token, uid, uid).unwrap();
            for file in fs::read_dir(token).unwrap() {
                chown(file.unwrap().path(), uid, uid).unwrap();
            }
        }
    }
}
