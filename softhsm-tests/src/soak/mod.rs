//! A soak: random events on three Keys of two modules, most of them ordinary, some as bad as a module, a program or a
//! person can make them. Afterwards nothing is left over, every answer was right or a named error that fits, and every
//! try that a Key has counted is accounted for.
//!
//! Each Key has a worker of its own; the three work at once. The seed decides which events come in which order on each
//! Key; how they meet is up to the machine. Between events a Key may be *undisturbed*: it was seen to work, and nothing
//! has happened to it, its module or the agents since. Then only the answers of a sound machine are right.

mod desk;
mod event;
mod expected;
mod happen;
mod inventory;
mod ledger;
mod machine;
mod program;
mod random;
mod recovery;
mod report;
mod screen;
mod tally;
mod upheaval;
mod worker;

pub use report::Report;

use crate::pinentry::ScriptedPinentry;
use crate::wait::eventually;
use futures_util::future::join_all;
use inventory::Inventory;
use machine::Machine;
use random::Random;
use screen::Screen;
use std::cell::Cell;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use worker::Worker;

/// Threads that wait for work, and processes that were killed, take a while to go.
const SETTLING: Duration = Duration::from_secs(25);
const SETTLING_STEP: Duration = Duration::from_millis(100);

/// A soak to run.
#[derive(Clone, Copy, Debug)]
pub struct Soak {
    events: usize,
    seed: u64,
    progress_every: usize,
}

impl Soak {
    /// So many events from this seed, divided among the Keys.
    pub fn new(events: usize, seed: u64) -> Self {
        Self { events, seed, progress_every: usize::MAX }
    }

    /// Says on standard error when so many more events are done.
    pub fn telling_every(mut self, events: usize) -> Self {
        self.progress_every = events;
        self
    }

    /// Runs it on the stage; see [`staged`](crate::staged).
    pub async fn run(self) -> Report {
        let machine = Machine::start().await;
        let screens = machine.people().map(|person| {
            let desks = machine.keys.iter().map(|key| &key.desk).collect();
            Screen::new(ScriptedPinentry::create(person), desks).watch()
        });
        tokio::select! {
            report = self.on(&machine) => report,
            _ = join_all(screens) => unreachable!("screens are watched for ever"),
        }
    }

    async fn on(self, machine: &Machine) -> Report {
        let start = Instant::now();
        let mut workers: Vec<Worker<'_>> = (0..)
            .zip(&machine.keys)
            .map(|(stream, key)| Worker::new(machine, key, Random::new(self.seed, stream)))
            .collect();
        // What is made at the first use is no leak.
        for worker in &mut workers {
            worker.finish().await;
        }
        let before = eventually("a look at everything", async || Inventory::take(machine).await).await;
        let done = Cell::new(0_usize);
        let tell = || {
            done.set(done.get() + 1);
            if done.get().is_multiple_of(self.progress_every) {
                eprintln!("{} events after {:.0?}", done.get(), start.elapsed());
            }
        };
        let share = self.events.div_ceil(workers.len());
        join_all(workers.iter_mut().map(|worker| worker.work(share, tell))).await;
        join_all(workers.iter_mut().map(Worker::finish)).await;
        let (after, mut wrong) = settled(machine, &before).await;
        for module in &machine.modules {
            let left = module.lab.forked().into_iter().filter(|pid| crate::process::is_running(*pid));
            wrong.extend(left.map(|pid| format!("process {pid}, forked by module {}, still runs", module.name)));
        }
        let keys = workers.iter().map(Worker::line).collect();
        let mut tally = tally::Tally::default();
        workers.into_iter().for_each(|worker| tally.add(worker.tally));
        wrong.into_iter().for_each(|wrong| tally.complain(wrong));
        Report {
            events: done.get(),
            seed: self.seed,
            time: start.elapsed(),
            tally,
            keys,
            leftovers: after.table(&before),
            log: machine.daemon.program().log(),
        }
    }
}

/// The machine when it has come to rest, and what is left over then.
async fn settled(machine: &Machine, before: &Inventory) -> (Inventory, Vec<String>) {
    let start = Instant::now();
    loop {
        let now = eventually("a look at everything", async || Inventory::take(machine).await).await;
        let differences = now.differences(before);
        if differences.is_empty() || start.elapsed() > SETTLING {
            return (now, differences);
        }
        sleep(SETTLING_STEP).await;
    }
}
