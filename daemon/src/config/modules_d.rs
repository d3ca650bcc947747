//! `modules.d/*.toml`: a file that names a `library` is a module, any other a profile of a vendor's Keys.

use super::ConfigError;
use super::module_file::{self, ModuleConfig, ModuleProfile};
use super::sm2::{Match, Sm2Profile, Sm2Rule};
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file without a library.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VendorProfile {
    #[serde(rename = "match")]
    matches: Match,
    sm2: Sm2Profile,
    /// Somebody ran it on the real hardware.
    #[serde(default)]
    verified: bool,
}

enum File {
    Module(Box<ModuleProfile>),
    Vendor(VendorProfile),
}

/// Reads every `*.toml` of the folders; a file in a later folder replaces one of the same name in an earlier.
/// A folder that is not there is empty.
pub(crate) fn read_modules(folders: &[PathBuf]) -> Result<Vec<ModuleConfig>, ConfigError> {
    let (mut modules, mut rules) = (Vec::new(), Vec::new());
    // By name, which is what decides between equally specific profiles.
    for (name, path) in files(folders)? {
        match read(&path)? {
            File::Module(profile) => modules.push((name, *profile)),
            File::Vendor(VendorProfile { matches, sm2, verified }) => {
                rules.push(Sm2Rule { name, matches, profile: sm2, verified });
            }
        }
    }
    rules.sort_by_key(|rule| Reverse(rule.matches.specificity()));
    Ok(modules.into_iter().map(|(name, profile)| with_rules(name, profile, &rules)).collect())
}

/// A module with its own rule and then the profiles that fit its library.
fn with_rules(name: String, profile: ModuleProfile, rules: &[Sm2Rule]) -> ModuleConfig {
    let own = profile.sm2.map(|sm2| Sm2Rule {
        name: name.clone(),
        matches: profile.matches.clone(),
        profile: sm2,
        verified: profile.verified,
    });
    let fitting = own.into_iter().chain(rules.iter().cloned());
    let sm2_rules = fitting.filter(|rule| rule.matches.fits_library(&profile.library)).collect();
    ModuleConfig { name, profile, sm2_rules }
}

fn files(folders: &[PathBuf]) -> Result<BTreeMap<String, PathBuf>, ConfigError> {
    let mut files = BTreeMap::new();
    for folder in folders {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(ConfigError::Read { path: folder.clone(), source }),
        };
        for entry in entries {
            let path = entry.map_err(|source| ConfigError::Read { path: folder.clone(), source })?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.insert(module_name(&path)?, path);
            }
        }
    }
    Ok(files)
}

