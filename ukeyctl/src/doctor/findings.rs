//! What is wrong or worth knowing. Pure.

use super::{Pcscd, Seen, Tray};
use crate::advice::advise;
use crate::snapshot::{Key, Module, Snapshot};
use crate::style::Style;
use crate::time::Time;
use serde::Serialize;
use ukey_agent::texts::{Catalogue, FluentValue};
use ukey_dbus::{ModuleState, Validity};

/// 2026-01-01: no clock that is right shows less.
const CLOCK_MIN: u64 = 1_767_225_600;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    /// Good to know.
    Note,
    /// Needs attention soon.
    Warning,
    /// Something does not work.
    Bad,
}

impl Level {
    /// How it is coloured.
    pub(crate) fn style(self) -> Style {
        match self {
            Self::Note => Style::Plain,
            Self::Warning => Style::Warn,
            Self::Bad => Style::Bad,
        }
    }
}

/// One finding, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Stable word for scripts.
    pub(crate) code: String,
    /// How bad it is.
    pub(crate) level: Level,
    /// What is so.
    pub(crate) text: String,
    /// What to do; empty where the text says it.
    #[serde(rename = "do")]
    pub(crate) advice: String,
}

/// Everything found, the worst first.
pub(crate) fn findings(texts: &Catalogue, seen: &Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |code: &str, level, name: &str| {
        let name = [("name", name)];
        findings.push(Finding {
            code: code.to_owned(),
            level,
            text: texts.text_with(&format!("doctor-{code}"), &name),
            advice: texts.text_with(&format!("doctor-{code}-do"), &name),
        });
    };
    for file in &seen.missing {
        add("file-missing", Level::Bad, file);
    }
    if !seen.polkit {
        add("no-polkit", Level::Bad, "");
    }
    if seen.pcscd_rule_missing {
        add("pcscd-rule-missing", Level::Warning, "");
    }
    if !seen.usb_closed.is_empty() {
        add("usb-closed", Level::Bad, &seen.usb_closed.join(", "));
    }
    for library in &seen.libraries {
        if let Some(trouble) = library.trouble {
            add(&format!("library-{trouble}"), Level::Bad, &library.path);
        }
        if !library.used_by.is_empty() {
            add("library-shared", Level::Warning, &library.used_by.join(", "));
        }
    }
    match seen.pcscd {
        Pcscd::Reachable => {}
        Pcscd::Refuses => add("pcscd-refuses", Level::Warning, ""),
        Pcscd::Absent => add("pcscd-absent", Level::Note, ""),
    }
    if !seen.agent {
        add("no-agent", Level::Note, "");
    }
    if seen.tray == Tray::NoHost {
        add("no-tray", Level::Note, "");
    }
    match &seen.service {
        None => add("unreachable", Level::Bad, &seen.unreachable),
        Some(snapshot) => {
            if snapshot.version != seen.ukeyctl {
                add("versions-differ", Level::Warning, &snapshot.version);
            }
            if is_clock_wrong(snapshot, seen.time) {
                add("clock", Level::Bad, &seen.time.date_and_time());
            }
            if !seen.logind {
                add("no-logind", Level::Note, "");
            }
            if !seen.usb.is_empty() && snapshot.keys.is_empty() {
                add("usb-unused", Level::Warning, &seen.usb.join(", "));
            }
            for (one, two) in twins(snapshot) {
                add("key-twice", Level::Warning, &format!("{}: {}, {}", one.name(), one.module, two.module));
            }
            let works = |module: &&Module| module.known_state() == Some(ModuleState::Ready);
            for module in snapshot.modules.iter().filter(works).filter(|module| !module.reason.is_empty()) {
                add("module-unconfined", Level::Warning, &format!("{}: {}", module.name, module.reason));
            }
            for module in snapshot.modules.iter().filter(|module| !module.verified) {
                add("module-unverified", Level::Note, &module.name);
            }
            findings.extend(advised(texts, snapshot));
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings
}

/// What `ukeyctl status` advises, as findings.
fn advised(texts: &Catalogue, snapshot: &Snapshot) -> Vec<Finding> {
    let advice = advise(snapshot).into_iter();
    advice
        .map(|advice| {
            let values = [("name", FluentValue::from(advice.name.as_str())), ("days", advice.days.into())];
            Finding {
                code: advice.code.to_owned(),
                level: if advice.style == Style::Bad { Level::Bad } else { Level::Warning },
                text: texts.text_with(&format!("advice-{}", advice.code), &values),
                advice: String::new(),
            }
        })
        .collect()
}

/// A clock before every certificate is the clock's fault, not the certificates'.
fn is_clock_wrong(snapshot: &Snapshot, now: Time) -> bool {
    let mut certificates = snapshot.certificates().map(|(_, certificate)| certificate.known_validity()).peekable();
    let all_to_come =
        certificates.peek().is_some() && certificates.all(|validity| validity == Some(Validity::NotYetValid));
    now < Time::from_unix(CLOCK_MIN) || all_to_come
}

/// Keys that two modules show: by the same serial number.
fn twins(snapshot: &Snapshot) -> Vec<(&Key, &Key)> {
    let keys = &snapshot.keys;
    let same = |one: &Key, two: &Key| {
        !one.serial_number.is_empty() && one.serial_number == two.serial_number && one.module != two.module
    };
    let pairs = keys.iter().enumerate().flat_map(|(n, one)| keys[n + 1..].iter().map(move |two| (one, two)));
    pairs.filter(|(one, two)| same(one, two)).collect()
}

#[cfg(test)]
pub(super) mod fixture {
    use super::super::{Library, Pcscd, Seen, Tray};
    use crate::snapshot::fixture::{now, snapshot};

    /// A healthy computer with the Keys of the snapshot's fixture.
    pub(crate) fn seen() -> Seen {
        Seen {
            ukeyctl: "0.1.0",
            system: "Debian".to_owned(),
            kernel: "6.1".to_owned(),
            time: now(),
            service: Some(snapshot()),
            unreachable: String::new(),
            libraries: vec![Library {
                module: "softhsm2".to_owned(),
                path: "/usr/lib/x.so".to_owned(),
                ..Library::default()
            }],
            usb: Vec::new(),
            usb_closed: Vec::new(),
            pcscd: Pcscd::Reachable,
            pcscd_rule_missing: false,
            polkit: true,
            agent: true,
            tray: Tray::Shown,
            logind: true,
            missing: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::seen;
    use super::*;
    use crate::texts::catalogue;
    use ukey_agent::texts::Language;

    fn codes(seen: &Seen) -> Vec<String> {
        findings(&catalogue(Language::English), seen).into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_healthy_computer_has_only_what_its_keys_need() {
        let expected = ["pin-locked", "certificate-expired", "certificate-expiring", "module-unverified"];
        assert_eq!(codes(&seen()), expected);
    }

    #[test]
    fn each_trouble_is_found_and_says_what_to_do() {
        let mut seen = seen();
        seen.libraries[0].trouble = Some("missing");
        seen.libraries[0].used_by = vec!["firefox".to_owned()];
        seen.pcscd = Pcscd::Refuses;
        seen.agent = false;
        seen.tray = Tray::NoHost;
        seen.polkit = false;
        seen.pcscd_rule_missing = true;
        seen.usb_closed = vec!["055c:e618".to_owned()];
        seen.logind = false;
        seen.missing = vec!["/usr/share/x"];
        seen.usb = vec!["096e:0309".to_owned()];
        let mut snapshot = seen.service.take().unwrap();
        snapshot.version = "0.0.9".to_owned();
        let mut twin = snapshot.keys[0].clone();
        twin.module = "other".to_owned();
        snapshot.keys.push(twin);
        seen.service = Some(snapshot);
        let found = codes(&seen);
        for code in [
            "library-missing",
            "library-shared",
            "pcscd-refuses",
            "no-agent",
            "no-tray",
            "no-polkit",
            "pcscd-rule-missing",
            "usb-closed",
            "no-logind",
            "file-missing",
            "versions-differ",
            "key-twice",
        ] {
            assert!(found.iter().any(|found| found == code), "{code}: {found:?}");
        }
        seen.service.as_mut().unwrap().keys.clear();
        assert!(codes(&seen).iter().any(|code| code == "usb-unused"));
        seen.time = Time::from_unix(0);
        assert!(codes(&seen).iter().any(|code| code == "clock"));
        seen.service = None;
        seen.pcscd = Pcscd::Absent;
        assert!(codes(&seen).iter().any(|code| code == "unreachable"));
        for language in [Language::Chinese, Language::English] {
            for finding in findings(&catalogue(language), &seen) {
                assert!(!finding.text.contains("doctor-") && !finding.advice.contains("doctor-"), "{finding:?}");
            }
        }
    }
}
