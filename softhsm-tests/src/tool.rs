//! Programs of the system that the harness uses.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};

macro_rules! tools {
    ($($(#[$doc:meta])* $name:ident = $program:literal in $package:literal,)*) => {
        /// A program of the system, and the Debian package that brings it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Tool { $($(#[$doc])* $name,)* }

        impl Tool {
            /// Its name or path.
            pub fn program(self) -> &'static str {
                match self { $(Self::$name => $program,)* }
            }

            fn package(self) -> &'static str {
                match self { $(Self::$name => $package,)* }
            }
        }
    };
}

tools! {
    /// The bus itself.
    DbusDaemon = "dbus-daemon" in "dbus",
    /// systemd's bus client.
    Busctl = "busctl" in "systemd",
    /// Judges units.
    SystemdAnalyze = "systemd-analyze" in "systemd",
    /// Keeps the system's journal.
    Journald = "/lib/systemd/systemd-journald" in "systemd",
    /// Reads it.
    Journalctl = "journalctl" in "systemd",
    /// Makes system users.
    Sysusers = "systemd-sysusers" in "systemd",
    /// Makes folders of packages.
    Tmpfiles = "systemd-tmpfiles" in "systemd",
    /// GLib's bus client.
    Gdbus = "gdbus" in "libglib2.0-bin",
    /// The policy service.
    Polkitd = "/usr/lib/polkit-1/polkitd" in "polkitd",
    /// Makes SoftHSM2 tokens.
    Softhsm2Util = "softhsm2-util" in "softhsm2",
    /// Makes keys, writes certificates.
    Pkcs11Tool = "pkcs11-tool" in "opensc",
    /// Certificate authority and independent verification.
    Openssl = "openssl" in "openssl",
    /// Runs a program as another user.
    Setpriv = "setpriv" in "util-linux",
    /// Gives a program a terminal of its own.
    Setsid = "setsid" in "util-linux",
    /// Gives a test its namespaces.
    Unshare = "unshare" in "util-linux",
    /// Copies whole folders.
    Cp = "cp" in "coreutils",
    /// Dates.
    Date = "date" in "coreutils",
    /// Bind mounts.
    Mount = "mount" in "mount",
    /// Reads the text of a form.
    PdfToText = "pdftotext" in "poppler-utils",
    /// Runs a program of ours.
    Env = "env" in "coreutils",
    /// Reads and changes a kryoptic Key's counters.
    Sqlite = "sqlite3" in "sqlite3",
    /// Memory images.
    Gdb = "gdb" in "gdb",
    /// Records what a process reads and writes.
    Strace = "strace" in "strace",
    /// Debian's Python, for which the bindings are packaged.
    Python = "/usr/bin/python3" in "python3-jeepney",
    /// The same, with a mock of logind that others wrote.
    PythonDbusmock = "/usr/bin/python3" in "python3-dbusmock",
    /// Builds the example in C.
    Cc = "cc" in "gcc",
    /// Where its library is.
    PkgConfig = "pkg-config" in "pkg-config",
    /// Builds the example in Java.
    Javac = "javac" in "openjdk-17-jdk-headless",
    /// A screen without a monitor.
    Xvfb = "Xvfb" in "xvfb",
    /// Its ground.
    Xsetroot = "xsetroot" in "x11-xserver-utils",
    /// Clicks and types.
    Xdotool = "xdotool" in "xdotool",
    /// A window manager.
    Openbox = "openbox" in "openbox",
    /// Shows notices.
    Dunst = "dunst" in "dunst",
    /// The menu of a notice's buttons.
    Dmenu = "dmenu" in "suckless-tools",
    /// A panel with a tray.
    Xfce4Panel = "xfce4-panel" in "xfce4-panel",
    /// Reads the clipboard.
    Xclip = "xclip" in "xclip",
    /// Photographs the screen.
    Import = "import" in "imagemagick",
    /// Reads pictures.
    Convert = "convert" in "imagemagick",
    /// Draws pictures.
    RsvgConvert = "rsvg-convert" in "librsvg2-bin",
    /// Runs it.
    Java = "java" in "openjdk-17-jdk-headless",
}

impl Tool {
    /// A command for it.
    pub fn command(self) -> Command {
        Command::new(self.program())
    }

    /// Its full path.
    pub fn path(self) -> PathBuf {
        let folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
        let found = folders.iter().map(|folder| Path::new(folder).join(self.program())).find(|path| path.exists());
        found.unwrap_or_else(|| self.not_started(&ErrorKind::NotFound.into()))
    }

    /// Starts a command of this tool; names the package when the program is missing.
    pub fn spawn(self, command: &mut Command) -> Child {
        command.spawn().unwrap_or_else(|error| self.not_started(&error))
    }

    /// Runs a command of this tool to its end.
    pub fn output(self, command: &mut Command) -> Output {
        command.output().unwrap_or_else(|error| self.not_started(&error))
    }

    fn not_started(self, error: &std::io::Error) -> ! {
        let program = self.program();
        if error.kind() == ErrorKind::NotFound {
            panic!("{program} is missing: run script/bootstrap, which installs the package {}", self.package());
        }
        panic!("{program} can't be started: {error}");
    }
}

/// Runs a tool that must succeed, and gives its standard output.
pub fn run<I, S>(tool: Tool, arguments: I) -> Vec<u8>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = tool.command();
    command.args(arguments);
    succeed(tool, &mut command)
}

/// Runs a prepared command that must succeed, and gives its standard output.
pub(crate) fn succeed(tool: Tool, command: &mut Command) -> Vec<u8> {
    let output = tool.output(command);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}
