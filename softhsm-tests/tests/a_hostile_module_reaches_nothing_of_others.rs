//! A module that turns hostile while it signs: it can't open a file that is not its own, start a program, make a socket
//! other than those it may have, or touch another process, and the Key goes on working. The module is the lab module,
//! the attempts are its own system calls; each says what the kernel answered. Whatever is tried is something that the
//! service's user may do, so that without the confinement it would succeed.

use std::fs;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};
use ukey_dbus::{KeyKind, ModuleState};
use ukey_softhsm_tests::{
    Attempt, Call, Fixture, Key, Lab, ModuleFile, Person, Program, STAGE, Tool, eventually, is_running, no_options,
    staged, ukeyctl,
};

const EPERM: i32 = 1;
const EACCES: i32 = 13;
const ENOSYS: i32 = 38;
const DONE: i32 = 0;

/// Landlock versions that first kept signals and abstract sockets, and other sockets, within.
const SCOPES: u32 = 6;
const SOCKETS_BY_PATH: u32 = 9;

const AF_UNIX: i32 = 1;
const AF_INET: i32 = 2;
const AF_INET6: i32 = 10;
const AF_NETLINK: i32 = 16;
const AF_PACKET: i32 = 17;
const AF_ALG: i32 = 38;
const AF_VSOCK: i32 = 40;
const SOCK_STREAM: i32 = 1;
const SOCK_DGRAM: i32 = 2;
const SOCK_RAW: i32 = 3;
const NETLINK_ROUTE: i32 = 0;
const NETLINK_KOBJECT_UEVENT: i32 = 15;

#[test]
fn files_that_are_not_its_own() {
    staged(async || {
        let fixture = Fixture::builder().lab(harmless).start().await;
        let audit = fixture.daemon.state().join("audit.sqlite");
        let secret = owned_by_service("secret");
        let home = PathBuf::from(Person::Service.home());
        let tokens = fixture.store.tokens();
        let through_root = PathBuf::from(format!("/proc/self/root{}", secret.display()));
        let nothing_of_others = [
            (Attempt::Read(audit.clone()), EACCES),
            (Attempt::Write(audit.clone()), EACCES),
            (Attempt::OpenToAll(audit.clone()), EPERM),
            (Attempt::Touch(audit.clone()), EPERM),
            (Attempt::Empty(audit), EPERM),
            (Attempt::Read(secret.clone()), EACCES),
            (Attempt::ReadThroughPlace(secret.clone()), EACCES),
            (Attempt::Read(through_root), EACCES),
            (Attempt::Remove(secret.clone()), EACCES),
            (Attempt::Read(fixture.daemon.config().to_owned()), EACCES),
            (Attempt::Create(home.join("new")), EACCES),
            (Attempt::Create(shared("/tmp")), EACCES),
            (Attempt::Create(shared("/dev/shm")), EACCES),
            (Attempt::Create(fixture.daemon.state().join("new")), EACCES),
            (Attempt::Write(fixture.store.config()), EACCES),
        ];
        let its_own = [
            (Attempt::Read(fixture.store.config()), DONE),
            (Attempt::Create(tokens.join("new")), DONE),
            (Attempt::Write(tokens.join("new")), DONE),
            (Attempt::Remove(tokens.join("new")), DONE),
        ];
        assert_answers(&fixture, nothing_of_others.into_iter().chain(its_own)).await;
        assert_eq!(fs::read(&secret).unwrap(), b"secret");
        assert_eq!(fs::metadata(&secret).unwrap().mode() & 0o777, 0o600);
    });
}

