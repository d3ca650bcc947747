//! One call of each method: right in its form, and harmless where it is allowed.

use rustix::net::{AddressFamily, SocketType};
use std::collections::HashMap;
use std::os::fd::AsFd;
use ukey_dbus::names::{AUDIT, BUS_NAME, CERTIFICATE, MANAGER, REQUEST, ROOT_PATH, STATISTICS, TOKEN};
use ukey_dbus::{AuditProxy, CertificateProxy, ManagerProxy, RequestProxy, StatisticsProxy, TokenProxy, options};
use ukey_softhsm_tests::{Document, Options, option};
use zbus::fdo::{IntrospectableProxy, ObjectManagerProxy, PeerProxy, PropertiesProxy};
use zbus::{Connection, ObjectPath, Variant};

const ALGORITHM: &str = "ECDSA-SHA256";
const DIGEST: [u8; 32] = [7; 32];

/// The objects that are called.
pub(super) struct Target {
    pub token: String,
    pub certificate: String,
    pub request: String,
}

pub(super) async fn call(from: &Connection, target: &Target, interface: &str, method: &str) -> zbus::Result<()> {
    match interface {
        MANAGER => manager(from, method).await,
        AUDIT => audit(from, method).await,
        STATISTICS => StatisticsProxy::new(from).await?.read(0).await.map(drop),
        TOKEN => token(from, target, method).await,
        CERTIFICATE => certificate(from, target, method).await,
        REQUEST => RequestProxy::new(from, target.request.clone()).await?.cancel().await,
        _ => standard(from, interface, method).await,
    }
}

/// Nobody is asked for a PIN.
fn never() -> Options {
    option(options::PROMPT, options::PROMPT_NEVER)
}

fn unknown(method: &str) -> ! {
    panic!("no arguments for {method}")
}

async fn manager(from: &Connection, method: &str) -> zbus::Result<()> {
    let manager = ManagerProxy::new(from).await?;
    let path = ObjectPath::from_static_str_unchecked("/table");
    let order = Document::order();
    match method {
        "RegisterAgent" => {
            // It serves nobody else, and the next method takes it back.
            let terminal = Variant::from(options::AGENT_TERMINAL);
            manager.register_agent(&path, HashMap::from([(options::AGENT_KIND, terminal)])).await
        }
        "UnregisterAgent" => manager.unregister_agent(&path).await,
        "OpenConnection" => {
            // One that is not connected: whoever may do it hears of that.
            let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
            manager.open_connection(socket.as_fd().into()).await
        }
        "VerifySignature" => manager.verify_signature(b"", ALGORITHM, order.open().as_fd().into(), b"").await.map(drop),
        "VerifyMessage" => manager.verify_message(b"", order.open().as_fd().into(), HashMap::new()).await.map(drop),
        _ => unknown(method),
    }
}

async fn audit(from: &Connection, method: &str) -> zbus::Result<()> {
    let audit = AuditProxy::new(from).await?;
    match method {
        "List" => audit.list(HashMap::new(), 0, 1).await.map(drop),
        "Mine" => audit.mine(HashMap::new(), 0, 1).await.map(drop),
        "Verify" => audit.verify().await.map(drop),
        "HashesOf" => audit.hashes_of(&[1]).await.map(drop),
        // Nothing is wrong with the record: it stays.
        "Recover" => audit.recover().await.map(|moved_to| assert_eq!(moved_to, "")),
        _ => unknown(method),
    }
}

async fn token(from: &Connection, target: &Target, method: &str) -> zbus::Result<()> {
    let token = TokenProxy::new(from, target.token.clone()).await?;
    match method {
        "Login" => token.login(never()).await,
        "Logout" => token.logout().await,
        "GetLogin" => token.get_login().await.map(drop),
        "ChangePin" => token.change_pin(never()).await,
        "UnblockPin" => token.unblock_pin(never()).await,
        "Release" => token.release().await,
        "Random" => token.random(16).await.map(drop),
        _ => unknown(method),
    }
}

async fn certificate(from: &Connection, target: &Target, method: &str) -> zbus::Result<()> {
    let certificate = CertificateProxy::new(from, target.certificate.clone()).await?;
    let order = Document::order();
    match method {
        "GetCertificate" => certificate.get_certificate().await.map(drop),
        "SignDigest" => certificate.sign_digest(ALGORITHM, &DIGEST, never()).await.map(drop),
        "SignData" => certificate.sign_data(ALGORITHM, b"order", never()).await.map(drop),
        "SignFile" => certificate.sign_file(ALGORITHM, order.open().as_fd().into(), never()).await.map(drop),
        "SignBatch" => certificate.sign_batch(ALGORITHM, &[&DIGEST], never()).await.map(drop),
        "SignMessage" => certificate.sign_message(b"order", never()).await.map(drop),
        "SignMessageFile" => {
            let message = Document::with("order.p7s", b"");
            let message = std::fs::File::options().write(true).open(message.path()).unwrap();
            let (content, message) = (order.open(), message.as_fd());
            certificate.sign_message_file(content.as_fd().into(), message.into(), never()).await.map(drop)
        }
        _ => unknown(method),
    }
}

async fn standard(from: &Connection, interface: &str, method: &str) -> zbus::Result<()> {
    let properties = PropertiesProxy::new(from, BUS_NAME, ROOT_PATH).await?;
    let peer = PeerProxy::builder(from).destination(BUS_NAME).path(ROOT_PATH).build().await?;
    match (interface.rsplit('.').next().unwrap_or_default(), method) {
        ("Introspectable", "Introspect") => {
            let root = IntrospectableProxy::builder(from).destination(BUS_NAME).path(ROOT_PATH).build().await?;
            root.introspect().await?;
        }
        ("ObjectManager", "GetManagedObjects") => {
            ObjectManagerProxy::new(from, BUS_NAME, ROOT_PATH).await?.get_managed_objects().await?;
        }
        ("Peer", "Ping") => peer.ping().await?,
        ("Peer", "GetMachineId") => drop(peer.get_machine_id().await?),
        ("Properties", "Get") => drop(properties.get(MANAGER.try_into()?, "Version").await?),
        ("Properties", "GetAll") => drop(properties.get_all(MANAGER.try_into()?).await?),
        _ => unknown(method),
    }
    Ok(())
}
