//! What a notice and its advice say: which unit, which Key, until when, and what to do.

use super::calendar::Calendar;
use crate::desktop::keys::{Certificate, Key};
use crate::texts::{Catalogue, FluentValue, Language};
use ukey_dbus::KeyUse;
use ukey_formats::expiry::moment;
use ukey_formats::text::one_line;
use ukey_guidance::{Directory, RenewalTime};

const ZH: &str = include_str!("../../../locales/zh-CN/expiry.ftl");
const EN: &str = include_str!("../../../locales/en/expiry.ftl");

/// Longest name in a title, in characters.
const NAME_MAX: usize = 32;

/// The texts, with what the CAs say.
pub(crate) struct Words {
    texts: Catalogue,
    directory: Directory,
}

/// A certificate at a moment.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) key: &'a Key,
    pub(super) certificate: &'a Certificate,
    pub(super) calendar: &'a Calendar,
    /// Unix seconds.
    pub(super) now: u64,
}

impl Scene<'_> {
    /// Days of the calendar until the last one.
    fn days_left(&self) -> i64 {
        self.calendar.days_left(self.certificate.not_after, self.now)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.now > self.certificate.not_after
    }
}

impl Words {
    /// In this language, with what the files of `ca.d` say.
    pub(crate) fn new(language: Language, directory: Directory) -> Self {
        Self { texts: Catalogue::new(language, ZH, EN), directory }
    }

    /// The text called `key`.
    pub(crate) fn text(&self, key: &str) -> String {
        self.texts.text(key)
    }

    /// One line: the unit, and when its certificate ends.
    pub(super) fn title(&self, scene: Scene<'_>) -> String {
        let name = match one_line(scene.certificate.unit(), NAME_MAX) {
            unit if unit.is_empty() => one_line(scene.key.name(), NAME_MAX),
            unit => unit,
        };
        let days = scene.days_left();
        let (key, days) = match (scene.has_ended(), days) {
            (false, 2..) => ("title-days", days),
            (false, 1) => ("title-tomorrow", 1),
            (false, _) => ("title-today", 0),
            (true, ..0) => ("title-ended", days.saturating_neg()),
            (true, _) => ("title-ended-today", 0),
        };
        self.texts.text_with(key, &[("name", FluentValue::from(name)), ("days", days.into())])
    }

    /// Which Key and certificate, until when, what to do and what if not.
    pub(super) fn text_of(&self, scene: Scene<'_>) -> String {
        let advice = self
            .directory
            .renewal(&scene.certificate.issuer, scene.certificate.not_after, scene.now, self.language())
            .1;
        let mut lines = self.facts(scene);
        lines.push(self.text(if scene.has_ended() { "line-ended" } else { "line-renew" }));
        lines.push(self.texts.text_with("line-place", &[("place", advice.place.as_str())]));
        lines.extend(
            advice.hotline.iter().map(|hotline| self.texts.text_with("line-hotline", &[("hotline", hotline.as_str())])),
        );
        lines.join("\n")
    }

    /// Everything about the renewal, or why it is too early for one.
    pub(crate) fn advice(&self, key: &Key, certificate: &Certificate, calendar: &Calendar, now: u64) -> Vec<String> {
        let scene = Scene { key, certificate, calendar, now };
        let window = self.directory.window(&certificate.issuer);
        let (_, mut advice) =
            self.directory.renewal(&certificate.issuer, certificate.not_after, scene.now, self.language());
        let time = self.time(scene);
        advice.summary = time.sentence(window, self.language());
        if matches!(time, RenewalTime::Early { .. }) {
            // Not yet to be done: only that, and why.
            (advice.bring, advice.steps) = (Vec::new(), Vec::new());
        }
        let mut lines = self.facts(scene);
        lines.push(String::new());
        lines.extend(advice.dialog().lines().map(str::to_owned));
        lines
    }

    /// What time it is for the renewal, in days of the calendar.
    fn time(&self, scene: Scene<'_>) -> RenewalTime {
        let not_after = scene.certificate.not_after;
        let opens = moment(not_after, i32::from(self.directory.window(&scene.certificate.issuer).days));
        let days = scene.days_left();
        if scene.now < opens {
            let opens_in = scene.calendar.day(opens) - scene.calendar.day(scene.now);
            RenewalTime::Early { days_left: days.unsigned_abs(), opens_in: opens_in.unsigned_abs().max(1) }
        } else if scene.has_ended() {
            RenewalTime::Expired { days_ago: days.min(0).unsigned_abs() }
        } else {
            RenewalTime::Open { days_left: days.max(0).unsigned_abs() }
        }
    }

