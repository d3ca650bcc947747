//! A pinentry that asks a script instead of a person: speaks Assuan as `pinentry` does, and shows nothing.
//!
//! The environment variable `SCRIPTED_PINENTRY` names a folder. The answers are files in its folder `answers`, taken
//! in the order of their names and deleted: `pin TEXT`, `cancel`, `confirm` or `refuse`. One whose name ends with
//! `.PID-only` is for the dialog of that process. Without one, a dialog stays open until one comes or the program is
//! killed, as with a person who is away. Everything a dialog was asked to show goes to `dialogs.log`, one JSON object a
//! line, and so does how it ended; what was typed never does.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test software: a failure here is a failed test")]

use serde_json::{Map, Value, json};
use std::fs::{self, File};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

const CANCELLED: &str = "ERR 83886179 Operation cancelled <Pinentry>";
const NOT_CONFIRMED: &str = "ERR 83886194 Not confirmed <Pinentry>";
const UNKNOWN: &str = "ERR 536871187 Unknown IPC command <User defined source 1>";
const TOO_LONG: &str = "ERR 536871175 Line too long <User defined source 1>";
/// Longest line of Assuan in bytes, without its line feed.
const LINE_MAX: usize = 1000;
/// How often the folder is looked at for an answer.
const STEP: Duration = Duration::from_millis(5);

fn main() {
    let folder = PathBuf::from(std::env::var_os("SCRIPTED_PINENTRY").expect("SCRIPTED_PINENTRY names a folder"));
    let mut dialog = Map::new();
    reply("OK Pleased to meet you");
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.unwrap();
        if line.len() > LINE_MAX {
            reply(TOO_LONG);
            continue;
        }
        let line = String::from_utf8(line).unwrap();
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        match command.to_ascii_uppercase().as_str() {
            "GETPIN" | "CONFIRM" | "MESSAGE" => ask(&folder, command, &mut dialog),
            "GETINFO" => info(argument),
            "OPTION" => {
                let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
                let options = dialog.entry("options").or_insert_with(|| json!({}));
                options[name.trim()] = json!(value.trim());
                reply("OK");
            }
            "NOP" | "RESET" | "CLEARPASSPHRASE" => reply("OK"),
            name if name.starts_with("SET") => {
                dialog.insert(name.to_ascii_lowercase(), Value::String(unescape(argument)));
                reply("OK");
            }
            "BYE" => {
                reply("OK closing connection");
                return;
            }
            _ => reply(UNKNOWN),
        }
    }
}

/// Shows the dialog, that is, writes it down, and passes the next answer on.
fn ask(folder: &Path, command: &str, dialog: &mut Map<String, Value>) {
    let pid = std::process::id();
    dialog.insert("pid".to_owned(), json!(pid));
    dialog.insert("command".to_owned(), json!(command.to_ascii_lowercase()));
    record(folder, &Value::Object(dialog.clone()));
    dialog.remove("seterror");
    let answer = next_answer(&folder.join("answers"));
    let (outcome, last_line) = match (command, answer.split_once(' ').unwrap_or((&answer, ""))) {
        ("GETPIN", ("pin", pin)) => {
            send_data(pin.as_bytes());
            ("pin", "OK")
        }
        ("CONFIRM" | "MESSAGE", ("confirm", _)) => ("confirmed", "OK"),
        ("CONFIRM" | "MESSAGE", ("refuse", _)) => ("refused", NOT_CONFIRMED),
        (_, ("cancel", _)) => ("cancelled", CANCELLED),
        _ => ("unfit-answer", CANCELLED),
    };
    record(folder, &json!({ "pid": pid, "outcome": outcome }));
    reply(last_line);
}

fn next_answer(answers: &Path) -> String {
    loop {
        let mut files: Vec<PathBuf> = fs::read_dir(answers).unwrap().map(|entry| entry.unwrap().path()).collect();
        let mine = format!(".{}-only", std::process::id());
        files.retain(|file| {
            let name = file.to_string_lossy();
            !name.ends_with("-only") || name.ends_with(&mine)
        });
        files.sort();
        // A name that ends in `~` is still being written. Whoever renames first has the answer.
        for file in files.iter().filter(|file| !file.to_string_lossy().ends_with('~')) {
            let taken = answers.join(format!("{}-taken~", std::process::id()));
            if fs::rename(file, &taken).is_ok() {
                let text = fs::read_to_string(&taken).unwrap();
                fs::remove_file(taken).unwrap();
                return text;
            }
        }
        std::thread::sleep(STEP);
    }
}

/// `D` lines, escaped, as many as needed; none for nothing.
fn send_data(data: &[u8]) {
    let mut line = String::new();
    for byte in data {
        match byte {
            b'%' | b'\r' | b'\n' => line.push_str(&format!("%{byte:02X}")),
            // Real ones send bytes above 127 as they are; escaping those too is as right and keeps this a String.
            0x20..0x7f => line.push(char::from(*byte)),
            _ => line.push_str(&format!("%{byte:02X}")),
        }
        if line.len() > LINE_MAX - 10 {
            reply(&format!("D {line}"));
            line.clear();
        }
    }
    if !line.is_empty() {
        reply(&format!("D {line}"));
    }
}

fn info(what: &str) {
    match what {
        "pid" => reply(&format!("D {}", std::process::id())),
        "version" => reply("D 1.2.1"),
        "flavor" => reply("D scripted"),
        _ => return reply(UNKNOWN),
    }
    reply("OK");
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' && after.len() >= 2 {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn record(folder: &Path, value: &Value) {
    let mut log = File::options().create(true).append(true).open(folder.join("dialogs.log")).unwrap();
    // In one write, so that two dialogs can't mix their lines.
    log.write_all(format!("{value}\n").as_bytes()).unwrap();
}

fn reply(line: &str) {
    let mut output = std::io::stdout().lock();
    // The agent may have gone: then there is nobody to tell.
    let _ = output.write_all(format!("{line}\n").as_bytes());
    let _ = output.flush();
}
