//! The hops with the D-Bus library that the service is made with: digests come in by the bus or by connections of their own and
//! go to processes with the module. What it does beside that, if anything, is in [`safety`](super::safety).

use super::Arguments;
use super::relay;
use super::safety::{DEADLINE, Safety};
use crate::contender::{Kind, Level};
use clap::Args;
use futures_util::future::join_all;
use serde_bytes::ByteBuf;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::message::Header;
use zbus::{Guid, OwnedVariant};

/// As many as the service's Key has lanes in these measurements.
const LANES: usize = 2;
/// Most digests of a batch whose records are handed over together, as many as in ukeyd.
const TOGETHER: usize = 32;
/// Where its one object is.
pub(super) const PATH: &str = "/prototype";

/// What it needs to know.
#[derive(Clone, Debug, Args)]
pub(crate) struct PrototypeArguments {
    /// Where connections are taken; its name on the bus is written beside it, with `.name`
    socket: PathBuf,
    /// What it does beside passing on
    #[arg(long)]
    level: Level,
    /// It verifies with the key of the certificate in this file, and records in a database beside it
    #[arg(long)]
    verify_with: PathBuf,
    #[command(flatten)]
    module: Arguments,
}

#[derive(Clone)]
struct Prototype {
    idle: Arc<Mutex<Vec<UnixStream>>>,
    turns: Arc<Semaphore>,
    kind: Kind,
    level: Level,
    safety: Option<Arc<Safety>>,
}

impl Prototype {
    /// Signs digests on one lane, one after another.
    async fn sign(&self, header: &Header<'_>, digests: &[ByteBuf]) -> Vec<ByteBuf> {
        let _turn = self.turns.acquire().await.unwrap();
        let mut lane = self.idle.lock().unwrap().pop().unwrap();
        let (mut signature, mut signatures) = (vec![0; self.kind.signature_length()], Vec::new());
        let digests: Vec<_> = digests.iter().map(|digest| digest.to_vec()).collect();
        // All of them: the module never waits.
        lane.write_all(&digests.concat()).await.unwrap();
        let caller = header.sender().map_or("", |sender| sender.as_str());
        for part in digests.chunks(TOGETHER) {
            let recorded = self.safety.as_ref().map(|safety| safety.record(caller, part.to_vec()));
            for digest in part {
                lane.read_exact(&mut signature).await.unwrap();
                if let Some(safety) = &self.safety {
                    safety.verify(self.kind, digest, &signature);
                }
                signatures.push(ByteBuf::from(signature.clone()));
            }
            if let Some(recorded) = recorded {
                recorded.await.unwrap();
            }
        }
        self.idle.lock().unwrap().push(lane);
        signatures
    }

    async fn sign_in_time(&self, header: &Header<'_>, digests: &[ByteBuf]) -> Vec<ByteBuf> {
        if !self.level.is_careful() {
            return self.sign(header, digests).await;
        }
        Safety::look();
        timeout(DEADLINE, self.sign(header, digests)).await.unwrap()
    }
}

#[zbus::interface(name = "org.ukeyd.UKey1.Certificate")]
impl Prototype {
    async fn sign_digest(
        &self,
        #[zbus(header)] header: Header<'_>,
        _algorithm: &str,
        digest: ByteBuf,
        _options: HashMap<String, OwnedVariant>,
    ) -> ByteBuf {
        self.sign_in_time(&header, &[digest]).await.remove(0)
    }

    async fn sign_batch(
        &self,
        #[zbus(header)] header: Header<'_>,
        _algorithm: &str,
        digests: Vec<ByteBuf>,
        _options: HashMap<String, OwnedVariant>,
    ) -> Vec<(String, ByteBuf)> {
        // A share for each lane.
        let shares = digests.chunks(digests.len().div_ceil(LANES));
        let signed = join_all(shares.map(|share| self.sign_in_time(&header, share))).await;
        signed.into_iter().flatten().map(|signature| (String::new(), signature)).collect()
    }
}

/// Serves until it is ended.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn prototype(arguments: &PrototypeArguments) {
    std::fs::write("/proc/self/comm", "prototype").unwrap();
    let mut children = Vec::new();
    let lanes = (0..LANES).map(|_| {
        let (socket, child) = relay::next(0, arguments.level.is_careful(), &arguments.module);
        children.push(child);
        socket.set_nonblocking(true).unwrap();
        UnixStream::from_std(socket).unwrap()
    });
    let idle = Arc::new(Mutex::new(lanes.collect()));
    let prototype = Prototype {
        idle,
        turns: Arc::new(Semaphore::new(LANES)),
        kind: arguments.module.kind,
        level: arguments.level,
        safety: Safety::start(arguments.level, &arguments.verify_with).map(Arc::new),
    };
    let listener = UnixListener::bind(&arguments.socket).unwrap();
    let bus = Builder::system().serve_at(PATH, prototype.clone()).build().await.unwrap();
    // Whoever waits for the name finds it whole.
    let (name, part) = (arguments.socket.with_extension("name"), arguments.socket.with_extension("part"));
    std::fs::write(&part, bus.unique_name().unwrap().as_str()).unwrap();
    std::fs::rename(part, name).unwrap();
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
