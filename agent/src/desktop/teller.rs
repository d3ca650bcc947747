//! Tells the news.

use super::actions::{Action, Actions};
use super::keys::{Key, Module, Snapshot};
use super::news::{self, News};
use super::notifications::{Action as Button, Notice, Notifier, Urgency, Weight};
use super::presence;
use super::state::State;
use super::texts::Texts;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use ukey_dbus::ModuleState;
use ukey_formats::text::one_line;
use ukey_guidance::Service;
use zbus::Connection;

/// Longest name in a title, in characters.
const NAME_MAX: usize = 40;

/// A module that is not back after this has failed for longer than anybody overlooks.
const RESTART_TIME: Duration = Duration::from_secs(3);

/// Who tells it.
pub(super) struct Teller {
    pub(super) connection: Connection,
    pub(super) notifier: Notifier,
    pub(super) actions: Actions,
    pub(super) texts: Arc<Texts>,
}

impl Teller {
    /// Tells what each snapshot has of new, the first one included, until there are no more.
    pub(super) async fn follow(self, mut shown: watch::Receiver<Arc<Snapshot>>) {
        let mut before: Arc<Snapshot> = Arc::default();
        loop {
            let after = Arc::clone(&shown.borrow_and_update());
            let news = news::between(&before, &after);
            // What is over is taken back wherever its user is.
            let told = news.iter().any(|one| !matches!(one, News::PinIsWell(_) | News::ModuleIsWell(_)));
            let seen = told && presence::is_seen(&self.connection).await;
            for one in news {
                self.tell(one, seen, &shown);
            }
            before = after;
            if shown.changed().await.is_err() {
                return;
            }
        }
    }

    fn tell(&self, news: News, seen: bool, shown: &watch::Receiver<Arc<Snapshot>>) {
        match news {
            News::PinIsWell(id) => return self.notifier.close(&about_pin(&id)),
            News::ModuleIsWell(name) => return self.notifier.close(&about_module(&name)),
            _ if !seen => return,
            _ => {}
        }
        let texts = &self.texts;
        let notice = match news {
            News::Locked(key) => self.of_pin(&key, "locked", self.of_locked(&key), State::Locked),
            News::FinalTry(key) => self.of_pin(&key, "final", texts.text("notice-final-text"), State::PinLow),
            News::Low(key) => {
                let text = match key.tries {
                    Some(tries) => texts.with("notice-low-tries", &[("tries", tries)]),
                    None => texts.text("notice-low-text"),
                };
                self.of_pin(&key, "low", text, State::PinLow)
            }
            News::FactoryPin(key) => {
                let change = self.actions.button("button-change-pin", Action::ChangePin(key.path.clone()));
                let notice = self.of_pin(&key, "factory", texts.text("notice-factory-text"), State::PinLow);
                Notice { actions: vec![change], ..notice }
            }
            News::ModuleFailed(module) => {
                let (shown, notice) = (shown.clone(), self.of_module(&module.name));
                let notifier = self.notifier.clone();
                tokio::spawn(async move {
                    // One that crashed is back in a moment.
                    tokio::time::sleep(RESTART_TIME).await;
                    let works = |one: &Module| one.name == module.name && one.state == Some(ModuleState::Ready);
                    if !shown.borrow().modules.iter().any(works) {
                        notifier.show(notice);
                    }
                });
                return;
            }
            News::PinIsWell(_) | News::ModuleIsWell(_) => return,
        };
        self.notifier.show(notice);
    }

    fn of_module(&self, name: &str) -> Notice {
        Notice {
            tag: about_module(name),
            title: self.texts.with("notice-failed-title", &[("module", one_line(name, NAME_MAX))]),
            text: self.texts.text("notice-failed-text"),
            picture: State::Failed,
            urgency: Urgency::Normal,
            weight: Weight::Ordinary,
            actions: vec![self.advice(None)],
            without_buttons: self.texts.text("notice-without-buttons"),
        }
    }

    /// What is to be done about it, where, and what to bring: as the CA says.
    fn of_locked(&self, key: &Key) -> String {
        let texts = &self.texts;
        let (text, service) = match key.unblock_supported {
            true => ("notice-locked-text", Service::Unlock),
            false => ("notice-locked-for-good-text", Service::Reissue),
        };
        let issuer = key.current().next().map(|certificate| certificate.issuer.as_str()).unwrap_or_default();
        let advice = texts.directory().advice(issuer, service, texts.language());
        let mut lines = vec![texts.text(text), advice.contact()];
        if !advice.bring.is_empty() {
            let things = advice.bring.join(&texts.text("separator"));
            lines.push(texts.with("notice-locked-bring", &[("things", things)]));
        }
        lines.join("\n")
    }

    fn of_pin(&self, key: &Key, what: &str, text: String, picture: State) -> Notice {
        let (urgency, weight) = match what {
            "locked" => (Urgency::Critical, Weight::Important),
            "final" => (Urgency::Critical, Weight::Ordinary),
            // The login that was wrong says so itself where there are no notices.
            _ => (Urgency::Normal, Weight::Ordinary),
        };
        Notice {
            tag: about_pin(key.id()),
            title: self.texts.with(&format!("notice-{what}-title"), &[("key", self.texts.key(key))]),
            text,
            picture,
            urgency,
            weight,
            actions: vec![self.advice(Some(key))],
            without_buttons: self.texts.text("notice-without-buttons"),
        }
    }

    fn advice(&self, key: Option<&Key>) -> Button {
        self.actions.button("button-advice", Action::Advice(key.map(|key| key.path.clone())))
    }
}

fn about_pin(id: &str) -> String {
    format!("pin/{id}")
}

fn about_module(name: &str) -> String {
    format!("module/{name}")
}
