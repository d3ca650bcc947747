//! The service's own processes: memory, growth, start, rest.

use crate::Plan;
use crate::contender::{Contender, Kind};
use crate::machine;
use crate::report::{Report, median, time};
use crate::scene::Scene;
use crate::worker::Order;
use futures_util::StreamExt;
use std::time::Duration;
use ukey_softhsm_tests::Pkcs11Client;

/// How long nothing is asked of it.
const REST: Duration = Duration::from_secs(30);
/// Starts of the service.
const STARTS: usize = 25;

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report) {
    if !plan.wants("process") {
        return;
    }
    report.section(
        "The processes",
        "PSS: memory, what is shared with others divided among them. The service has just been started, and somebody has logged in and \
         signed. The module is in no other process meanwhile.",
    );
    let pss = |pid| machine::kib(pid, "smaps_rollup", "Pss:");
    let after_all = pss(scene.fixture.daemon.program().pid());
    scene.fixture.kill_daemon().await;
    scene.end_others();
    let direct = pss(program_with_module(scene).program_mut().pid());
    scene.fixture.start_daemon().await;
    // The first caller logs in.
    scene.fixture.pinentry().will_type(scene.fixture.key().pin());
    let mut worker = scene.worker(Contender::Line, Kind::Ec).await;
    let daemon = scene.fixture.daemon.program().pid();
    let shim = scene.fixture.daemon.shims()[0];
    let first = (pss(daemon), pss(shim));
    worker.ask(&Order::Callers(8));
    let wanted = (plan.growth * 1e6) as u64;
    let mut signed = 0;
    worker.ask(&Order::Window(Duration::from_secs(1)));
    let warm = (pss(daemon), pss(shim));
    while signed < wanted {
        signed += worker.ask(&Order::Window(Duration::from_secs(2)))[0];
    }
    let last = (pss(daemon), pss(shim));
    let row =
        |name: &str, first: u64, warm: String, last: String| vec![name.to_owned(), format!("{first} KiB"), warm, last];
    let kib = |value: u64| format!("{value} KiB");
    report.table(
        &["process", "PSS", "after the first second of 8 callers", &format!("after {signed} signatures")],
        &[
            row("ukeyd", first.0, kib(warm.0), kib(last.0)),
            row("ukey-pkcs11-shim", first.1, kib(warm.1), kib(last.1)),
            row("a small program with the module", direct, String::new(), String::new()),
        ],
    );
    report.say(&format!("The service that all of the measurements before have used: {after_all} KiB."));
    drop(worker);
    // Threads for documents end after ten seconds without any.
    tokio::time::sleep(Duration::from_secs(11)).await;
    let before = (machine::switches(daemon), machine::switches(shim));
    tokio::time::sleep(REST).await;
    // Threads that end in between take theirs along.
    let since = |pid, before| machine::switches(pid).saturating_sub(before);
    let (of_daemon, of_shim) = (since(daemon, before.0), since(shim, before.1));
    report.say(&format!(
        "Context switches in {} s of rest, a client connected, somebody logged in, SoftHSM2 (no slot events): ukeyd {of_daemon}, shim {of_shim}.",
        REST.as_secs()
    ));
    scene.fixture.kill_daemon().await;
    let bus = zbus::fdo::DBusProxy::new(&scene.fixture.clerk).await.unwrap();
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, "org.ukeyd.UKey1")]).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let launched = scene.fixture.daemon.builder().launch();
        // The tool that makes it the service's user goes before it in the same process.
        let start = machine::executed(launched.program().pid(), "ukeyd");
        while owners.next().await.unwrap().args().unwrap().new_owner().is_none() {}
        times.push(start.elapsed().as_nanos() as f64);
        drop(launched);
        while owners.next().await.unwrap().args().unwrap().new_owner().is_some() {}
    }
    report.say(&format!(
        "Its name is on the bus {} after it was executed (median of {STARTS}), with its module loaded and looked at.",
        time(median(&times))
    ));
}

/// A small program of its own that has the module, is logged in and has signed.
fn program_with_module(scene: &Scene) -> Pkcs11Client {
    let key = scene.fixture.key();
    let mut client = scene.fixture.other_program();
    let mut ask = |words: &str| {
        let answer = client.ask(words);
        answer.strip_prefix("ok").unwrap_or_else(|| panic!("{words}: {answer}")).trim().to_owned()
    };
    ask("initialize");
    let slots = ask("slots");
    let slot = slots.split(' ').find(|slot| ask(&format!("token {slot}")).starts_with(key.label())).unwrap();
    ask(&format!("open {slot}"));
    ask(&format!("login user {}", key.pin()));
    ask("sign");
    client
}
