//! Client proxies. Method documentation is in `xml/`.
#![allow(missing_docs, reason = "the XML documents each member; the macro writes more items than the trait shows")]

use std::collections::HashMap;
use zbus::proxy;
use zbus::{Fd, ObjectPath, OwnedObjectPath, OwnedVariant, Variant};

/// Options of a call.
type Options<'a> = HashMap<&'a str, Variant<'a>>;

#[proxy(interface = "org.ukeyd.UKey1.Manager", default_service = "org.ukeyd.UKey1", default_path = "/org/ukeyd/UKey1")]
pub trait Manager {
    fn register_agent(&self, path: &ObjectPath<'_>, options: Options<'_>) -> zbus::Result<()>;
    fn unregister_agent(&self, path: &ObjectPath<'_>) -> zbus::Result<()>;
    fn open_connection(&self, socket: Fd<'_>) -> zbus::Result<()>;
    fn verify_signature(
        &self,
        certificate: &[u8],
        algorithm: &str,
        data: Fd<'_>,
        signature: &[u8],
    ) -> zbus::Result<HashMap<String, OwnedVariant>>;
    fn verify_message(
        &self,
        message: &[u8],
        content: Fd<'_>,
        options: Options<'_>,
    ) -> zbus::Result<HashMap<String, OwnedVariant>>;
    #[zbus(property)]
    fn expiry_thresholds(&self) -> zbus::Result<Vec<i32>>;
    #[zbus(property)]
    fn daily_after_expiry(&self) -> zbus::Result<bool>;
    #[zbus(property)]
    fn version(&self) -> zbus::Result<String>;
}

#[proxy(interface = "org.ukeyd.UKey1.Audit", default_service = "org.ukeyd.UKey1", default_path = "/org/ukeyd/UKey1")]
pub trait Audit {
    fn list(&self, filter: Options<'_>, after: u64, count: u32) -> zbus::Result<Vec<HashMap<String, OwnedVariant>>>;
    fn mine(&self, filter: Options<'_>, after: u64, count: u32) -> zbus::Result<Vec<HashMap<String, OwnedVariant>>>;
    fn verify(&self) -> zbus::Result<HashMap<String, OwnedVariant>>;
    fn hashes_of(&self, rows: &[u64]) -> zbus::Result<Vec<String>>;
    fn recover(&self) -> zbus::Result<String>;
}

#[proxy(
    interface = "org.ukeyd.UKey1.Statistics",
    default_service = "org.ukeyd.UKey1",
    default_path = "/org/ukeyd/UKey1"
)]
pub trait Statistics {
    #[zbus(no_autostart)]
    fn read(&self, after: u64) -> zbus::Result<(HashMap<String, OwnedVariant>, Vec<HashMap<String, OwnedVariant>>)>;
    #[zbus(signal)]
    fn changed(&self) -> zbus::Result<()>;
}

#[proxy(interface = "org.ukeyd.UKey1.Module", default_service = "org.ukeyd.UKey1")]
pub trait Module {
    #[zbus(property)]
    fn name(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn library(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn version(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn state(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn reason(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn restarts(&self) -> zbus::Result<u32>;
    #[zbus(property)]
    fn verified(&self) -> zbus::Result<bool>;
}

#[proxy(interface = "org.ukeyd.UKey1.Token", default_service = "org.ukeyd.UKey1")]
pub trait Token {
    fn login(&self, options: Options<'_>) -> zbus::Result<()>;
    fn logout(&self) -> zbus::Result<()>;
    fn get_login(&self) -> zbus::Result<(bool, u64)>;
    fn change_pin(&self, options: Options<'_>) -> zbus::Result<()>;
    fn unblock_pin(&self, options: Options<'_>) -> zbus::Result<()>;
    fn release(&self) -> zbus::Result<()>;
    fn random(&self, length: u32) -> zbus::Result<Vec<u8>>;
    #[zbus(property)]
    fn label(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn serial_number(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn manufacturer(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn model(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn module(&self) -> zbus::Result<OwnedObjectPath>;
    #[zbus(property)]
    fn state(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn pin_state(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn so_pin_state(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn pin_tries_remaining(&self) -> zbus::Result<i32>;
    #[zbus(property)]
    fn so_pin_tries_remaining(&self) -> zbus::Result<i32>;
    #[zbus(property)]
    fn unblock_supported(&self) -> zbus::Result<bool>;
}

#[proxy(interface = "org.ukeyd.UKey1.Certificate", default_service = "org.ukeyd.UKey1")]
pub trait Certificate {
    fn get_certificate(&self) -> zbus::Result<(Vec<u8>, HashMap<String, OwnedVariant>)>;
    fn sign_digest(&self, algorithm: &str, digest: &[u8], options: Options<'_>) -> zbus::Result<Vec<u8>>;
    fn sign_data(&self, algorithm: &str, data: &[u8], options: Options<'_>) -> zbus::Result<Vec<u8>>;
    fn sign_file(&self, algorithm: &str, file: Fd<'_>, options: Options<'_>) -> zbus::Result<Vec<u8>>;
    fn sign_batch(
        &self,
        algorithm: &str,
        digests: &[&[u8]],
        options: Options<'_>,
    ) -> zbus::Result<Vec<(String, Vec<u8>)>>;
    fn sign_message(&self, content: &[u8], options: Options<'_>) -> zbus::Result<Vec<u8>>;
    fn sign_message_file(
        &self,
        content: Fd<'_>,
        message: Fd<'_>,
        options: Options<'_>,
    ) -> zbus::Result<HashMap<String, OwnedVariant>>;
    #[zbus(property)]
    fn token(&self) -> zbus::Result<OwnedObjectPath>;
    #[zbus(property)]
    fn issuer(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn serial_number(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn fingerprint(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn not_before(&self) -> zbus::Result<u64>;
    #[zbus(property)]
    fn not_after(&self) -> zbus::Result<u64>;
    #[zbus(property)]
    fn validity(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn holder_name(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn holder_id(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn key_use(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn key_type(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn algorithms(&self) -> zbus::Result<Vec<String>>;
    #[zbus(signal)]
    fn expiry_warning(&self, days: i32, threshold: i32) -> zbus::Result<()>;
}

#[proxy(interface = "org.ukeyd.UKey1.Request", default_service = "org.ukeyd.UKey1")]
pub trait Request {
    fn cancel(&self) -> zbus::Result<()>;
    #[zbus(signal)]
    fn progress(&self, done: u64, total: u64) -> zbus::Result<()>;
}

#[proxy(interface = "org.ukeyd.UKey1.Agent")]
pub trait Agent {
    fn request_pin(&self, token: &ObjectPath<'_>, kind: &str, context: Options<'_>, pin: Fd<'_>) -> zbus::Result<()>;
    fn confirm(&self, token: &ObjectPath<'_>, kind: &str, context: Options<'_>) -> zbus::Result<bool>;
    fn notify(&self, token: &ObjectPath<'_>, kind: &str, context: Options<'_>) -> zbus::Result<()>;
    fn cancel(&self, request: &str) -> zbus::Result<()>;
    fn identify(&self, context: Options<'_>) -> zbus::Result<HashMap<String, OwnedVariant>>;
}
