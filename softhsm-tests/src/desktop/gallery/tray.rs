//! The tray and its menu.

use super::scenery::{enter_wrongly, key, plain};
use super::words::Words;
use crate::fixture::{Fixture, FixtureBuilder};
use crate::lab::When;
use crate::process::kill;
use rustix::process::Signal;
use std::time::Duration;
use ukey_lab_module::control::{Call, Fault};

/// Something of the tray.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TrayView {
    /// The menu without a Key.
    NoKey,
    /// Without the service.
    NoService,
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
    /// Of two Keys.
    SeveralKeys,
    /// With the services of the CA's form.
    Forms,
    /// The tooltip.
    Tooltip,
}

/// The panel shows a tooltip after this time at most; nothing else tells that it is up.
const HOVER: Duration = Duration::from_secs(2);

impl TrayView {
    pub(super) fn builder(self) -> FixtureBuilder {
        let days = match self {
            Self::Expiring | Self::Tooltip => 12,
            Self::Expired => -3,
            _ => 200,
        };
        let builder = Fixture::builder().key(key("药品采购", days));
        let builder = if self == Self::SeveralKeys { builder.key(key("耗材采购", 12)) } else { builder };
        builder.lab(match self {
            Self::Locked => |lab, keys| lab.pin_limit(&keys[0], 1, 10),
            _ => plain,
        })
    }

    pub(super) async fn bring_about(self, fixture: &mut Fixture) {
        fixture.desktop().wait_for_item().await;
        let tray = fixture.desktop().tray().await;
        let picture = match self {
            Self::NoKey => {
                fixture.lab().remove(fixture.key());
                "no-key"
            }
            Self::NoService => {
                fixture.kill_daemon().await;
                "no-key"
            }
            Self::LoggedIn => {
                fixture.log_in().await;
                "logged-in"
            }
            Self::PinLow | Self::Locked => {
                enter_wrongly(fixture).await;
                if self == Self::Locked { "locked" } else { "pin-low" }
            }
            Self::Failed => {
                fixture.lab().fault(When::calling(Call::Initialize), Fault::Segfault);
                kill(fixture.daemon.shims()[0], Signal::KILL);
                "failed"
            }
            Self::Expiring | Self::SeveralKeys | Self::Tooltip => "expiring",
            Self::Expired => "expired",
            Self::Ready | Self::Forms => "ready",
        };
        tray.wait_for(picture).await;
        if self == Self::Tooltip { hover(fixture).await } else { self.open_menu(fixture).await }
    }

    async fn open_menu(self, fixture: &Fixture) {
        let screen = fixture.desktop().screen();
        screen.wait_until_still().await;
        screen.click(fixture.desktop().item_place(), 1);
        // Away from the picture, whose tooltip would lie upon the menu.
        screen.xdotool(&["mousemove", "300", "500"]).unwrap();
        screen.wait_until_still().await;
        match self {
            Self::SeveralKeys => screen.keys(&["Down", "Right"]),
            Self::Forms => {
                let letter = Words::Desktop.letter(fixture.desktop().locale(), "menu-form");
                screen.keys(&[&letter.to_string()]);
            }
            _ => {}
        }
    }
}

async fn hover(fixture: &Fixture) {
    let (x, y) = fixture.desktop().item_place();
    fixture.desktop().screen().xdotool(&["mousemove", &x.to_string(), &y.to_string()]).unwrap();
    tokio::time::sleep(HOVER).await;
}
