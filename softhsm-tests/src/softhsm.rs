//! SoftHSM2: one module with its tokens in a private folder.

use crate::person::Person;
use crate::stage::{STAGE, private_folder};
use crate::tool::{Tool, run, succeed};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

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

    /// Makes a token, and gives its folder.
    pub(crate) fn initialize(&self, label: &str, pin: &str, so_pin: &str) -> PathBuf {
        let before = self.folders();
        let mut command = Tool::Softhsm2Util.command();
        command
            .args(["--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", so_pin])
            .env("SOFTHSM2_CONF", self.config());
        succeed(Tool::Softhsm2Util, &mut command);
        self.folders().difference(&before).next().unwrap().clone()
    }

    /// Puts a private key (PEM) and its certificate (DER) into a token.
    pub(crate) fn import(&self, label: &str, pin: &str, id: &str, key: &Path, certificate: &Path) {
        let pkcs8 = key.with_extension("p8");
        run(
            Tool::Openssl,
            ["pkcs8", "-topk8", "-nocrypt", "-in", key.to_str().unwrap(), "-out", pkcs8.to_str().unwrap()],
        );
        let mut command = Tool::Softhsm2Util.command();
        command
            .args(["--token", label, "--pin", pin, "--id", id, "--label", id])
            .args(["--import".as_ref(), pkcs8.as_os_str()])
            .env("SOFTHSM2_CONF", self.config());
        succeed(Tool::Softhsm2Util, &mut command);
        let mut command = Tool::Pkcs11Tool.command();
        command
            .arg("--module")
            .arg(library())
            .args(["--token-label", label, "--login", "--pin", pin, "--type", "cert", "--id", id, "--label", id])
            .args(["--write-object".as_ref(), certificate.as_os_str()])
            .env("SOFTHSM2_CONF", self.config());
        succeed(Tool::Pkcs11Tool, &mut command);
    }

    /// Hands over what root has written.
    pub(crate) fn give_to_service(&self) {
        let uid = Some(Person::Service.uid());
        for token in self.folders() {
            chown(&token, uid, uid).unwrap();
            for file in fs::read_dir(token).unwrap() {
                chown(file.unwrap().path(), uid, uid).unwrap();
            }
        }
    }

    fn folders(&self) -> BTreeSet<PathBuf> {
        fs::read_dir(self.tokens()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}
