//! A screen without a monitor.

use super::Colours;
use crate::person::Person;
use crate::process::Program;
use crate::stage::STAGE;
use crate::tool::{Tool, succeed};
use crate::wait::eventually;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Stdio;

/// Pixels of the screen.
const SIZE: (u32, u32) = (1024, 640);

/// A running X server.
#[derive(Debug)]
pub struct Screen {
    _server: Program,
    display: String,
    person: Person,
    colours: Colours,
}

/// A part of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// So many pixels from the right.
    Right(u32),
}

impl Screen {
    pub(super) fn start(person: Person, colours: Colours) -> Self {
        let mut command = Program::command_as(person, &Tool::Xvfb.path());
        command
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{}x{}x24", SIZE.0, SIZE.1),
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut server = Program::spawn("Xvfb", Tool::Setpriv, &mut command);
        let mut number = String::new();
        BufReader::new(server.take_stdout()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb did not start: {}", server.log());
        let screen = Self { _server: server, display: format!(":{}", number.trim()), person, colours };
        screen.run(Tool::Xsetroot, &["-solid", ground(colours)]).unwrap();
        screen
    }

    /// Its name, as `DISPLAY` has it.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// What xdotool answers; nothing when it fails.
    pub fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        self.run(Tool::Xdotool, arguments)
    }

    /// Asks xdotool until its answer is right.
    pub async fn wait_for(&self, arguments: &[&str], right: impl Fn(&str) -> bool) {
        eventually(&format!("xdotool {arguments:?}"), async || {
            self.xdotool(arguments).filter(|answer| right(answer.trim())).map(drop)
        })
        .await;
    }

    /// Waits until the window with the keyboard has this title.
    pub async fn wait_for_window(&self, title: &str) {
        self.wait_for(&["getactivewindow", "getwindowname"], |name| name == title).await;
    }

    /// Clicks with a button at a place of the screen.
    pub fn click(&self, (x, y): (u32, u32), button: u8) {
        let (x, y, button) = (x.to_string(), y.to_string(), button.to_string());
        self.xdotool(&["mousemove", "--sync", &x, &y, "click", &button]).unwrap();
    }

    /// Presses keys.
    pub fn keys(&self, keys: &[&str]) {
        self.xdotool(&[&["key", "--delay", "60"], keys].concat()).unwrap();
    }

    /// Is a window of a program of this class on the screen?
    pub fn shows(&self, class: &str) -> bool {
        self.xdotool(&["search", "--onlyvisible", "--class", class]).is_some_and(|windows| !windows.trim().is_empty())
    }

    /// Are notices on the screen?
    pub fn shows_notices(&self) -> bool {
        self.shows("Dunst")
    }

    /// Waits until a notice is on the screen.
    pub async fn wait_for_notice(&self) {
        eventually("a notice", async || self.shows_notices().then_some(())).await;
    }

    /// Process and title of the window with the keyboard.
    pub fn active_window(&self) -> Option<(String, String)> {
        let answer = self.xdotool(&["getactivewindow", "getwindowpid", "getactivewindow", "getwindowname"])?;
        let (process, title) = answer.trim_end().split_once('\n')?;
        Some((process.to_owned(), title.to_owned()))
    }

    /// Types a text into the window with the keyboard, and presses Return.
    pub fn enter(&self, text: &str) {
        // GTK may miss the first keys while it takes the keyboard from the window before: these change nothing.
        self.keys(&["Home", "Home", "Home"]);
        self.xdotool(&["type", "--delay", "40", text]).unwrap();
        self.keys(&["Return"]);
    }

    /// Photographs a part of the screen into this PNG file, without the empty ground around what is there.
    pub fn photograph_part(&self, part: Part, file: &Path) {
        let whole = Path::new(STAGE).join("whole.png");
        self.photograph(&whole);
        let mut command = Tool::Convert.command();
        command.arg(whole);
        if let Part::Right(width) = part {
            command.args(["-gravity", "NorthEast", "-crop", &format!("{width}x{}+0+0", SIZE.1), "+repage"]);
        }
        let ground = ground(self.colours);
        // The border is what is trimmed away, so it has to be there.
        command.args(["-bordercolor", ground, "-border", "1", "-trim", "+repage", "-border", "10", "-strip"]);
        // There are many; and else each says when it was made.
        command.args(["+dither", "-colors", "256", "-define", "png:exclude-chunks=date,time"]);
        command.arg(format!("png8:{}", file.display()));
        succeed(Tool::Convert, &mut command);
    }

    /// Photographs the screen into this PNG file.
    pub fn photograph(&self, file: &Path) {
        let picture = Path::new(STAGE).join("screen.png");
        fs::write(&picture, "").unwrap();
        chown(&picture, Some(self.person.uid()), Some(self.person.uid())).unwrap();
        self.run(Tool::Import, &["-window", "root", picture.to_str().unwrap()]).unwrap();
        fs::copy(picture, file).unwrap();
    }

    /// Waits until three pictures in a row are the same: nothing moves any more.
    pub async fn wait_until_still(&self) {
        let (mut before, mut same) = (Vec::new(), 0);
        eventually("a screen on which nothing moves", async || {
            let pixels = self.pixels((0, 0), (SIZE.0, SIZE.1));
            same = if pixels == before { same + 1 } else { 0 };
            before = pixels;
            (same == 2).then_some(())
        })
        .await;
    }

    /// The colours of the pixels in a rectangle of the screen, as red, green, blue.
    pub fn pixels(&self, (x, y): (u32, u32), (width, height): (u32, u32)) -> Vec<[u8; 3]> {
        let file = Path::new(STAGE).join("pixels.png");
        self.photograph(&file);
        let mut command = Tool::Convert.command();
        command.arg(file).args(["-crop", &format!("{width}x{height}+{x}+{y}"), "-depth", "8", "rgb:-"]);
        succeed(Tool::Convert, &mut command).as_chunks().0.to_vec()
    }

    fn run(&self, tool: Tool, arguments: &[&str]) -> Option<String> {
        let mut command = Program::command_as(self.person, &tool.path());
        command.args(arguments).env("DISPLAY", &self.display).stdin(Stdio::null()).stderr(Stdio::null());
        let output = tool.output(&mut command);
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }
}

/// The colour of the ground.
fn ground(colours: Colours) -> &'static str {
    match colours {
        Colours::Light => "#d8dee6",
        Colours::Dark => "#20262e",
    }
}
