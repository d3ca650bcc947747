//! The notices, each by itself.

use super::scenery::{NEW_PIN, PIN, enter_wrongly, key, plain, sign, with};
use super::words::Words;
use crate::ca::CertificateProfile;
use crate::fixture::{Fixture, FixtureBuilder};
use crate::lab::When;
use crate::person::Person;
use crate::pinentry::ScriptedPinentry;
use crate::process::kill;
use crate::refusal::{no_options, option, refusal};
use rustix::process::Signal;
use std::time::{Duration, UNIX_EPOCH};
use ukey_dbus::options;
use ukey_lab_module::control::{Call, Fault};

/// A notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum NoticeView {
    /// Of a certificate that ends in some days.
    ExpiresInDays,
    /// Tomorrow.
    ExpiresTomorrow,
    /// Today.
    ExpiresToday,
    /// Of one that ended today.
    ExpiredToday,
    /// Some days ago.
    Expired,
    /// Of a wrong PIN.
    Low,
    /// Of the last try.
    FinalTry,
    /// Of a locked PIN.
    Locked,
    /// Of a PIN that is the one that the Key came with, as the Key says.
    Initial,
    /// Of a well-known PIN that was typed.
    Factory,
    /// Of a Key that was pulled out while a program signed.
    Removed,
    /// That wants the Key's button pressed.
    Press,
    /// That wants the PIN typed on the Key.
    Pinpad,
    /// Of a module that stopped.
    Failed,
    /// Of what was copied.
    Copied,
    /// Of a clipboard that takes nothing.
    NotCopied,
    /// Of a form.
    Form,
    /// Of a form that could not be kept.
    NoForm,
    /// Of a changed PIN.
    Changed,
    /// Of a PIN that was not changed.
    NotChanged,
    /// Of a log-out that did not work.
    NotLoggedOut,
    /// Of notices that are too many.
    Rest,
}

const DAY: u64 = 86_400;

impl NoticeView {
    pub(super) fn title(self) -> (Words, &'static str) {
        match self {
            Self::ExpiresInDays => (Words::Expiry, "title-days"),
            Self::ExpiresTomorrow => (Words::Expiry, "title-tomorrow"),
            Self::ExpiresToday => (Words::Expiry, "title-today"),
            Self::ExpiredToday => (Words::Expiry, "title-ended-today"),
            Self::Expired => (Words::Expiry, "title-ended"),
            Self::Low => (Words::Desktop, "notice-low-title"),
            Self::FinalTry => (Words::Desktop, "notice-final-title"),
            Self::Locked => (Words::Desktop, "notice-locked-title"),
            Self::Initial => (Words::Desktop, "notice-factory-title"),
            Self::Factory => (Words::Dialogs, "factory-pin-title"),
            Self::Removed => (Words::Dialogs, "token-removed-title"),
            Self::Press => (Words::Dialogs, "press-title"),
            Self::Pinpad => (Words::Dialogs, "pinpad-notice-title"),
            Self::Failed => (Words::Desktop, "notice-failed-title"),
            Self::Copied => (Words::Desktop, "notice-copied-title"),
            Self::NotCopied => (Words::Desktop, "notice-not-copied-title"),
            Self::Form => (Words::Desktop, "notice-form-title"),
            Self::NoForm => (Words::Desktop, "notice-no-form-title"),
            Self::Changed => (Words::Dialogs, "pin-changed-title"),
            Self::NotChanged => (Words::Desktop, "notice-change-failed-title"),
            Self::NotLoggedOut => (Words::Desktop, "notice-log-out-failed-title"),
            Self::Rest => (Words::Desktop, "notice-rest-title"),
        }
    }

    pub(super) fn builder(self) -> FixtureBuilder {
        let first = match self.end() {
            Some(end) => with("药品采购", CertificateProfile::default().from_to(end - 365 * DAY, end)),
            None => key("药品采购", 200),
        };
        let first = if self == Self::Factory { first.pin("123456") } else { first };
        let mut builder = Fixture::builder().key(first);
        if self == Self::Rest {
            builder = (2..=9).fold(builder, |builder, number| builder.key(key(&format!("采购{number}"), 200)));
        }
        let builder =
            builder.module(if self == Self::Press { "press = true" } else { "tries = { user = 10, so = 10 }" });
        builder.lab(match self {
            Self::Locked => |lab, keys| lab.pin_limit(&keys[0], 1, 10),
            Self::FinalTry => |lab, keys| lab.pin_limit(&keys[0], 2, 10),
            Self::Initial => |lab, keys| lab.initial_pin(&keys[0]),
            Self::Pinpad => |lab, keys| lab.keypad(&keys[0]),
            _ => plain,
        })
    }

