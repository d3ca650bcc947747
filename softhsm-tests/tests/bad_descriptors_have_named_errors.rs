//! A descriptor that is not a readable regular file of a constant size is `InvalidArgument`, and the daemon goes on.

use futures_util::StreamExt;
use rustix::fs::{MemfdFlags, Mode, OFlags};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use ukey_dbus::{Algorithm, CertificateProxy, ErrorKind, KeyKind, RequestProxy, names, options};
use ukey_softhsm_tests::{Document, Fixture, Options, no_options, refusal, staged, verify_data};
use zbus::Variant;
use zbus::message::Message;

const ALGORITHM: Algorithm = Algorithm::EcdsaSha256;

#[test]
fn what_is_no_readable_regular_file() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let order = Document::order();
        let (pipe, _writer) = rustix::pipe::pipe().unwrap();
        let (socket, _peer) = UnixStream::pair().unwrap();
        let bad: [(&str, OwnedFd); 8] = [
            ("a pipe", pipe),
            ("a socket", socket.into()),
            ("a device", open(Path::new("/dev/zero"), OFlags::RDONLY)),
            ("a null device", open(Path::new("/dev/null"), OFlags::RDONLY)),
            ("a directory", open(Path::new("/"), OFlags::RDONLY | OFlags::DIRECTORY)),
            ("a path only", open(order.path(), OFlags::PATH)),
            ("write-only", open(order.path(), OFlags::WRONLY)),
            ("an epoll", rustix::event::epoll::create(rustix::event::epoll::CreateFlags::empty()).unwrap()),
        ];
        for (what, descriptor) in bad {
            assert_eq!(sign(&certificate, &descriptor).await, Err(ErrorKind::InvalidArgument), "{what}");
        }
        let still = sign(&certificate, &order.open().into()).await.unwrap();
        assert!(verify_data(fixture.key().certificate(KeyKind::EcP256), ALGORITHM, order.path(), &still));
    });
}

#[test]
fn a_memory_file_and_a_moved_offset_are_fine() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let order = Document::order();
        let content = std::fs::read(order.path()).unwrap();
        let mut memory = File::from(rustix::fs::memfd_create("order", MemfdFlags::CLOEXEC).unwrap());
        // Leaves the offset at the end: the whole file is signed all the same.
        memory.write_all(&content).unwrap();
        let signature = sign(&certificate, &memory.into()).await.unwrap();
        assert!(verify_data(fixture.key().certificate(KeyKind::EcP256), ALGORITHM, order.path(), &signature));
    });
}

#[test]
fn a_file_that_changes_its_size_while_it_is_read() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        for (name, new_size) in [("shorter", 4096), ("longer", (2 << 30) + 1)] {
            let certificate = fixture.certificate(KeyKind::EcP256).await;
            let document = Document::sparse(name, 2 << 30);
            let request = RequestProxy::new(
                &fixture.clerk,
                names::request_path(fixture.clerk.unique_name().unwrap().as_str(), name),
            )
            .await
            .unwrap();
            let mut progress = request.receive_progress().await.unwrap();
            let file = document.open();
            let options: Options =
                [(options::REQUEST, Variant::from(name)), (options::TIMEOUT_MS, Variant::from(60_000_u32))].into();
            let call =
                tokio::spawn(
                    async move { certificate.sign_file(ALGORITHM.as_str(), file.as_fd().into(), options).await },
                );
            // It is being read, and not at its end yet.
            let first = progress.next().await.unwrap();
            let first = first.args().unwrap();
            assert!(first.done < first.total, "too fast to be disturbed");
            File::options().write(true).open(document.path()).unwrap().set_len(new_size).unwrap();
            assert_eq!(refusal(call.await.unwrap()), ErrorKind::InvalidArgument, "{name}");
        }
    });
}

#[test]
fn a_descriptor_that_was_announced_and_not_sent() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let path = certificate.inner().path().to_string();
        let reply = raw_sign_file(&path);
        let text = String::from_utf8_lossy(&reply).into_owned();
        let named = text.contains("org.ukeyd.UKey1.Error.InvalidArgument")
            || text.contains("org.freedesktop.DBus.Error.InvalidArgs");
        assert!(named, "{text}");
        let order = Document::order();
        assert!(sign(&certificate, &order.open().into()).await.is_ok(), "the daemon goes on");
    });
}

async fn sign(certificate: &CertificateProxy<'_>, descriptor: &OwnedFd) -> Result<Vec<u8>, ErrorKind> {
    match certificate.sign_file(ALGORITHM.as_str(), descriptor.as_fd().into(), no_options()).await {
        Ok(signature) => Ok(signature),
        error => Err(refusal(error)),
    }
}

fn open(path: &Path, flags: OFlags) -> OwnedFd {
    rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty()).unwrap()
}

/// Calls `SignFile` on a bare socket, with a descriptor's number and no descriptor; gives all that comes back.
fn raw_sign_file(path: &str) -> Vec<u8> {
    let hello = Message::method_call("/org/freedesktop/DBus", "Hello")
        .destination("org.freedesktop.DBus")
        .interface("org.freedesktop.DBus")
        .build(&())
        .unwrap();
    let call = Message::method_call(path, "SignFile")
        .destination(names::BUS_NAME)
        .interface(names::CERTIFICATE)
        .build(&(ALGORITHM.as_str(), 0_u32, no_options()))
        .unwrap();
    let mut bytes = call.data().bytes().to_vec();
    // `u` and `h` look alike on the wire.
    let signature = bytes.windows(8).position(|window| window == b"sua{sv}\0").unwrap();
    bytes[signature + 1] = b'h';

    let mut socket = UnixStream::connect("/run/dbus/system_bus_socket").unwrap();
    socket.write_all(b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n").unwrap();
    socket.write_all(hello.data().bytes()).unwrap();
    socket.write_all(&bytes).unwrap();
    socket.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
    let mut all = Vec::new();
    let mut chunk = [0; 4096];
    while !String::from_utf8_lossy(&all).contains(".Error.") {
        match socket.read(&mut chunk) {
            Ok(length) if length > 0 => all.extend_from_slice(&chunk[..length]),
            _ => break,
        }
    }
    all
}
