//! However the connection to the daemon ends, the shim ends: with the module finalized where it can, killed where the
//! daemon died.

mod common;

use std::io::pipe;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::{Child, Command};

use common::{Shim, Token, USER_PIN, all_writers_gone, logged_in, softhsm};
use rustix::io::FdFlags;
use ukey_shim_protocol::FRAME_MAX;

#[test]
fn the_end_of_the_socket_finalizes_the_module() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    let key = shim.token(2);
    assert_eq!(shim.login(key, USER_PIN), logged_in());
    assert_eq!(shim.close().code(), Some(0));
    assert_eq!(token.calls("C_Finalize"), 1);
    assert_eq!(token.calls("C_Logout"), 1);
    assert_eq!(token.calls("C_OpenSession"), token.calls("C_CloseSession"));
}

#[test]
fn what_is_no_frame_finalizes_the_module_and_is_an_error() {
    let oversized = u32::try_from(FRAME_MAX + 1).unwrap().to_le_bytes();
    let malformed = [1, 0, 0, 0, 0xff];
    for bytes in [oversized.as_slice(), &malformed] {
        let token = Token::new();
        let mut shim = Shim::start(&token);
        let key = shim.token(1);
        assert_eq!(shim.login(key, USER_PIN), logged_in());
        shim.send_bytes(bytes, &[]);
        assert_eq!(shim.wait().code(), Some(1));
        assert_eq!(token.calls("C_Finalize"), 1);
    }
}

/// Kills its process when the test ends, however it does.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_killed_daemon_takes_its_shim_with_it() {
    let token = Token::new();
    // A shell stands for the daemon. The pipe's writing end is the shim's stdout, so that it closes when the shim ends.
    let (alive, shim_output) = pipe().unwrap();
    let script = r#"exec 3<&0; "$0" --library "$1" "$2" "$3" --parent $$ <&3 & wait"#;
    let mut command = token.shim_command("sh");
    let shim = env!("CARGO_BIN_EXE_ukey-pkcs11-shim");
    command.arg("-c").arg(script).arg(shim).arg(softhsm()).args(token.permissions()).stdout(shim_output);
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let daemon = Daemon(command.stdin(OwnedFd::from(theirs)).spawn().unwrap());
    drop(command);
    let mut shim = Shim::attached(ours);
    shim.hello(1);

    // The test keeps the socket open: only the death of the parent can end the shim.
    drop(daemon);
    assert!(all_writers_gone(&alive));
}

#[test]
fn a_shim_whose_parent_is_another_loads_nothing() {
    let token = Token::new();
    let shim = Shim::start_with(&token, &common::spy(), 1);
    assert_eq!(shim.wait().code(), Some(3));
    assert_eq!(token.calls("C_Initialize"), 0);
}

#[test]
fn it_keeps_nothing_that_it_was_not_given() {
    let token = Token::new();
    let (reader, writer) = pipe().unwrap();
    // A descriptor that the daemon left open by mistake.
    rustix::io::fcntl_setfd(&writer, FdFlags::empty()).unwrap();
    assert!(writer.as_raw_fd() > 2);
    let mut shim = Shim::start(&token);
    drop(writer);
    shim.hello(1);
    assert!(all_writers_gone(&reader), "the shim has closed it, though it runs on");

    let status = std::fs::read_to_string(format!("/proc/{}/status", shim.pid())).unwrap();
    assert!(status.contains("NoNewPrivs:\t1"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", shim.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().rev().take(3).collect::<Vec<_>>(), ["bytes", "0", "0"]);
    assert_eq!(shim.close().code(), Some(0));
}

#[test]
fn a_wrong_command_line_is_refused() {
    let status = Command::new(env!("CARGO_BIN_EXE_ukey-pkcs11-shim")).arg("--help").status().unwrap();
    assert_eq!(status.code(), Some(2));
}