    /// The last moment of the certificate, where it matters.
    fn end(self) -> Option<u64> {
        let today = UNIX_EPOCH.elapsed().unwrap().as_secs() / DAY * DAY;
        match self {
            Self::ExpiresInDays => Some(today + 13 * DAY - 1),
            Self::ExpiresTomorrow => Some(today + 2 * DAY - 1),
            Self::ExpiresToday => Some(today + DAY - 1),
            Self::ExpiredToday => Some(today + 1),
            Self::Expired => Some(today - 2 * DAY - 1),
            _ => None,
        }
    }

    pub(super) async fn bring_about(self, fixture: &mut Fixture) {
        fixture.desktop().wait_for_item().await;
        match self {
            Self::ExpiresInDays | Self::ExpiresTomorrow | Self::ExpiresToday | Self::ExpiredToday | Self::Expired => {}
            Self::Initial => {}
            Self::Low | Self::FinalTry | Self::Locked => enter_wrongly(fixture).await,
            Self::Factory => fixture.log_in().await,
            Self::Removed => {
                let call = sign(fixture, no_options()).await;
                fixture.pinentry().dialog(1).await;
                fixture.lab().remove(fixture.key());
                refusal(call.await.unwrap());
            }
            Self::Press => {
                fixture.log_in().await;
                fixture.lab().fault(When::calling(Call::Sign), Fault::Delay(60_000));
                drop(sign(fixture, option(options::REASON, "药品采购订单 2026-11-26（3 份）")).await);
            }
            Self::Pinpad => {
                fixture.pinentry().will_confirm();
                let token = fixture.token().await;
                drop(tokio::spawn(async move { token.login(no_options()).await }));
            }
            Self::Failed => {
                fixture.lab().fault(When::calling(Call::Initialize), Fault::Segfault);
                kill(fixture.daemon.shims()[0], Signal::KILL);
            }
            Self::Copied => self.choose(fixture, "menu-copy").await,
            Self::NotCopied => {
                fixture.desktop.as_mut().unwrap().hide_screen();
                let environment = fixture.desktop().environment();
                fixture.restart_agent(Person::Clerk, &environment).await;
                self.choose(fixture, "menu-copy").await;
            }
            Self::Form => {
                fixture.desktop().documents();
                self.choose_form(fixture).await;
            }
            Self::NoForm => {
                // Somebody made it as root.
                let folder = fixture.desktop().documents();
                std::os::unix::fs::chown(folder, Some(0), Some(0)).unwrap();
                self.choose_form(fixture).await;
            }
            Self::Changed => self.change(fixture, PIN, fixture.pinentry()).await,
            Self::NotChanged => self.change(fixture, "wrong-pin", fixture.pinentry()).await,
            Self::NotLoggedOut => {
                fixture.log_in().await;
                fixture.desktop().tray().await.wait_for("logged-in").await;
                let tray = fixture.desktop().tray().await;
                let line = Words::Desktop.text(fixture.desktop().locale(), "menu-log-out");
                let id = tray.line(&line).await;
                fixture.daemon.program().signal(Signal::STOP);
                tray.click(id).await.unwrap();
            }
            Self::Rest => {
                for key in &fixture.keys {
                    fixture.pinentry().will_type("wrong-pin");
                    refusal(fixture.token_of(key, &fixture.clerk).await.login(no_options()).await);
                }
                // The one for the rest changes once a second at most.
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
        }
        fixture.desktop().screen().wait_for_notice().await;
    }

    async fn choose(self, fixture: &Fixture, line: &str) {
        fixture.desktop().tray().await.choose(&Words::Desktop.text(fixture.desktop().locale(), line)).await;
    }

    async fn choose_form(self, fixture: &Fixture) {
        let language = match fixture.desktop().locale() {
            crate::desktop::Locale::Chinese => ukey_texts::Language::Chinese,
            crate::desktop::Locale::English => ukey_texts::Language::English,
        };
        fixture.desktop().tray().await.choose(&ukey_guidance::Service::Renew.name(language)).await;
    }

    async fn change(self, fixture: &Fixture, current: &str, pinentry: &ScriptedPinentry) {
        for pin in [current, NEW_PIN, NEW_PIN] {
            pinentry.will_type(pin);
        }
        self.choose(fixture, "menu-change-pin").await;
    }
}
