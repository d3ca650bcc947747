//! A SoftHSM2 token of its own for each test, and the modules that reach it.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{CWD, FileType, Mode};
use serde_bytes::ByteBuf;
use tempfile::TempDir;
use ukey_shim_protocol::KeyRef;

pub(crate) const USER_PIN: &[u8] = "12% né".as_bytes();
pub(crate) const SO_PIN: &str = "87654321";
pub(crate) const LABEL: &str = "测试 Key";
/// First of the paths where distributions put a module.
fn module(candidates: &[&str]) -> PathBuf {
    let found = candidates.iter().map(Path::new).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("none of {candidates:?} is installed")).to_owned()
}

pub(crate) fn softhsm() -> PathBuf {
    module(&["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"])
}

/// OpenSC's module that logs each call and passes it on.
pub(crate) fn spy() -> PathBuf {
    module(&[
        "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so",
        "/usr/lib/aarch64-linux-gnu/pkcs11-spy.so",
        "/usr/lib64/pkcs11-spy.so",
    ])
}

/// Runs a program that must succeed, and gives its output.
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A folder with one initialized token.
pub(crate) struct Token {
    folder: TempDir,
}

impl Token {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let token = Self { folder };
        fs::create_dir(token.path("tokens")).unwrap();
        let configuration = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nslots.removable = true\nlog.level = ERROR\n",
            token.path("tokens").display()
        );
        fs::write(token.configuration(), configuration).unwrap();
        let pin = str::from_utf8(USER_PIN).unwrap();
        run(token.tool("softhsm2-util").args([
            "--init-token",
            "--free",
            "--label",
            LABEL,
            "--so-pin",
            SO_PIN,
            "--pin",
            pin,
        ]));
        token
    }

    /// Makes an RSA key that wants the PIN for each signature, and gives its public key, as DER, in a file.
    pub(crate) fn add_always_authenticate_key(&self, id: u8) -> (KeyRef, PathBuf) {
        let name = format!("{id:02x}");
        let pin = str::from_utf8(USER_PIN).unwrap();
        let public = self.path(&format!("{id}.public"));
        let tool = |arguments: &[&str]| {
            let mut command = self.tool("pkcs11-tool");
            command.arg("--module").arg(softhsm()).args([
                "--token-label",
                LABEL,
                "--login",
                "--pin",
                pin,
                "--id",
                &name,
            ]);
            command.args(arguments);
            command
        };
        run(&mut tool(&["--keypairgen", "--key-type", "rsa:2048", "--always-auth"]));
        run(tool(&["--read-object", "--type", "pubkey", "--output-file"]).arg(&public));
        (KeyRef(ByteBuf::from([id])), public)
    }

    /// Adds a private key and a self-signed certificate for it, both named `id`.
    pub(crate) fn add_key(&self, id: u8, algorithm: &[&str]) -> KeyRef {
        let [key, certificate] = [self.path(&format!("{id}.pem")), self.path(&format!("{id}.der"))];
        let name = format!("{id:02x}");
        let pin = str::from_utf8(USER_PIN).unwrap();
        run(Command::new("openssl").arg("genpkey").args(algorithm).arg("-out").arg(&key));
        run(Command::new("openssl")
            .args(["req", "-x509", "-new", "-subj", "/CN=test", "-outform", "DER", "-key"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate));
        run(self
            .tool("softhsm2-util")
            .args(["--token", LABEL, "--pin", pin, "--label", "k", "--id", &name, "--import"])
            .arg(&key));
        run(self
            .tool("pkcs11-tool")
            .arg("--module")
            .arg(softhsm())
            .args(["--token-label", LABEL, "--login", "--pin", pin, "--type", "cert", "--label", "证书", "--id", &name])
            .arg("--write-object")
            .arg(&certificate));
        KeyRef(ByteBuf::from([id]))
    }

    pub(crate) fn certificate(&self, id: u8) -> Vec<u8> {
        fs::read(self.path(&format!("{id}.der"))).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.path("softhsm2.conf")
    }

    fn tool(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SOFTHSM2_CONF", self.configuration());
        command
    }

    /// What a shim's command line must allow: the folder of token and log.
    pub(crate) fn permissions(&self) -> [&OsStr; 2] {
        [OsStr::new("--write"), self.folder.path().as_os_str()]
    }

    /// The command that starts a shim for this token, with every call of the module logged.
    pub(crate) fn shim_command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("SOFTHSM2_CONF", self.configuration())
            .env("PKCS11SPY", softhsm())
            .env("PKCS11SPY_OUTPUT", self.path("calls"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// A FIFO in its folder, open for both ways so that nobody waits to open it.
    pub(crate) fn fifo(&self, name: &str) -> (PathBuf, File) {
        let path = self.path(name);
        rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let fifo = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        (path, fifo)
    }

    /// How often a function of the module was called so far.
    pub(crate) fn calls(&self, function: &str) -> usize {
        let log = fs::read(self.path("calls")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        log.lines().filter(|line| line.split_once(": ").is_some_and(|(_, name)| name.trim() == function)).count()
    }
}
