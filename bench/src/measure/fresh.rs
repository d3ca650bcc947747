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
         its user is logged in, or the prototype. polkit alone: its answer to one question about a connection, which each new one needs.",
    );
    // Somebody is logged in from here on.
    let _first = scene.worker(Contender::Bus, Kind::Rsa).await;
    let contenders =
        [Contender::Direct, Contender::Prototype, Contender::PrototypeLine, Contender::Bus, Contender::Line];
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..plan.rounds.min(30) + 1 {
        for (index, contender) in contenders.iter().enumerate() {
            let mut command = scene.command(*contender, Kind::Rsa).await;
            command.arg("--once").stdin(Stdio::null()).stdout(Stdio::null());
            let start = Instant::now();
            assert!(command.status().unwrap().success());
            if round > 0 {
                times[index].push(start.elapsed().as_nanos() as f64);
            }
        }
    }
    let mut answers = Vec::new();
    for _ in 0..plan.rounds.min(30) {
        answers.push(scene.policy().await.as_nanos() as f64);
    }
    let row = |(index, contender): (usize, &Contender)| {
        let ratios: Vec<_> = times[index].iter().zip(&times[0]).map(|(time, direct)| time / direct).collect();
        vec![contender.title().to_owned(), time(median(&times[index])), ratio(median(&ratios))]
    };
    let polkit = median(&answers);
    let polkit = vec!["polkit alone".to_owned(), time(polkit), ratio(polkit / median(&times[0]))];
    let rows: Vec<_> = contenders.iter().enumerate().map(row).chain([polkit]).collect();
    report.table(&["contender", "time", "ratio"], &rows);
}
