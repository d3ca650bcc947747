//! `ca.d`: files of the administrator, chosen by issuer, none able to harm another; and the shipped one.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_oneof, proptest};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use ukey_guidance::{Directory, Loaded, Problem, RenewalTime, Service};
use ukey_texts::Language::{Chinese, English};

const MINIMAL: &str = "\
name = { zh-CN = '县CA' }
hotline = { number = '12345' }
[match]
name = 'County CA'
[unlock.zh-CN]
summary = '锁了'
where = '县CA窗口'
";

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn load(files: &[(&str, &[u8])]) -> Loaded {
    Directory::load(&[folder(files).path().to_owned()])
}

fn problem(text: &str) -> String {
    let loaded = load(&[("a.toml", text.as_bytes()), ("good.toml", MINIMAL.as_bytes())]);
    assert_eq!(loaded.directory.advice("CN=County CA", Service::Unlock, Chinese).summary, "锁了", "{text}");
    let [problem] = loaded.problems.as_slice() else { panic!("{text}: {:?}", loaded.problems) };
    problem.to_string()
}

fn shipped() -> Loaded {
    Directory::load(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/ca.d")])
}

#[test]
fn the_shipped_file_knows_yunnan_ca_and_every_service_in_both_languages() {
    let loaded = shipped();
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    for issuer in [
        "CN=云南CA, O=云南省数字证书认证中心有限公司, C=CN",
        "CN=YNCA SM2, O=云南省数字证书认证中心, ST=云南省, C=CN",
        "CN=Root, O=云南省数字证书认证中心有限公司",
        "CN=YNCA, C=CN",
    ] {
        for service in Service::ALL {
            let (zh, en) =
                (loaded.directory.advice(issuer, service, Chinese), loaded.directory.advice(issuer, service, English));
            assert_eq!(zh.ca.as_deref(), Some("云南CA"));
            assert_eq!(zh.hotline.as_deref(), Some("400-6727-666（24 小时）"));
            assert_eq!(en.hotline.as_deref(), Some("400-6727-666 (24 hours)"));
            assert_eq!(zh.website.as_deref(), Some("https://yunnanca.net"));
            assert_eq!(zh.form_service, Some(service));
            assert!(en.summary.is_ascii(), "{}", en.summary);
            assert!(!zh.summary.is_ascii());
            assert_eq!((zh.bring.len(), zh.steps.len()), (en.bring.len(), en.steps.len()), "{service}");
            assert_eq!(zh.consequences.len(), en.consequences.len(), "{service}");
            let tick = format!("勾选“{}”", zh.service_name());
            assert!(zh.bring.iter().any(|item| item.contains(&tick)), "{service}: {:?}", zh.bring);
        }
    }
    for other in ["CN=云贵CA, C=CN", "CN=Test CA, OU=云南CA, C=CN", ""] {
        assert_eq!(loaded.directory.advice(other, Service::Renew, Chinese).ca, None, "{other}");
    }
}

#[test]
fn the_example_of_the_manual_can_be_used() {
    let manual = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md")).unwrap();
    let section = manual.split_once("/etc/ukeyd/ca.d/NAME.toml").unwrap().1;
    let example = section.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    let loaded = load(&[("a.toml", example.as_bytes())]);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let advice = loaded.directory.advice("O=某某数字证书认证中心有限公司", Service::Renew, English);
    assert_eq!((advice.ca.as_deref(), advice.bring.len()), (Some("Some CA"), 2));
}

#[test]
fn the_shipped_texts_say_what_counts() {
    let directory = shipped().directory;
    let block = |service| directory.advice("CN=云南CA", service, Chinese).block();
    assert!(block(Service::Renew).contains("原CA证书办理点"));
    assert!(block(Service::Reissue).contains("CA窗口"));
    assert!(block(Service::Revoke).contains("24 小时内吊销"));
    assert!(block(Service::New).contains("首张证书免费"));
    assert!(block(Service::Change).contains("关联证明"));
    let short = directory.advice("CN=云南CA", Service::Unlock, English).short();
    assert_eq!(short.lines().last(), Some("Hotline: 400-6727-666 (24 hours)"));
}

#[test]
fn a_dialog_has_room_for_what_nobody_can_do_without() {
    let directory = shipped().directory;
    for issuer in ["CN=云南CA", "CN=Other"] {
        for language in [Chinese, English] {
            for service in Service::ALL {
                let dialog = directory.advice(issuer, service, language).dialog();
                let title = if language == Chinese { "\n请注意" } else { "\nMind" };
                let needed = dialog.split_once(title).unwrap().0;
                // pinentry takes lines of 1000 bytes, with three for each line break; the Key's name stands above.
                assert!(needed.len() + 2 * needed.lines().count() < 760, "{service}: {}: {needed}", needed.len());
            }
        }
    }
}

#[test]
fn an_issuer_without_a_file_gets_advice_in_general() {
    let advice = load(&[]).directory.advice("CN=County CA", Service::Unlock, English);
    assert_eq!((&advice.ca, &advice.hotline, &advice.website, advice.form_service), (&None, &None, &None, None));
    assert!(advice.bring.len() > 1 && advice.steps.len() > 1);
    let block = advice.block();
    assert!(block.starts_with("The PIN is locked"), "{block}");
    assert!(block.contains("\nWhat to bring:\n  1. This Key\n"), "{block}");
    assert!(!block.contains("Hotline"));
}

#[test]
fn a_file_that_says_little_is_completed_in_general_and_from_the_other_language() {
    let loaded = load(&[("a.toml", MINIMAL.as_bytes())]);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let english = loaded.directory.advice("CN=county ca, C=CN", Service::Unlock, English);
    assert_eq!((english.summary.as_str(), english.ca.as_deref()), ("锁了", Some("县CA")));
    assert!(english.bring.is_empty(), "what the file leaves out of a service is not made up");
    let renewal = loaded.directory.advice("CN=County CA", Service::Renew, English);
    assert!(renewal.summary.starts_with("When the certificate"));
    assert_eq!(renewal.hotline.as_deref(), Some("12345"));
    assert_eq!(renewal.form_service, None);
}

#[test]
fn a_later_folder_replaces_by_file_name_and_an_empty_file_switches_off() {
    let vendor = folder(&[("a.toml", MINIMAL.as_bytes()), ("README", b"not one")]);
    let own = MINIMAL.replace("锁了", "不同");
    let local = folder(&[("a.toml", own.as_bytes())]);
    let folders = [vendor.path().to_owned(), local.path().to_owned(), PathBuf::from("/nonexistent")];
    let summary = || Directory::load(&folders).directory.advice("O=County CA", Service::Unlock, Chinese).summary;
    assert_eq!(summary(), "不同");
    fs::write(local.path().join("a.toml"), "\n").unwrap();
    assert_ne!(summary(), "锁了");
    assert_ne!(summary(), "不同");
    fs::write(local.path().join("a.toml"), "broken").unwrap();
    assert_ne!(summary(), "锁了", "a replacement that is broken does not bring the replaced one back");
    fs::remove_file(local.path().join("a.toml")).unwrap();
    assert_eq!(summary(), "锁了");
}

#[test]
fn the_more_specific_file_wins() {
    let specific =
        MINIMAL.replace("name = 'County CA'", "name = 'County*'\nissuer = '*ST=云南*'").replace("锁了", "云南");
    let loaded = load(&[("a.toml", MINIMAL.as_bytes()), ("b.toml", specific.as_bytes())]);
    let summary = |issuer| loaded.directory.advice(issuer, Service::Unlock, Chinese).summary;
    assert_eq!(summary("CN=County CA, ST=云南, C=CN"), "云南");
    assert_eq!(summary("CN=County CA, C=CN"), "锁了");
}

#[test]
fn mistakes_are_named_with_their_line_and_take_no_other_file_down() {
    for (text, wanted) in [
        ("nmae = { en = 'x' }\n[match]\nname = 'x'\n", "a.toml, line 1: unknown field `nmae`"),
        ("[match]\nname = 'x'\n[unlock.zh-CN]\nsummary = 'x'\n", "a.toml, line 3: missing field `where`"),
        ("[match]\nname = 'x'\n[unlock.zh-CN]\nsummary = 'x'\nwhere = ''\n", "line 5: a text must not be empty"),
        ("[match]\nname = 'x'\n[unlock.zh-CN]\nsummary = \"\\u200b\"\n", "line 4: a text must not be empty"),
        ("[match]\nname = 'x'\n[unlock.fr]\nsummary = 'x'\nwhere = 'y'\n", "line 3: unknown field `fr`"),
        ("[match]\nnames = 'x'\n", "line 2: unknown field `names`"),
        ("[match]\n", "a.toml: [match] must say"),
        ("name = { en = 'x' }\n", "missing field `match`"),
        ("renewal-window-days = 0\n[match]\nname = 'x'\n", "line 1: "),
        ("[match]\nname = 'x'\n[unlock\n", "line 3: "),
        ("hotline = { number = '1', fr = 'x' }\n[match]\nname = 'x'\n", "line 1: unknown field `fr`"),
    ] {
        let problem = problem(text);
        assert!(problem.contains(wanted), "{text}: {problem}");
    }
    let long = format!("\n\n\nwebsite = '{}'\n[match]\nname = 'x'\n", "x".repeat(401));
    assert!(problem(&long).contains("line 4: a text has at most 400"), "{}", problem(&long));
    let many = format!("[match]\nname = 'x'\n[new.en]\nsummary = 'x'\nwhere = 'x'\nsteps = [{}]", "'x',".repeat(21));
    assert!(problem(&many).contains("line 6: a list has at most 20"), "{}", problem(&many));
    assert!(problem(&"#".repeat(200 * 1024)).contains("a.toml: larger than 128 KiB"));
}

#[test]
fn what_is_no_text_file_is_left_out() {
    let folder = folder(&[("a.toml", b"# x\n\xff\n"), ("good.toml", MINIMAL.as_bytes())]);
    fs::create_dir(folder.path().join("b.toml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("c.toml")).unwrap();
    std::os::unix::fs::symlink("/nonexistent", folder.path().join("d.toml")).unwrap();
    let loaded = Directory::load(&[folder.path().to_owned()]);
    let problems: Vec<String> = loaded.problems.iter().map(Problem::to_string).collect();
    assert!(problems[0].contains("a.toml, line 2: not UTF-8"), "{problems:?}");
    assert!(problems[1].contains("b.toml: cannot be read: not a regular file"), "{problems:?}");
    assert!(problems[2].contains("c.toml: cannot be read: not a regular file"), "{problems:?}");
    assert!(problems[3].contains("d.toml: cannot be read"), "{problems:?}");
    assert_eq!(loaded.directory.advice("CN=County CA", Service::Unlock, Chinese).summary, "锁了");
}

#[test]
fn texts_are_one_plain_line_whatever_the_file_says() {
    let text = MINIMAL.replace("'锁了'", "\"a\\u202eb\\u001b[1m\\nc\"");
    let advice = load(&[("a.toml", text.as_bytes())]).directory.advice("CN=County CA", Service::Unlock, Chinese);
    assert_eq!(advice.summary, "ab [1m c");
}

#[test]
fn renewal_follows_the_window_of_the_ca() {
    let day: u64 = 24 * 3600;
    let text = format!("renewal-window-days = 60\n{MINIMAL}");
    let directory = load(&[("a.toml", text.as_bytes())]).directory;
    let at = |issuer, before: u64| directory.renewal(issuer, 400 * day, (400 - before) * day, Chinese);
    assert_eq!(at("CN=County CA", 50).0, RenewalTime::Open { days_left: 50 });
    let (time, advice) = at("CN=Other CA", 50);
    assert_eq!(time, RenewalTime::Early { days_left: 50, opens_in: 20 });
    assert!(advice.summary.starts_with("现在还不用更新"));
    assert!(advice.consequences.iter().any(|text| text.contains("打不开")), "{:?}", advice.consequences);
    assert!(advice.consequences.iter().any(|text| text.contains("序列号")), "{:?}", advice.consequences);
    assert!(directory.renewal("", day, 3 * day, English).1.summary.contains("2 days ago"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Pieces of TOML in any order, and any text: no panic, no more than one problem for a file, no text that is not plain.
    #[test]
    fn no_file_makes_it_panic(
        text in prop_oneof![
            any::<String>(),
            prop::collection::vec(prop::sample::select(vec![
                "[match]\n", "name = 'County CA'\n", "name = ", "'County*'", "[unlock.zh-CN]\n", "summary = 'x'\n",
                "where = \"\\u202e\\u0007y\"\n", "bring = ['a', 'b']\n", "steps = [1]\n", "[[match]]\n", "\u{0}", "\u{feff}",
                "hotline = { number = '1', en = 'x', fr = 'y' }\n", "form = true\n", "{", "'''", "\n", "[unlock]\n",
                "issuer = ['*']\n", "renewal-window-days = 99999999999\n", "name = { zh-CN = 1 }\n",
            ]), 0..12).prop_map(|pieces| pieces.concat()),
        ],
        issuer in any::<String>(),
    ) {
        let loaded = load(&[("a.toml", text.as_bytes())]);
        assert!(loaded.problems.len() <= 1);
        for issuer in ["CN=County CA", issuer.as_str()] {
            for service in Service::ALL {
                let block = loaded.directory.advice(issuer, service, Chinese).block();
                assert!(!block.chars().any(|character| character.is_control() && character != '\n'));
                assert!(!block.contains('\u{202e}'));
            }
        }
    }
}
