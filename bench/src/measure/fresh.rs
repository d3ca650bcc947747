//! A program that starts, signs once and ends.

use crate::Plan;
use crate::contender::{Contender, Kind};
use crate::report::{Report, median, ratio, time};
use crate::scene::Scene;
use std::process::Stdio;
use std::time::Instant;

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report) {
    if !plan.wants("fresh") {
        return;
    }
    report.section(
        "A program that signs once",
        "From start to end of a process: one that loads the module, logs in and signs with RSA-2048, and one that asks ukeyd, where \
         its user is logged in, or the prototype. What it takes by itself is part of each: the same program that ends when it has started. \
         polkit alone: its answer to one question about a connection, which each new one needs.",
    );
    // Somebody is logged in from here on.
    let _first = scene.worker(Contender::Bus, Kind::Rsa).await;
    let contenders =
        [Contender::Direct, Contender::Prototype, Contender::PrototypeLine, Contender::Bus, Contender::Line];
    let (mut times, mut starts) = (vec![Vec::new(); contenders.len()], Vec::new());
    for round in 0..plan.rounds.min(30) + 1 {
        for (index, contender) in contenders.iter().enumerate() {
            let time = run(scene, *contender, "--once").await;
            if round > 0 {
                times[index].push(time);
            }
        }
        starts.push(run(scene, Contender::Bus, "--nothing").await);
    }
    let mut answers = Vec::new();
    for _ in 0..plan.rounds.min(30) {
        answers.push(scene.policy().await.as_nanos() as f64);
    }
    let row = |(index, contender): (usize, &Contender)| {
        let ratios: Vec<_> = times[index].iter().zip(&times[0]).map(|(time, direct)| time / direct).collect();
        vec![contender.title().to_owned(), time(median(&times[index])), ratio(median(&ratios))]
    };
    let direct = median(&times[0]);
    let alone = |title: &str, times: &[f64]| {
        let median = median(times);
        vec![title.to_owned(), time(median), ratio(median / direct)]
    };
    let floors = [alone("starting the program alone", &starts), alone("polkit alone", &answers)];
    let rows: Vec<_> = contenders.iter().enumerate().map(row).chain(floors).collect();
    report.table(&["contender", "time", "ratio"], &rows);
}

/// Nanoseconds from the start of a worker that does this to its end.
async fn run(scene: &mut Scene, contender: Contender, what: &str) -> f64 {
    let mut command = scene.command(contender, Kind::Rsa).await;
    command.arg(what).stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    assert!(command.status().unwrap().success());
    start.elapsed().as_nanos() as f64
}
