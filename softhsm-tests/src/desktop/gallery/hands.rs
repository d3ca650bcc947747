//! Programs that ask for something, and a person who does what each dialog wants until the one that is to be seen.

use super::dialogs::{Asked, DialogView};
use super::scenery::NEW_PIN;
use super::words::Words;
use crate::caller::CallingProgram;
use crate::desktop::Locale;
use crate::fixture::Fixture;
use crate::refusal::{Options, option};
use crate::wait::eventually;
use std::collections::HashMap;
use ukey_dbus::{KeyKind, options};

/// Signatures that a batch is of.
const BATCH: u8 = 117;

/// The person.
pub(super) struct Hands<'a> {
    view: DialogView,
    fixture: &'a Fixture,
    /// Wrong PINs still to be entered.
    wrong: u32,
    /// How many dialogs of each title were there.
    seen: HashMap<String, u32>,
    /// The process of the last dialog.
    last: String,
}

impl<'a> Hands<'a> {
    pub(super) fn of(view: DialogView, fixture: &'a Fixture) -> Self {
        Self { view, fixture, wrong: view.wrong(), seen: HashMap::new(), last: String::new() }
    }

    /// A program asks, as often as it is refused because of a wrong PIN; it asks as long as what is given back exists.
    pub(super) async fn programs_ask(&self, asked: Asked) -> Vec<CallingProgram> {
        let person = self.view.person();
        let programs = ["procurement", "invoices"].map(|name| CallingProgram::named_in_opt(person, name));
        let connections = [programs[0].connect().await, programs[1].connect().await];
        let key = self.fixture.key();
        let token = self.fixture.token_of(key, &connections[0]).await;
        let certificate = self.fixture.certificate_of(key, KeyKind::EcP256, &connections[0]).await;
        let others = self.fixture.certificate_of(key, KeyKind::EcP256, &connections[1]).await;
        let (reason, wrong) = (self.reason(asked), self.wrong);
        let digests: Vec<Vec<u8>> = (1..=BATCH).map(|number| vec![number; 32]).collect();
        tokio::spawn(async move {
            for _ in 0..=wrong {
                let digests: Vec<&[u8]> = digests.iter().map(Vec::as_slice).collect();
                let options = || -> Options { option(options::REASON, reason) };
                let batch = "ECDSA-SHA256";
                let ended = match asked {
                    Asked::Login => token.login(options()).await,
                    Asked::Sign => certificate.sign_data(batch, b"order", options()).await.map(drop),
                    Asked::Batch => certificate.sign_batch(batch, &digests, options()).await.map(drop),
                    Asked::SignByAnother => {
                        token.login(options()).await.unwrap();
                        others.sign_batch(batch, &digests, options()).await.map(drop)
                    }
                    Asked::ChangePin => token.change_pin(options()).await,
                    Asked::ChangeSoPin => {
                        let who = (options::WHO, options::WHO_SO.into());
                        token.change_pin(options().into_iter().chain([who]).collect()).await
                    }
                    Asked::Unblock => token.unblock_pin(options()).await,
                };
                // A wrong PIN, or the end of the picture.
                drop(ended);
            }
        });
        programs.into()
    }

    fn reason(&self, asked: Asked) -> &'static str {
        let chinese = self.fixture.desktop().locale() == Locale::Chinese;
        match asked {
            Asked::Sign if chinese => "药品采购订单 2026-11-26（3 份）",
            Asked::Sign => "Drug orders of 2026-11-26 (3)",
            Asked::Batch | Asked::SignByAnother if chinese => "发票 2026-11，共 117 张",
            Asked::Batch | Asked::SignByAnother => "117 invoices of 2026-11",
            Asked::Unblock if chinese => "工单 2026-117",
            Asked::Unblock => "Ticket 2026-117",
            _ => "",
        }
    }

    /// Does what the dialogs want until the one with this title is there for the so-manieth time.
    pub(super) async fn reach(&mut self, title: &str, number: u32) {
        let locale = self.fixture.desktop().locale();
        let titles: Vec<(String, String)> =
            Words::Dialogs.titles().into_iter().map(|key| (Words::Dialogs.text(locale, &key), key)).collect();
        loop {
            let (process, shown) = eventually("a dialog", async || {
                let window = self.fixture.desktop().screen().active_window()?;
                (window.0 != self.last && titles.iter().any(|(title, _)| *title == window.1)).then_some(window)
            })
            .await;
            self.last = process;
            // Two dialogs may share a title.
            let mut fitting = titles.iter().filter(|(title, _)| *title == shown).map(|(_, key)| key);
            let key = fitting.clone().find(|key| *key == title).or(fitting.next()).unwrap();
            let seen = self.seen.entry(key.clone()).or_default();
            *seen += 1;
            if (key.as_str(), *seen) == (title, number) {
                return;
            }
            let seen = *seen;
            self.act(key, seen);
        }
    }

    fn act(&mut self, dialog: &str, seen: u32) {
        match dialog.strip_suffix("-title").unwrap() {
            "user-pin" | "signature-pin" | "current-pin" => self.enter_own(self.fixture.key().pin()),
            "so-pin" | "current-so-pin" => self.enter_own(self.fixture.key().so_pin()),
            "new-pin" if seen == 1 && self.view == DialogView::NewPinShort => self.enter("12"),
            "new-pin" if seen == 1 && self.view == DialogView::FactoryChoice => self.enter("123456"),
            "new-pin-again" if self.view == DialogView::NewPinDiffered => self.enter("qm408216"),
            "new-pin" | "new-pin-again" | "new-so-pin" | "new-so-pin-again" => self.enter(NEW_PIN),
            "final-try" | "unknown-tries" | "so-final-try" | "so-unknown-tries" => self.agree("button-try"),
            "unblock" | "pinpad" => self.agree("button-continue"),
            other => panic!("nobody knows what to do about {other}"),
        }
    }

    /// Enters a PIN of the Key, or a wrong one as long as that is wanted.
    fn enter_own(&mut self, pin: &str) {
        let wrong = self.wrong > 0;
        self.wrong -= u32::from(wrong);
        self.enter(if wrong { "wrong-pin" } else { pin });
    }

    fn enter(&self, text: &str) {
        self.fixture.desktop().screen().enter(text);
    }

    fn agree(&self, button: &str) {
        let letter = Words::Dialogs.letter(self.fixture.desktop().locale(), button);
        self.fixture.desktop().screen().keys(&[&format!("alt+{letter}")]);
    }
}
