//! The measurements, in one run.

mod batches;
mod crowd;
mod files;
mod fresh;
mod latency;
mod process;
mod shares;
mod slow_key;

use crate::Plan;
use crate::machine;
use crate::report::Report;
use crate::scene::{Key, Record, Scene};
use clap::ValueEnum;
use std::fmt::Write;
use std::process::Command;

/// What runs on a stage of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    Software,
    SlowKey,
    SlowKeyDisk,
    Disk,
}

/// Where ukeyd's record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    Disk,
}

const PARTS: [&str; 7] = ["latency", "shares", "batches", "files", "fresh", "crowd", "process"];

/// Measures everything that the plan wants, each stage after the other, and writes it down.
pub(crate) fn all(plan: &Plan) {
    let mut text = format!(
        "# Measured\n\nWritten by `ukey-bench`, all in one run: {} (before anything was started). Everything that keeps a Key safe is on: \
         signatures are verified, the record is durable before an answer leaves, polkit decides. What the columns mean and how to measure \
         again: [performance.md](../performance.md).\n",
        machine::describe()
    );
    for stage in Stage::value_variants() {
        let name = stage.to_possible_value().unwrap().get_name().to_owned();
        let is_wanted = match stage {
            Stage::Software => PARTS.iter().any(|part| plan.wants(part)),
            Stage::SlowKey | Stage::SlowKeyDisk | Stage::Disk => plan.wants(&name),
        };
        if is_wanted {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["stage", &name]).args(plan.arguments());
            assert!(command.status().unwrap().success(), "{name}");
            let fragment = plan.out.join(format!("{name}.part"));
            write!(text, "{}", std::fs::read_to_string(&fragment).unwrap()).unwrap();
            std::fs::remove_file(fragment).unwrap();
        }
    }
    std::fs::write(plan.out.join("measured.md"), text).unwrap();
}

/// Measures what is measured on this stage.
pub(crate) async fn on_stage(stage: Stage, plan: &Plan) {
    let mut report = Report::default();
    match stage {
        Stage::Software => {
            let mut scene = Scene::start(Key::Software, Record::Memory).await;
            latency::measure(&mut scene, plan, &mut report).await;
            shares::measure(&mut scene, plan, &mut report).await;
            batches::measure(&mut scene, plan, &mut report).await;
            files::measure(&mut scene, plan, &mut report).await;
            fresh::measure(&mut scene, plan, &mut report).await;
            crowd::measure(&mut scene, plan, &mut report, Place::Memory).await;
            process::measure(&mut scene, plan, &mut report).await;
        }
        Stage::SlowKey => {
            let mut scene = Scene::start(Key::Slow, Record::Memory).await;
            slow_key::measure(&mut scene, &mut report, Place::Memory).await;
        }
        Stage::SlowKeyDisk => {
            let mut scene = Scene::start(Key::Slow, Record::Disk(&plan.disk)).await;
            slow_key::measure(&mut scene, &mut report, Place::Disk).await;
        }
        Stage::Disk => {
            let mut scene = Scene::start(Key::Software, Record::Disk(&plan.disk)).await;
            crowd::measure(&mut scene, plan, &mut report, Place::Disk).await;
        }
    }
    std::fs::create_dir_all(&plan.out).unwrap();
    let name = stage.to_possible_value().unwrap().get_name().to_owned();
    std::fs::write(plan.out.join(format!("{name}.part")), report.text()).unwrap();
}