fn module_name(path: &Path) -> Result<String, ConfigError> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
        let message = "a module's name is 1 to 64 of A-Z a-z 0-9 - _ .".to_owned();
        return Err(ConfigError::Value { path: path.to_owned(), message });
    }
    Ok(name.to_owned())
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let syntax = |error| ConfigError::syntax(path, &text, &error);
    let table: toml::Table = toml::from_str(&text).map_err(syntax)?;
    if table.contains_key("library") || !table.contains_key("sm2") {
        return module_file::read(path, &text).map(|profile| File::Module(Box::new(profile)));
    }
    let vendor: VendorProfile = toml::from_str(&text).map_err(syntax)?;
    if vendor.matches.specificity() == 0 {
        let message = "[match] must say for which Keys [sm2] is".to_owned();
        return Err(ConfigError::Value { path: path.to_owned(), message });
    }
    Ok(File::Vendor(vendor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FlagSource;
    use ukey_shim_protocol::{TokenFlags, TokenInfo, TokenRef};

    #[test]
    fn a_later_folder_overrides_and_order_is_by_name() {
        let (vendor, local) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(vendor.path().join("b.toml"), "library = '/usr/lib/b.so'").unwrap();
        std::fs::write(vendor.path().join("a.toml"), "library = '/usr/lib/a.so'").unwrap();
        std::fs::write(vendor.path().join("README"), "not a module").unwrap();
        std::fs::write(local.path().join("b.toml"), "library = '/opt/b.so'\nsessions = 2\nflags = 'live'").unwrap();
        let folders = [vendor.path().to_owned(), local.path().to_owned(), PathBuf::from("/nonexistent")];
        let modules = read_modules(&folders).unwrap();
        assert_eq!(modules.iter().map(|module| module.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(modules[1].profile.library, Path::new("/opt/b.so"));
        assert_eq!(modules[1].profile.flags, FlagSource::Live);
    }

    #[test]
    fn a_typo_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.toml"), "library = '/usr/lib/a.so'\nsesions = 2\n").unwrap();
        let error = read_modules(&[folder.path().to_owned()]).unwrap_err().to_string();
        assert!(error.contains("a.toml, line 2"), "{error}");
    }

    #[test]
    fn relative_libraries_and_absurd_numbers_are_refused() {
        for text in ["library = 'a.so'", "library = '/a.so'\nsessions = 0", "library = '/a.so'\ntries = { user = 0 }"] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("a.toml"), text).unwrap();
            assert!(read_modules(&[folder.path().to_owned()]).is_err(), "{text}");
        }
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn read_folder(files: &[(&str, &str)]) -> Result<Vec<ModuleConfig>, ConfigError> {
        read_modules(&[folder(files).path().to_owned()])
    }

    fn token(manufacturer: &str, model: &str, firmware_version: (u8, u8)) -> TokenInfo {
        TokenInfo {
            token: TokenRef(0),
            label: "k".into(),
            manufacturer: manufacturer.into(),
            model: model.into(),
            serial_number: "1".into(),
            hardware_version: (1, 0),
            firmware_version,
            flags: TokenFlags::default(),
            pin_length: None,
        }
    }

    fn rule<'a>(module: &'a ModuleConfig, token: &TokenInfo) -> Option<&'a str> {
        module.sm2_rule(token).map(|rule| rule.name.as_str())
    }

    const SM2: &str = "[sm2]\nkey-type = 0x80000004\nmechanism = 0x80008104\n";

    #[test]
    fn the_most_specific_profile_wins_and_the_modules_own_word_over_all() {
        let profile = |matches: &str| format!("[match]\n{matches}\n{SM2}");
        let modules = read_folder(&[
            ("maker.toml", "library = '/usr/lib/libmaker.so.1'"),
            ("other.toml", &format!("library = '/usr/lib/libother.so'\n[match]\nmodel = 'Own'\n{SM2}")),
            ("b-any.toml", &profile("manufacturer = ['*Maker*', 'nobody']")),
            ("a-any.toml", &profile("library = '*/libmaker.so*'")),
            ("z-model.toml", &profile("manufacturer = 'maker'\nmodel = 'K?'")),
            ("z-version.toml", &profile("manufacturer = 'maker'\nmodel = 'K?'\nversion = '2.*'")),
        ])
        .unwrap();
        let [maker, other] = modules.as_slice() else { panic!("{modules:?}") };
        assert_eq!(rule(maker, &token("Maker", "K1", (2, 7))), Some("z-version"));
        assert_eq!(rule(maker, &token("MAKER", "K1", (3, 0))), Some("z-model"));
        assert_eq!(rule(maker, &token("Maker", "L", (2, 7))), Some("a-any"));
        assert_eq!(rule(other, &token("A Maker", "L", (2, 7))), Some("b-any"));
        assert_eq!(rule(other, &token("Maker", "Own", (2, 7))), Some("other"));
        assert_eq!(rule(other, &token("Nemo", "L", (2, 7))), None);
    }

    #[test]
    fn a_module_that_no_profile_fits_stays_as_it_is_when_profiles_change() {
        let module = ("m.toml", "library = '/usr/lib/libm.so'");
        let profile = format!("[match]\nlibrary = '*/libn.so'\n{SM2}");
        let before = read_folder(&[module]).unwrap();
        assert_eq!(before, read_folder(&[module, ("p.toml", &profile)]).unwrap());
        assert_ne!(before, read_folder(&[module, ("p.toml", &profile.replace("libn", "libm"))]).unwrap());
    }

    #[test]
    fn a_profile_that_cannot_be_meant_is_refused_by_name() {
        let cases = [
            (format!("[match]\nmodel = 'K'\n{SM2}input = 'message'\n"), "p.toml, line 6: unknown variant `message`"),
            (format!("[match]\nmodel = 'K'\n{SM2}signature = 'asn1'\n"), "p.toml, line 6: unknown variant `asn1`"),
            (format!("[match]\nserial = 'K'\n{SM2}"), "p.toml, line 2: unknown field `serial`"),
            (SM2.to_owned(), "p.toml, line 1: missing field `match`"),
            (format!("[match]\n{SM2}"), "p.toml: [match] must say"),
            ("[match]\nmodel = 'K'\n[sm2]\nkey-type = -1\nmechanism = 1\n".to_owned(), "p.toml, line 4: "),
            ("library = '/a.so'\n[match]\nmodel = 'K'\n".to_owned(), "p.toml: [match] says"),
            ("verified = true\n".to_owned(), "p.toml, line 1: "),
        ];
        for (text, wanted) in cases {
            let error = read_folder(&[("p.toml", &text)]).unwrap_err().to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn shipped_profiles_fit_their_keys_and_claim_no_hardware() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/modules.d");
        let cases = [
            ("/usr/lib/libcastle.so.1.0.0", token("FT", "ePass3003", (1, 1)), Some("sm2-usb-key")),
            ("/opt/lm/liblm_cryptoide_pkcs11.so", token("", "", (0, 0)), Some("sm2-usb-key")),
            ("/usr/lib/libshuttle_p11v220.so", token("", "", (0, 0)), Some("sm2-usb-key")),
            ("/usr/lib/libp11.so", token("Westone Inc.", "UKey", (1, 0)), Some("sm2-westone")),
            ("/usr/lib/libp11.so", token("三零瑞通", "UKey", (1, 0)), Some("sm2-30th")),
            ("/usr/lib/libp11.so", token("MsSince", "MK-1", (1, 0)), Some("sm2-mk1")),
            ("/usr/lib/softhsm/libsofthsm2.so", token("SoftHSM project", "SoftHSM v2", (2, 6)), None),
        ];
        for (library, token, wanted) in cases {
            let module = folder(&[("m.toml", &format!("library = '{library}'"))]);
            let modules = read_modules(&[shipped.clone(), module.path().to_owned()]).unwrap();
            let module = modules.iter().find(|module| module.name == "m").unwrap();
            assert_eq!(rule(module, &token), wanted, "{library}");
            assert!(module.sm2_rules.iter().all(|rule| !rule.verified));
        }
    }
}