#[test]
fn files_that_are_not_its_own_where_its_file_lists_nothing() {
    staged(async || {
        let fixture = Fixture::builder().lab(harmless).unlisted().start().await;
        let audit = fixture.daemon.state().join("audit.sqlite");
        let secret = owned_by_service("secret");
        let home = PathBuf::from(Person::Service.home());
        let tokens = fixture.store.tokens();
        let nothing_of_others = [
            (Attempt::Read(audit.clone()), EACCES),
            (Attempt::Write(audit.clone()), EACCES),
            (Attempt::OpenToAll(audit), EPERM),
            (Attempt::Read(secret.clone()), EACCES),
            (Attempt::Remove(secret), EACCES),
            (Attempt::Read("/etc/hostname".into()), EACCES),
            (Attempt::Read(fixture.daemon.config().to_owned()), EACCES),
            (Attempt::Create(home.join("new")), EACCES),
            (Attempt::Create(shared("/tmp")), EACCES),
            (Attempt::Create(shared("/dev/shm")), EACCES),
            (Attempt::Create(fixture.daemon.state().join("new")), EACCES),
            (Attempt::Write(fixture.store.config()), EACCES),
        ];
        // What its environment's configuration file names.
        let its_own = [
            (Attempt::Read(fixture.store.config()), DONE),
            (Attempt::Create(tokens.join("new")), DONE),
            (Attempt::Remove(tokens.join("new")), DONE),
        ];
        assert_answers(&fixture, nothing_of_others.into_iter().chain(its_own)).await;
    });
}

#[test]
fn unless_its_file_sets_it_free_which_everybody_is_told() {
    staged(async || {
        let fixture = Fixture::builder().lab(harmless).unlisted().module("confine = false").start().await;
        let secret = owned_by_service("secret");
        assert_answers(&fixture, [(Attempt::Read(secret), DONE), (Attempt::Fork, EPERM)]).await;
        let reason = String::try_from(fixture.module().await["Reason"].clone()).unwrap();
        assert!(reason.contains("confine = false"), "{reason}");
        assert!(
            fixture.daemon.program().log().contains("WARN")
                && fixture.daemon.program().log().contains("confine = false")
        );
        let doctor = ukeyctl(Person::Clerk, &["doctor"]).await.stdout;
        assert!(doctor.contains("confine = false"), "{doctor}");
    });
}

#[test]
fn programs() {
    staged(async || {
        let fixture = Fixture::builder().lab(harmless).start().await;
        let program = Tool::Env.path();
        let denied = [Attempt::Start(program.clone()), Attempt::Become(program), Attempt::Fork];
        assert_answers(&fixture, denied.map(|attempt| (attempt, EPERM))).await;
    });
}

#[test]
fn sockets_that_it_may_not_have() {
    staged(async || {
        let fixture = Fixture::builder().lab(harmless).start().await;
        let denied = [
            Attempt::Socket(AF_INET, SOCK_STREAM, 0),
            Attempt::Socket(AF_INET, SOCK_DGRAM, 0),
            Attempt::Socket(AF_INET6, SOCK_STREAM, 0),
            Attempt::Socket(AF_INET6, SOCK_DGRAM, 0),
            Attempt::Socket(AF_PACKET, SOCK_RAW, 0),
            Attempt::Socket(AF_ALG, SOCK_DGRAM, 0),
            Attempt::Socket(AF_VSOCK, SOCK_STREAM, 0),
            Attempt::Socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE),
            Attempt::Socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT),
        ];
        let may = [(Attempt::Socket(AF_UNIX, SOCK_STREAM, 0), DONE)];
        assert_answers(&fixture, denied.map(|attempt| (attempt, EPERM)).into_iter().chain(may)).await;
    });
}

