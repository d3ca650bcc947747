//! The stage: a mount and a process namespace for one test, with users, bus and polkit folders of its own.

use crate::person::Person;
use crate::tool::{Tool, run};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Where a test keeps its files: in a private `/run`, in memory.
pub const STAGE: &str = "/run/stage";

const INSIDE: &str = "UKEY_STAGE";

/// First process of the namespace: gives it a private `/run`, and stays to collect orphans.
const INIT: &str = r#"mount -t tmpfs -o mode=0755 stage /run && "$@"; exit $?"#;

/// Programs that users of the stage must be able to start wherever the sources lie.
const PROGRAMS: &str = "/run/stage/bin";

/// Runs a test on a stage of its own.
///
/// Outside, it starts the test binary again, for this one test, in new namespaces, and passes its outcome on; inside,
/// it prepares the stage and runs the test. Needs root. The test's name is read off the closure's type, so call this
/// from the test function itself.
pub fn staged<F: AsyncFnOnce()>(test: F) {
    if std::env::var_os(INSIDE).is_none() {
        return enter(test_name::<F>());
    }
    prepare();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test());
}

/// Runs a whole program of this package on a stage of its own: starts it again there, with its arguments and its output,
/// and gives its exit code. Needs root. Call it from `main`.
pub fn staged_program<F: AsyncFnOnce() -> ExitCode>(program: F) -> ExitCode {
    if std::env::var_os(INSIDE).is_none() {
        let mut command = command_on_stage();
        command.args(std::env::args_os().skip(1)).stdin(Stdio::null());
        let code = Tool::Unshare.spawn(&mut command).wait().unwrap().code();
        // Ended by a signal: no code.
        return ExitCode::from(code.and_then(|code| code.try_into().ok()).unwrap_or(u8::MAX));
    }
    prepare();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(program())
}

/// Path of a program of this workspace, on the stage.
pub fn program(name: &str) -> PathBuf {
    let path = Path::new(PROGRAMS).join(name);
    assert!(path.exists(), "{name} is not built beside the tests: cargo build --workspace first");
    path
}

fn test_name<F>() -> &'static str {
    let name = std::any::type_name::<F>();
    let name = name.split_once("::").map_or(name, |(_crate, path)| path);
    name.split_once("::{{closure}}").map_or(name, |(function, _closure)| function)
}

fn enter(test: &str) {
    let mut command = command_on_stage();
    command
        .args(["--exact", test, "--nocapture", "--include-ignored"])
        // The inner run's own count would be taken for another test.
        .stdout(Stdio::null())
        .stdin(Stdio::null());
    let status = Tool::Unshare.spawn(&mut command).wait().unwrap();
    assert!(status.success(), "{test} failed on its stage ({status}); its output is above");
}

/// This very program again, in namespaces of its own.
fn command_on_stage() -> Command {
    assert!(rustix::process::geteuid().is_root(), "the end-to-end tests need root, e.g. sudo script/test");
    let mut command = Tool::Unshare.command();
    command
        .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "sh", "-c"])
        .args([INIT, "init"])
        .arg(std::env::current_exe().unwrap())
        .env(INSIDE, "1");
    command
}

fn prepare() {
    for folder in ["bin", "etc", "home", "dbus", "polkit/rules", "polkit/actions", "activation", "examples"] {
        fs::create_dir_all(Path::new(STAGE).join(folder)).unwrap();
    }
    fs::create_dir_all("/run/dbus").unwrap();
    fs::create_dir_all("/run/user").unwrap();
    extend("/etc/passwd", &Person::passwd());
    extend("/etc/group", &Person::group());
    for person in Person::added() {
        private_folder(&person.home(), person);
        private_folder(&format!("/run/user/{}", person.uid()), person);
    }
    let executable = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test> or target/<profile>/<program> → target/<profile>
    let folder = executable.parent().unwrap();
    bind(if folder.ends_with("deps") { folder.parent().unwrap() } else { folder }, PROGRAMS);
    bind(&sources().join("docs/examples"), format!("{STAGE}/examples"));
    bind(&Path::new(STAGE).join("dbus"), "/etc/dbus-1/system.d");
    bind(&Path::new(STAGE).join("polkit/rules"), "/etc/polkit-1/rules.d");
    bind(&Path::new(STAGE).join("polkit/actions"), "/usr/share/polkit-1/actions");
    // Nothing may start a service behind a test's back.
    bind(&Path::new(STAGE).join("activation"), "/usr/share/dbus-1/system-services");
}

/// The workspace's folder.
pub(crate) fn sources() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Makes a folder that only this user can enter.
pub(crate) fn private_folder(path: &str, owner: Person) {
    fs::create_dir_all(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
    chown(path, Some(owner.uid()), Some(owner.uid())).unwrap();
}

fn extend(file: &str, lines: &str) {
    let copy = Path::new(STAGE).join("etc").join(Path::new(file).file_name().unwrap());
    let mut text = fs::read_to_string(file).unwrap();
    text.push_str(lines);
    fs::write(&copy, text).unwrap();
    bind(&copy, file);
}

/// Shows a folder or file at another place too.
pub(crate) fn bind(from: &Path, to: impl AsRef<Path>) {
    assert!(to.as_ref().exists(), "{} is missing: run script/bootstrap", to.as_ref().display());
    run(Tool::Mount, ["--bind".as_ref(), from.as_os_str(), to.as_ref().as_os_str()]);
}
