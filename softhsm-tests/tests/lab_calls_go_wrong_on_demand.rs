//! Each fault of the lab module really happens, in the call, for the Key and as often as the test says. Proves the test
//! bed, not the daemon.

use crate::lab_bench::{LabBench, rsa_key};
use rustix::process::Signal;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};
use ukey_softhsm_tests::{Call, Code, Fault, Lab, Pkcs11Client, When, eventually, is_running, kill, staged};

#[test]
fn a_call_fails_as_often_as_was_said_and_for_one_key() {
    staged(async || {
        let bench = LabBench::with(&[rsa_key("采购UKey"), rsa_key("耗材UKey")]);
        let mut client = bench.loaded_client();
        bench.lab.fault(When::calling(Call::Initialize).times(1), Fault::Fail(Code::HOST_MEMORY));
        assert_eq!(client.ask("initialize"), "error HostMemory");
        assert_eq!(client.ask("initialize"), "ok");
        bench.lab.fault(When::calling(Call::GetTokenInfo).of(bench.key()), Fault::Fail(Code::DEVICE_ERROR));
        assert_eq!(client.ask("token 1"), "error DeviceError");
        assert!(client.ask("token 2").starts_with("ok"));
        bench.lab.clear_faults();
        assert!(client.ask("token 1").starts_with("ok"));
        assert_eq!(bench.lab.count_of(bench.key(), Call::GetTokenInfo), 2);
    });
}

#[test]
fn a_call_takes_longer() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.client();
        bench.lab.fault(When::calling(Call::GetTokenInfo), Fault::Delay(300));
        let start = Instant::now();
        assert!(client.ask("token 1").starts_with("ok"));
        assert!(start.elapsed() >= Duration::from_millis(300));
    });
}

#[test]
fn a_call_hangs_until_the_process_is_killed() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.client();
        bench.lab.fault(When::calling(Call::GetTokenInfo), Fault::Hang);
        client.tell("token 1");
        eventually("the call", async || (bench.lab.count(Call::GetTokenInfo) == 1).then_some(())).await;
        bench.lab.clear_faults();
        assert!(bench.client().ask("token 1").starts_with("ok"), "another process goes on");
        assert!(client.program_mut().try_ended().is_none());
        client.program_mut().signal(Signal::KILL);
        assert_eq!(client.answer(), "", "it never answered");
    });
}

#[test]
fn a_call_ends_the_process() {
    staged(async || {
        let bench = LabBench::new();
        for (fault, signal) in [(Fault::Segfault, Signal::SEGV), (Fault::Abort, Signal::ABORT)] {
            let mut client = bench.client();
            bench.lab.fault(When::calling(Call::GetSlotList).times(1), fault);
            assert_eq!(client.ask("slots"), "");
            assert_eq!(client.program_mut().ended().await.signal(), Some(signal.as_raw()));
        }
    });
}

#[test]
fn a_child_stays_and_keeps_what_is_open() {
    staged(async || {
        let bench = LabBench::new();
        bench.lab.fault(When::calling(Call::Initialize), Fault::Fork);
        let mut client = bench.client();
        let child = eventually("the child", async || bench.lab.forked().first().copied()).await;
        let stdout = |pid: u32| fs::read_link(format!("/proc/{pid}/fd/1")).unwrap();
        assert_eq!(stdout(child), stdout(client.program_mut().pid()));
        client.program_mut().signal(Signal::KILL);
        client.program_mut().ended().await;
        assert!(is_running(child));
        kill(child, Signal::KILL);
        eventually("its end", async || (!is_running(child)).then_some(())).await;
    });
}

#[test]
fn answers_are_garbage() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.open_client();
        bench.lab.fault(When::calling(Call::GetTokenInfo), Fault::NotUtf8);
        let info = client.ask("token 1");
        assert!(info.contains('\u{fffd}') && !info.contains("采购UKey"), "{info}");
        let length: usize = client.ask("certificates").strip_prefix("ok ").unwrap().parse().unwrap();
        assert!(length < 4096);
        bench.lab.fault(When::calling(Call::GetAttributeValue), Fault::LargeValue(1 << 20));
        assert_eq!(client.ask("certificates"), "ok 1048576");
        bench.lab.clear_faults();
        bench.lab.fault(When::calling(Call::GetSlotList), Fault::Count(1 << 40));
        assert_eq!(client.ask("slots"), "", "it asked for more memory than there is");
    });
}

#[test]
fn a_signature_is_wrong_by_one_bit() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.open_client();
        client.ask(&bench.right_login());
        let right = client.ask("sign");
        bench.lab.fault(When::calling(Call::Sign), Fault::FlippedBit);
        let wrong = client.ask("sign");
        assert_eq!(wrong.len(), right.len());
        let byte = |signature: &str| u8::from_str_radix(&signature[signature.len() - 2..], 16).unwrap();
        assert_eq!(byte(&wrong), byte(&right) ^ 1);
        assert_eq!(wrong[..wrong.len() - 2], right[..right.len() - 2]);
    });
}

#[test]
fn without_a_lab_the_module_is_dead() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.client();
        let environment = bench.environment();
        drop(bench);
        assert_eq!(client.ask("token 1"), "error DeviceError");
        let mut other = Pkcs11Client::start(&Lab::library(), &environment);
        assert_eq!(other.ask("initialize"), "error DeviceError");
    });
}
