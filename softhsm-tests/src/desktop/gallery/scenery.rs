//! What several views are seen with.

use crate::ca::CertificateProfile;
use crate::desktop::Part;
use crate::fixture::Fixture;
use crate::key::KeyBuilder;
use crate::lab::Lab;
use crate::refusal::{Options, no_options, refusal};
use tokio::task::JoinHandle;
use ukey_dbus::KeyKind;
use ukey_lab_module::control::Who;

/// The unit whose Keys they are.
pub(super) const UNIT: &str = "昆明市某某县人民医院";
/// The PIN of Keys that nobody is to find odd.
pub(super) const PIN: &str = "kx739154";
/// Another one.
pub(super) const NEW_PIN: &str = "mq408216";

/// What of the screen is in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The corner with the tray and the notices.
    Corner,
    /// All that is on the ground.
    Content,
}

impl Frame {
    pub(super) fn part(self) -> Part {
        match self {
            Self::Corner => Part::Right(640),
            Self::Content => Part::Whole,
        }
    }
}

/// The unit's Key with this label, whose certificate is valid for so many days still.
pub(super) fn key(label: &str, days: i64) -> KeyBuilder {
    with(label, CertificateProfile::default().days(days.min(0) - 100, days))
}

/// The unit's Key with this label and a certificate from and to these moments.
pub(super) fn with(label: &str, profile: CertificateProfile) -> KeyBuilder {
    let key = KeyBuilder::default().label(label).pin(PIN).so_pin("so-739154");
    key.certificate(KeyKind::EcP256, profile.held_by(UNIT))
}

/// Nothing is to be prepared.
pub(super) fn plain(_: &Lab, _: &[crate::key::Key]) {}

/// A wrong PIN is entered, with what is asked before.
pub(super) async fn enter_wrongly(fixture: &Fixture) {
    if fixture.lab().tries_left(fixture.key(), Who::User) == 1 {
        fixture.pinentry().will_confirm();
    }
    fixture.pinentry().will_type("wrong-pin");
    refusal(fixture.token().await.login(no_options()).await);
}

/// A program of the clerk's signs something; it ends with the fixture.
pub(super) async fn sign(fixture: &Fixture, options: Options) -> JoinHandle<zbus::Result<Vec<u8>>> {
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", options).await })
}
