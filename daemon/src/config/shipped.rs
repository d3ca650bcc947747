//! The commented settings, the examples and the manual that are shipped say the same as the code.

use super::expiry::ExpirySettings;
use super::module_file::{self, ModuleProfile, Timeouts, Tries};
use super::settings::{AuditSettings, LoginSettings, SigningSettings, TrustSettings};
use super::sm2::{Match, Sm2Profile};
use super::{Settings, read_modules};
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};

/// Every key of `ukeyd.toml`; those of a table with its name.
fn settings_keys() -> Vec<String> {
    let mut keys = Vec::new();
    for key in keys_of::<Settings>() {
        let inner = match key.as_str() {
            "login" => keys_of::<LoginSettings>(),
            "signing" => keys_of::<SigningSettings>(),
            "trust" => keys_of::<TrustSettings>(),
            "audit" => keys_of::<AuditSettings>(),
            "expiry" => keys_of::<ExpirySettings>(),
            _ => vec![],
        };
        match inner.is_empty() {
            true => keys.push(key),
            false => keys.extend(inner.iter().map(|inner| format!("{key}.{inner}"))),
        }
    }
    keys
}

/// The keys that a type knows: it names them when it is given another.
fn keys_of<T: DeserializeOwned>() -> Vec<String> {
    let Err(error) = toml::from_str::<T>("no-such-key = 1") else { panic!("it takes any key") };
    let message = error.message().to_owned();
    let (_, known) = message.split_once("expected ").unwrap_or_else(|| panic!("{message}"));
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_manual_has_every_key() {
    let manual = read("docs/configuration.md");
    let row = |key: &str| format!("| `{key}` |");
    for key in settings_keys() {
        assert!(manual.contains(&row(&key)), "{key} is not in docs/configuration.md");
    }
    for key in keys_of::<ModuleProfile>() {
        let told = match key.as_str() {
            "timeouts" => keys_of::<Timeouts>().iter().all(|key| manual.contains(&row(&format!("timeouts.{key}")))),
            "tries" => keys_of::<Tries>().iter().all(|key| manual.contains(&format!("{key} = N"))),
            "sm2" => keys_of::<Sm2Profile>().iter().all(|key| manual.contains(&row(key))),
            "match" => keys_of::<Match>().iter().all(|key| manual.contains(&format!("`{key}`"))),
            key => manual.contains(&row(key)),
        };
        assert!(told, "{key} is not in docs/configuration.md, or not all of it");
    }
}

#[test]
fn the_commented_settings_are_all_and_the_defaults() {
    let text = read("packaging/config/ukeyd.toml");
    let is_key = |line: &str| line.strip_prefix('#').is_some_and(|line| line.starts_with(char::is_alphabetic));
    let uncommented: String = text
        .lines()
        .map(|line| if is_key(line) { &line[1..] } else { line })
        .fold(String::new(), |text, line| text + line + "\n");
    let shown: toml::Table = toml::from_str(&uncommented).unwrap();
    for key in settings_keys() {
        let found = match key.split_once('.') {
            Some((table, key)) => shown.get(table).and_then(|table| table.get(key)),
            None => shown.get(&key),
        };
        assert!(found.is_some(), "{key} is not in packaging/config/ukeyd.toml");
    }
    let shipped: Settings = toml::from_str(&text).unwrap();
    assert_eq!(format!("{shipped:?}"), format!("{:?}", Settings::default()), "as shipped it changes nothing");
    let mut spelled_out: Settings = toml::from_str(&uncommented).unwrap();
    // Without a value the code looks in two places, or asks the environment.
    assert_eq!(spelled_out.log.take().as_deref(), Some("info,zbus=warn"));
    assert_eq!(spelled_out.shim.take().as_deref(), Some(Path::new("/usr/libexec/ukeyd/ukey-pkcs11-shim")));
    assert_eq!(format!("{spelled_out:?}"), format!("{:?}", Settings::default()), "a default is another");
}

#[test]
fn the_examples_and_profiles_are_read() {
    let examples = read_modules(&[sources().join("packaging/config/modules.d")]).unwrap();
    assert!(examples.iter().any(|module| module.name == "softhsm2") && examples.len() > 3);
    let with_profiles =
        read_modules(&[sources().join("packaging/modules.d"), sources().join("packaging/config/modules.d")]).unwrap();
    let watchdata = with_profiles.iter().find(|module| module.name == "watchdata").unwrap();
    assert!(!watchdata.sm2_rules.is_empty(), "its profile knows its library");
    // And each example of the manual.
    let manual = read("docs/configuration.md");
    let mut count = 0;
    for block in manual.split("```toml\n").skip(1) {
        let block = block.split("```").next().unwrap();
        if block.contains("library = ") {
            module_file::read(Path::new("example.toml"), block).unwrap();
            count += 1;
        }
    }
    assert!(count >= 2);
}

fn read(name: &str) -> String {
    fs::read_to_string(sources().join(name)).unwrap()
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
