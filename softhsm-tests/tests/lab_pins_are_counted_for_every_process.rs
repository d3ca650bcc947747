//! The lab's Keys count wrong PINs as real ones do: for all processes together, up to a real lock-out, and with every
//! way of telling that was seen on real Keys. Proves the test bed, not the daemon.

use crate::lab_bench::{LabBench, flags, rsa_key};
use std::process::Command;
use ukey_softhsm_tests::{Call, Code, Fault, Flags, Lab, PinCodes, Tool, When, Who, staged};

const WRONG: &str = "login user wrong-pin";

#[test]
fn the_third_wrong_pin_of_three_locks_whichever_process_tries() {
    staged(async || {
        let bench = LabBench::new();
        bench.lab.pin_limit(bench.key(), 3, 2);
        let (mut one, mut other) = (bench.open_client(), bench.open_client());
        assert_eq!(flags(&one.ask("token 1")), "");
        assert_eq!(one.ask(WRONG), "error PinIncorrect");
        assert_eq!(flags(&other.ask("token 1")), "user-low");
        assert_eq!(other.ask(WRONG), "error PinIncorrect");
        assert_eq!(flags(&one.ask("token 1")), "user-low,user-final");
        assert_eq!(one.ask(WRONG), "error PinIncorrect");
        for client in [&mut one, &mut other] {
            assert_eq!(flags(&client.ask("token 1")), "user-locked");
            assert_eq!(client.ask(&bench.right_login()), "error PinLocked");
        }
        assert_eq!(bench.lab.count(Call::Login(Who::User)), 5);
        assert_eq!(bench.lab.tries_used(bench.key()), 3);
        assert_eq!(bench.lab.pin_calls(), 5);
    });
}

#[test]
fn a_right_pin_fills_the_counter() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.open_client();
        client.ask(WRONG);
        client.ask(WRONG);
        assert_eq!(bench.lab.tries_left(bench.key(), Who::User), 8);
        assert_eq!(client.ask(&bench.right_login()), "ok");
        assert_eq!(bench.lab.tries_left(bench.key(), Who::User), 10);
        assert_eq!(client.ask(&bench.right_login()), "error UserAlreadyLoggedIn");
        assert_eq!(bench.lab.tries_used(bench.key()), 3, "a call that judges no PIN uses no try");
    });
}

#[test]
fn the_security_officer_has_a_counter_too_and_unlocks() {
    staged(async || {
        let bench = LabBench::new();
        bench.lab.pin_limit(bench.key(), 1, 2);
        let mut client = bench.open_client();
        client.ask(WRONG);
        assert_eq!(client.ask("login so wrong-pin"), "error PinIncorrect");
        assert_eq!(flags(&client.ask("token 1")), "user-locked,so-low,so-final");
        assert_eq!(client.ask(&format!("login so {}", bench.key().so_pin())), "ok");
        assert_eq!(client.ask("init-pin new-pin"), "ok");
        assert_eq!(flags(&client.ask("token 1")), "user-final");
        client.ask("logout");
        assert_eq!(client.ask("login user new-pin"), "ok");
        assert_eq!(bench.lab.count_of(bench.key(), Call::InitPin), 1);
    });
}

#[test]
fn a_wrong_old_pin_is_a_try() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.open_client();
        client.ask(&bench.right_login());
        assert_eq!(client.ask("set-pin wrong-pin new-pin"), "error PinIncorrect");
        assert_eq!(bench.lab.tries_left(bench.key(), Who::User), 9);
        assert_eq!(client.ask(&format!("set-pin {} new-pin", bench.key().pin())), "ok");
        assert_eq!(bench.lab.tries_left(bench.key(), Who::User), 10);
        assert_eq!(bench.lab.count(Call::SetPin(Who::User)), 2);
    });
}

#[test]
fn flags_can_lie_and_lag() {
    staged(async || {
        let bench = LabBench::new();
        bench.lab.pin_limit(bench.key(), 2, 2);
        let mut client = bench.open_client();
        bench.lab.flags(bench.key(), Flags::AlwaysLow);
        assert_eq!(flags(&client.ask("token 1")), "user-low,so-low");
        client.ask(WRONG);
        bench.lab.flags(bench.key(), Flags::WithoutLow);
        assert_eq!(flags(&client.ask("token 1")), "user-final");
        bench.lab.flags(bench.key(), Flags::Never);
        assert_eq!(flags(&client.ask("token 1")), "");
        bench.lab.flags(bench.key(), Flags::Lagging);
        assert_eq!(flags(&client.ask("token 1")), "", "as it was when this process began");
        assert_eq!(flags(&bench.client().ask("token 1")), "user-low,user-final", "as it was when that one began");
        client.ask("finalize");
        client.ask("initialize");
        assert_eq!(flags(&client.ask("token 1")), "user-low,user-final");
    });
}

