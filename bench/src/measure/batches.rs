//! Many digests in one call, against a program with as many sessions.

use crate::Plan;
use crate::contender::{Contender, Kind, Level};
use crate::plot::Plot;
use crate::report::{Report, median, ratio, time};
use crate::scene::Scene;
use crate::worker::Order;

const COUNTS: [usize; 4] = [1, 10, 100, 1000];

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report) {
    if !plan.wants("batches") {
        return;
    }
    report.section(
        "Batches",
        "`SignBatch`, against a program that signs with two threads and sessions. Time for each digest.",
    );
    for kind in Kind::ALL {
        let mut direct = scene.worker(Contender::Direct, kind).await;
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for contender in Contender::SERVICES.into_iter().filter(|way| way.level() != Some(Level::PassesOn)) {
            let mut worker = scene.worker(contender, kind).await;
            let mut points = Vec::new();
            for count in COUNTS {
                let rounds = if count < 1000 { 15 } else { 5 };
                let (mut ratios, mut times) = (Vec::new(), Vec::new());
                for _ in 0..rounds {
                    let alone = direct.ask(&Order::Batch(count))[0] as f64;
                    let batch = worker.ask(&Order::Batch(count))[0] as f64;
                    ratios.push(batch / alone);
                    times.push(batch / count as f64);
                }
                points.push((count as f64, median(&ratios)));
                let title = contender.title().to_owned();
                rows.push(vec![title, count.to_string(), time(median(&times)), ratio(median(&ratios))]);
            }
            lines.push((contender.title().to_owned(), points));
        }
        report.say(&format!("{}:", kind.title()));
        report.table(&["contender", "digests", "each", "ratio"], &rows);
        let (file, title) =
            (format!("batches-{}.svg", kind.name()), format!("{}: time of a batch, direct is 1", kind.title()));
        std::fs::create_dir_all(&plan.out).unwrap();
        let plot = Plot { title: title.clone(), across: "digests", up: "ratio to direct", lines };
        std::fs::write(plan.out.join(&file), plot.svg()).unwrap();
        report.plot(&file, &title);
    }
}
