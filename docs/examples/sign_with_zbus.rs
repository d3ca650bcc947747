//! Signs a file of any size with the first Key that has a certificate of the wanted type.
//!
//!     sign_with_zbus signature FILE OUTPUT [KEY-TYPE]     the raw signature
//!     sign_with_zbus message   FILE OUTPUT [KEY-TYPE]     a signed message (CMS) with the file in it
//!
//! KEY-TYPE is rsa-2048 (the default), ec-p256, sm2 …  Needs the crates `zbus` and `tokio`, and `ukey-dbus` of this
//! repository (names, proxies, errors; no logic):
//!
//!     cargo run -p ukey-dbus --example sign_with_zbus -- signature order.xml order.sig
#![forbid(unsafe_code)]
#![allow(clippy::print_stderr, reason = "a program tells its user")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::process::ExitCode;
use ukey_dbus::{CertificateProxy, Error, ErrorKind, KeyKind, names, options};
use zbus::fdo::ObjectManagerProxy;
use zbus::{Connection, Fd, Variant};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (form, file, output, wanted) = match arguments[..] {
        [form @ ("signature" | "message"), file, output] => (form, file, output, KeyKind::Rsa2048.as_str()),
        [form @ ("signature" | "message"), file, output, wanted] => (form, file, output, wanted),
        _ => {
            eprintln!("usage: sign_with_zbus signature|message FILE OUTPUT [KEY-TYPE]");
            return ExitCode::from(2);
        }
    };
    match sign(form, file, output, wanted).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn sign(form: &str, file: &str, output: &str, wanted: &str) -> Result<(), Box<dyn std::error::Error>> {
    let connection = Connection::system().await?;
    let certificate = find(&connection, wanted).await?;
    let content = File::open(file)?;
    let how = HashMap::from([
        (options::REASON, Variant::from("Sign an order")),
        // Longer than the 20 s that ukeyd waits for a PIN by default.
        (options::TIMEOUT_MS, Variant::from(60_000_u32)),
    ]);
    if form == "message" {
        // Has to be empty; stays so when the call fails.
        let message = File::create(output)?;
        certificate.sign_message_file(Fd::from(&content), Fd::from(&message), how).await.map_err(named)?;
    } else {
        let algorithms = certificate.algorithms().await?;
        let preferred = algorithms.first().ok_or("this certificate's key cannot sign")?;
        fs::write(output, certificate.sign_file(preferred, Fd::from(&content), how).await.map_err(named)?)?;
    }
    Ok(())
}

/// An error of ukeyd by its D-Bus name, with a word on what may be done.
fn named(error: zbus::Error) -> String {
    let error = Error::from(error);
    let hint = match error.kind() {
        ErrorKind::Timeout => " (the dialog is still open; the same call again joins it)",
        ErrorKind::NoAgent => " (is ukey-agent running in this session?)",
        _ => "",
    };
    format!("{}: {}{hint}", error.kind().dbus_name(), error.message())
}

async fn find<'a>(connection: &Connection, wanted: &str) -> Result<CertificateProxy<'a>, Box<dyn std::error::Error>> {
    let manager = ObjectManagerProxy::new(connection, names::BUS_NAME, names::ROOT_PATH).await?;
    for (path, interfaces) in manager.get_managed_objects().await? {
        let key_type = interfaces.get(names::CERTIFICATE).and_then(|properties| properties.get("KeyType"));
        if key_type.is_some_and(|kind| **kind == Variant::from(wanted)) {
            return Ok(CertificateProxy::new(connection, path).await?);
        }
    }
    Err(format!("no Key with a certificate of type {wanted} is plugged in").into())
}