#[test]
fn other_programs_sockets_as_far_as_the_kernel_can() {
    staged(async || {
        let fixture = Fixture::builder().lab(harmless).start().await;
        let landlock = landlock_of(&fixture);
        let name = "ukeyd-test-of-confinement";
        let _abstract = UnixListener::bind_addr(&SocketAddr::from_abstract_name(name).unwrap()).unwrap();
        let path = Path::new(STAGE).join("home/socket");
        let _by_path = UnixListener::bind(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let expected = [
            (Attempt::ConnectToAbstract(name.to_owned()), if landlock >= SCOPES { EPERM } else { DONE }),
            (Attempt::ConnectTo(path), if landlock >= SOCKETS_BY_PATH { EACCES } else { DONE }),
        ];
        assert_answers(&fixture, expected).await;
    });
}

#[test]
fn other_processes() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(harmless).start().await;
        let mut victim = bystander().await;
        let mut attempts = vec![(Attempt::SignalItself, DONE)];
        for process in [victim.pid(), fixture.daemon.program().pid()] {
            let denied = [
                Attempt::Signal(process),
                Attempt::SignalThread(process),
                Attempt::QueueSignal(process),
                Attempt::SignalByDescriptor(process),
                Attempt::SignalByFile(process),
                Attempt::Trace(process),
                Attempt::ReadMemory(process),
                Attempt::Limit(process),
                Attempt::Slow(process),
            ];
            attempts.extend(denied.map(|attempt| (attempt, EPERM)));
        }
        assert_answers(&fixture, attempts).await;
        assert!(victim.try_ended().is_none());
        assert!(fixture.daemon.program_mut().try_ended().is_none());
    });
}

#[test]
fn the_kernel_and_its_own_bounds() {
    staged(async || {
        let fixture = Fixture::builder().lab(harmless).start().await;
        let denied = [
            Attempt::BecomeDumpable,
            Attempt::Outlive,
            Attempt::NewUsers,
            Attempt::Call(425), // io_uring_setup
            Attempt::Call(323), // userfaultfd
            Attempt::Call(298), // perf_event_open
            Attempt::Call(250), // keyctl
            Attempt::Call(321), // bpf
            Attempt::Call(428), // open_tree
            Attempt::Call(135), // personality
        ];
        // getpid, by the number that it has for programs with short pointers.
        let other_numbering = (Attempt::Call(0x4000_0000 + 39), ENOSYS);
        assert_answers(&fixture, denied.map(|attempt| (attempt, EPERM)).into_iter().chain([other_numbering])).await;
    });
}

#[test]
fn also_where_it_may_start_processes() {
    staged(async || {
        let fixture = Fixture::builder().lab(harmless).module("fork = true").start().await;
        let mut victim = bystander().await;
        let secret = owned_by_service("secret");
        let expected = [
            (Attempt::Fork, DONE),
            // A program, but none that the file names.
            (Attempt::Start(Tool::Env.path()), EACCES),
            (Attempt::Read(secret.clone()), EACCES),
            (Attempt::OpenToAll(secret), EPERM),
            (Attempt::Socket(AF_INET, SOCK_STREAM, 0), EPERM),
            (Attempt::Signal(victim.pid()), EPERM),
            (Attempt::Signal(fixture.daemon.program().pid()), EPERM),
            (Attempt::Trace(victim.pid()), EPERM),
            (Attempt::NewUsers, EPERM),
        ];
        assert_answers(&fixture, expected).await;
        assert!(victim.try_ended().is_none());
    });
}

#[test]
fn what_its_file_allows_it_has_and_no_more() {
    staged(async || {
        let read = owned_by_service("read");
        let allow = "allow = ['unix-sockets', 'usb-events', 'file-modes', 'scheduling']";
        let lines = format!("read = [{read:?}, '/dev/missing']\n{allow}\n");
        let fixture = Fixture::builder().lab(harmless).module(&lines).start().await;
        let neither = owned_by_service("neither");
        let write = fixture.store.tokens().join("new");
        let expected = [
            (Attempt::Read(read.clone()), DONE),
            (Attempt::Write(read), EACCES),
            (Attempt::Create(write.clone()), DONE),
            (Attempt::OpenToAll(write.clone()), DONE),
            (Attempt::Touch(write.clone()), DONE),
            (Attempt::Empty(write.clone()), DONE),
            (Attempt::Remove(write), DONE),
            (Attempt::Read(neither.clone()), EACCES),
            (Attempt::Empty(neither), EACCES),
            (Attempt::Socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT), DONE),
            (Attempt::Socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE), EPERM),
            (Attempt::Socket(AF_INET, SOCK_STREAM, 0), EPERM),
            (Attempt::Slow(0), DONE),
        ];
        assert_answers(&fixture, expected).await;
    });
}

