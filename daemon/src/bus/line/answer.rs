//! What a line answers: calls to certificates and requests, and what client libraries ask of any connection.

use super::Line;
use super::message_bus::{self, DBUS};
use crate::bus::certificate::CertificateObject;
use crate::bus::service::Service;
use std::collections::HashMap;
use std::sync::Arc;
use ukey_dbus::names;
use zbus::message::{Flags, Header, Message};
use zbus::object_server::{DispatchResult, Interface, SignalEmitter};
use zbus::{DBusError, OwnedVariant, Variant};

const PEER: &str = "org.freedesktop.DBus.Peer";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const INTROSPECTABLE: &str = "org.freedesktop.DBus.Introspectable";

/// Answers one call.
pub(super) async fn answer(service: &Arc<Service>, line: &Arc<Line>, message: &Message) -> zbus::Result<()> {
    let header = message.header();
    let (Some(path), Some(member)) = (header.path(), header.member()) else { return Ok(()) };
    let interface = header.interface().map(zbus::names::InterfaceName::as_str);
    match interface {
        Some(DBUS) => message_bus::answer(line, message).await,
        Some(PEER) if member == "Ping" => reply(line, &header, &()).await,
        Some(names::REQUEST) if member == "Cancel" => match line.cancel(path.as_str()) {
            true => reply(line, &header, &()).await,
            false => unknown_object(line, &header).await,
        },
        _ => match service.tree.certificate_at(service, path.as_str()) {
            Some(certificate) => of_certificate((service, line), &certificate.over(line), message, interface).await,
            None => unknown_object(line, &header).await,
        },
    }
}

async fn of_certificate(
    (service, line): (&Service, &Line),
    certificate: &CertificateObject,
    message: &Message,
    interface: Option<&str>,
) -> zbus::Result<()> {
    let header = message.header();
    let Some(member) = header.member() else { return Ok(()) };
    // The bus's: one of the line's own would begin to answer beside this.
    let (server, connection) = (service.connection.object_server(), &line.connection);
    match (interface, member.as_str()) {
        (None | Some(names::CERTIFICATE), _) => {
            match certificate.call(server, connection, message, member.to_owned()) {
                DispatchResult::Async(call) => match call.await {
                    Ok(()) => Ok(()),
                    // Arguments of other types.
                    Err(error) => connection.reply_dbus_error(&header, error).await.map(drop),
                },
                DispatchResult::NotFound | DispatchResult::RequiresMut => unknown_method(line, &header).await,
            }
        }
        (Some(PROPERTIES), "Get") => match message.body().deserialize::<(&str, &str)>() {
            Ok((names::CERTIFICATE, property)) => {
                match properties((service, line), certificate, &header).await?.remove(property) {
                    Some(value) => reply(line, &header, &Variant::from(value)).await,
                    None => fail(line, &header, zbus::fdo::Error::UnknownProperty("no such property".into())).await,
                }
            }
            Ok(_) => fail(line, &header, zbus::fdo::Error::UnknownInterface("no such interface".into())).await,
            Err(error) => fail(line, &header, zbus::fdo::Error::InvalidArgs(error.to_string())).await,
        },
        (Some(PROPERTIES), "GetAll") => {
            reply(line, &header, &properties((service, line), certificate, &header).await?).await
        }
        (Some(INTROSPECTABLE), "Introspect") => {
            let mut xml = String::from("<node>\n");
            certificate.introspect_to_writer(&mut xml, 2);
            xml.push_str("</node>\n");
            reply(line, &header, &xml).await
        }
        _ => unknown_method(line, &header).await,
    }
}

async fn properties(
    (service, line): (&Service, &Line),
    certificate: &CertificateObject,
    header: &Header<'_>,
) -> zbus::Result<HashMap<String, OwnedVariant>> {
    let (server, connection) = (service.connection.object_server(), &line.connection);
    let emitter = SignalEmitter::new(connection, names::ROOT_PATH)?;
    Ok(certificate.get_all(server, connection, Some(header), &emitter).await?)
}

/// Answers, where an answer is wanted.
pub(super) async fn reply<B>(line: &Line, header: &Header<'_>, body: &B) -> zbus::Result<()>
where
    B: serde::Serialize + zbus::DynamicType,
{
    if header.primary().flags().contains(Flags::NO_REPLY_EXPECTED) {
        return Ok(());
    }
    line.connection.reply(header, body).await.map(drop)
}

/// Refuses, where an answer is wanted.
pub(super) async fn fail(line: &Line, header: &Header<'_>, error: impl DBusError) -> zbus::Result<()> {
    if header.primary().flags().contains(Flags::NO_REPLY_EXPECTED) {
        return Ok(());
    }
    line.connection.reply_dbus_error(header, error).await.map(drop)
}

async fn unknown_object(line: &Line, header: &Header<'_>) -> zbus::Result<()> {
    let message = "no such object here; a line serves certificates and requests, everything else is on the bus";
    fail(line, header, zbus::fdo::Error::UnknownObject(message.to_owned())).await
}

/// There is no such method at this object.
pub(super) async fn unknown_method(line: &Line, header: &Header<'_>) -> zbus::Result<()> {
    fail(line, header, zbus::fdo::Error::UnknownMethod("no such method".to_owned())).await
}
