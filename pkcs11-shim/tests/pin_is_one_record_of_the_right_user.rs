//! A PIN reaches the module only if it came as one record of 1 to 255 bytes from the user that the daemon names, with
//! nothing attached. The module's call log shows that it isn't even asked otherwise.

mod common;

use std::os::fd::AsFd;

use common::{Shim, Token, USER_PIN, from, kind, logged_in, my_uid, pin_socket, pin_socket_pair, send_record};
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
use ukey_shim_protocol::{FailureKind, Request};

#[test]
fn other_records_never_reach_the_module() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(1);

    let cases: [(&str, &[&[u8]]); 4] = [
        ("no record", &[]),
        ("an empty record", &[b""]),
        ("256 bytes", &[&[b'1'; 256]]),
        ("two records", &[USER_PIN, b"more"]),
    ];
    for (case, records) in cases {
        let result = shim.login_from(key, &pin_socket(records));
        assert_eq!(kind(result), FailureKind::PinNotReceived, "{case}");
    }

    let (agent, socket) = pin_socket_pair();
    send_record(agent.as_fd(), USER_PIN, &[agent.as_fd()]);
    assert_eq!(kind(shim.login_from(key, &socket)), FailureKind::PinNotReceived, "a descriptor in the record");

    let stranger = Request::Login { token: key, pin: from(my_uid() + 1) };
    let result = shim.call_with(stranger, &[pin_socket(&[USER_PIN]).as_fd()]);
    assert_eq!(kind(result), FailureKind::PinNotReceived, "another user's record");

    let (agent, socket) = pin_socket_pair();
    sockopt::set_socket_passcred(&socket, false).unwrap();
    send_record(agent.as_fd(), USER_PIN, &[]);
    assert_eq!(kind(shim.login_from(key, &socket)), FailureKind::PinNotReceived, "a record without a sender");

    let stream = rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    sockopt::set_socket_passcred(&stream.1, true).unwrap();
    send_record(stream.0.as_fd(), USER_PIN, &[]);
    assert_eq!(kind(shim.login_from(key, &stream.1)), FailureKind::PinNotReceived, "a stream");

    assert_eq!(token.calls("C_Login"), 0);
    assert_eq!(shim.login(key, USER_PIN), logged_in(), "and after all that the right one is taken");
    assert_eq!(token.calls("C_Login"), 1);
}

#[test]
fn a_login_takes_exactly_one_descriptor_and_never_that_of_another_request() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(1);
    let login = || Request::Login { token: key, pin: from(my_uid()) };

    assert_eq!(kind(shim.call(login())), FailureKind::PinNotReceived, "none");
    let (first, second) = (pin_socket(&[USER_PIN]), pin_socket(&[USER_PIN]));
    let result = shim.call_with(login(), &[first.as_fd(), second.as_fd()]);
    assert_eq!(kind(result), FailureKind::PinNotReceived, "two");

    shim.call_with(Request::Slots, &[first.as_fd()]).unwrap();
    assert_eq!(kind(shim.call(login())), FailureKind::PinNotReceived, "one that came with another request");
    assert_eq!(token.calls("C_Login"), 0);
}
