//! The hops with the D-Bus library that the service is made with, and nothing else: digests come in by the bus or by connections
//! of their own and go to processes with the module. No check, no consent. As the floor of ukeyd it also verifies and records,
//! in the shortest way that there is.

use super::Arguments;
use super::relay;
use crate::contender::Kind;
use clap::Args;
use serde_bytes::ByteBuf;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, oneshot};
use ukey_formats::verify::Verifier;
use ukey_formats::{Certificate, HashAlgorithm, SignatureScheme, ecdsa};
use zbus::connection::Builder;
use zbus::message::Header;
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
    /// Verifies with the key of the certificate in this file, and records each signature in a database beside it
    #[arg(long)]
    safe: Option<PathBuf>,
    #[command(flatten)]
    module: Arguments,
}

#[derive(Clone)]
struct Prototype {
    idle: Arc<Mutex<Vec<UnixStream>>>,
    turns: Arc<Semaphore>,
    kind: Kind,
    safety: Option<Arc<Safety>>,
}

/// What is added for a floor.
struct Safety {
    verifier: Verifier,
    record: mpsc::Sender<Row>,
}

/// A signature on record, and who waits for that.
struct Row {
    caller: String,
    digest: ByteBuf,
    durable: oneshot::Sender<()>,
}

impl Safety {
    fn start(certificate: &Path) -> Self {
        let der = std::fs::read(certificate).unwrap();
        let (record, rows) = mpsc::channel();
        let database = certificate.with_extension("sqlite");
        std::thread::Builder::new().name("record".into()).spawn(move || write(&database, &rows)).unwrap();
        Self { verifier: Verifier::new(Certificate::from_der(&der).unwrap().public_key), record }
    }

    fn record(&self, caller: &str, digest: &[u8]) -> oneshot::Receiver<()> {
        let (durable, is_durable) = oneshot::channel();
        self.record.send(Row { caller: caller.to_owned(), digest: ByteBuf::from(digest), durable }).unwrap();
        is_durable
    }

    fn verify(&self, kind: Kind, digest: &[u8], signature: &[u8]) {
        let verified = match kind {
            Kind::Rsa => {
                self.verifier.verify_digest(SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256), digest, signature)
            }
            Kind::Ec => {
                let der = ecdsa::raw_to_der(signature, 32).unwrap();
                self.verifier.verify_digest(SignatureScheme::Ecdsa(HashAlgorithm::Sha256), digest, &der)
            }
        };
        verified.unwrap();
    }
}

/// Durable as ukeyd's own record is: a write-ahead log, full synchronisation, one transaction for all that wait.
fn write(path: &Path, rows: &mpsc::Receiver<Row>) {
    let database = rusqlite::Connection::open(path).unwrap();
    database.pragma_update(None, "journal_mode", "wal").unwrap();
    database.pragma_update(None, "synchronous", "full").unwrap();
    database.execute_batch("CREATE TABLE records (seq INTEGER PRIMARY KEY, caller TEXT, digest BLOB) STRICT").unwrap();
    let run = |sql: &str| database.prepare_cached(sql).unwrap().execute([]).unwrap();
    while let Ok(first) = rows.recv() {
        let all: Vec<_> = std::iter::once(first).chain(rows.try_iter()).collect();
        run("BEGIN");
        for row in &all {
            let mut insert = database.prepare_cached("INSERT INTO records (caller, digest) VALUES (?1, ?2)").unwrap();
            insert.execute((&row.caller, row.digest.as_slice())).unwrap();
        }
        run("COMMIT");
        for row in all {
            let _ = row.durable.send(());
        }
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
        let _turn = self.turns.acquire().await.unwrap();
        let mut lane = self.idle.lock().unwrap().pop().unwrap();
        let mut signature = vec![0; self.kind.signature_length()];
        lane.write_all(&digest).await.unwrap();
        let caller = header.sender().map_or("", |sender| sender.as_str());
        let recorded = self.safety.as_ref().map(|safety| safety.record(caller, &digest));
        lane.read_exact(&mut signature).await.unwrap();
        self.idle.lock().unwrap().push(lane);
        if let (Some(safety), Some(recorded)) = (&self.safety, recorded) {
            safety.verify(self.kind, &digest, &signature);
            recorded.await.unwrap();
        }
        ByteBuf::from(signature)
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
    let prototype = Prototype {
        idle,
        turns: Arc::new(Semaphore::new(LANES)),
        kind: arguments.module.kind,
        safety: arguments.safe.as_deref().map(|certificate| Arc::new(Safety::start(certificate))),
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
