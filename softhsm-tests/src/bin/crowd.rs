//! Programs that behave badly on the system bus: `crowd vanish COUNT TOKEN CERTIFICATE` makes so many connections, asks for
//! something on each, says `ready` and waits to be killed; `crowd flood TOKEN CERTIFICATE` asks for everything on one
//! connection as fast as it can, and reads no answer. It speaks to the socket itself, since a library would be too polite.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "test software: a failure here is a failed test")]

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::IoSlice;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use ukey_dbus::names::{AUDIT, BUS_NAME, CERTIFICATE, MANAGER, ROOT_PATH, TOKEN};
use zbus::message::Flags;
use zbus::{Fd, Message, ObjectPath, Variant};

const SOCKET: &str = "/run/dbus/system_bus_socket";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const INTROSPECTABLE: &str = "org.freedesktop.DBus.Introspectable";
const OBJECT_MANAGER: &str = "org.freedesktop.DBus.ObjectManager";

type Options<'a> = HashMap<&'a str, Variant<'a>>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["vanish", count, token, certificate] => vanish(count.parse().unwrap(), token, certificate),
        ["flood", token, certificate] => flood(token, certificate),
        other => panic!("{other:?}"),
    }
}

fn vanish(count: usize, token: &str, certificate: &str) {
    let mut connections: Vec<Bus> = (0..count).map(|_| Bus::connect()).collect();
    for (number, bus) in connections.iter_mut().enumerate() {
        let calls = every_call(token, certificate, number);
        // Each begins with another one, and asks for a few.
        for call in calls.iter().cycle().skip(number % calls.len()).take(4) {
            bus.send(call);
        }
        if number % 5 == 0 {
            let half = &calls[0].data()[..calls[0].data().len() / 2];
            bus.stream.write_all(half).unwrap();
        }
    }
    println!("ready");
    std::thread::park();
}

fn flood(token: &str, certificate: &str) {
    let mut bus = Bus::connect();
    println!("ready");
    for round in 0.. {
        for call in every_call(token, certificate, round) {
            // The bus ends the connection of one whose answers pile up: then it comes again.
            if bus.try_send(&call).is_err() {
                bus = Bus::connect();
            }
        }
    }
}

/// One call of each kind that costs something, where it may be with a request of its own and without an answer.
fn every_call(token: &str, certificate: &str, round: usize) -> Vec<Message> {
    let name = format!("r{round}");
    let options = || Options::from([("request", Variant::from(name.as_str()))]);
    let agent = ObjectPath::from_static_str_unchecked("/crowd");
    let path = ObjectPath::try_from(token).unwrap();
    vec![
        call(certificate, CERTIFICATE, "SignDigest", &("ECDSA-SHA256", [7_u8; 32].as_slice(), options())),
        call(certificate, CERTIFICATE, "GetCertificate", &()),
        call(ROOT_PATH, MANAGER, "RegisterAgent", &(agent, Options::new())),
        call(ROOT_PATH, MANAGER, "VerifyMessage", &(b"no message".as_slice(), file(), Options::new())),
        call(token, TOKEN, "Login", &(options(),)),
        call(ROOT_PATH, OBJECT_MANAGER, "GetManagedObjects", &()),
        quiet(token, PROPERTIES, "GetAll", &(TOKEN,)),
        call(certificate, CERTIFICATE, "SignFile", &("ECDSA-SHA256", file(), options())),
        quiet(path.as_str(), INTROSPECTABLE, "Introspect", &()),
        call(ROOT_PATH, AUDIT, "Mine", &(Options::new(), 0_u64, 500_u32)),
        quiet(token, TOKEN, "Random", &(4096_u32,)),
        quiet(certificate, CERTIFICATE, "SignData", &("ECDSA-SHA256", b"order".as_slice(), options())),
        call(certificate, CERTIFICATE, "NoSuchMethod", &(&path,)),
    ]
}

fn call<B: serde::Serialize + zbus::zvariant::DynamicType>(
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) -> Message {
    builder(path, interface, method).build(body).unwrap()
}

/// A call whose answer nobody wants: the bus does not count those.
fn quiet<B: serde::Serialize + zbus::zvariant::DynamicType>(
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) -> Message {
    builder(path, interface, method).with_flags(Flags::NO_REPLY_EXPECTED).build(body).unwrap()
}

fn builder<'a>(path: &'a str, interface: &'a str, method: &'a str) -> zbus::message::Builder<'a> {
    let builder = Message::method_call(path, method);
    builder.destination(BUS_NAME).interface(interface)
}

/// A file to be signed.
fn file() -> Fd<'static> {
    let file = memfd_create("order", MemfdFlags::CLOEXEC).unwrap();
    rustix::io::write(&file, b"order").unwrap();
    Fd::from(file)
}

struct Bus {
    stream: UnixStream,
}

impl Bus {
    fn connect() -> Self {
        let mut stream = UnixStream::connect(SOCKET).unwrap();
        let uid = rustix::process::getuid().as_raw().to_string();
        let uid: String = uid.bytes().map(|digit| format!("{digit:02x}")).collect();
        write!(stream, "\0AUTH EXTERNAL {uid}\r\n").unwrap();
        let mut answers = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        assert!(line.starts_with("OK "), "{line}");
        stream.write_all(b"NEGOTIATE_UNIX_FD\r\n").unwrap();
        line.clear();
        answers.read_line(&mut line).unwrap();
        assert!(line.starts_with("AGREE"), "{line}");
        stream.write_all(b"BEGIN\r\n").unwrap();
        let hello = Message::method_call("/org/freedesktop/DBus", "Hello");
        let hello = hello.destination("org.freedesktop.DBus").interface("org.freedesktop.DBus");
        let mut bus = Self { stream };
        bus.send(&hello.build(&()).unwrap());
        bus
    }

    fn send(&mut self, message: &Message) {
        self.try_send(message).unwrap();
    }

    fn try_send(&mut self, message: &Message) -> std::io::Result<()> {
        let data = message.data();
        let fds: Vec<OwnedFd> = data.fds().iter().map(|fd| fd.as_fd().try_clone_to_owned().unwrap()).collect();
        let fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() {
            assert!(ancillary.push(SendAncillaryMessage::ScmRights(&fds)));
        }
        let sent = sendmsg(&self.stream, &[IoSlice::new(data)], &mut ancillary, SendFlags::NOSIGNAL)?;
        self.stream.write_all(&data[sent..])
    }
}
