//! Whatever a program passes to `OpenConnection`, and whatever it then does on its end or with the daemon's end that it kept:
//! it gets a named error or loses its connection, and nobody else waits for it.

use rustix::net::{AddressFamily, SocketFlags, SocketType};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::time::{Duration, Instant};
use ukey_dbus::{ErrorKind, KeyKind, ManagerProxy, options};
use ukey_softhsm_tests::{
    Document, Fixture, Person, STAGE, no_options, open_line, open_socket, refusal, socket_pair, staged, status_number,
};

const HANDSHAKE: &[u8] = b"\0AUTH EXTERNAL 3634313031\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";

#[test]
fn what_is_no_connected_unix_stream_socket() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let manager = ManagerProxy::new(&fixture.clerk).await.unwrap();
        let packets =
            rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None).unwrap();
        let (lonely, other) = socket_pair(Person::Clerk);
        drop(other);
        let wrong: [(&str, OwnedFd); 8] = [
            ("a file", Document::order().open().into()),
            ("a pipe", std::io::pipe().unwrap().0.into()),
            ("datagrams", UnixDatagram::pair().unwrap().0.into()),
            ("packets", packets.0),
            ("unconnected", rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap()),
            ("listening", UnixListener::bind(format!("{STAGE}/s")).unwrap().into()),
            ("tcp", std::net::UdpSocket::bind("127.0.0.1:0").map(OwnedFd::from).unwrap()),
            ("half open", lonely.into()),
        ];
        for (what, socket) in wrong {
            let refused = manager.open_connection(socket.as_fd().into()).await;
            assert_eq!(refusal(refused), ErrorKind::InvalidArgument, "{what}");
        }
    });
}

#[test]
fn who_never_begins_is_given_up_after_five_seconds() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let start = Instant::now();
        for said in [&b""[..], b"\0AUTH ", b"\0AUTH EXTERNAL 3634313031\r\n"] {
            let mut socket = open_socket(&fixture.clerk, socket_pair(Person::Clerk)).await.unwrap();
            socket.write_all(said).unwrap();
            let ended = std::thread::spawn(move || socket.read_to_end(&mut Vec::new()));
            ended.join().unwrap().unwrap();
        }
        assert!((Duration::from_secs(5)..Duration::from_secs(20)).contains(&start.elapsed()));
    });
}

#[test]
fn no_more_than_there_may_be() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let mut sockets = Vec::new();
        for _ in 0..options::LINES_PER_CONNECTION {
            sockets.push(open_line(&fixture.clerk, Person::Clerk).await.unwrap());
        }
        let refused = open_line(&fixture.clerk, Person::Clerk).await;
        assert_eq!(refusal(refused), ErrorKind::TooManyRequests);
        let another = fixture.bus.connect(Person::Clerk).await;
        sockets.push(open_line(&another, Person::Clerk).await.unwrap());
    });
}

#[test]
fn floods_lies_and_stolen_ends() {
    staged(async || {
        let fixture = Fixture::builder().bystander().start().await;
        fixture.log_in().await;
        let bystander = fixture.bystander().await;
        let before = status_number(fixture.daemon.program().pid(), "VmRSS");
        let path = fixture.certificate(KeyKind::EcP256).await.inner().path().to_owned();
        let call = |member: &'static str| {
            let call = zbus::Message::method_call(path.clone(), member).interface("org.ukeyd.UKey1.Certificate");
            call.build(&("ECDSA-SHA256", [7_u8; 32].as_slice(), no_options())).unwrap().data().to_vec()
        };

        // Nobody reads the answers.
        let flooding = begun(&fixture).await;
        let sign = call("SignDigest");
        let flood = std::thread::spawn(move || {
            flooding.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
            while (&flooding).write_all(&sign).is_ok() {}
        });
        // Lengths that nothing follows, and ones that may not be.
        let mut open = Vec::new();
        for length in [1_u32 << 20, 15 << 20, 120 << 20, u32::MAX] {
            for _ in 0..3 {
                let mut socket = begun(&fixture).await;
                let start = [&b"l\x01\0\x01"[..], &length.to_le_bytes(), &1_u32.to_le_bytes(), &8_u32.to_le_bytes()];
                socket.write_all(&start.concat()).unwrap();
                open.push(socket);
            }
        }
        // The daemon's end, kept and made blocking: with half a message the daemon would wait for the rest.
        let (mut ours, theirs) = socket_pair(Person::Clerk);
        let manager = ManagerProxy::new(&fixture.bus.connect(Person::Clerk).await).await.unwrap();
        manager.open_connection(theirs.as_fd().into()).await.unwrap();
        ours.write_all(HANDSHAKE).unwrap();
        let message = call("SignDigest");
        for byte in message.chunks(5) {
            theirs.set_nonblocking(false).unwrap();
            ours.write_all(byte).unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Nonsense.
        let mut socket = begun(&fixture).await;
        socket.write_all(&[0xff; 4096]).unwrap();

        let line = open_line(&fixture.bus.connect(Person::Clerk).await, Person::Clerk).await;
        flood.join().unwrap();
        drop(line);
        bystander.noticed_less_than(Duration::from_secs(3));
        let grown = status_number(fixture.daemon.program().pid(), "VmRSS").saturating_sub(before);
        assert!(grown < 200 << 10, "{grown} KiB more than before");
        fixture.certificate(KeyKind::EcP256).await.sign_digest("ECDSA-SHA256", &[7; 32], no_options()).await.unwrap();
    });
}

/// A socket whose handshake is done, opened by a connection of its own.
async fn begun(fixture: &Fixture) -> UnixStream {
    let asker = fixture.bus.connect(Person::Clerk).await;
    let mut socket = open_socket(&asker, socket_pair(Person::Clerk)).await.unwrap();
    // As long as the test.
    std::mem::forget(asker);
    socket.write_all(HANDSHAKE).unwrap();
    socket
}
