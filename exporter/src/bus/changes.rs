//! When there is something new to read: any signal of ukeyd, and its coming and going. What the signals say is not looked at.

use crate::error::Error;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, select};
use ukey_dbus::names::BUS_NAME;
use zbus::fdo::DBusProxy;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

/// Signals, as they come.
pub(crate) struct Changes(BoxStream<'static, ()>);

impl Changes {
    /// Listens from now on.
    pub(crate) async fn follow(connection: &Connection) -> Result<Self, Error> {
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(BUS_NAME).build()?;
        let signals = MessageStream::for_match_rule(rule, connection, None).await?;
        let bus = DBusProxy::new(connection).await?;
        let owners = bus.receive_name_owner_changed_with_args(&[(0, BUS_NAME)]).await?;
        Ok(Self(select(signals.map(drop), owners.map(drop)).boxed()))
    }

    /// Waits for the next one; `BusLost` when there will be none.
    pub(crate) async fn next(&mut self) -> Result<(), Error> {
        self.0.next().await.ok_or(Error::BusLost)
    }
}
