//! What the CAs say: the files of `ca.d`, and which of their services helps where something is wrong.

use crate::context::Context;
use crate::style::{Paint, Style};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use std::io::{self, Write};
use std::path::PathBuf;
use ukey_guidance::{Directory, default_folders};

/// A service of a CA, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Service(pub(crate) ukey_guidance::Service);

const SERVICES: &[Service] = &{
    let mut services = [Service(ukey_guidance::Service::New); ukey_guidance::Service::ALL.len()];
    let mut place = 0;
    while place < services.len() {
        services[place] = Service(ukey_guidance::Service::ALL[place]);
        place += 1;
    }
    services
};

impl ValueEnum for Service {
    fn value_variants<'a>() -> &'a [Self] {
        SERVICES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        use ukey_guidance::Service::{Change, New, Reissue, Renew, Revoke, Unlock};
        let help = match self.0 {
            New => "新申请: the first certificate",
            Renew => "更新: a new certificate for one that expires",
            Reissue => "补办: a new Key for one that is lost or broken",
            Unlock => "解锁: a new PIN for a locked one",
            Revoke => "注销: the end of a certificate",
            Change => "变更: other facts in the certificate",
        };
        Some(PossibleValue::new(self.0.word()).help(help))
    }
}

/// Reads the files of these folders, by default those of this computer; tells on standard error of those that can't be
/// used.
pub(crate) fn directory(context: &Context, folders: Option<&[PathBuf]>) -> Directory {
    let loaded = folders.map_or_else(|| Directory::load(&default_folders()), Directory::load);
    let paint = Paint::for_stream(&io::stderr());
    for problem in &loaded.problems {
        let line = context.texts.text_with("ca-file-left-out", &[("problem", problem.to_string())]);
        // Nobody is left to tell when this fails.
        drop(writeln!(io::stderr(), "{}", paint.apply(Style::Warn, &line)));
    }
    loaded.directory
}
