//! Where the time of one signature goes: the share of each thread on the way.

use crate::Plan;
use crate::contender::{Contender, Kind};
use crate::machine::{self, Placement};
use crate::report::{Report, time};
use crate::scene::Scene;
use crate::worker::Order;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, VerificationAlgorithm,
};
use std::time::{Duration, Instant};

/// Signatures of one measurement.
const COUNT: usize = 2000;
/// Callers of the other.
const CROWD: usize = 64;
/// Threads that have less than this of a signature are not worth a row, in nanoseconds.
const LEAST: f64 = 500.0;

/// What the verification of a signature takes by itself, with the library that the service verifies with, all in the cache.
fn verification(kind: Kind) -> f64 {
    let random = SystemRandom::new();
    let digest = digest(&SHA256, b"order");
    let (algorithm, key, signature): (&'static dyn VerificationAlgorithm, _, _) = match kind {
        Kind::Rsa => {
            let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature).unwrap();
            (&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref().to_vec(), signature)
        }
        Kind::Ec => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
            let signature = pair.sign(&random, b"order").unwrap().as_ref().to_vec();
            (&ECDSA_P256_SHA256_ASN1, pair.public_key().as_ref().to_vec(), signature)
        }
    };
    let start = Instant::now();
    let key = ParsedPublicKey::new(algorithm, &key).unwrap();
    for _ in 0..COUNT {
        key.verify_digest_sig(&digest, &signature).unwrap();
    }
    start.elapsed().as_nanos() as f64 / COUNT as f64
}

pub(crate) async fn measure(scene: &mut Scene, plan: &Plan, report: &mut Report) {
    if !plan.wants("shares") {
        return;
    }
    report.section(
        "Where the time goes",
        "Processor time of each thread for one signature, and how often it was given the processor: of one caller with everything on \
         one processor, and of 64 on all. `lane` is the shim's thread that calls the module, `audit` the record's writer.",
    );
    let ways = || [Contender::Direct].into_iter().chain(Contender::SERVICES);
    for (kind, contender) in Kind::ALL.into_iter().flat_map(|kind| ways().map(move |way| (kind, way))) {
        let mut worker = scene.worker(contender, kind).await;
        machine::place(Placement::OneProcessor);
        drop(worker.ask(&Order::Times(COUNT / 10)));
        let alone = shares(|| {
            drop(worker.ask(&Order::Times(COUNT)));
            COUNT
        });
        machine::place(Placement::Anywhere);
        let mut tables = vec![("one caller", alone)];
        // The threads of the module's own callers end with the window.
        if contender != Contender::Direct {
            worker.ask(&Order::Callers(CROWD));
            drop(worker.ask(&Order::Window(Duration::from_millis(300))));
            let crowd = shares(|| worker.ask(&Order::Window(Duration::from_millis(plan.window * 2)))[0] as usize);
            tables.push(("64 callers", crowd));
        }
        for (callers, rows) in tables {
            report.say(&format!("{}, {}, {callers}:", kind.title(), contender.title()));
            report.table(&["thread", "processor time", "turns"], &rows);
        }
    }
    let alone = Kind::ALL.map(|kind| format!("{} {}", kind.title(), time(verification(kind))));
    report.say(&format!("Verification of one signature by itself, in a loop: {}.", alone.join(", ")));
}

/// Each thread's share of one of so many signatures.
fn shares(sign: impl FnOnce() -> usize) -> Vec<Vec<String>> {
    let before = machine::shares();
    let count = sign() as f64;
    let after = machine::shares();
    let mut rows = Vec::new();
    for (name, share) in &after {
        let earlier = before.get(name).copied().unwrap_or_default();
        let per = |now: u64, then: u64| now.saturating_sub(then) as f64 / count;
        let used = per(share.nanoseconds, earlier.nanoseconds);
        if used >= LEAST {
            let turns = format!("{:.1}", per(share.turns, earlier.turns));
            rows.push((used, vec![name.clone(), time(used), turns]));
        }
    }
    rows.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let sum: f64 = rows.iter().map(|(used, _)| used).sum();
    let all = vec!["all".to_owned(), time(sum), String::new()];
    rows.into_iter().map(|(_, row)| row).chain([all]).collect()
}
