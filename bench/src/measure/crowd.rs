//! Many callers at once, on all processors: windows of one contender between windows of the direct call.

use super::Place;
use crate::Plan;
use crate::contender::{Contender, Kind};
use crate::machine;
use crate::plot::Plot;
use crate::report::{Report, median, ratio, time};
use crate::scene::{Scene, Worker};
use crate::worker::Order;
use std::time::Duration;

/// More than this are no callers of p11-kit's and ssh-agent's here.
const OTHERS_MOST: usize = 64;
const WINDOWS: usize = 3;

struct Window {
    rate: f64,
    p99: f64,
    cpu: f64,
}

fn window(worker: &mut Worker, time: Duration) -> Window {
    let before = machine::used();
    let found = worker.ask(&Order::Window(time));
    let cpu = (machine::used() - before).as_nanos() as f64 / found[0] as f64;
    Window { rate: found[0] as f64 / time.as_secs_f64(), p99: found[2] as f64, cpu }
}

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report, place: Place) {
    let on_disk = place == Place::Disk;
    if !on_disk && !plan.wants("crowd") {
        return;
    }
    report.section(
        if on_disk { "Many callers, record on a disk" } else { "Many callers" },
        "Each caller has signed before, and signs again as soon as it has a signature. Share: of what as many callers reach that call the module \
         themselves, in windows beside each other. p99: of the time of one signature, also as a multiple of the fair share (callers ÷ rate). The bus is one with 1,000 \
         connections for a user; the default is 256. More than 256 callers can't be had peer to peer.",
    );
    let counts: &[usize] = if on_disk { &[1, 64] } else { &[1, 2, 8, 64, 200, 500] };
    for kind in Kind::ALL {
        let mut direct = scene.worker(Contender::Direct, kind).await;
        let contenders = if on_disk {
            vec![Contender::Bus, Contender::Line]
        } else {
            Contender::SERVICES.into_iter().chain([Contender::P11Kit, Contender::SshAgent]).collect()
        };
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for contender in contenders {
            let mut worker = scene.worker(contender, kind).await;
            let mut points = Vec::new();
            for count in counts.iter().copied() {
                let most = match contender {
                    Contender::Bus => usize::MAX,
                    Contender::Line => 256,
                    _ => OTHERS_MOST,
                };
                if count > most {
                    continue;
                }
                direct.ask(&Order::Callers(count));
                worker.ask(&Order::Callers(count));
                let span = Duration::from_millis(plan.window);
                let warm = Duration::from_millis(200);
                window(&mut worker, warm);
                let mut pairs = Vec::new();
                for _ in 0..WINDOWS {
                    pairs.push((window(&mut direct, span), window(&mut worker, span)));
                }
                let of = |pick: fn(&(Window, Window)) -> f64| median(&pairs.iter().map(pick).collect::<Vec<_>>());
                let (share, rate) = (of(|(direct, other)| other.rate / direct.rate), of(|(_, other)| other.rate));
                let p99 = of(|(_, other)| other.p99);
                points.push((count as f64, share));
                rows.push(vec![
                    contender.title().to_owned(),
                    count.to_string(),
                    format!("{rate:.0}/s"),
                    ratio(share),
                    time(p99),
                    ratio(p99 / 1e9 * rate / count as f64),
                    time(of(|(_, other)| other.cpu)),
                ]);
            }
            lines.push((contender.title().to_owned(), points));
        }
        report.say(&format!("{}:", kind.title()));
        report.table(&["contender", "callers", "rate", "share", "p99", "of the fair share", "CPU"], &rows);
        if !on_disk {
            let file = format!("callers-{}.svg", kind.name());
            let title = format!("{}: share of the direct rate, by callers", kind.title());
            let plot = Plot { title: title.clone(), across: "callers", up: "share of direct", lines };
            std::fs::create_dir_all(&plan.out).unwrap();
            std::fs::write(plan.out.join(&file), plot.svg()).unwrap();
            report.plot(&file, &title);
        }
    }
}
