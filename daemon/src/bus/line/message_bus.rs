//! The little of `org.freedesktop.DBus` that client libraries ask for before they call anything. There is no bus here.

use super::Line;
use super::answer::{fail, reply, unknown_method};
use zbus::fdo;
use zbus::message::Message;

/// The bus's own interface, and its name.
pub(super) const DBUS: &str = "org.freedesktop.DBus";

/// Answers one call to "the bus". Names and match rules mean nothing on a line: what is sent comes anyway.
pub(super) async fn answer(line: &Line, message: &Message) -> zbus::Result<()> {
    let header = message.header();
    let Some(member) = header.member() else { return Ok(()) };
    match member.as_str() {
        // The name that the bus itself knows the caller by, and its requests are found under.
        "Hello" => reply(line, &header, &line.caller.user.name).await,
        "AddMatch" | "RemoveMatch" => reply(line, &header, &()).await,
        "GetId" => reply(line, &header, &line.connection.server_guid().as_str()).await,
        // Nobody has a name here: messages have no sender.
        "ListNames" => reply(line, &header, &vec![DBUS]).await,
        "NameHasOwner" => match message.body().deserialize::<&str>() {
            Ok(name) => reply(line, &header, &(name == DBUS)).await,
            Err(error) => fail(line, &header, fdo::Error::InvalidArgs(error.to_string())).await,
        },
        "GetNameOwner" => match message.body().deserialize::<&str>() {
            Ok(DBUS) => reply(line, &header, &DBUS).await,
            Ok(_) => fail(line, &header, fdo::Error::NameHasNoOwner("nobody has this name here".into())).await,
            Err(error) => fail(line, &header, fdo::Error::InvalidArgs(error.to_string())).await,
        },
        _ => unknown_method(line, &header).await,
    }
}
