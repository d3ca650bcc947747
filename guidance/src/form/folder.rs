//! Where a form for a person goes: a file in a folder of theirs, shown by the desktop's PDF viewer.

use crate::Service;
use crate::form::{Filled, Fonts, FormError, labels, render};
use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// Longest part of a unit's name in a file name, in characters.
const NAME_MAX: usize = 40;
/// Files of one name that may lie beside each other.
const COPIES_MAX: u32 = 999;
/// Largest `user-dirs.dirs`, in bytes.
const DIRS_MAX: u64 = 64 * 1024;

/// A form that lies in a folder of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Where.
    pub path: PathBuf,
    /// A viewer was started.
    pub shown: bool,
}

/// Why a form did not reach the user.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// There is no form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The user has none of the folders of [`users_folder`].
    #[error("the user has no folder for documents")]
    NoFolder,
    /// It can't be written there.
    #[error("{folder}: {source}", folder = folder.display())]
    Save {
        /// Where.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Makes a form with the fonts of this computer, puts it into the user's folder and shows it. It takes up to a second,
/// and blocks.
///
/// # Errors
/// Each as it says. That no viewer could be started is none: the form is there.
pub fn deliver(service: Service, filled: &Filled) -> Result<Delivered, DeliveryError> {
    let pdf = render(service, filled, &Fonts::system())?;
    let folder = users_folder().ok_or(DeliveryError::NoFolder)?;
    let path = save(&pdf, &folder, service, &filled.unit_name)
        .map_err(|source| DeliveryError::Save { folder: folder.clone(), source })?;
    let shown = show(&path).is_ok();
    Ok(Delivered { path, shown })
}

/// The folder for a form: the user's documents (XDG user directories), else their downloads, else `$XDG_RUNTIME_DIR`.
/// `None` when none of them exists.
pub fn users_folder() -> Option<PathBuf> {
    let home = absolute("HOME");
    let configuration = absolute("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    let dirs = configuration.map(|folder| folder.join("user-dirs.dirs"));
    let dirs = dirs.and_then(|path| bounded(&path).ok()).unwrap_or_default();
    let named = |name| home.as_deref().and_then(|home| user_folder(&dirs, name, home));
    let runtime = absolute("XDG_RUNTIME_DIR");
    [named("XDG_DOCUMENTS_DIR"), named("XDG_DOWNLOAD_DIR"), runtime]
        .into_iter()
        .flatten()
        .find(|folder| folder.is_dir())
}

fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn bounded(path: &Path) -> io::Result<String> {
    if !path.metadata()?.is_file() || path.metadata()?.len() > DIRS_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    fs::read_to_string(path)
}

/// `NAME="$HOME/Documents"` or an absolute path (xdg-user-dirs). The home folder itself means that there is none.
fn user_folder(dirs: &str, name: &str, home: &Path) -> Option<PathBuf> {
    let value = dirs.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='))?;
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    let path = match value.strip_prefix("$HOME/") {
        Some(inside) => home.join(inside),
        None => PathBuf::from(value),
    };
    (path.is_absolute() && path != home && !value.trim_end_matches('/').ends_with("$HOME")).then_some(path)
}

/// Writes a form into `folder` under a name of its own, and never over another file: `单位数字证书业务申请表-更新-县人民医院.pdf`,
/// `… (2).pdf`.
///
/// # Errors
/// Those of the system.
pub fn save(pdf: &[u8], folder: &Path, service: Service, unit_name: &str) -> io::Result<PathBuf> {
    let name = file_name(service, unit_name);
    for copy in 1..=COPIES_MAX {
        let suffix = if copy == 1 { String::new() } else { format!(" ({copy})") };
        let path = folder.join(format!("{name}{suffix}.pdf"));
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            opened => opened?,
        };
        if let Err(error) = file.write_all(pdf).and_then(|()| file.sync_all()) {
            // Half a form is worth less than none.
            drop(fs::remove_file(&path));
            return Err(error);
        }
        return Ok(path);
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn file_name(service: Service, unit_name: &str) -> String {
    // Letters and digits of any script: a name must not leave the folder, nor hide.
    let unit: String = unit_name.chars().filter(|character| character.is_alphanumeric()).take(NAME_MAX).collect();
    let mut name = format!("{}-{}", labels::TITLE, labels::short(service));
    if !unit.is_empty() {
        name.extend(["-", &unit]);
    }
    name
}

/// Shows a file with the desktop's viewer for its kind (`xdg-open`), without waiting for it.
///
/// # Errors
/// When `xdg-open` can't be started.
pub fn show(path: &Path) -> io::Result<()> {
    let mut command = Command::new("xdg-open");
    // As a whole path, it can't be taken for an option.
    command.arg(fs::canonicalize(path)?).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    // Somebody has to take its exit status; some viewers run as long as the window is open.
    thread::Builder::new().name("xdg-open".to_owned()).spawn(move || child.wait()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_folder_is_read_as_xdg_user_dirs_writes_it() {
        let home = Path::new("/home/li");
        let dirs = "# comment\nXDG_DESKTOP_DIR=\"$HOME/桌面\"\nXDG_DOCUMENTS_DIR=\"$HOME/文档\"\n XDG_DOWNLOAD_DIR=\"/data/x\"\n";
        assert_eq!(user_folder(dirs, "XDG_DOCUMENTS_DIR", home), Some("/home/li/文档".into()));
        assert_eq!(user_folder(dirs, "XDG_DOWNLOAD_DIR", home), Some("/data/x".into()));
        assert_eq!(user_folder(dirs, "XDG_MUSIC_DIR", home), None);
        for none in ["A=\"$HOME/\"", "A=\"$HOME\"", "A=\"relative\"", "A=$HOME/x", "A", "A=\"\""] {
            assert_eq!(user_folder(none, "A", home), None, "{none}");
        }
    }

    #[test]
    fn files_have_names_of_their_own_and_stay_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let save = |unit: &str| {
            let path = save(b"%PDF", folder.path(), Service::Reissue, unit).unwrap();
            assert_eq!(path.parent(), Some(folder.path()));
            path.file_name().unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(save("县人民医院"), "单位数字证书业务申请表-补办-县人民医院.pdf");
        assert_eq!(save("县人民医院"), "单位数字证书业务申请表-补办-县人民医院 (2).pdf");
        assert_eq!(save("../../.x\u{0}/\u{202e}y"), "单位数字证书业务申请表-补办-xy.pdf");
        assert_eq!(save(""), "单位数字证书业务申请表-补办.pdf");
        assert!(save(&"院".repeat(10_000)).len() < 255);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        assert!(save(b"%PDF", Path::new("/nonexistent"), Service::New, "x").is_err());
        assert!(show(Path::new("/nonexistent")).is_err());
    }
}
