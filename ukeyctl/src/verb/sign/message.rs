//! Signed messages: the service reads the content and writes the message by descriptors, whatever their size.

use super::job::Target;
use crate::call::{Call, Options};
use crate::error::Error;
use crate::file::{Existing, NewFile};
use crate::input::Input;
use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::AsFd;
use ukey_dbus::{CertificateProxy, options};
use zbus::{Fd, Variant};

/// What kind of message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form<'a> {
    /// The algorithm of the signature.
    pub(super) algorithm: &'a str,
    /// Whether the content stays out.
    pub(super) detached: bool,
    /// `cms` or `gmt0010`, unless the user said nothing.
    pub(super) encoding: Option<&'a str>,
}

/// Makes a message around `input` and puts it into its place; returns its length in bytes. `purpose` is shown in the
/// dialog.
///
/// # Errors
/// Those of `Certificate.SignMessageFile`, and of the file that is written, which then does not come to be.
pub(super) async fn sign(
    call: &mut Call<'_>,
    proxy: &CertificateProxy<'_>,
    form: Form<'_>,
    (purpose, input): (&str, &Input),
    (target, existing): (&Target, Existing),
) -> Result<u64, Error> {
    match target {
        Target::File(path) => {
            let file = NewFile::create(path, existing)?;
            let length = write(call, proxy, form, (purpose, input), &file).await?;
            file.keep()?;
            Ok(length)
        }
        Target::Stdout | Target::Nowhere => {
            let memory = memfd_create("ukeyctl-message", MemfdFlags::CLOEXEC);
            let mut memory = File::from(memory.map_err(|error| Error::Output(error.into()))?);
            let length = write(call, proxy, form, (purpose, input), &memory).await?;
            let mut out = io::stdout().lock();
            memory
                .rewind()
                .and_then(|()| io::copy(&mut memory, &mut out))
                .and_then(|_| out.flush())
                .map_err(Error::Output)?;
            Ok(length)
        }
    }
}

async fn write(
    call: &mut Call<'_>,
    proxy: &CertificateProxy<'_>,
    form: Form<'_>,
    (purpose, input): (&str, &Input),
    message: &impl AsFd,
) -> Result<u64, Error> {
    let answer = call
        .run(purpose, async |values: Options<'_>| {
            let mut values: Options<'_> = values;
            form.add_to(&mut values);
            proxy.sign_message_file(Fd::from(input), Fd::from(message), values).await
        })
        .await?;
    Ok(match answer.get("length").map(|value| &**value) {
        Some(Variant::U64(length)) => *length,
        _ => 0,
    })
}

impl<'a> Form<'a> {
    fn add_to(self, values: &mut Options<'a>) {
        if !self.algorithm.is_empty() {
            values.insert(options::ALGORITHM, self.algorithm.into());
        }
        values.insert(options::DETACHED, self.detached.into());
        if let Some(encoding) = self.encoding {
            values.insert(options::ENCODING, encoding.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_becomes_options_of_the_contract() {
        let mut values = Options::new();
        Form { algorithm: "SM2-SM3", detached: true, encoding: Some("gmt0010") }.add_to(&mut values);
        assert_eq!(values["algorithm"], Variant::from("SM2-SM3"));
        assert_eq!(values["detached"], Variant::from(true));
        assert_eq!(values["encoding"], Variant::from("gmt0010"));
        let mut values = Options::new();
        Form { algorithm: "", detached: false, encoding: None }.add_to(&mut values);
        assert_eq!(values.len(), 1, "the service's defaults stay the service's");
    }
}
