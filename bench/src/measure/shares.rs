//! Where the time of one signature goes: the share of each thread on the way.

use crate::Plan;
use crate::contender::{Contender, Kind};
use crate::machine::{self, Placement};
use crate::report::{Report, time};
use crate::scene::Scene;
use crate::worker::Order;

/// Signatures of one measurement.
const COUNT: usize = 2000;
/// Threads that have less than this of a signature are not worth a row, in nanoseconds.
const LEAST: f64 = 500.0;

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report) {
    if !plan.wants("shares") {
        return;
    }
    report.section(
        "Where the time goes",
        "Processor time of each thread for one signature, and how often it was given the processor, everything on one processor. \
         `lane` is the shim's thread that calls the module, `audit` the record's writer.",
    );
    let ways = [Contender::Direct, Contender::Bus, Contender::Line];
    for (kind, contender) in Kind::ALL.into_iter().flat_map(|kind| ways.map(|way| (kind, way))) {
        let mut worker = scene.worker(contender, kind).await;
        machine::place(Placement::OneProcessor);
        drop(worker.ask(&Order::Times(COUNT / 10)));
        let before = machine::shares();
        drop(worker.ask(&Order::Times(COUNT)));
        let after = machine::shares();
        machine::place(Placement::Anywhere);
        let mut rows = Vec::new();
        for (name, share) in &after {
            let earlier = before.get(name).copied().unwrap_or_default();
            let per = |now: u64, then: u64| now.saturating_sub(then) as f64 / COUNT as f64;
            let used = per(share.nanoseconds, earlier.nanoseconds);
            if used >= LEAST {
                let turns = format!("{:.1}", per(share.turns, earlier.turns));
                rows.push((used, vec![name.clone(), time(used), turns]));
            }
        }
        rows.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let sum: f64 = rows.iter().map(|(used, _)| used).sum();
        let mut rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
        rows.push(vec!["all".to_owned(), time(sum), String::new()]);
        report.say(&format!("{}, {}:", kind.title(), contender.title()));
        report.table(&["thread", "processor time", "turns"], &rows);
    }
}
