//! A client of ssh-agent (draft-ietf-sshm-ssh-agent), with the key of a PKCS#11 module in it.

use super::Signs;
use crate::contender::Kind;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

const REQUEST_IDENTITIES: u8 = 11;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
const RSA_SHA2_256: u32 = 2;

pub(super) struct Ssh {
    socket: UnixStream,
    key: Vec<u8>,
    flags: u32,
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

fn take<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let (length, after) = rest.split_first_chunk::<4>().unwrap();
    let (bytes, after) = after.split_at(u32::from_be_bytes(*length) as usize);
    *rest = after;
    bytes
}

impl Ssh {
    pub(super) fn connect(kind: Kind) -> Self {
        let socket = UnixStream::connect(std::env::var("SSH_AUTH_SOCK").unwrap()).unwrap();
        let (wanted, flags): (&[u8], _) = match kind {
            Kind::Rsa => (b"ssh-rsa", RSA_SHA2_256),
            Kind::Ec => (b"ecdsa-sha2-nistp256", 0),
        };
        let mut ssh = Self { socket, key: Vec::new(), flags };
        let answer = ssh.ask(&[REQUEST_IDENTITIES]);
        let mut rest = &answer[5..];
        while !rest.is_empty() {
            let (key, _comment) = (take(&mut rest), take(&mut rest));
            if take(&mut &key[..]) == wanted {
                ssh.key = key.to_vec();
            }
        }
        assert!(!ssh.key.is_empty(), "the agent has no such key");
        ssh
    }

    fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        self.socket.write_all(&string(request)).unwrap();
        let mut length = [0; 4];
        self.socket.read_exact(&mut length).unwrap();
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        self.socket.read_exact(&mut answer).unwrap();
        answer
    }
}

impl Signs for Ssh {
    fn sign(&mut self, digest: &[u8; 32]) {
        let request = [&[SIGN_REQUEST], &string(&self.key)[..], &string(digest), &self.flags.to_be_bytes()].concat();
        assert_eq!(self.ask(&request)[0], SIGN_RESPONSE);
    }
}
