//! No copy of a PIN stays in the shim's memory after a login, a change or an unblock, right or wrong or refused. As root the test reads the
//! whole memory, and finds the token's label there as a control of the search; as another user it proves that the
//! process can't be read at all, because it isn't dumpable.
//!
//! On SoftHSM2, which keeps none itself. What a vendor's module keeps can't be promised.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;

use common::{LABEL, SO_PIN, Shim, Token, USER_PIN, from, kind, logged_in, my_uid, pin_socket, softhsm};
use ukey_shim_protocol::{FailureKind, PinRole, Reply, Request};

const WRONG_PIN: &[u8] = b"one that is wrong";
const REFUSED_PIN: &[u8] = b"one that comes with another";
const SECOND_PIN: &[u8] = b"the other one";
const CHANGED_PIN: &[u8] = b"one that is chosen";
const UNBLOCKED_PIN: &[u8] = b"one from the technician";
const SO_PIN_CHANGED: &[u8] = b"one for the technician";

#[test]
fn no_pin_is_left_in_memory() {
    let token = Token::new();
    let mut shim = Shim::start_with(&token, &softhsm(), std::process::id());
    let key = shim.token(2);

    let refused = shim.login_from(key, &pin_socket(&[REFUSED_PIN, SECOND_PIN]));
    assert_eq!(kind(refused), FailureKind::PinNotReceived);
    assert_eq!(kind(shim.login(key, WRONG_PIN)), FailureKind::PinIncorrect);
    let mut with_two = |request: Request, pins: [&[u8]; 2]| {
        let [first, second] = pins.map(|pin| pin_socket(&[pin]));
        shim.call_with(request, &[first.as_fd(), second.as_fd()])
    };
    let change = |role| Request::ChangePin { token: key, role, pin: from(my_uid()) };
    let unblock = || Request::UnblockPin { token: key, pin: from(my_uid()) };
    let so_pin = SO_PIN.as_bytes();
    assert_eq!(kind(with_two(change(PinRole::User), [WRONG_PIN, CHANGED_PIN])), FailureKind::PinIncorrect);
    assert_eq!(with_two(change(PinRole::User), [USER_PIN, CHANGED_PIN]), Ok(Reply::Done));
    assert_eq!(with_two(change(PinRole::So), [so_pin, SO_PIN_CHANGED]), Ok(Reply::Done));
    assert_eq!(kind(with_two(unblock(), [WRONG_PIN, UNBLOCKED_PIN])), FailureKind::PinIncorrect);
    assert_eq!(with_two(unblock(), [SO_PIN_CHANGED, UNBLOCKED_PIN]), Ok(Reply::Done));
    assert_eq!(shim.login(key, UNBLOCKED_PIN), logged_in());

    let memory = File::open(format!("/proc/{}/mem", shim.pid()));
    assert!(rustix::process::getuid().is_root(), "only root can read the memory: run it by sudo script/test");
    let memory = read_writable(shim.pid(), &memory.unwrap());
    let found = |text: &[u8]| memory.iter().any(|part| part.windows(text.len()).any(|window| window == text));
    assert!(found(LABEL.as_bytes()), "the search finds what is there");
    let chosen = [USER_PIN, so_pin, CHANGED_PIN, SO_PIN_CHANGED, UNBLOCKED_PIN];
    for pin in chosen.into_iter().chain([WRONG_PIN, REFUSED_PIN, SECOND_PIN]) {
        assert!(!found(pin), "{}", String::from_utf8_lossy(pin));
    }
}

/// Every writable mapping of a process.
fn read_writable(pid: u32, memory: &File) -> Vec<Vec<u8>> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    maps.lines()
        .filter_map(|line| {
            let (range, rest) = line.split_once(' ').unwrap();
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
            if !rest.starts_with("rw") {
                return None;
            }
            let mut part = vec![0; usize::try_from(end - start).unwrap()];
            memory.read_exact_at(&mut part, start).unwrap();
            Some(part)
        })
        .collect()
}
