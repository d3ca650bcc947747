//! Names of users, asked for once each: a user may be gone when the record is read.

use nix::unistd::{Uid, User};
use std::collections::HashMap;
use ukey_formats::text::without_resident_numbers;

/// Users whose name is remembered; a computer has fewer.
const MAX: usize = 1024;

/// Names by user id.
#[derive(Default)]
pub(super) struct UserNames(HashMap<u32, String>);

impl UserNames {
    /// The user's name, empty when there is none.
    pub(super) fn of(&mut self, uid: u32) -> &str {
        if self.0.len() >= MAX && !self.0.contains_key(&uid) {
            self.0.clear();
        }
        self.0.entry(uid).or_insert_with(|| {
            let name = User::from_uid(Uid::from_raw(uid)).ok().flatten().map_or_else(String::new, |user| user.name);
            without_resident_numbers(&name).into_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_has_a_name_and_nobody_knows_the_last_uid() {
        let mut names = UserNames::default();
        assert_eq!(names.of(0), "root");
        assert_eq!(names.of(0), "root");
        assert_eq!(names.of(u32::MAX - 7), "");
    }
}
