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
}
