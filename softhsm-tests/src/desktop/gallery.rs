//! What there is to see of the tray and the notices, each brought about by what really causes it.

use super::{Colours, Desktop, Locale};
use crate::agent::Dialogs;
use crate::ca::CertificateProfile;
use crate::fixture::{Fixture, FixtureBuilder};
use crate::key::KeyBuilder;
use crate::person::Person;
use crate::refusal::{no_options, refusal};
use std::path::Path;
use std::time::Duration;
use ukey_dbus::KeyKind;
use ukey_lab_module::control::{Call, Fault, Who};

/// Something to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum View {
    /// The tray without a Key, its menu open.
    NoKey,
    /// With a Key.
    Ready,
    /// With a Key that the clerk is logged in to.
    LoggedIn,
    /// With a certificate that ends soon.
    Expiring,
    /// With one that has ended.
    Expired,
    /// After a wrong PIN.
    PinLow,
    /// After too many.
    Locked,
    /// With a module that does not work.
    Failed,
    /// The menu of two Keys.
    SeveralKeys,
    /// The tooltip.
    Tooltip,
    /// The notice of a wrong PIN.
    NoticeLow,
    /// Of the last try.
    NoticeFinalTry,
    /// Of a locked PIN.
    NoticeLocked,
    /// Of a Key that was pulled out while a program signed.
    NoticeRemoved,
    /// That wants the Key's button pressed.
    NoticePress,
    /// Of a module that stopped.
    NoticeFailed,
    /// Of what was copied.
    NoticeCopied,
    /// Of a changed PIN.
    NoticeChanged,
    /// The window with a Key's details.
    Details,
    /// The window with what to do about an expired certificate.
    Advice,
}

/// The window manager's and the panel's answers to a mouse take this long at most; nothing else tells that a tooltip is up.
const HOVER: Duration = Duration::from_secs(2);

impl View {
    /// Its name, of the file too.
    pub fn name(self) -> String {
        clap::ValueEnum::to_possible_value(&self).unwrap().get_name().to_owned()
    }

    /// Brings it about on a desktop of the clerk's, and photographs the screen into this PNG file.
    pub async fn photograph(self, locale: Locale, colours: Colours, file: &Path) {
        let mut desktop = Desktop::start(Person::Clerk, locale, colours).await;
        desktop.start_notices().await;
        desktop.start_panel().await;
        let dialogs = match self {
            Self::Details | Self::Advice => Dialogs::Real("pinentry-gtk-2"),
            _ => Dialogs::Scripted,
        };
        let fixture = self.builder().desktop(desktop, dialogs).start().await;
        fixture.desktop().wait_for_item().await;
        self.bring_about(&fixture).await;
        let screen = fixture.desktop().screen();
        screen.wait_until_still().await;
        screen.photograph(file);
    }

    fn builder(self) -> FixtureBuilder {
        let days = match self {
            Self::Expiring | Self::Tooltip => 12,
            Self::Expired | Self::Advice => -3,
            _ => 200,
        };
        let key = |label: &str, days| {
            let profile =
                CertificateProfile { holder_name: "昆明市某某县人民医院".to_owned(), ..Default::default() };
            KeyBuilder::default().label(label).certificate(KeyKind::EcP256, profile.days(-100, days))
        };
        let builder = Fixture::builder().key(key("药品采购", days));
        let builder = if self == Self::SeveralKeys { builder.key(key("耗材采购", 12)) } else { builder };
        let builder = if self == Self::NoticePress { builder.module("press = true") } else { builder };
        builder.lab(match self {
            Self::Locked | Self::NoticeLocked => |lab, keys| lab.pin_limit(&keys[0], 1, 10),
            Self::NoticeFinalTry => |lab, keys| lab.pin_limit(&keys[0], 2, 10),
            _ => |_, _| (),
        })
    }

