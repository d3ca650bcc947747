//! The machine: on which processor everything runs, what it has used, how busy it is otherwise.

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_setaffinity};
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

/// How long a program may take until it is executed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where all processes of the stage may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// On one processor: what one signature costs, all hops counted.
    OneProcessor,
    Anywhere,
}

/// Moves every process of the stage, this one too.
pub(crate) fn place(placement: Placement) {
    let mut processors = CpuSet::new();
    match placement {
        Placement::OneProcessor => processors.set(0),
        Placement::Anywhere => (0..count()).for_each(|processor| processors.set(processor)),
    }
    for thread in threads() {
        // It may have ended meanwhile.
        let _ = sched_setaffinity(Pid::from_raw(thread), &processors);
    }
}

/// Number of processors.
pub(crate) fn count() -> usize {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap();
    text.lines().filter(|line| line.starts_with("processor")).count()
}

/// Processor time that all processes of the stage have used.
pub(crate) fn used() -> Duration {
    let ticks: u64 = processes().filter_map(ticks_of).sum();
    Duration::from_millis(ticks * 10)
}

/// What threads of one name have used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Share {
    /// Processor time.
    pub nanoseconds: u64,
    /// How often they were given the processor.
    pub turns: u64,
}

/// What every thread of the stage has used, by the names of process and thread.
pub(crate) fn shares() -> BTreeMap<String, Share> {
    let mut all = BTreeMap::<String, Share>::new();
    for process in processes() {
        let name = |path: String| fs::read_to_string(path).map(|name| name.trim_end().to_owned());
        let Ok(program) = name(format!("/proc/{process}/comm")) else { continue };
        for thread in fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
            let path = thread.path().display().to_string();
            // It may have ended meanwhile.
            let (Ok(thread), Ok(used)) = (name(format!("{path}/comm")), name(format!("{path}/schedstat"))) else {
                continue;
            };
            let numbers: Vec<u64> = used.split(' ').map(|number| number.parse().unwrap()).collect();
            let title = if thread == program { program.clone() } else { format!("{program}: {thread}") };
            let share = all.entry(title).or_default();
            share.nanoseconds += numbers[0];
            share.turns += numbers[2];
        }
    }
    all
}

/// Waits, awake, until this process executes another program, and tells when it did.
pub(crate) fn executed(process: u32, program: &str) -> Instant {
    let (since, path) = (Instant::now(), format!("/proc/{process}/comm"));
    while fs::read_to_string(&path).unwrap().trim_end() != program {
        assert!(since.elapsed() < PATIENCE, "process {process} does not execute {program}");
    }
    Instant::now()
}

/// Name of the processor, and the load of the machine now.
pub(crate) fn describe() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let load = fs::read_to_string("/proc/loadavg").unwrap();
    let load = load.split(' ').next().unwrap();
    format!("{} × {}; load of the machine at this moment {load}", count(), name.trim_matches([' ', '\t', ':']))
}

/// A number of KiB in `/proc/PID/FILE`.
pub(crate) fn kib(pid: u32, file: &str, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_matches([' ', ':', '\t', 'k', 'B']).parse().unwrap()
}

/// Context switches of all threads of a process.
pub(crate) fn switches(pid: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    threads
        .map(|thread| fs::read_to_string(thread.unwrap().path().join("status")).unwrap())
        .flat_map(|status| {
            let lines = status.lines().filter(|line| line.contains("ctxt_switches"));
            lines.map(|line| line.split('\t').next_back().unwrap().parse::<u64>().unwrap()).collect::<Vec<_>>()
        })
        .sum()
}

fn processes() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn threads() -> Vec<i32> {
    let of = |process: i32| fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    processes().flat_map(of).filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn ticks_of(process: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name, which may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}
