//! Which library files may be loaded: those that nobody but root (or, on a private bus, the service's own user)
//! could have put or changed where they are.

use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Symbolic links followed before a path counts as a loop, as in Linux.
const LINKS_MAX: usize = 40;
const STICKY: u32 = 0o1000;
const OTHERS_WRITE: u32 = 0o022;

/// Users who may own a library and the folders above it.
#[derive(Clone, Debug)]
pub(crate) struct TrustedOwners(Vec<u32>);

/// Why a library is not loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    #[error("library {path}: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("library {path} is not a regular file", path = path.display())]
    NotAFile { path: PathBuf },
    #[error("{path} is owned by user {uid}; a library and the folders above it must be owned by root", path = path.display())]
    Owner { path: PathBuf, uid: u32 },
    #[error("{path} can be written by others (mode {mode:04o}); a library and the folders above it must not", path = path.display())]
    Writable { path: PathBuf, mode: u32 },
}

impl TrustedOwners {
    /// Only root: the system bus.
    pub(crate) fn root_only() -> Self {
        Self(vec![0])
    }

    /// Root and this user: a private bus.
    pub(crate) fn root_and(uid: u32) -> Self {
        Self(vec![0, uid])
    }

    /// The real path of a library, after checking it, every folder above it and every symbolic link on the way.
    pub(crate) fn check(&self, library: &Path) -> Result<PathBuf, TrustError> {
        let mut todo: Vec<PathBuf> = library.components().rev().map(|part| PathBuf::from(part.as_os_str())).collect();
        let mut real = PathBuf::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == Path::new("..") {
                real.pop();
                continue;
            }
            let path = real.join(&part);
            let read = |source| TrustError::Read { path: path.clone(), source };
            let metadata = std::fs::symlink_metadata(&path).map_err(read)?;
            if !self.0.contains(&metadata.uid()) {
                return Err(TrustError::Owner { path, uid: metadata.uid() });
            }
            if metadata.is_symlink() {
                links += 1;
                if links > LINKS_MAX {
                    return Err(read(std::io::Error::from_raw_os_error(rustix::io::Errno::LOOP.raw_os_error())));
                }
                let target = std::fs::read_link(&path).map_err(read)?;
                todo.extend(
                    target
                        .components()
                        .rev()
                        .filter(|part| *part != Component::CurDir)
                        .map(|part| part.as_os_str().into()),
                );
                continue;
            }
            let mode = metadata.mode();
            // In a sticky folder (as /tmp is) nobody can replace what a trusted user owns.
            let replaceable = !(metadata.is_dir() && mode & STICKY != 0);
            if mode & OTHERS_WRITE != 0 && replaceable {
                return Err(TrustError::Writable { path, mode: mode & 0o7777 });
            }
            real = path;
        }
        if std::fs::metadata(&real).is_ok_and(|metadata| metadata.is_file()) {
            Ok(real)
        } else {
            Err(TrustError::NotAFile { path: real })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn owners() -> TrustedOwners {
        TrustedOwners::root_and(rustix::process::getuid().as_raw())
    }

    #[test]
    fn a_link_leads_to_the_real_path() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        std::fs::create_dir(folder.join("real")).unwrap();
        std::fs::write(folder.join("real/a.so"), "").unwrap();
        symlink("real/../real/./a.so", folder.join("b.so")).unwrap();
        assert_eq!(owners().check(&folder.join("b.so")).unwrap(), folder.join("real/a.so"));
    }

    #[test]
    fn a_writable_file_or_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.so");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(matches!(owners().check(&path), Err(TrustError::Writable { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(owners().check(&path).is_ok());
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(owners().check(&path), Err(TrustError::Writable { .. })));
    }

    #[test]
    fn a_loop_a_folder_and_nothing_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        symlink("loop.so", folder.path().join("loop.so")).unwrap();
        assert!(matches!(owners().check(&folder.path().join("loop.so")), Err(TrustError::Read { .. })));
        assert!(matches!(owners().check(folder.path()), Err(TrustError::NotAFile { .. })));
        assert!(matches!(owners().check(&folder.path().join("none.so")), Err(TrustError::Read { .. })));
    }
}
