//! The searches that other tests expect to find no PIN do find what is there.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use ukey_softhsm_tests::{
    Bus, BusPolicy, Monitor, Person, Program, STAGE, SystemCalls, Tool, core_image, eventually, every_command_line,
    file_contains, staged,
};

const PLANTED: &str = "计划 50% planted";

#[test]
fn a_memory_image_holds_what_the_process_holds() {
    staged(async || {
        let mut command = Tool::Python.command();
        command.args(["-c", "import sys, time; secret = sys.stdin.readline(); print(flush=True); time.sleep(600)"]);
        command.stdin(text_file(PLANTED)).stdout(Stdio::null());
        let program = Program::spawn("python", Tool::Python, &mut command);
        let image = eventually("the line in memory", async || {
            let image = core_image(program.pid());
            file_contains(&image, PLANTED.as_bytes()).then_some(image)
        })
        .await;
        assert!(!file_contains(&image, b"this string is in no memory but the test's"));
        assert!(!String::from_utf8_lossy(&every_command_line()).contains(PLANTED));
    });
}

#[test]
fn a_string_across_two_chunks_is_found() {
    staged(async || {
        let path = Path::new(STAGE).join("large");
        for before in [(1 << 20) - 5, (1 << 20) - 1, 1 << 20, 0] {
            let mut bytes = vec![0; before];
            bytes.extend(PLANTED.as_bytes());
            fs::write(&path, bytes).unwrap();
            assert!(file_contains(&path, PLANTED.as_bytes()), "after {before} bytes");
            assert!(!file_contains(&path, b"not there"));
        }
    });
}

#[test]
fn a_bus_capture_holds_messages_between_others() {
    staged(async || {
        let bus = Bus::start(BusPolicy::Open);
        let monitor = Monitor::start(&bus).await;
        let clerk = bus.connect(Person::Clerk).await;
        let nurse = bus.serve(Person::Nurse, "/", zbus::fdo::ObjectManager).await;
        let name = nurse.unique_name().unwrap().as_str();
        let unknown = clerk.call_method(Some(name), "/", Some("a.b"), "Planted", &(PLANTED,)).await;
        assert!(unknown.is_err());
        let call = eventually("the call", async || monitor.calls("Planted").pop()).await;
        assert!(monitor.contains(PLANTED.as_bytes()));
        eventually("its reply", async || monitor.reply_to(&call)).await;
        assert!(!monitor.contains(b"not there"));
    });
}

#[test]
fn recorded_system_calls_hold_what_was_read() {
    staged(async || {
        let mut command = Tool::Python.command();
        command.args(["-c", "import sys\nfifo = open(sys.argv[1])\nprint(flush=True)\nfor line in fifo: pass"]);
        let fifo = Path::new(STAGE).join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        command.arg(&fifo).stdout(Stdio::piped());
        let writer = fs::File::options().read(true).write(true).open(&fifo).unwrap();
        let mut program = Program::spawn("python", Tool::Python, &mut command);
        program.take_stdout().read_exact(&mut [0]).unwrap();
        let calls = SystemCalls::start(program.pid()).await;
        rustix::io::write(&writer, PLANTED.as_bytes()).unwrap();
        drop(writer);
        program.ended().await;
        let record = calls.stop().await;
        assert!(record.contains(PLANTED.as_bytes()));
        assert!(!record.contains(b"not there"));
    });
}

fn text_file(line: &str) -> fs::File {
    let path = Path::new(STAGE).join("line");
    fs::write(&path, format!("{line}\n")).unwrap();
    fs::File::open(path).unwrap()
}
