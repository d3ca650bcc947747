//! The life of a line: handshake, calls, end.

use super::Line;
use super::answer::answer;
use super::limits::Place;
use super::stream::{Stream, Takings};
use crate::bus::service::Service;
use crate::prompt::Caller;
use futures_util::StreamExt;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use zbus::connection::Builder;
use zbus::message::Type;
use zbus::{Guid, MessageStream};

/// Whoever asks for a line begins at once.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Calls under way; more are read only when one of them is answered and the answer has been taken.
const CALLS: usize = 160;
/// Messages that are read and wait for the above.
const QUEUE: NonZeroUsize = NonZeroUsize::new(8).unwrap();

/// Serves a line until it or the connection that opened it ends.
pub(super) async fn serve(
    service: Arc<Service>,
    caller: Caller,
    (stream, takings, listening): (Stream, Takings, CancellationToken),
    _place: Place,
) {
    let asker = caller.gone.clone();
    let over = asker.child_token();
    // Whatever is under way for this line ends with it.
    let _ends = over.clone().drop_guard();
    let caller = Caller { gone: over, ..caller };
    let handshake = Builder::socket(stream).server(Guid::generate()).p2p().max_queued(QUEUE).build();
    let connection = tokio::select! {
        connection = tokio::time::timeout(HANDSHAKE, handshake) => connection,
        () = asker.cancelled() => return,
    };
    let connection = match connection {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => return tracing::info!(%error, caller = caller.user.name, "a line has no handshake"),
        Err(_) => return tracing::info!(caller = caller.user.name, "a line's handshake takes too long"),
    };
    let messages = MessageStream::from(&connection);
    listening.cancel();
    let line = Arc::new(Line::new(caller, connection));
    tokio::select! {
        () = read_calls(&service, &line, messages, &takings) => {}
        () = line.connection.closed() => {}
        () = asker.cancelled() => {}
    }
    tracing::info!(caller = line.caller.user.name, "a line has ended");
    if let Err(error) = line.connection.clone().close().await {
        tracing::debug!(%error, "close");
    }
}

async fn read_calls(service: &Arc<Service>, line: &Arc<Line>, mut messages: MessageStream, takings: &Takings) {
    let turns = Arc::new(Semaphore::new(CALLS));
    loop {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let Some(Ok(message)) = messages.next().await else { return };
        let kept = takings.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        if message.message_type() != Type::MethodCall {
            continue;
        }
        let (service, line) = (Arc::clone(service), Arc::clone(line));
        tokio::spawn(async move {
            // Until the answer is written.
            let _held = (turn, kept);
            if let Err(error) = answer(&service, &line, &message).await {
                tracing::debug!(%error, "a line's answer");
            }
        });
    }
}