    fn facts(&self, scene: Scene<'_>) -> Vec<String> {
        let (key, certificate) = (scene.key, scene.certificate);
        let (date, time) = scene.calendar.date_and_time(certificate.not_after);
        let kind = match certificate.key_use {
            Some(KeyUse::Encryption) => "kind-encryption",
            Some(KeyUse::Signature | KeyUse::Both) if !certificate.details.partner.is_empty() => "kind-pair",
            Some(KeyUse::Signature) => "kind-signature",
            _ => "kind-both",
        };
        let key = self.texts.text_with("line-key", &[("label", key.name()), ("serial", &key.serial_number)]);
        let kind = self.text(kind);
        let end = self.texts.text_with("line-end", &[("kind", kind.as_str()), ("date", &date), ("time", &time)]);
        vec![key, end]
    }

    fn language(&self) -> Language {
        self.texts.language()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::keys::fixture;
    use crate::texts::keys;
    use jiff::tz::TimeZone;

    /// 2027-11-24 23:59:59 in Kunming.
    const END: u64 = 1_827_071_999;
    const DAY: u64 = 86_400;

    fn with<T>(language: Language, now: u64, look: impl FnOnce(&Words, Scene<'_>) -> T) -> T {
        let words = Words::new(language, Directory::default());
        let mut key = fixture::snapshot().keys[0].clone();
        key.certificates.truncate(1);
        key.certificates[0].not_after = END;
        let calendar = Calendar::new(TimeZone::posix("CST-8").unwrap());
        look(&words, Scene { key: &key, certificate: &key.certificates[0], calendar: &calendar, now })
    }

    #[test]
    fn both_languages_have_the_same_texts() {
        assert_eq!(keys(ZH).unwrap(), keys(EN).unwrap());
        let runner = concat!(include_str!("runner.rs"), include_str!("../actions.rs"));
        let source = include_str!("words.rs").split("mod tests").next().unwrap();
        for key in keys(EN).unwrap() {
            assert!(source.contains(&format!("\"{key}\"")) || runner.contains(&format!("\"{key}\"")), "{key}");
        }
    }

    #[test]
    fn the_title_counts_the_days_of_the_calendar() {
        for (now, zh, en) in [
            (END - 7 * DAY - 80_000, "某县人民医院：证书还有 7 天到期", "7 days"),
            (END - DAY - 60_000, "明天到期", "tomorrow"),
            (END, "今天到期", "today"),
            (END + 1, "已过期 1 天", "1 day ago"),
            (END + 3 * DAY, "已过期 3 天", "3 days ago"),
        ] {
            let title = |language| with(language, now, Words::title);
            assert!(title(Language::Chinese).contains(zh), "{}", title(Language::Chinese));
            assert!(title(Language::English).contains(en), "{}", title(Language::English));
        }
    }

    #[test]
    fn the_text_says_which_key_until_when_and_what_to_do() {
        let text = with(Language::Chinese, END - 3 * DAY, Words::text_of);
        for part in ["采购", "SN0001", "2027-11-24 23:59", "更新", "网点"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let ended = with(Language::English, END + DAY, Words::text_of);
        assert!(ended.contains("can't sign"), "{ended}");
    }

    #[test]
    fn before_the_window_the_advice_is_to_wait_and_why() {
        let early = with(Language::Chinese, END - 100 * DAY, |words, scene| {
            words.advice(scene.key, scene.certificate, scene.calendar, scene.now)
        })
        .join("\n");
        for part in ["100 天", "加密", "序列号"] {
            assert!(early.contains(part), "{part}: {early}");
        }
        let open = with(Language::Chinese, END - 10 * DAY, |words, scene| {
            words.advice(scene.key, scene.certificate, scene.calendar, scene.now)
        })
        .join("\n");
        assert!(open.contains("10 天") && !open.contains("现在还不用"), "{open}");
    }
}
