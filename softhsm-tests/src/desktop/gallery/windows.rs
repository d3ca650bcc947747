//! The windows with something to read.

use super::scenery::{key, plain};
use super::words::Words;
use crate::fixture::{Fixture, FixtureBuilder};
use crate::lab::When;
use crate::process::kill;
use crate::wait::eventually;
use rustix::process::Signal;
use ukey_lab_module::control::{Call, Fault, Who};

/// A window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum WindowView {
    /// A Key's details.
    Details,
    /// Those where there is no Key.
    DetailsWithout,
    /// Those of a module that does not work.
    DetailsFailed,
    /// What to do: nothing yet, and why not to renew.
    AdviceEarly,
    /// About a certificate that ends soon.
    AdviceExpiring,
    /// And what does not fit on one page.
    AdviceExpiringNext,
    /// About one that has ended.
    AdviceExpired,
    /// About a wrong PIN.
    AdvicePinLow,
    /// About a locked PIN.
    AdviceLocked,
    /// About one that can't be unlocked.
    AdviceLockedForGood,
    /// About a module that does not work.
    AdviceFailed,
    /// Without a Key.
    AdviceWithout,
    /// A notice that must not be missed, where no notices are shown.
    LockedWithoutNotices,
}

impl WindowView {
    pub(super) fn title(self) -> (Words, &'static str) {
        let title = match self {
            Self::Details | Self::DetailsWithout | Self::DetailsFailed => "details-title",
            Self::LockedWithoutNotices => "notice-locked-title",
            _ => "advice-title",
        };
        (Words::Desktop, title)
    }

    pub(super) fn builder(self) -> FixtureBuilder {
        let days = match self {
            Self::AdviceExpiring | Self::AdviceExpiringNext => 12,
            Self::AdviceExpired => -3,
            _ => 200,
        };
        Fixture::builder().key(key("药品采购", days)).module("tries = { user = 10, so = 10 }").lab(match self {
            Self::AdvicePinLow => |lab, keys| lab.leave_tries(&keys[0], Who::User, 9),
            Self::AdviceLocked | Self::LockedWithoutNotices => |lab, keys| lab.leave_tries(&keys[0], Who::User, 0),
            Self::AdviceLockedForGood => |lab, keys| {
                lab.leave_tries(&keys[0], Who::User, 0);
                lab.leave_tries(&keys[0], Who::So, 0);
            },
            _ => plain,
        })
    }

    pub(super) async fn bring_about(self, fixture: &mut Fixture) {
        let tray = fixture.desktop().tray().await;
        match self {
            Self::DetailsWithout | Self::AdviceWithout => {
                fixture.lab().remove(fixture.key());
                tray.wait_for("no-key").await;
            }
            Self::DetailsFailed | Self::AdviceFailed => {
                if self == Self::DetailsFailed {
                    fixture.lab().remove(fixture.key());
                    tray.wait_for("no-key").await;
                }
                fixture.lab().fault(When::calling(Call::Initialize), Fault::Segfault);
                kill(fixture.daemon.shims()[0], Signal::KILL);
                tray.wait_for("failed").await;
            }
            _ => {}
        }
        let locale = fixture.desktop().locale();
        let title = match (self, self.title()) {
            // It comes by itself, with the Key in its title.
            (Self::LockedWithoutNotices, _) => None,
            (_, (words, "details-title")) => {
                tray.choose(&Words::Desktop.text(locale, "menu-details")).await;
                Some(words.text(locale, "details-title"))
            }
            (_, (words, title)) => {
                tray.choose(&Words::Desktop.text(locale, "menu-advice")).await;
                Some(words.text(locale, title))
            }
        };
        let screen = fixture.desktop().screen();
        match title {
            Some(title) => screen.wait_for_window(&title).await,
            None => screen.wait_for(&["getactivewindow"], |window| !window.is_empty()).await,
        }
        if self == Self::AdviceExpiringNext {
            let first = screen.active_window();
            let letter = Words::Desktop.letter(locale, "button-next");
            screen.keys(&[&format!("alt+{letter}")]);
            eventually("the next page", async || screen.active_window().filter(|now| Some(now) != first.as_ref()))
                .await;
        }
    }
}
