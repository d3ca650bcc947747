//! Which files a library is meant to find, where its module file lists none: those that its environment names, and those
//! that configuration files named there name in turn (SoftHSM2's token folder, kryoptic's database).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest configuration file of a library that is looked into.
const CONFIGURATION_MAX: u64 = 256 << 10;
/// Most paths of one module.
const PATHS_MAX: usize = 64;
/// What stands around a path in a value or a configuration file.
const AROUND: &[char] = &[' ', '\t', '=', ':', ';', ',', '"', '\'', '<', '>', '(', ')', '[', ']', '{', '}'];
/// Nothing in these is a library's to change; the devices that it needs it has anyway.
const READ_ONLY: &[&str] = &["/etc", "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/boot", "/opt"];
/// Nothing in these is given by a guess.
const NEVER: &[&str] = &["/proc", "/sys"];
/// Folders in which everybody's files are: a file in one can be given, the folder can't.
const SHARED: &[&str] = &["/var/tmp", "/var/lib", "/var/log", "/var/run", "/dev/shm", "/run/user", "/run/lock"];
/// Where libraries look when no variable says so: the beginning of their name, and the file.
const BY_DEFAULT: &[(&str, &str, &str)] = &[("libsofthsm2", "SOFTHSM2_CONF", "/etc/softhsm/softhsm2.conf")];

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub read: Vec<PathBuf>,
    /// Files that may be changed, folders in which files may be made and removed.
    pub write: Vec<PathBuf>,
}

/// Looks, once, when the module file is read: what a library writes into its configuration later changes nothing.
pub(super) fn found(library: &Path, environment: &BTreeMap<String, String>) -> Found {
    let mut found = Found::default();
    let name = library.file_name().unwrap_or_default().to_string_lossy();
    let by_default = BY_DEFAULT
        .iter()
        .filter(|(library, variable, _)| name.starts_with(library) && !environment.contains_key(*variable));
    for (_, _, configuration) in by_default {
        found.configuration(Path::new(configuration));
    }
    for (variable, value) in environment {
        let kind = Kind::of(variable);
        for path in paths(value) {
            match kind {
                Kind::Configuration => found.configuration(&path),
                Kind::SearchPath => found.read(&path),
                Kind::Other if is_library(&path) => found.read(&path),
                Kind::Other => found.write(&path),
            }
        }
    }
    found
}

/// What a variable is for, as far as its name tells.
#[derive(Clone, Copy)]
enum Kind {
    Configuration,
    SearchPath,
    Other,
}

impl Kind {
    fn of(variable: &str) -> Self {
        let name = variable.to_ascii_uppercase();
        if name.contains("CONF") || name.contains("CFG") || name.ends_with("_INI") {
            Self::Configuration
        } else if name.starts_with("LD_") || name == "PATH" || name.ends_with("_PATH") {
            Self::SearchPath
        } else {
            Self::Other
        }
    }
}

impl Found {
    /// A configuration file: it can be read, and what it names used.
    fn configuration(&mut self, path: &Path) {
        self.read(path);
        let Some(text) = text_of(path) else { return };
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']) && !line.starts_with("//"));
        for named in lines.flat_map(paths) {
            if is_library(&named) { self.read(&named) } else { self.write(&named) }
        }
    }

    fn read(&mut self, path: &Path) {
        if may_be_found(path) {
            add(&mut self.read, path);
        }
    }

    fn write(&mut self, path: &Path) {
        if READ_ONLY.iter().any(|folder| path.starts_with(folder)) {
            return self.read(path);
        }
        if !may_be_found(path) {
            return;
        }
        let parent = path.parent().filter(|parent| may_be_found(parent) && !is_shared(parent));
        if path.is_dir() {
            // One that everybody uses is nobody's.
            let list = if is_shared(path) { &mut self.read } else { &mut self.write };
            return add(list, path);
        }
        // A file that is not there yet, or that is written with others beside it: journals, locks.
        for path in [Some(path), parent].into_iter().flatten() {
            add(&mut self.write, path);
        }
    }
}

fn add(paths: &mut Vec<PathBuf>, path: &Path) {
    if paths.len() < PATHS_MAX && !paths.iter().any(|known| known == path) {
        paths.push(path.to_owned());
    }
}

