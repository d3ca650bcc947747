//! `ukeyctl watch`: what happens, as it happens.

mod check;

use crate::context::Context;
use crate::error::Error;
use crate::event::{Event, Names};
use crate::interrupt::Interrupt;
use crate::service::Service;
use clap::Args;
use futures_util::StreamExt;
use std::num::NonZero;
use ukey_dbus::names;
use zbus::fdo::DBusProxy;
use zbus::names::{BusName, UniqueName};
use zbus::{MatchRule, MessageStream, message};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Prints one line for each event: Keys, certificates and modules that come, go or change, expiry warnings, the service \
stopping and starting. Ends with 0 on Ctrl-C.

With --check: for a technician who checks one Key after another. Prints one line with a verdict for each Key that is \
plugged in, then says to pull it out. No PIN is asked for.

Examples:
  ukeyctl watch
  ukeyctl watch --check
  ukeyctl --json watch | jq -r 'select(.properties.PinState == \"locked\") | .name'

JSON, one object for each line: {time, event (added, removed, changed, expiry-warning, started, stopped), kind (key, \
certificate, module, service), id, name, properties}. Properties are named as on D-Bus. With --check: \
{time, key_id, key_label, serial_number, verdict (good, attention, bad), advice: [{code, text}]}.";

/// What to print.
#[derive(Args, Clone, Debug)]
pub(crate) struct WatchArgs {
    /// Print a verdict on each Key that is plugged in
    #[arg(long)]
    check: bool,
}

/// Signals that may wait while a line is written.
const QUEUE: NonZero<usize> = NonZero::new(1024).unwrap();

/// Runs the verb until Ctrl-C.
///
/// # Errors
/// `Unreachable` when the service is not there at the start, or the bus goes.
pub(crate) async fn run(context: &Context, args: &WatchArgs) -> Result<(), Error> {
    if args.check { check::run(context).await } else { events(context).await }
}

async fn events(context: &Context) -> Result<(), Error> {
    let mut interrupt = Interrupt::new()?;
    let service = context.service().await?;
    // Listening begins before the first look, so that nothing between the two is lost.
    let mut signals = signals(&service).await?;
    let bus = DBusProxy::new(service.connection()).await?;
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, names::BUS_NAME)]).await?;
    let mut known = Names::default();
    known.learn(&service.snapshot().await?);
    let mut owner: Option<UniqueName<'static>> = owner(&bus).await;
    loop {
        tokio::select! {
            () = interrupt.wait() => return Ok(()),
            change = owners.next() => {
                let change = change.ok_or_else(bus_closed)?;
                let change = change.args()?;
                owner = change.new_owner.as_ref().map(UniqueName::to_owned);
                for event in owner_changed(&service, &mut known, owner.is_some()).await? {
                    print(context, &event)?;
                }
            }
            message = signals.next() => {
                let message = message.ok_or_else(bus_closed)??;
                // A signal sent straight to us passes any rule: only the service's own count.
                if message.header().sender() == owner.as_ref() {
                    for event in known.read(&message) {
                        print(context, &event)?;
                    }
                }
            }
        }
    }
}

async fn signals(service: &Service) -> Result<MessageStream, Error> {
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(names::BUS_NAME)
        .path_namespace(names::ROOT_PATH)
        .build()?;
    Ok(MessageStream::for_match_rule(rule, service.connection(), Some(QUEUE)).await?)
}

async fn owner(bus: &DBusProxy<'_>) -> Option<UniqueName<'static>> {
    let name = BusName::try_from(names::BUS_NAME).ok()?;
    bus.get_name_owner(name).await.ok().map(Into::into)
}

/// The service stopped: everything is gone. It started: what it shows now has come.
async fn owner_changed(service: &Service, known: &mut Names, is_there: bool) -> Result<Vec<Event>, Error> {
    *known = Names::default();
    if !is_there {
        return Ok(vec![Event::stopped()]);
    }
    let mut events = vec![Event::started()];
    match service.snapshot().await {
        Ok(snapshot) => events.extend(known.learn(&snapshot)),
        // It left again: the next change of its owner says so.
        Err(Error::Unreachable(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(events)
}

fn print(context: &Context, event: &Event) -> Result<(), Error> {
    context.print(event, || format!("{}  {}\n", event.time().date_and_time(), event.text(&context.texts)))
}

fn bus_closed() -> Error {
    Error::Unreachable("the bus closed the connection".to_owned())
}
