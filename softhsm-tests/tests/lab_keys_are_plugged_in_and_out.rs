//! The lab's Keys come and go as real ones do: dead sessions, slot events, frozen lists, other ports, several slots.
//! Proves the test bed, not the daemon.

use crate::lab_bench::{LabBench, rsa_key};
use std::time::Duration;
use ukey_softhsm_tests::{Call, SlotEvents, eventually, staged};

#[test]
fn a_removed_key_takes_sessions_and_login_along() {
    staged(async || {
        let bench = LabBench::with(&[rsa_key("采购UKey"), rsa_key("耗材UKey")]);
        let mut client = bench.open_client();
        client.ask(&bench.right_login());
        bench.lab.remove(bench.key());
        assert_eq!(client.ask("slots"), "ok 2");
        assert_eq!(client.ask("all-slots"), "ok 1 2", "an empty slot stays");
        assert_eq!(client.ask("token 1"), "error TokenNotPresent");
        assert_eq!(client.ask("sign"), "error DeviceRemoved");
        bench.lab.insert(bench.key());
        assert_eq!(client.ask("slots"), "ok 1 2");
        assert_eq!(client.ask("sign"), "error SessionHandleInvalid");
        assert_eq!(client.ask("open 1"), "ok");
        assert!(client.ask("sign").starts_with("error"), "nobody is logged in");
        assert_eq!(client.ask(&bench.right_login()), "ok");
        assert!(client.ask("sign").starts_with("ok"));
    });
}

#[test]
fn another_port_is_another_slot() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.open_client();
        let before = client.ask("token 1");
        bench.lab.remove(bench.key());
        bench.lab.insert_elsewhere(bench.key());
        let slot = client.ask("slots");
        assert_ne!(slot, "ok 1");
        assert_eq!(client.ask(&slot.replace("ok", "token")), before);
        assert_eq!(client.ask("token 1"), "error SlotIdInvalid");
        assert_eq!(client.ask("sign"), "error SessionHandleInvalid");
    });
}

#[test]
fn events_are_told_once_and_a_wait_ends_with_one() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.client();
        assert_eq!(client.ask("event"), "ok");
        bench.lab.remove(bench.key());
        assert_eq!(client.ask("event"), "ok 1");
        assert_eq!(client.ask("event"), "ok");
        client.tell("wait");
        eventually("the wait", async || (bench.lab.count(Call::WaitForSlotEvent) == 4).then_some(())).await;
        bench.lab.insert(bench.key());
        assert_eq!(client.answer(), "ok 1");
        bench.lab.slot_events(SlotEvents::Missing);
        assert_eq!(client.ask("event"), "error FunctionNotSupported");
        bench.lab.slot_events(SlotEvents::Silent);
        bench.lab.remove(bench.key());
        assert_eq!(client.ask("event"), "ok");
        assert_eq!(client.ask("wait"), "error FunctionNotSupported");
    });
}

#[test]
fn a_frozen_slot_list_is_as_it_was() {
    staged(async || {
        let bench = LabBench::with(&[rsa_key("采购UKey"), rsa_key("耗材UKey")]);
        bench.lab.freeze_slot_list();
        bench.lab.remove(&bench.keys[1]);
        let mut client = bench.client();
        bench.lab.remove(bench.key());
        bench.lab.insert(&bench.keys[1]);
        assert_eq!(client.ask("slots"), "ok 1");
        assert_eq!(client.ask("token 1"), "error TokenNotPresent");
        client.ask("finalize");
        client.ask("initialize");
        assert_eq!(client.ask("slots"), "ok 2");
    });
}

#[test]
fn keys_look_as_the_lab_says() {
    staged(async || {
        let bench = LabBench::with(&[rsa_key("采购UKey"), rsa_key("耗材UKey")]);
        let mut client = bench.open_client();
        let serial = bench.key().serial_number();
        bench.lab.show_label(&bench.keys[1], bench.key().label());
        assert_eq!(client.ask("token 1"), format!("ok 采购UKey|{serial}|"));
        assert!(client.ask("token 2").starts_with("ok 采购UKey|"), "two Keys with one label");
        bench.lab.show_serial(&bench.keys[1], serial);
        assert_eq!(client.ask("token 2"), client.ask("token 1"));

        bench.lab.second_slot(bench.key());
        assert_eq!(client.ask("slots"), "ok 1 3 2");
        assert_eq!(client.ask("token 3"), client.ask("token 1"), "one Key as two slots");
        client.ask("open 3");
        client.ask("login user wrong-pin");
        assert_eq!(client.ask("token 1"), format!("ok 采购UKey|{serial}|user-low"), "with one counter");

        bench.lab.settles_after(bench.key(), Duration::from_millis(300));
        bench.lab.remove(bench.key());
        bench.lab.insert(bench.key());
        assert_eq!(client.ask("token 1"), "ok 采购UKey||user-low", "just plugged in");
        let settled = format!("ok 采购UKey|{serial}|user-low");
        eventually("its serial number", async || (client.ask("token 1") == settled).then_some(())).await;
    });
}
