use super::*;
use crate::desktop::keys::fixture;
use crate::texts::Language;
use ukey_dbus::Validity;
use ukey_guidance::{Directory, Service};

const NOW: i64 = 1_800_000_000 - 20 * 86_400;

fn model(change: impl FnOnce(&mut Snapshot)) -> Model {
    let mut snapshot = fixture::snapshot();
    change(&mut snapshot);
    Model::of(&Texts::new(Language::Chinese), &snapshot, NOW)
}

fn labels(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.label.as_str()).collect()
}

#[test]
fn one_key_has_its_lines_on_top_and_several_have_menus() {
    let one = model(|snapshot| drop(snapshot.keys.pop()));
    assert_eq!(
        labels(&one.menu),
        [
            "某县人民医院（采购） · 剩 20 天",
            "可以使用",
            "",
            "修改 PIN 码(_P)…",
            "复制绑定信息(_C)",
            "怎么办(_W)…",
            "详细信息(_D)…"
        ]
    );
    let two = model(|_| ());
    assert_eq!(labels(&two.menu), ["某县人民医院（采购） · 剩 20 天", "验收 Key"]);
    assert!(matches!(&two.menu[0].kind, EntryKind::Menu(lines) if lines.len() == 6));
    assert_eq!(two.tooltip, "某县人民医院（采购） · 剩 20 天\n可以使用\n验收 Key\n可以使用");
}

#[test]
fn what_cannot_be_done_is_not_offered() {
    let only = |change: fn(&mut Key)| {
        model(|snapshot| {
            snapshot.keys.pop();
            change(&mut snapshot.keys[0]);
        })
    };
    let has = |model: &Model, fits: fn(&Action) -> bool| {
        model.menu.iter().any(|entry| matches!(&entry.kind, EntryKind::Button(action) if fits(action)))
    };
    let change = |action: &Action| matches!(action, Action::ChangePin(_));
    let log_out = |action: &Action| matches!(action, Action::LogOut(_));
    let copy = |action: &Action| matches!(action, Action::CopyBinding(_));
    let plain = only(|_| ());
    assert!(has(&plain, change) && has(&plain, copy) && !has(&plain, log_out));
    assert!(!has(&only(|key| key.pin_state = Some(PinState::Locked)), change));
    assert!(has(&only(|key| key.login = Login::Mine), log_out));
    assert!(!has(&only(|key| key.login = Login::Another), log_out));
    assert!(!has(&only(|key| key.certificates[1].validity = Some(Validity::Expired)), copy));
}

#[test]
fn without_keys_the_menu_says_why_and_what_to_do() {
    let none = model(|snapshot| snapshot.keys.clear());
    assert_eq!(labels(&none.menu), ["没有插入 UKey", "", "怎么办(_W)…", "详细信息(_D)…"]);
    assert_eq!((none.state, none.title.as_str(), none.tooltip.as_str()), (State::NoKey, "没有插入 UKey", ""));
    let gone = Model::of(&Texts::new(Language::Chinese), &Snapshot::default(), NOW);
    assert_eq!(gone.menu[0].label, "UKey 服务没有运行，请联系技术人员");
}

#[test]
fn underscores_of_keys_and_modules_choose_nothing() {
    let hostile = model(|snapshot| {
        snapshot.keys[1].label = "_L_".to_owned();
        snapshot.modules[0].name = "a_b".to_owned();
        snapshot.modules[0].state = Some(ukey_dbus::ModuleState::Failed);
    });
    assert_eq!(hostile.menu[1].label, "__L__");
    assert_eq!(hostile.menu[2].label, "驱动“a__b”不能工作");
    assert_eq!(hostile.state, State::Failed);
}

#[test]
fn the_form_is_offered_where_the_ca_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toml"), "form = true\n[match]\nname = 'CA'\n").unwrap();
    let directory = Directory::load(&[folder.path().to_owned()]).directory;
    let texts = Texts::with_directory(Language::Chinese, directory);
    let mut snapshot = fixture::snapshot();
    snapshot.keys.pop();
    let menus = |snapshot: &Snapshot| -> Vec<Entry> {
        let menu = Model::of(&texts, snapshot, NOW).menu;
        menu.into_iter().filter(|entry| matches!(entry.kind, EntryKind::Menu(_))).collect()
    };
    let found = menus(&snapshot);
    let [Entry { label, kind: EntryKind::Menu(lines), .. }] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(label, "业务申请表(_F)");
    assert_eq!(labels(lines), ["更新", "解锁", "补办", "变更", "注销"]);
    let renewal = snapshot.keys[0].current().next().unwrap().fingerprint.clone();
    assert_eq!(lines[0].kind, EntryKind::Button(Action::Form(renewal, Service::Renew)));
    snapshot.keys[0].certificates[1].key_use = Some(KeyUse::Encryption);
    snapshot.keys[0].certificates[0].issuer = "CN=Other".to_owned();
    assert!(menus(&snapshot).is_empty());
}

#[test]
fn the_menu_is_bounded_says_so_and_has_the_worst() {
    let many = model(|snapshot| {
        let key = snapshot.keys[0].clone();
        snapshot.keys = vec![key; 40];
        snapshot.keys[39].label = "最后".to_owned();
        snapshot.keys[39].pin_state = Some(PinState::Locked);
    });
    assert_eq!(many.menu.len(), KEYS_MAX + 1);
    assert_eq!(many.menu[KEYS_MAX].label, "另有 16 个 UKey 没有列出");
    assert!(many.menu[0].label.contains("最后"), "{:?}", labels(&many.menu));
    assert!(many.tooltip.starts_with("某县人民医院（最后）"), "{}", many.tooltip);
    assert!(many.tooltip.ends_with("另有 34 个 UKey 没有列出"), "{}", many.tooltip);
    assert_eq!(many.tooltip.lines().count(), 2 * TOOLTIP_MAX + 1);
}

#[test]
fn the_picture_is_about_the_worst_key() {
    let low = model(|snapshot| snapshot.keys[1].pin_state = Some(PinState::FinalTry));
    let second = fixture::snapshot().keys[1].path.clone();
    assert_eq!((low.state, low.first), (State::PinLow, Action::Details(Some(second))));
}