    async fn bring_about(self, fixture: &Fixture) {
        let tray = fixture.desktop().tray().await;
        match self {
            Self::Ready | Self::Expiring | Self::Expired | Self::SeveralKeys => self.open_menu(fixture).await,
            Self::NoKey => {
                fixture.lab().remove(fixture.key());
                tray.wait_for("no-key").await;
                self.open_menu(fixture).await;
            }
            Self::LoggedIn => {
                fixture.log_in().await;
                tray.wait_for("logged-in").await;
                self.open_menu(fixture).await;
            }
            Self::PinLow | Self::Locked => {
                enter_wrongly(fixture).await;
                tray.wait_for(&self.name()).await;
                self.open_menu(fixture).await;
            }
            Self::NoticeLow | Self::NoticeFinalTry | Self::NoticeLocked => {
                enter_wrongly(fixture).await;
                tray.wait_for(if self == Self::NoticeLocked { "locked" } else { "pin-low" }).await;
                // The notice follows the picture, in the place of the one before.
                tokio::time::sleep(2 * HOVER).await;
            }
            Self::Failed | Self::NoticeFailed => {
                fixture.lab().fault(crate::lab::When::calling(Call::Initialize), Fault::Segfault);
                crate::process::kill(fixture.daemon.shims()[0], rustix::process::Signal::KILL);
                tray.wait_for("failed").await;
                if self == Self::Failed {
                    self.open_menu(fixture).await;
                } else {
                    // It may be back at once: that is not told.
                    tokio::time::sleep(2 * HOVER).await;
                }
            }
            Self::Tooltip => {
                let (x, y) = fixture.desktop().item_place();
                let place = [x.to_string(), y.to_string()];
                fixture.desktop().screen().xdotool(&["mousemove", &place[0], &place[1]]).unwrap();
                tokio::time::sleep(HOVER).await;
            }
            Self::NoticeRemoved => {
                let call = sign(fixture).await;
                fixture.pinentry().dialog(1).await;
                fixture.lab().remove(fixture.key());
                refusal(call.await.unwrap());
            }
            Self::NoticePress => {
                fixture.log_in().await;
                fixture.lab().fault(crate::lab::When::calling(Call::Sign), Fault::Delay(60_000));
                drop(sign(fixture).await);
                tokio::time::sleep(HOVER).await;
            }
            Self::NoticeCopied => {
                tray.choose(one_of(fixture, "复制绑定信息", "_Copy")).await;
                fixture.desktop().clipboard().await;
            }
            Self::NoticeChanged => {
                for pin in [fixture.key().pin(), "new-pin-1", "new-pin-1"] {
                    fixture.pinentry().will_type(pin);
                }
                fixture.token().await.change_pin(no_options()).await.unwrap();
            }
            Self::Details => {
                tray.activate().await;
                fixture
                    .desktop()
                    .screen()
                    .wait_for_window(one_of(fixture, "UKey 详细信息", "Details of the Key"))
                    .await;
            }
            Self::Advice => {
                tray.choose(one_of(fixture, "怎么办", "_What")).await;
                fixture.desktop().screen().wait_for_window(one_of(fixture, "怎么办", "What to do")).await;
            }
        }
    }

    async fn open_menu(self, fixture: &Fixture) {
        let screen = fixture.desktop().screen();
        screen.wait_until_still().await;
        screen.click(fixture.desktop().item_place(), 1);
        // Away from the picture, whose tooltip would lie upon the menu.
        screen.xdotool(&["mousemove", "300", "500"]).unwrap();
        if self == Self::SeveralKeys {
            screen.wait_until_still().await;
            screen.keys(&["Down", "Right"]);
        }
    }
}

/// The one of these in the desktop's language.
fn one_of<'a>(fixture: &Fixture, chinese: &'a str, english: &'a str) -> &'a str {
    match fixture.desktop().locale {
        Locale::Chinese => chinese,
        Locale::English => english,
    }
}

async fn enter_wrongly(fixture: &Fixture) {
    if fixture.lab().tries_left(fixture.key(), Who::User) == 1 {
        fixture.pinentry().will_confirm();
    }
    fixture.pinentry().will_type("wrong-pin");
    refusal(fixture.token().await.login(no_options()).await);
}

/// A program of the clerk's signs something; it ends with the fixture.
async fn sign(fixture: &Fixture) -> tokio::task::JoinHandle<zbus::Result<Vec<u8>>> {
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await })
}
