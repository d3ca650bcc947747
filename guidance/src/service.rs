use crate::texts::catalogue;
use std::fmt;
use std::str::FromStr;
use ukey_texts::Language;

/// What a CA does with a certificate or a Key: a box to tick on its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// 新申请: the first certificate.
    New,
    /// 更新: a new certificate for one that expires.
    Renew,
    /// 补办: a new Key for one that is lost or broken.
    Reissue,
    /// 解锁: a new PIN for a locked one.
    Unlock,
    /// 注销: the end of a certificate, also called 吊销.
    Revoke,
    /// 变更: other facts in the certificate.
    Change,
}

impl Service {
    /// Every service, in the order of the form.
    pub const ALL: [Self; 6] = [Self::New, Self::Renew, Self::Reissue, Self::Unlock, Self::Revoke, Self::Change];

    /// Its word on command lines and in files: `new renew reissue unlock revoke change`.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Renew => "renew",
            Self::Reissue => "reissue",
            Self::Unlock => "unlock",
            Self::Revoke => "revoke",
            Self::Change => "change",
        }
    }

    /// What people call it.
    pub fn name(self, language: Language) -> String {
        catalogue(language).text(&format!("service-{self}"))
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Service {
    type Err = UnknownService;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|service| service.word() == word).ok_or(UnknownService)
    }
}

/// A word that is no service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a service is one of: new, renew, reissue, unlock, revoke, change")]
pub struct UnknownService;
