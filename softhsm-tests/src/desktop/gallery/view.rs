//! One thing to see.

use super::dialogs::DialogView;
use super::notices::NoticeView;
use super::scenery::Frame;
use super::tray::TrayView;
use super::windows::WindowView;
use super::words::Words;
use crate::agent::Dialogs;
use crate::desktop::Desktop;
use crate::fixture::{Fixture, FixtureBuilder};
use crate::person::Person;
use clap::ValueEnum;

/// Something to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The tray in some state, or its menu.
    Tray(TrayView),
    /// A notice.
    Notice(NoticeView),
    /// A window with something to read.
    Window(WindowView),
    /// A dialog.
    Dialog(DialogView),
}

impl View {
    /// Everything that there is to see.
    pub fn all() -> Vec<Self> {
        let tray = TrayView::value_variants().iter().copied().map(Self::Tray);
        let notices = NoticeView::value_variants().iter().copied().map(Self::Notice);
        let windows = WindowView::value_variants().iter().copied().map(Self::Window);
        let dialogs = DialogView::value_variants().iter().copied().map(Self::Dialog);
        tray.chain(notices).chain(windows).chain(dialogs).collect()
    }

    /// Its name, with the folder of its pictures: `desktop/ready`, `dialogs/user-pin`.
    pub fn name(self) -> String {
        match self {
            Self::Tray(view) => format!("desktop/{}", word(&view)),
            Self::Notice(view) => format!("desktop/notice-{}", word(&view)),
            Self::Window(view) => format!("desktop/{}", word(&view)),
            Self::Dialog(view) => format!("dialogs/{}", word(&view)),
        }
    }

    /// The name of the title of what is seen, where it has one.
    pub fn title(self) -> Option<(Words, &'static str)> {
        match self {
            Self::Tray(_) => None,
            Self::Notice(view) => Some(view.title()),
            Self::Window(view) => Some(view.title()),
            Self::Dialog(view) => Some((Words::Dialogs, view.title())),
        }
    }

    /// Whether it is seen on dark panels too.
    pub(super) fn is_on_the_panel(self) -> bool {
        matches!(self, Self::Tray(view) if view != TrayView::Tooltip)
    }

    /// Who sees it.
    pub(super) fn person(self) -> Person {
        match self {
            Self::Dialog(view) => view.person(),
            _ => Person::Clerk,
        }
    }

    /// What of the screen is in its pictures.
    pub(super) fn frame(self) -> Frame {
        match self {
            Self::Tray(_) | Self::Notice(_) => Frame::Corner,
            Self::Window(_) | Self::Dialog(_) => Frame::Content,
        }
    }

    /// Starts those parts of the desktop that it is seen with.
    pub(super) async fn furnish(self, desktop: &mut Desktop) {
        // Without a notification server what matters comes in a window, which a scripted pinentry shows nobody.
        if matches!(self, Self::Notice(_)) {
            desktop.start_notices().await;
        }
        if matches!(self, Self::Tray(_) | Self::Notice(_)) {
            desktop.start_panel().await;
        }
    }

    /// What shows dialogs meanwhile.
    pub(super) fn dialogs(self) -> Dialogs {
        match self {
            Self::Tray(_) | Self::Notice(_) => Dialogs::Scripted,
            Self::Window(_) | Self::Dialog(_) => Dialogs::Real("pinentry-gtk-2"),
        }
    }

    /// The Keys and the rest that it is seen with.
    pub(super) fn builder(self) -> FixtureBuilder {
        match self {
            Self::Tray(view) => view.builder(),
            Self::Notice(view) => view.builder(),
            Self::Window(view) => view.builder(),
            Self::Dialog(view) => view.builder(),
        }
    }

    /// Brings it about.
    pub(super) async fn bring_about(self, fixture: &mut Fixture) {
        match self {
            Self::Tray(view) => view.bring_about(fixture).await,
            Self::Notice(view) => view.bring_about(fixture).await,
            Self::Window(view) => view.bring_about(fixture).await,
            Self::Dialog(view) => view.bring_about(fixture).await,
        }
    }
}

fn word(view: &impl ValueEnum) -> String {
    view.to_possible_value().unwrap().get_name().to_owned()
}
