//! Real modules sign inside their confinement, and every process that a PIN passes through has it: no new privileges, no
//! core file, no look into it by others of the same user; where a module runs also a filter of system calls. A PIN that
//! can't be kept from the swap is not tried.

use std::fs;
use std::os::unix::fs::MetadataExt;
use ukey_dbus::{ErrorKind, KeyKind};
use ukey_softhsm_tests::{
    Attempt, Call, Fixture, FixtureBuilder, Key, Lab, Made, no_options, refusal, staged, status_number,
};

/// `Seccomp:` of `/proc/PID/status` where there is a filter.
const FILTERED: u64 = 2;

#[test]
fn softhsm() {
    staged(async || works(Fixture::builder()).await);
}

#[test]
fn softhsm_behind_the_spy() {
    staged(async || works(Fixture::builder().spied()).await);
}

#[test]
fn kryoptic() {
    staged(async || works(Fixture::builder().kryoptic()).await);
}

#[test]
fn softhsm_whose_file_lists_nothing() {
    staged(async || works(Fixture::builder().unlisted()).await);
}

#[test]
fn kryoptic_whose_file_lists_nothing() {
    staged(async || works(Fixture::builder().unlisted().kryoptic()).await);
}

#[test]
fn the_spy_whose_file_lists_nothing() {
    staged(async || works(Fixture::builder().unlisted().spied()).await);
}

#[test]
fn one_that_may_start_processes() {
    staged(async || works(Fixture::builder().module("fork = true")).await);
}

#[test]
fn a_pin_that_cannot_be_locked_in_memory_is_not_tried() {
    staged(async || {
        let limited = |lab: &Lab, _: &[Key]| lab.attempt(Call::Initialize, [Attempt::LimitLocking]);
        let fixture = Fixture::builder().lab(limited).start().await;
        assert_eq!(fixture.lab().attempts(), [Made { attempt: Attempt::LimitLocking, errno: 0 }]);
        fixture.pinentry().will_type(fixture.key().pin());
        let token = fixture.token().await;
        let kind = refusal(token.login(no_options()).await);
        assert_eq!(kind, ErrorKind::Cancelled);
        assert_eq!(fixture.lab().pin_calls(), 0);
    });
}

async fn works(builder: FixtureBuilder) {
    let fixture = builder.start().await;
    fixture.log_in().await;
    for (kind, algorithm) in [(KeyKind::Rsa2048, "RSA-PKCS1-SHA256"), (KeyKind::EcP256, "ECDSA-SHA256")] {
        let certificate = fixture.certificate(kind).await;
        certificate.sign_data(algorithm, b"order", no_options()).await.unwrap();
    }
    let daemon = fixture.daemon.program().pid();
    let shims = fixture.daemon.shims();
    let hosts: Vec<u32> = shims.iter().copied().flat_map(hosts_of).collect();
    assert!(!hosts.is_empty());
    for pid in [&[daemon], &*shims, &*hosts].concat() {
        assert_eq!(fs::metadata(format!("/proc/{pid}/environ")).unwrap().uid(), 0, "{pid} can be looked into");
        let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
        let core: Vec<_> =
            limits.lines().find(|line| line.starts_with("Max core")).unwrap().split_whitespace().collect();
        assert_eq!(core[4..6], ["0", "0"], "{limits}");
    }
    for pid in [&*shims, &*hosts].concat() {
        assert_eq!(status_number(pid, "NoNewPrivs"), 1);
    }
    for pid in hosts {
        assert_eq!(status_number(pid, "Seccomp"), FILTERED);
    }
}

/// The process that has loaded the module: the shim itself, or what is below it when it is a keeper.
fn hosts_of(shim: u32) -> Vec<u32> {
    let below = fs::read_to_string(format!("/proc/{shim}/task/{shim}/children")).unwrap();
    let below: Vec<u32> = below.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    if below.is_empty() { vec![shim] } else { below }
}
