//! Programs that sign with ukeyd, through the bus or over connections of their own.

use super::{Arguments, Order, answer, digest, orders, prototype, summary};
use crate::contender::Contender;
use futures_util::future::join_all;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};
use ukey_dbus::options::{LINES_PER_CONNECTION, TIMEOUT_MS};
use ukey_dbus::{CertificateProxy, ManagerProxy};
use zbus::connection::Builder;
use zbus::names::UniqueName;
use zbus::proxy::CacheProperties;
use zbus::{Connection, Variant};

/// Longer than any batch or file takes.
const LONG: u32 = 600_000;

struct Callers<'a> {
    arguments: &'a Arguments,
    /// Through which connections were opened.
    askers: Vec<Connection>,
    all: Vec<CertificateProxy<'static>>,
}

impl Callers<'_> {
    async fn add(&mut self) {
        let connection = match self.arguments.contender {
            Contender::Line => self.line().await,
            other if other.level().is_some() && other.is_line() => {
                peer(UnixStream::connect(self.prototype()).unwrap()).await
            }
            _ => Builder::system().method_timeout(Duration::from_secs(600)).build().await.unwrap(),
        };
        let proxy = CertificateProxy::builder(&connection);
        let proxy = if self.arguments.contender.level().is_some() {
            let name = std::fs::read_to_string(self.prototype().with_extension("name")).unwrap();
            proxy.destination(UniqueName::try_from(name).unwrap()).path(prototype::PATH)
        } else {
            proxy.path(self.arguments.certificate.clone())
        };
        let proxy = proxy.cache_properties(CacheProperties::No).build().await.unwrap();
        self.all.push(proxy);
    }

    fn prototype(&self) -> &Path {
        self.arguments.prototype.as_ref().unwrap()
    }

    async fn line(&mut self) -> Connection {
        if self.all.len() >= self.askers.len() * LINES_PER_CONNECTION {
            self.askers.push(Connection::system().await.unwrap());
        }
        let manager = ManagerProxy::new(self.askers.last().unwrap()).await.unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        manager.open_connection(theirs.as_fd().into()).await.unwrap();
        peer(ours).await
    }

    async fn sign(&self, caller: usize, number: u64) -> u128 {
        let start = Instant::now();
        let algorithm = self.arguments.kind.algorithm();
        self.all[caller].sign_digest(algorithm, &digest(number), [].into()).await.unwrap();
        start.elapsed().as_nanos()
    }

    async fn window(&self, time: Duration) -> Vec<u128> {
        let end = Instant::now() + time;
        let all = (0..self.all.len()).map(async |caller| {
            let (mut times, mut number) = (Vec::new(), (caller as u64) << 32);
            while Instant::now() < end {
                number += 1;
                times.push(self.sign(caller, number).await);
            }
            times
        });
        join_all(all).await.concat()
    }
}

async fn peer(stream: UnixStream) -> Connection {
    Builder::unix_stream(stream).p2p().method_timeout(Duration::from_secs(600)).build().await.unwrap()
}

#[tokio::main(flavor = "current_thread")]
pub(super) async fn work(arguments: &Arguments) {
    let mut callers = Callers { arguments, askers: Vec::new(), all: Vec::new() };
    callers.add().await;
    callers.sign(0, 0).await;
    if arguments.once {
        return;
    }
    answer([0]);
    let mut number = 0;
    for order in orders() {
        let long = || [(TIMEOUT_MS, Variant::from(LONG))].into();
        let algorithm = arguments.kind.algorithm();
        match order {
            Order::Callers(count) => {
                callers.all.truncate(count);
                // Each has signed once: polkit and the agent have been asked about it.
                while callers.all.len() < count {
                    callers.add().await;
                    number += 1;
                    callers.sign(callers.all.len() - 1, number).await;
                }
                answer([0]);
            }
            Order::Times(count) => {
                let mut times = Vec::new();
                for _ in 0..count {
                    number += 1;
                    times.push(callers.sign(0, number).await);
                }
                answer(times);
            }
            Order::Window(time) => answer(summary(callers.window(time).await)),
            Order::Batch(count) => {
                let digests: Vec<_> = (0..count).map(|number| digest(number as u64)).collect();
                let digests: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
                let start = Instant::now();
                let results = callers.all[0].sign_batch(algorithm, &digests, long()).await.unwrap();
                let time = start.elapsed().as_nanos();
                assert!(results.iter().all(|(error, _)| error.is_empty()));
                answer([time]);
            }
            Order::File(path) => {
                let start = Instant::now();
                let file = std::fs::File::open(path).unwrap();
                callers.all[0].sign_file(algorithm, file.as_fd().into(), long()).await.unwrap();
                answer([start.elapsed().as_nanos()]);
            }
        }
    }
}