/// Every absolute path in a text.
fn paths(text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('/') {
        let before = rest[..start].chars().next_back();
        let from = &rest[start..];
        // In quotes a path may have spaces.
        let end = match before {
            Some(quote @ ('"' | '\'')) => from.find(quote),
            _ => from.find(AROUND),
        };
        let (path, after) = from.split_at(end.unwrap_or(from.len()));
        if before.is_none_or(|before| AROUND.contains(&before)) {
            found.push(PathBuf::from(path));
        }
        rest = after;
    }
    found
}

/// A folder of the root is too much for a guess, and a path that goes back may lead anywhere.
fn may_be_found(path: &Path) -> bool {
    let plain = path.components().all(|part| !matches!(part, std::path::Component::ParentDir));
    plain && path.components().count() > 2 && !NEVER.iter().any(|folder| path.starts_with(folder))
}

fn is_shared(folder: &Path) -> bool {
    SHARED.iter().any(|shared| folder == Path::new(shared))
}

fn is_library(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(".so"))
}

/// The text of a regular file of moderate size.
fn text_of(path: &Path) -> Option<String> {
    if !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= CONFIGURATION_MAX) {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(CONFIGURATION_MAX).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(environment: &[(&str, &str)]) -> Found {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        found(Path::new("/usr/lib/x.so"), &environment)
    }

    fn text(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    #[test]
    fn the_token_folder_of_a_configuration_file_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (tokens, configuration) = (folder.path().join("my tokens"), folder.path().join("softhsm2.conf"));
        std::fs::create_dir(&tokens).unwrap();
        for line in [format!("directories.tokendir = {:?}", text(&tokens)), format!("tokendir=\"{}\"", text(&tokens))] {
            std::fs::write(&configuration, format!("# /var/spool/not/this\n{line}\nlog.level = INFO\n")).unwrap();
            let found = look(&[("SOFTHSM2_CONF", text(&configuration))]);
            assert_eq!(found, Found { read: vec![configuration.clone()], write: vec![tokens.clone()] });
        }
    }

    #[test]
    fn a_database_is_found_with_its_folder_for_its_journal() {
        let folder = tempfile::tempdir().unwrap();
        let (store, configuration) = (folder.path().join("store"), folder.path().join("kryoptic.toml"));
        std::fs::create_dir(&store).unwrap();
        let database = store.join("token.sql");
        std::fs::write(&configuration, format!("[[slots]]\nslot = 7\ndbargs = \"{}\"\n", text(&database))).unwrap();
        let found = look(&[("KRYOPTIC_CONF", text(&configuration))]);
        assert_eq!(found, Found { read: vec![configuration], write: vec![database, store] });
    }

    #[test]
    fn what_the_environment_names_can_be_used_but_for_programs_and_the_systems() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("spy.log");
        let list = format!("{}:/srv/x/lib", text(folder.path()));
        let found = look(&[
            ("SPY_OUTPUT", text(&log)),
            ("SPY_MODULE", "/srv/lib/libspied.so.1"),
            ("LD_LIBRARY_PATH", &list),
            ("VENDOR_HOME", "/etc/vendor/settings"),
            ("LEVEL", "8"),
        ]);
        assert_eq!(found.write, [log, folder.path().to_owned()]);
        let read = ["/srv/x/lib", "/srv/lib/libspied.so.1", "/etc/vendor/settings"].map(PathBuf::from);
        assert_eq!(found.read, [&[folder.path().to_owned()], &read[..]].concat());
    }

    #[test]
    fn nothing_large_or_shared_is_given() {
        let names =
            ["/", "/tmp", "/etc", "/home", "/proc/1/mem", "/sys/kernel/x", "/var/lib/../../etc/x", "relative/x"];
        for name in names {
            assert_eq!(look(&[("DATA", name)]), Found::default(), "{name}");
        }
        assert_eq!(look(&[("DATA", "/var/lib")]), Found { read: vec!["/var/lib".into()], write: vec![] });
        assert_eq!(look(&[("DATA", "/tmp/spy.log")]).write, [PathBuf::from("/tmp/spy.log")], "not the folder");
    }

    #[test]
    fn paths_are_told_from_other_text() {
        let expected = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(paths("a = \"/x y/z\", b=/q:/r;c"), expected(&["/x y/z", "/q", "/r"]));
        assert_eq!(paths("sql:/var/db"), expected(&["/var/db"]));
        assert_eq!(paths("10/20 and/or x/y"), expected(&[]));
    }
}
