//! A Key of another module, with which nothing is wrong: it shows whether a fault elsewhere is felt.

use crate::bus::connect;
use crate::person::Person;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use ukey_dbus::names::{BUS_NAME, TOKEN};
use ukey_dbus::{CertificateProxy, TokenProxy, options};
use zbus::OwnedObjectPath;
use zbus::fdo::PropertiesProxy;

/// Far above what a read or a signature takes on a busy machine, far below any time limit of the daemon.
const UNNOTICED: Duration = Duration::from_secs(1);

const PAUSE: Duration = Duration::from_millis(20);

/// Somebody who all the time reads the state of a Key and signs with it.
#[derive(Debug)]
pub struct Bystander {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    rounds: usize,
    slowest_read: Duration,
    slowest_signature: Duration,
}

impl Bystander {
    /// Begins, as the clerk, with a login to that Key. On a thread of its own, so that only the daemon can delay it.
    pub(crate) async fn start(token: OwnedObjectPath, certificate: OwnedObjectPath) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (ready, logged_in) = oneshot::channel();
        let ends = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(go_on(token, certificate, ready, &ends))
        });
        logged_in.await.expect("the bystander could not log in");
        Self { over, thread }
    }

    /// Ends; panics when anything failed or took noticeably long.
    pub fn noticed_nothing(self) {
        self.noticed_less_than(UNNOTICED);
    }

    /// Ends; panics when anything failed or took as long as this.
    pub fn noticed_less_than(self, bound: Duration) {
        self.over.store(true, Ordering::Relaxed);
        let seen = self.thread.join().expect("the bystander's Key failed");
        assert!(seen.rounds > 0, "the bystander did nothing");
        assert!(seen.slowest_read < bound && seen.slowest_signature < bound, "{seen:?}");
    }
}

async fn go_on(
    token: OwnedObjectPath,
    certificate: OwnedObjectPath,
    ready: oneshot::Sender<()>,
    over: &AtomicBool,
) -> Seen {
    let connection = connect(Person::Clerk).await.unwrap();
    TokenProxy::new(&connection, token.clone()).await.unwrap().login(HashMap::new()).await.unwrap();
    ready.send(()).unwrap();
    let properties = PropertiesProxy::new(&connection, BUS_NAME, token).await.unwrap();
    let certificate = CertificateProxy::new(&connection, certificate).await.unwrap();
    let mut seen = Seen::default();
    while !over.load(Ordering::Relaxed) {
        let start = Instant::now();
        properties.get_all(TOKEN.try_into().unwrap()).await.unwrap();
        seen.slowest_read = seen.slowest_read.max(start.elapsed());

        let start = Instant::now();
        let never = [(options::PROMPT, options::PROMPT_NEVER.into())].into();
        certificate.sign_data("ECDSA-SHA256", b"order", never).await.unwrap();
        seen.slowest_signature = seen.slowest_signature.max(start.elapsed());
        seen.rounds += 1;
        tokio::time::sleep(PAUSE).await;
    }
    seen
}
