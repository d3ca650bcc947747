//! The hops with the D-Bus library that the service is made with, and nothing else: digests come in by the bus or by connections
//! of their own and go to processes with the module. No check, no consent, no record, no verification.

use super::Arguments;
use super::relay;
use clap::Args;
use serde_bytes::ByteBuf;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use zbus::connection::Builder;
use zbus::{Guid, OwnedVariant};

/// As many as the service's Key has lanes in these measurements.
const LANES: usize = 2;
/// Where its one object is.
pub(super) const PATH: &str = "/prototype";

/// What it needs to know.
#[derive(Clone, Debug, Args)]
pub(crate) struct PrototypeArguments {
    /// Where connections are taken; its name on the bus is written beside it, with `.name`
    socket: PathBuf,
    #[command(flatten)]
    module: Arguments,
}

#[derive(Clone)]
struct Prototype {
    idle: Arc<Mutex<Vec<UnixStream>>>,
    turns: Arc<Semaphore>,
}

#[zbus::interface(name = "org.ukeyd.UKey1.Certificate")]
impl Prototype {
    async fn sign_digest(&self, _algorithm: &str, digest: ByteBuf, _options: HashMap<String, OwnedVariant>) -> ByteBuf {
        let _turn = self.turns.acquire().await.unwrap();
        let mut lane = self.idle.lock().unwrap().pop().unwrap();
        let mut answer = [0; 32];
        lane.write_all(&digest).await.unwrap();
        lane.read_exact(&mut answer).await.unwrap();
        self.idle.lock().unwrap().push(lane);
        ByteBuf::from(answer)
    }
}

/// Serves until it is ended.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn prototype(arguments: &PrototypeArguments) {
    std::fs::write("/proc/self/comm", "prototype").unwrap();
    let mut children = Vec::new();
    let lanes = (0..LANES).map(|_| {
        let (socket, child) = relay::next(0, &arguments.module);
        children.push(child);
        socket.set_nonblocking(true).unwrap();
        UnixStream::from_std(socket).unwrap()
    });
    let idle = Arc::new(Mutex::new(lanes.collect()));
    let prototype = Prototype { idle, turns: Arc::new(Semaphore::new(LANES)) };
    let listener = UnixListener::bind(&arguments.socket).unwrap();
    let bus = Builder::system().serve_at(PATH, prototype.clone()).build().await.unwrap();
    std::fs::write(arguments.socket.with_extension("name"), bus.unique_name().unwrap().as_str()).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let prototype = prototype.clone();
        tokio::spawn(async move {
            let line = Builder::unix_stream(stream.into_std().unwrap()).server(Guid::generate()).p2p();
            let line = line.serve_at(PATH, prototype).build().await.unwrap();
            line.closed().await;
        });
    }
}
