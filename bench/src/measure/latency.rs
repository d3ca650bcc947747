//! One signature at a time, everything on one processor, all contenders in turns.

use crate::Plan;
use crate::contender::{Contender, Kind};
use crate::machine::{self, Placement};
use crate::report::{Report, median, ratio, time};
use crate::scene::Scene;
use crate::worker::Order;

/// Signatures of one contender before the next has its turn.
const TURN: usize = 10;
/// Services, and the prototypes that show what verification and commit take: with them and without.
const LESS: [(Contender, Contender, Contender); 2] = [
    (Contender::Bus, Contender::Contract, Contender::Bare),
    (Contender::Line, Contender::ContractLine, Contender::BareLine),
];

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report) {
    if !plan.wants("latency") {
        return;
    }
    report.section(
        "One signature",
        "Everything on one processor, all contenders in turns. Ratio: median of the rounds' ratios to the direct call of the \
         same round; the second direct arm shows how much of it is noise. CPU: processor time of all processes for one signature. \
         Less verification and commit: less what these take in the prototype that keeps the contract.",
    );
    for kind in Kind::ALL {
        let before = [Contender::Direct, Contender::Direct, Contender::Relay].into_iter();
        let bare = [Contender::Bare, Contender::BareLine];
        let others = [Contender::P11Kit, Contender::SshAgent];
        let contenders = before.chain(Contender::SERVICES).chain(bare).chain(others);
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
        let mut rows: Vec<_> = arms
            .iter()
            .enumerate()
            .map(|(index, (contender, _))| {
                let ratios: Vec<_> = times[index].iter().zip(&times[0]).map(|(time, direct)| time / direct).collect();
                let title = if index == 1 { "direct, second arm" } else { contender.title() };
                let cpu = used[index] / (plan.rounds * TURN) as f64;
                vec![title.to_owned(), time(median(&times[index])), ratio(median(&ratios)), time(cpu)]
            })
            .collect();
        let of = |contender| &times[arms.iter().position(|(other, _)| *other == contender).unwrap()];
        for (service, whole, bare) in LESS {
            let less = of(service).iter().zip(of(whole)).zip(of(bare)).map(|((time, whole), bare)| time - whole + bare);
            let less: Vec<_> = less.collect();
            let ratios: Vec<_> = less.iter().zip(&times[0]).map(|(time, direct)| time / direct).collect();
            let title = format!("{}, less verification and commit", service.title());
            rows.push(vec![title, time(median(&less)), ratio(median(&ratios)), String::new()]);
        }
        report.say(&format!("{}:", kind.title()));
        report.table(&["contender", "median", "ratio", "CPU"], &rows);
    }
}