#[test]
fn no_socket_at_all_where_its_file_says_so() {
    staged(async || {
        let lab = Lab::start("apart");
        let deaf = ModuleFile::new("deaf", &Lab::library(), &lab.environment()).with("allow = []");
        let fixture = Fixture::builder().module("allow = []").extra_module(deaf).start().await;
        // To the lab module without a socket it looks as if there were no lab: CKR_DEVICE_ERROR.
        let reason = eventually("the module's failure", async || {
            let module = fixture.module_named("deaf").await?;
            let text = |property: &str| String::try_from(module[property].clone()).unwrap();
            (text("State") == ModuleState::Failed.as_str()).then(|| text("Reason"))
        })
        .await;
        assert!(reason.contains("0x30") && reason.contains("allow"), "{reason}");
        // SoftHSM2 needs none.
        fixture.log_in().await;
        sign(&fixture).await;
    });
}

/// A name in a folder that outlives the stage: another at each run, so that nothing of an earlier one is in its place.
fn shared(folder: &str) -> PathBuf {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    Path::new(folder).join(format!("ukeyd-hostile-{now}"))
}

/// Has the module try each while it signs, and compares what the kernel said. The signature is right all the same.
async fn assert_answers(fixture: &Fixture, expected: impl IntoIterator<Item = (Attempt, i32)>) {
    let expected: Vec<_> = expected.into_iter().collect();
    fixture.log_in().await;
    let hosts = fixture.daemon.shims_of(&Lab::library());
    fixture.lab().attempt(Call::Sign, expected.iter().map(|(attempt, _)| attempt.clone()));
    sign(fixture).await;
    let answers: Vec<_> = fixture.lab().attempts().into_iter().map(|made| (made.attempt, made.errno)).collect();
    assert_eq!(answers, expected);
    sign(fixture).await;
    assert!(hosts.iter().any(|host| is_running(*host)), "the process that tried it goes on");
    assert_eq!(u32::try_from(fixture.module().await["Restarts"].clone()).unwrap(), 0);
}

async fn sign(fixture: &Fixture) {
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
}

fn harmless(_lab: &Lab, _keys: &[Key]) {}

/// A file in the service user's own home, closed to others.
fn owned_by_service(name: &str) -> PathBuf {
    let path = Path::new(&Person::Service.home()).join(name);
    fs::write(&path, "secret").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    chown(&path, Some(Person::Service.uid()), Some(Person::Service.uid())).unwrap();
    path
}

/// A process of the service's user that is neither the daemon nor a shim, and that its user may signal and trace.
async fn bystander() -> Program {
    let uid = Person::Service.uid();
    let mut command = Tool::Setpriv.command();
    command.args(["--reuid", &uid.to_string(), "--clear-groups", "sleep", "infinity"]).stdin(Stdio::null());
    let program = Program::spawn("victim", Tool::Setpriv, &mut command);
    let folder = format!("/proc/{}", program.pid());
    // Its files belong to its user when it has become that user and can be looked into.
    eventually("the bystander", async || (fs::metadata(&folder).ok()?.uid() == uid).then_some(())).await;
    program
}

/// The version that the daemon has logged.
fn landlock_of(fixture: &Fixture) -> u32 {
    let log = fixture.daemon.program().log();
    let (_, version) = log.split_once("landlock=").unwrap();
    version.split(|character: char| !character.is_ascii_digit()).next().unwrap().parse().unwrap()
}
