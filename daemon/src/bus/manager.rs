//! `org.ukeyd.UKey1.Manager`, at the root.

use super::dictionary::Answer;
use super::line::open_connection;
use super::options::RawOptions;
use super::service::Service;
use super::verify::verify_signature;
use super::verify_message::verify_message;
use serde_bytes::ByteBuf;
use std::collections::HashMap;
use std::sync::Arc;
use ukey_dbus::Error;
use ukey_formats::expiry::AfterEnd;
use zbus::message::Header;
use zbus::{ObjectPath, OwnedFd, Variant};

/// The root object.
pub(super) struct ManagerObject {
    service: Arc<Service>,
}

impl ManagerObject {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }
}

#[zbus::interface(name = "org.ukeyd.UKey1.Manager")]
impl ManagerObject {
    async fn register_agent(
        &self,
        path: ObjectPath<'_>,
        options: RawOptions,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let caller = self.service.callers.of(&header).await?;
        let _room = self.service.quota.take(&caller.user, 0)?;
        self.service.agents.register(caller, path, options).await
    }

    async fn unregister_agent(&self, path: ObjectPath<'_>, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        let caller = self.service.callers.of(&header).await?;
        self.service.agents.unregister(&caller, &path)
    }

    async fn open_connection(&self, socket: OwnedFd, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        open_connection(&self.service, &header, socket.into()).await
    }

    #[zbus(out_args("result"))]
    async fn verify_signature(
        &self,
        certificate: ByteBuf,
        algorithm: &str,
        data: OwnedFd,
        signature: ByteBuf,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<HashMap<&'static str, Variant<'static>>, Error> {
        verify_signature(&self.service, &header, &certificate, algorithm, data.into(), &signature).await
    }

    #[zbus(out_args("result"))]
    async fn verify_message(
        &self,
        message: ByteBuf,
        content: OwnedFd,
        options: RawOptions,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Answer, Error> {
        verify_message(&self.service, &header, message.into_vec(), content.into(), options).await
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn expiry_thresholds(&self) -> Vec<i32> {
        self.service.settings.expiry.thresholds().days().collect()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn daily_after_expiry(&self) -> bool {
        self.service.settings.expiry.thresholds().after() == AfterEnd::Daily
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
