//! One signature at a time, everything on one processor, all contenders in turns.

use crate::Plan;
use crate::contender::{Contender, Kind};
use crate::machine::{self, Placement};
use crate::report::{Report, median, ratio, time};
use crate::scene::Scene;
use crate::worker::Order;

/// Signatures of one contender before the next has its turn.
const TURN: usize = 10;

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report) {
    if !plan.wants("latency") {
        return;
    }
    report.section(
        "One signature",
        "Everything on one processor, all contenders in turns. Ratio: median of the rounds' ratios to the direct call of the \
         same round; the second direct arm shows how much of it is noise. CPU: processor time of all processes for one signature.",
    );
    for kind in Kind::ALL {
        let before = [Contender::Direct, Contender::Direct, Contender::Relay].into_iter();
        let contenders = before.chain(Contender::SERVICES).chain([Contender::P11Kit, Contender::SshAgent]);
        let mut arms = Vec::new();
        for contender in contenders {
            arms.push((contender, scene.worker(contender, kind).await));
        }
        machine::place(Placement::OneProcessor);
        let mut times = vec![Vec::new(); arms.len()];
        let mut used = vec![0.0; arms.len()];
        for round in 0..plan.rounds + 3 {
            for (index, (_, worker)) in arms.iter_mut().enumerate() {
                let before = machine::used();
                let found = worker.ask(&Order::Times(TURN));
                let found: Vec<f64> = found.into_iter().map(|time| time as f64).collect();
                // The first rounds warm up.
                if round >= 3 {
                    times[index].push(median(&found));
                    used[index] += (machine::used() - before).as_nanos() as f64;
                }
            }
        }
        machine::place(Placement::Anywhere);
        let rows: Vec<_> = arms
            .iter()
            .enumerate()
            .map(|(index, (contender, _))| {
                let ratios: Vec<_> = times[index].iter().zip(&times[0]).map(|(time, direct)| time / direct).collect();
                let title = if index == 1 { "direct, second arm" } else { contender.title() };
                let cpu = used[index] / (plan.rounds * TURN) as f64;
                vec![title.to_owned(), time(median(&times[index])), ratio(median(&ratios)), time(cpu)]
            })
            .collect();
        report.say(&format!("{}:", kind.title()));
        report.table(&["contender", "median", "ratio", "CPU"], &rows);
    }
}
