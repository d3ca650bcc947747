//! A Key that needs 100 ms for each signature, as real ones do.

use super::Place;
use crate::contender::{Contender, Kind};
use crate::report::{Report, median, time};
use crate::scene::Scene;
use crate::worker::Order;

const BATCH: usize = 20;
/// Each of four signatures, one after another, and a batch.
const ROUNDS: usize = 8;

pub(crate) async fn measure(scene: &mut Scene, report: &mut Report, place: Place) {
    report.section(
        match place {
            Place::Memory => "A Key that needs 100 ms",
            Place::Disk => "A Key that needs 100 ms, record on a disk",
        },
        "SoftHSM2 that waits 100 ms for each RSA-2048 signature, one at a time. Over the Key's time: against the direct call of the \
         same round.",
    );
    let mut arms = Vec::new();
    // The prototypes keep their records in memory.
    let services = Contender::SERVICES.into_iter().filter(|way| place == Place::Memory || way.level().is_none());
    for contender in [Contender::Direct].into_iter().chain(services) {
        arms.push((contender, scene.worker(contender, Kind::Rsa).await));
    }
    let (mut singles, mut batches) = (vec![Vec::new(); arms.len()], vec![Vec::new(); arms.len()]);
    for _ in 0..ROUNDS {
        for (index, (contender, worker)) in arms.iter_mut().enumerate() {
            singles[index].extend(worker.ask(&Order::Times(4)).into_iter().map(|time| time as f64));
            if matches!(contender, Contender::Bus | Contender::Line) {
                batches[index].push(worker.ask(&Order::Batch(BATCH))[0] as f64 / BATCH as f64);
            }
        }
    }
    let direct = median(&singles[0]);
    let over = |value: f64| format!("{:+.2} %", (value / direct - 1.0) * 100.0);
    let mut rows = vec![vec!["direct".to_owned(), time(direct), String::new()]];
    for (index, (contender, _)) in arms.iter().enumerate().skip(1) {
        let single = median(&singles[index]);
        rows.push(vec![contender.title().to_owned(), time(single), over(single)]);
        if batches[index].is_empty() {
            continue;
        }
        let batch = median(&batches[index]);
        rows.push(vec![format!("{}, batch of {BATCH}", contender.title()), time(batch), over(batch)]);
    }
    report.table(&["contender", "each", "over the Key's time"], &rows);
}
