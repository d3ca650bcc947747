//! As many signatures are made side by side as there are lanes, and the shim reads on meanwhile.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::fs::{self, File};
use std::io::Write;

use common::{Shim, Token, USER_PIN, eventually, logged_in};
use ukey_shim_protocol::{Digest, FailureKind, KeyRef, Reply, Request, SignScheme, TokenRef};

const LANES: usize = 2;

/// A Key that signs when it is told to.
struct Bench {
    token: Token,
    shim: Shim,
    token_ref: TokenRef,
    key: KeyRef,
    /// A byte for each signature.
    signs: File,
}

impl Bench {
    fn new() -> Self {
        let token = Token::new();
        let key = token.add_key(1, &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        let (path, signs) = token.fifo("signs");
        let begun = token.path("begun");
        let mut shim =
            Shim::start_scripted(&token, &[("SCRIPTED_SIGN", path.as_ref()), ("SCRIPTED_BEGUN", begun.as_ref())]);
        let token_ref = shim.token(LANES as u8);
        assert_eq!(shim.login(token_ref, USER_PIN), logged_in());
        Self { token, shim, token_ref, key, signs }
    }

    fn ask_for_a_signature(&mut self) -> u64 {
        let (token, key) = (self.token_ref, self.key.clone());
        let digests = vec![Digest(vec![7; 32].into())];
        self.shim.send(Request::Sign { token, key, scheme: SignScheme::Ecdsa, digests }, &[])
    }

    /// Lets the Key finish one signature, and gives whose it was.
    fn one_signature(&mut self) -> u64 {
        self.signs.write_all(b".").unwrap();
        let (id, answer) = self.shim.receive().unwrap();
        let Ok(Reply::Signatures(signatures)) = answer else { panic!("{answer:?}") };
        assert!(signatures[0].is_ok());
        id
    }

    /// For how many the module has been asked.
    fn begun(&self) -> usize {
        begun(&self.token)
    }

    fn wait_for_begun(&self, count: usize) {
        assert!(eventually(|| self.begun() >= count), "{} of {count}", self.begun());
    }
}

fn begun(token: &Token) -> usize {
    fs::read(token.path("begun")).map_or(0, |begun| begun.len())
}

#[test]
fn as_many_side_by_side_as_there_are_lanes_and_the_rest_in_turn() {
    let mut bench = Bench::new();
    for round in 0..3 {
        let asked: Vec<_> = (0..5).map(|_| bench.ask_for_a_signature()).collect();
        bench.wait_for_begun(5 * round + LANES);
        // Read and answered by the control thread, though both lanes are in the module.
        assert!(!bench.shim.tokens().is_empty());
        assert_eq!(bench.begun(), 5 * round + LANES, "the others wait");
        let mut answered: Vec<_> = asked.iter().map(|_| bench.one_signature()).collect();
        answered.sort_unstable();
        assert_eq!(answered, asked);
    }
}

#[test]
fn the_end_is_seen_while_all_lanes_sign_and_what_waits_is_not_signed() {
    let mut bench = Bench::new();
    for _ in 0..4 {
        bench.ask_for_a_signature();
    }
    bench.wait_for_begun(LANES);
    bench.shim.end();
    // Refused, though no lane has come back.
    for _ in LANES..4 {
        let (_, answer) = bench.shim.receive().unwrap();
        let Ok(Reply::Signatures(signatures)) = answer else { panic!("{answer:?}") };
        assert_eq!(signatures[0].as_ref().unwrap_err().kind, FailureKind::NotLoggedIn);
    }
    bench.signs.write_all(&[b'.'; LANES]).unwrap();
    for _ in 0..LANES {
        assert!(matches!(bench.shim.receive(), Some((_, Ok(Reply::Signatures(signatures)))) if signatures[0].is_ok()));
    }
    assert_eq!(bench.shim.wait().code(), Some(0));
    assert_eq!(begun(&bench.token), LANES);
    assert_eq!(bench.token.calls("C_OpenSession"), bench.token.calls("C_CloseSession"));
    assert_eq!(bench.token.calls("C_Finalize"), 1);
}

#[test]
fn what_is_no_request_ends_it_too_while_a_lane_signs() {
    let mut bench = Bench::new();
    bench.ask_for_a_signature();
    bench.wait_for_begun(1);
    bench.shim.send_bytes(&[1, 0, 0, 0, 0xff], &[]);
    bench.signs.write_all(b".").unwrap();
    assert!(matches!(bench.shim.receive(), Some((_, Ok(Reply::Signatures(_))))));
    assert_eq!(bench.shim.wait().code(), Some(1));
    assert_eq!(bench.token.calls("C_Finalize"), 1);
}
