//! What there is on the machine, to see afterwards that nothing is left.

use super::machine::Machine;
use crate::process::{every_process, status_number};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use zbus::fdo::DBusProxy;

/// Programs that come and go by the soak's own doing.
const OWN: [&str; 3] = ["soak", "end_to_end-", "openssl"];

/// Everything that could leak.
#[derive(Clone, Debug)]
pub(super) struct Inventory {
    /// Processes by name; those that nobody has waited for have a name of their own.
    processes: BTreeMap<String, usize>,
    /// Open descriptors of a kind of program.
    descriptors: BTreeMap<&'static str, usize>,
    /// Threads of a kind of program.
    threads: BTreeMap<&'static str, usize>,
    /// Paths and interfaces.
    objects: BTreeSet<String>,
    /// Connections of the bus.
    connections: usize,
    /// Resident memory of the daemon, KiB.
    pub(super) memory: u64,
}

impl Inventory {
    /// Looks at everything; none when something goes away meanwhile.
    pub(super) async fn take(machine: &Machine) -> Option<Self> {
        let mut processes = BTreeMap::new();
        for (name, state) in every_process() {
            if !OWN.iter().any(|own| name.starts_with(own)) {
                let name = if state == "Z" { format!("{name} (zombie)") } else { name };
                *processes.entry(name).or_default() += 1;
            }
        }
        let kinds = [
            ("ukeyd", vec![machine.daemon.program().pid()]),
            ("shims", machine.daemon.shims()),
            ("agents", machine.agents()),
        ];
        let (mut descriptors, mut threads) = (BTreeMap::new(), BTreeMap::new());
        for (kind, pids) in &kinds {
            *descriptors.entry(*kind).or_default() +=
                sum(pids, |pid| Some(fs::read_dir(folder(pid, "fd")).ok()?.count()))?;
            *threads.entry(*kind).or_default() +=
                sum(pids, |pid| Some(fs::read_dir(folder(pid, "task")).ok()?.count()))?;
        }
        let mut objects = BTreeSet::new();
        for (path, interfaces) in machine.objects().await? {
            objects.extend(interfaces.into_keys().map(|interface| format!("{path} {interface}")));
        }
        let administrator = machine.administrator().await;
        let names = DBusProxy::new(&administrator).await.ok()?.list_names().await.ok()?;
        let connections = names.iter().filter(|name| name.starts_with(':')).count();
        let memory = status_number(machine.daemon.program().pid(), "VmRSS");
        Some(Self { processes, descriptors, threads, objects, connections, memory })
    }

    /// What is more here than it was before, or not there any more.
    pub(super) fn differences(&self, before: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if self.processes != before.processes {
            differences.push(format!("processes: {:?}, before {:?}", self.processes, before.processes));
        }
        for (what, now, then) in
            [("descriptors", &self.descriptors, &before.descriptors), ("threads", &self.threads, &before.threads)]
        {
            for (kind, count) in now.iter().filter(|(kind, count)| **count > then[*kind]) {
                differences.push(format!("{what} of {kind}: {count}, before {}", then[kind]));
            }
        }
        for object in self.objects.symmetric_difference(&before.objects) {
            differences
                .push(format!("object {object}: {}", if before.objects.contains(object) { "gone" } else { "new" }));
        }
        if self.connections > before.connections {
            differences.push(format!("connections: {}, before {}", self.connections, before.connections));
        }
        differences
    }

    /// Lines for the report.
    pub(super) fn table(&self, before: &Self) -> String {
        let mut table = String::new();
        let mut line =
            |what: &str, before: usize, now: usize| writeln!(table, "{what:<24}{before:>9}{now:>9}").unwrap();
        line("processes", before.processes.values().sum(), self.processes.values().sum());
        for (what, now, then) in
            [("descriptors", &self.descriptors, &before.descriptors), ("threads", &self.threads, &before.threads)]
        {
            for (kind, count) in now {
                line(&format!("{what} of {kind}"), then[kind], *count);
            }
        }
        line("objects", before.objects.len(), self.objects.len());
        line("connections", before.connections, self.connections);
        let memory = |inventory: &Self| usize::try_from(inventory.memory).unwrap();
        line("memory of ukeyd, KiB", memory(before), memory(self));
        table
    }
}

fn sum(pids: &[u32], count: impl Fn(u32) -> Option<usize>) -> Option<usize> {
    pids.iter().map(|pid| count(*pid)).sum()
}

fn folder(pid: u32, name: &str) -> String {
    format!("/proc/{pid}/{name}")
}
