//! OpenSC's PKCS#11 spy between shim and module: an independent count of what the module was asked.

use crate::person::Person;
use crate::softhsm::library;
use crate::stage::{STAGE, private_folder};
use std::fs;
use std::path::{Path, PathBuf};

/// A spy's log.
#[derive(Clone, Debug)]
pub struct Spy {
    folder: PathBuf,
}

impl Spy {
    /// A spy with an empty log, written by [`Person::Service`]. The log holds the PIN.
    pub fn create() -> Self {
        let folder = Path::new(STAGE).join("spy");
        private_folder(folder.to_str().unwrap(), Person::Service);
        Self { folder }
    }

    /// The folder of its log, which the module must be able to write to.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The library to name in the module file.
    pub fn library() -> PathBuf {
        let folders = fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
        let found = folders.map(|folder| folder.join("pkcs11-spy.so")).find(|path| path.exists());
        let found = found.unwrap_or_else(|| panic!("pkcs11-spy.so is missing: run script/bootstrap (package opensc)"));
        fs::canonicalize(found).unwrap()
    }

    /// What its module file adds to the environment, with SoftHSM2 behind it.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.environment_for(&library())
    }

    /// What its module file adds to the environment, with this library behind it.
    pub fn environment_for(&self, library: &Path) -> Vec<(String, String)> {
        let log = self.log_path();
        vec![
            ("PKCS11SPY".to_owned(), library.to_str().unwrap().to_owned()),
            ("PKCS11SPY_OUTPUT".to_owned(), log.to_str().unwrap().to_owned()),
        ]
    }

    /// How often this function was called.
    pub fn count(&self, function: &str) -> usize {
        self.log().lines().filter(|line| line.split_once(": ").is_some_and(|(_, name)| name == function)).count()
    }

    /// The functions called so far, in order.
    pub fn calls(&self) -> Vec<String> {
        let called =
            |line: &str| line.split_once(": ").map(|(_, name)| name.to_owned()).filter(|name| name.starts_with("C_"));
        self.log().lines().filter_map(called).collect()
    }

    fn log(&self) -> String {
        // There is none before the first call.
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("calls.log")
    }
}
