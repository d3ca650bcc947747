//! Two hundred programs that connect, ask for everything and vanish, and one that asks as fast as it can and reads no
//! answer: another user's reads and signatures go on at their pace, and afterwards the daemon has no more memory,
//! descriptors, threads, objects, callers or dialogs than before.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;
use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{
    Fixture, KeyBuilder, Person, Program, Seat, Tool, eventually, program, staged, status_number,
};

/// Connections of one user to Debian's system bus are limited to 256.
const CALLERS: usize = 200;
const PROCESSES: usize = 8;
const ROUNDS: usize = 5;
/// What a read or a signature of somebody else takes at most, on a busy machine of two processors that does all of this.
const BOUND: Duration = Duration::from_secs(2);
/// How long the flood lasts.
const FLOOD: Duration = Duration::from_secs(10);
/// What the allocator may keep in pieces, in KiB.
const FRAGMENTS: u64 = 12 << 10;

/// Of the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Inventory {
    descriptors: usize,
    threads: usize,
    /// Requests that are exported.
    requests: usize,
    /// Callers that it remembers.
    known: usize,
    /// Processes that ask for a PIN.
    dialogs: usize,
}

impl Inventory {
    /// Is nothing more here than there? Threads that wait for work end by and by.
    fn is_at_most(&self, other: &Self) -> bool {
        let counts = |of: &Self| [of.descriptors, of.threads, of.requests, of.known, of.dialogs];
        counts(self).iter().zip(counts(other)).all(|(here, there)| *here <= there)
    }
}

#[test]
fn two_hundred_that_vanish() {
    staged(async || {
        let fixture = besieged().await;
        // What the first crowd makes the daemon open it keeps: threads, pages.
        crowd_comes_and_goes(&fixture, 0).await;
        let before = settled(&fixture, None).await;
        let memory = memory(&fixture);
        let bystander = fixture.bystander().await;
        for round in 1..=ROUNDS {
            crowd_comes_and_goes(&fixture, round).await;
        }
        bystander.noticed_less_than(BOUND);
        let after = settled(&fixture, Some(&before)).await;
        assert!(after.is_at_most(&before), "{after:?}, before {before:?}");
        let grown = self::memory(&fixture).saturating_sub(memory);
        assert!(grown < FRAGMENTS, "{grown} KiB more than after the first crowd");
    });
}

#[test]
fn one_that_floods() {
    staged(async || {
        let fixture = besieged().await;
        flood(&fixture, Duration::from_secs(2)).await;
        let before = settled(&fixture, None).await;
        let memory = memory(&fixture);
        let bystander = fixture.bystander().await;
        let most = flood(&fixture, FLOOD).await;
        bystander.noticed_less_than(BOUND);
        let after = settled(&fixture, Some(&before)).await;
        assert!(after.is_at_most(&before), "{after:?}, before {before:?}");
        let grown = self::memory(&fixture).saturating_sub(memory);
        assert!(grown < FRAGMENTS, "{grown} KiB more than before the flood");
        let most = most.saturating_sub(memory);
        assert!(most < 64 << 10, "{most} KiB more in the flood");
    });
}

/// The nurse's programs are the crowd; the clerk signs with the bystander's Key.
async fn besieged() -> Fixture {
    let fixture = Fixture::builder().seat(Seat::ClerkAndNurse).agent_for(Person::Nurse).bystander();
    // The daemon logs each of the crowd's many mistakes: that would be what is measured.
    let fixture = fixture.key(KeyBuilder::default()).log("warn,ukeyd::bus::callers=debug").start().await;
    // The clerk's connection is known from now on.
    fixture.token().await.get_login().await.unwrap();
    fixture
}

async fn crowd(fixture: &Fixture, mode: &[&str]) -> Program {
    let token = fixture.token().await.inner().path().to_string();
    let certificate = fixture.certificate(KeyKind::EcP256).await.inner().path().to_string();
    let mut command = Tool::Setpriv.command();
    let id = Person::Nurse.uid().to_string();
    command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).arg(program("crowd")).args(mode);
    command.args([token, certificate]).stdin(Stdio::null()).stdout(Stdio::piped());
    Program::spawn("crowd", Tool::Setpriv, &mut command)
}

async fn is_ready(program: &mut Program) {
    let mut output = BufReader::new(program.take_stdout());
    let line = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line
    });
    assert_eq!(line.await.unwrap(), "ready\n");
}

async fn crowd_comes_and_goes(fixture: &Fixture, round: usize) {
    let each = (CALLERS / PROCESSES).to_string();
    let mut programs = Vec::new();
    for _ in 0..PROCESSES {
        programs.push(crowd(fixture, &["vanish", &each]).await);
    }
    for program in &mut programs {
        is_ready(program).await;
    }
    if round % 2 == 1 {
        // They go while a person is being asked; otherwise in the middle of it all.
        let nurse = fixture.agents[&Person::Nurse].pinentry();
        eventually("a dialog", async || nurse.is_asking().then_some(())).await;
    }
    for program in &mut programs {
        program.signal(rustix::process::Signal::KILL);
    }
    for mut program in programs {
        program.ended().await;
    }
}

/// One floods for so long; the most memory that the daemon had meanwhile, in KiB.
async fn flood(fixture: &Fixture, time: Duration) -> u64 {
    let mut program = crowd(fixture, &["flood"]).await;
    is_ready(&mut program).await;
    let mut most = 0;
    let end = tokio::time::Instant::now() + time;
    while tokio::time::Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(100)).await;
        most = most.max(memory(fixture));
    }
    assert!(program.try_ended().is_none(), "it went on to the end: {}", program.log());
    program.signal(rustix::process::Signal::KILL);
    program.ended().await;
    most
}

/// The inventory when it is as expected, or after the last caller of the crowd has gone.
async fn settled(fixture: &Fixture, expected: Option<&Inventory>) -> Inventory {
    let nurse = fixture.agents[&Person::Nurse].pinentry();
    let mut last = None;
    let end = tokio::time::Instant::now() + ukey_softhsm_tests::PATIENCE;
    eventually("the end of the crowd", async || {
        let now = inventory(fixture, usize::from(nurse.is_asking())).await;
        let quiet = last.replace(now.clone()).is_some_and(|last| last == now);
        let over = tokio::time::Instant::now() + Duration::from_secs(2) > end;
        let done = match expected {
            Some(expected) => now.is_at_most(expected) || over,
            None => quiet && now.requests == 0 && now.dialogs == 0,
        };
        done.then_some(now)
    })
    .await
}

async fn inventory(fixture: &Fixture, dialogs: usize) -> Inventory {
    let pid = fixture.daemon.program().pid();
    let count = |folder: &str| std::fs::read_dir(format!("/proc/{pid}/{folder}")).unwrap().count();
    let requests = fixture.objects().await.keys().filter(|path| path.contains("/request/")).count();
    let log = fixture.daemon.program().log();
    let known = log.rsplit_once("known=").map_or(0, |(_, rest)| {
        rest.split(|character: char| !character.is_ascii_digit()).next().unwrap().parse().unwrap()
    });
    Inventory { descriptors: count("fd"), threads: count("task"), requests, known, dialogs }
}

fn memory(fixture: &Fixture) -> u64 {
    status_number(fixture.daemon.program().pid(), "VmRSS")
}
