//! Files to sign.

use crate::person::Person;
use crate::stage::STAGE;
use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

/// A regular file that belongs to the clerk.
#[derive(Clone, Debug)]
pub struct Document {
    path: PathBuf,
}

impl Document {
    /// A file with these bytes.
    pub fn with(name: &str, bytes: &[u8]) -> Self {
        let path = Path::new(STAGE).join("home/clerk").join(name);
        fs::write(&path, bytes).unwrap();
        chown(&path, Some(Person::Clerk.uid()), Some(Person::Clerk.uid())).unwrap();
        Self { path }
    }

    /// An order of a hospital.
    pub fn order() -> Self {
        Self::with("订单.json", "{\"单位\":\"示范人民医院\",\"药品\":\"阿莫西林胶囊\",\"数量\":200}\n".as_bytes())
    }

    /// A file of this size, all zeros, that takes no room.
    pub fn sparse(name: &str, size: u64) -> Self {
        let document = Self::with(name, b"");
        File::options().write(true).open(&document.path).unwrap().set_len(size).unwrap();
        document
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opened for reading.
    pub fn open(&self) -> File {
        File::open(&self.path).unwrap()
    }
}
