//! Documents by descriptor, against a program that reads in steps of 64 KiB, hashes and signs.

use crate::Plan;
use crate::contender::{Contender, Kind};
use crate::machine;
use crate::report::{Report, median, ratio, time};
use crate::scene::Scene;
use crate::worker::Order;
use std::path::Path;
use ukey_softhsm_tests::STAGE;

const SIZES: [usize; 4] = [1, 10, 100, 1000];

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report) {
    if !plan.wants("files") {
        return;
    }
    report.section(
        "Files",
        "`SignFile` with RSA-2048, the file in memory, against a program that reads 64 KiB at a time, hashes and signs. Memory: growth \
         of the service's peak by this.",
    );
    let (mut direct, mut rows) = (scene.worker(Contender::Direct, Kind::Rsa).await, Vec::new());
    let daemon = scene.fixture.daemon.program().pid();
    for contender in [Contender::Bus, Contender::Line] {
        let mut worker = scene.worker(contender, Kind::Rsa).await;
        for size in SIZES {
            let path = Path::new(STAGE).join("document");
            std::fs::write(&path, vec![b'x'; size << 20]).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
            worker.ask(&Order::File(path.clone()));
            let before = machine::kib(daemon, "status", "VmHWM");
            let (mut ratios, mut times) = (Vec::new(), Vec::new());
            for _ in 0..if size < 1000 { 9 } else { 3 } {
                let alone = direct.ask(&Order::File(path.clone()))[0] as f64;
                let ours = worker.ask(&Order::File(path.clone()))[0] as f64;
                ratios.push(ours / alone);
                times.push(ours);
            }
            let grown = machine::kib(daemon, "status", "VmHWM") - before;
            let title = contender.title().to_owned();
            let (each, grown) = (time(median(&times)), format!("{grown} KiB"));
            rows.push(vec![title, format!("{size} MiB"), each, ratio(median(&ratios)), grown]);
            std::fs::remove_file(path).unwrap();
        }
    }
    report.table(&["contender", "size", "time", "ratio", "memory"], &rows);
}
