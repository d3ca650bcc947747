//! Invariant 1: the PIN is in no message of the bus, no frame or file that the daemon reads or writes, no log, no
//! argument or environment, no file of its state, and in no memory image of daemon, shim and agent. Each search is
//! also made for a text that must be found, so that it can fail. Proven for SoftHSM2, which keeps no PIN itself.

use std::fs;
use ukey_dbus::{KeyKind, TokenState, options};
use ukey_softhsm_tests::{
    Fixture, Monitor, Person, SystemCalls, contains, core_image, eventually, every_command_line, file_contains, option,
    refusal, staged,
};

const PIN: &str = "4%7 ä夏e";
const REASON: &str = "采购订单 2026-117 control";

#[test]
fn neither_the_right_pin_nor_a_wrong_one() {
    staged(async || {
        let wrong = format!("{PIN}!");
        let fixture = Fixture::builder().pin(PIN).start().await;
        let monitor = Monitor::start(&fixture.bus).await;
        let calls = SystemCalls::start(fixture.daemon.program().pid()).await;

        let token = fixture.token().await;
        fixture.pinentry().will_type(&wrong);
        refusal(token.login(option(options::REASON, REASON)).await);
        fixture.pinentry().will_type(PIN);
        token.login(option(options::REASON, REASON)).await.unwrap();
        let certificate = fixture.certificate(KeyKind::Rsa2048).await;
        let digest = *b"control digest of thirty-two B..";
        certificate.sign_digest("RSA-PKCS1-SHA256", &digest, option(options::REASON, REASON)).await.unwrap();
        assert_eq!(token.state().await.unwrap(), TokenState::LoggedIn.as_str());

        assert!(!monitor.calls("RequestPin").is_empty());
        eventually("the control on the bus", async || monitor.contains(REASON.as_bytes()).then_some(())).await;
        assert_nowhere("the bus", |form| monitor.contains(form));

        let command_lines = every_command_line();
        assert!(contains(&command_lines, b"--authorizer"));
        assert_nowhere("arguments or environments", |form| contains(&command_lines, form));

        let recording = calls.stop().await;
        assert!(recording.contains(&digest), "the digest passes the daemon, to the shim");
        assert_nowhere("what the daemon reads and writes", |form| recording.contains(form));

        let mut logs = fixture.daemon.program().log();
        logs.push_str(&fixture.agents[&Person::Clerk].program().log());
        assert!(logs.contains("TRACE"), "the logs are not at trace level");
        assert_nowhere("the logs", |form| contains(logs.as_bytes(), form));

        let mut control = 0;
        for file in fs::read_dir(fixture.daemon.state()).unwrap() {
            let content = fs::read(file.unwrap().path()).unwrap();
            control += usize::from(contains(&content, REASON.as_bytes()));
            assert_nowhere("the state folder", |form| contains(&content, form));
        }
        assert!(control > 0, "the reason is recorded");

        let label = fixture.key().label().as_bytes();
        let daemon = core_image(fixture.daemon.program().pid());
        assert!(file_contains(&daemon, label));
        assert_nowhere("the daemon's memory", |form| file_contains(&daemon, form));
        let shims = fixture.daemon.shims();
        assert!(!shims.is_empty());
        for shim in shims {
            let image = core_image(shim);
            assert!(file_contains(&image, label));
            assert_nowhere("a shim's memory", |form| file_contains(&image, form));
        }
        let agent = core_image(fixture.agents[&Person::Clerk].program().pid());
        assert!(file_contains(&agent, b"SCRIPTED_PINENTRY"));
        assert_nowhere("the agent's memory", |form| file_contains(&agent, form));
    });
}

/// The PIN as it could have been written. The wrong one begins like the right one, so both are looked for.
fn assert_nowhere(place: &str, holds: impl Fn(&[u8]) -> bool) {
    let bytes: Vec<String> = PIN.bytes().map(|byte| byte.to_string()).collect();
    let hexadecimal: String = PIN.bytes().map(|byte| format!("{byte:02x}")).collect();
    let wide: Vec<u8> = PIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms = [
        PIN.as_bytes().to_vec(),
        PIN.replace('%', "%25").into_bytes(),
        PIN.replace('%', "%25").replace('ä', "%C3%A4").replace('夏', "%E5%A4%8F").into_bytes(),
        PIN.escape_default().to_string().into_bytes(),
        bytes.join(", ").into_bytes(),
        hexadecimal.into_bytes(),
        wide,
    ];
    for form in forms {
        assert!(!holds(&form), "the PIN is in {place}, as {:?}", String::from_utf8_lossy(&form));
    }
}