#[test]
fn wrong_pins_have_any_code() {
    staged(async || {
        let bench = LabBench::new();
        bench.lab.pin_limit(bench.key(), 2, 2);
        let codes = PinCodes { wrong: Code::GENERAL_ERROR, locking: Code::DEVICE_ERROR, locked: Code::PIN_INCORRECT };
        bench.lab.codes(bench.key(), codes);
        let mut client = bench.open_client();
        let answers = [client.ask(WRONG), client.ask(WRONG), client.ask(&bench.right_login())];
        assert_eq!(answers, ["error GeneralError", "error DeviceError", "error PinIncorrect"]);
    });
}

#[test]
fn a_try_is_used_when_its_answer_is_lost() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.open_client();
        bench.lab.fault(When::calling(Call::Login(Who::User)).after_it(), Fault::Abort);
        assert_eq!(client.ask(WRONG), "", "it died");
        assert_eq!(bench.lab.tries_left(bench.key(), Who::User), 9);
    });
}

#[test]
fn a_key_may_have_no_security_officer_or_one_who_is_always_let_in() {
    staged(async || {
        let bench = LabBench::new();
        let mut client = bench.open_client();
        bench.lab.without_so(bench.key());
        assert_eq!(client.ask("login so 87654321"), "error FunctionNotSupported");
        assert_eq!(client.ask("init-pin new-pin"), "error FunctionNotSupported");
        bench.lab.clear_faults();
        bench.lab.fault(When::calling(Call::Login(Who::So)), Fault::AlwaysRight);
        assert_eq!(client.ask("login so wrong-pin"), "ok");
        assert_eq!(client.ask("init-pin new-pin"), "error UserNotLoggedIn");
        assert_eq!(bench.lab.tries_left(bench.key(), Who::So), 10);
    });
}

#[test]
fn a_key_with_a_keypad_takes_pins_from_nowhere_else() {
    staged(async || {
        let bench = LabBench::new();
        let key = bench.key();
        bench.lab.keypad(key);
        let mut client = bench.open_client();
        assert_eq!(flags(&client.ask("token 1")), "keypad");
        assert_eq!(client.ask(&bench.right_login()), "error ArgumentsBad");
        bench.lab.type_on_key(key, "wrong-pin");
        assert_eq!(client.ask("login user -"), "error PinIncorrect");
        assert_eq!(bench.lab.tries_left(key, Who::User), 9);
        bench.lab.cancel_on_key(key);
        assert_eq!(client.ask("login user -"), "error FunctionCanceled");
        client.tell("login user -");
        bench.lab.type_on_key(key, key.pin());
        assert_eq!(client.answer(), "ok", "typed while it waited");

        for pin in [key.pin(), key.pin(), "new-pin-1"] {
            bench.lab.type_on_key(key, pin);
        }
        let mut change = Command::new(Tool::Pkcs11Tool.program());
        change.arg("--module").arg(Lab::library()).args(["--login", "--change-pin"]).envs(bench.environment());
        let output = change.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(bench.lab.count(Call::SetPin(Who::User)), 1);
    });
}

#[test]
fn an_always_authenticate_key_wants_the_pin_for_each_signature() {
    staged(async || {
        let bench = LabBench::with(&[rsa_key("采购UKey").always_authenticate()]);
        let mut client = bench.open_client();
        client.ask(&bench.right_login());
        assert_eq!(client.ask("begin-sign"), "ok");
        assert_eq!(client.ask("end-sign"), "error UserNotLoggedIn");
        let entry = format!("login context {}", bench.key().pin());
        for _ in 0..2 {
            assert_eq!(client.ask("begin-sign"), "ok");
            assert_eq!(client.ask("login context wrong-pin"), "error PinIncorrect");
            assert_eq!(bench.lab.tries_left(bench.key(), Who::User), 9, "the counter is the user's");
            assert_eq!(client.ask(&entry), "ok");
            assert!(client.ask("end-sign").len() > 256);
        }
        assert_eq!(bench.lab.count(Call::Login(Who::Context)), 4);
    });
}
