//! The dialogs, on a desktop where nothing else is.

use super::hands::Hands;
use super::scenery::{key, plain};
use crate::fixture::{Fixture, FixtureBuilder};
use crate::lab::{Flags, Lab, When};
use crate::person::Person;
use ukey_lab_module::control::{Call, Fault, Who};

/// A dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DialogView {
    /// A program signs, and nobody is logged in.
    UserPin,
    /// It signs many at once.
    UserPinBatch,
    /// After a wrong PIN.
    UserPinLow,
    /// At the last try.
    UserPinFinal,
    /// Before that one.
    FinalTry,
    /// After wrong ones where nobody knows how many are left.
    UnknownTries,
    /// A key that wants it for each signature.
    SignaturePin,
    /// Another program signs.
    Consent,
    /// A Key with keys of its own.
    Pinpad,
    /// The PIN is changed: the one that is.
    CurrentPin,
    /// The new one.
    NewPin,
    /// Too short.
    NewPinShort,
    /// Again.
    NewPinAgain,
    /// Not the same.
    NewPinDiffered,
    /// One that everybody knows.
    FactoryChoice,
    /// The SO PIN is changed: the one that is.
    CurrentSoPin,
    /// The new one.
    NewSoPin,
    /// Again.
    NewSoPinAgain,
    /// A technician unlocks: what that may cost.
    Unblock,
    /// The SO PIN.
    UnblockSoPin,
    /// After a wrong one.
    UnblockSoPinLow,
    /// The user's new PIN.
    UnblockNewPin,
    /// The last try.
    SoFinalTry,
    /// Nobody knows how many are left.
    SoUnknownTries,
    /// Told in a window, where no notices are shown: press the button.
    NoticePress,
    /// Type the PIN on the Key.
    NoticePinpad,
    /// The Key was pulled out.
    NoticeTokenRemoved,
    /// The PIN is the one that the Key came with.
    NoticeFactoryPin,
    /// A well-known PIN was typed.
    NoticeFactory,
    /// The PIN is changed.
    NoticePinChanged,
    /// The SO PIN is.
    NoticeSoPinChanged,
    /// The Key is unlocked.
    NoticeUnblocked,
}

/// What a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Login,
    Sign,
    Batch,
    /// Another program signs after a login.
    SignByAnother,
    ChangePin,
    ChangeSoPin,
    Unblock,
}

impl DialogView {
    /// The name of its title.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::UserPin | Self::UserPinBatch | Self::UserPinLow | Self::UserPinFinal => "user-pin-title",
            Self::FinalTry => "final-try-title",
            Self::UnknownTries => "unknown-tries-title",
            Self::SignaturePin => "signature-pin-title",
            Self::Consent => "consent-title",
            Self::Pinpad => "pinpad-title",
            Self::CurrentPin => "current-pin-title",
            Self::NewPin | Self::NewPinShort | Self::NewPinDiffered | Self::UnblockNewPin => "new-pin-title",
            Self::NewPinAgain => "new-pin-again-title",
            Self::FactoryChoice => "factory-choice-title",
            Self::CurrentSoPin => "current-so-pin-title",
            Self::NewSoPin => "new-so-pin-title",
            Self::NewSoPinAgain => "new-so-pin-again-title",
            Self::Unblock => "unblock-title",
            Self::UnblockSoPin | Self::UnblockSoPinLow => "so-pin-title",
            Self::SoFinalTry => "so-final-try-title",
            Self::SoUnknownTries => "so-unknown-tries-title",
            Self::NoticePress => "press-title",
            Self::NoticePinpad => "pinpad-notice-title",
            Self::NoticeTokenRemoved => "token-removed-title",
            Self::NoticeFactoryPin | Self::NoticeFactory => "factory-pin-title",
            Self::NoticePinChanged => "pin-changed-title",
            Self::NoticeSoPinChanged => "so-pin-changed-title",
            Self::NoticeUnblocked => "unblocked-title",
        }
    }

    /// Which of the dialogs with its title it is, from 1.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::UserPinLow | Self::NewPinShort | Self::NewPinDiffered | Self::UnblockSoPinLow => 2,
            Self::UserPinFinal => 3,
            _ => 1,
        }
    }

    /// Wrong PINs that are entered before.
    pub(super) fn wrong(self) -> u32 {
        match self {
            Self::UserPinLow | Self::UnblockSoPinLow => 1,
            Self::UserPinFinal | Self::FinalTry | Self::UnknownTries | Self::SoFinalTry | Self::SoUnknownTries => 2,
            _ => 0,
        }
    }

    pub(super) fn asked(self) -> Asked {
        match self {
            Self::UserPin | Self::UserPinLow | Self::UserPinFinal | Self::FinalTry | Self::UnknownTries => Asked::Sign,
            Self::SignaturePin | Self::NoticePress | Self::NoticeTokenRemoved => Asked::Sign,
            Self::UserPinBatch => Asked::Batch,
            Self::Consent => Asked::SignByAnother,
            Self::Pinpad | Self::NoticePinpad | Self::NoticeFactoryPin | Self::NoticeFactory => Asked::Login,
            Self::CurrentPin | Self::NewPin | Self::NewPinShort | Self::NewPinAgain => Asked::ChangePin,
            Self::NewPinDiffered | Self::FactoryChoice | Self::NoticePinChanged => Asked::ChangePin,
            Self::CurrentSoPin | Self::NewSoPin | Self::NewSoPinAgain | Self::NoticeSoPinChanged => Asked::ChangeSoPin,
            Self::Unblock | Self::UnblockSoPin | Self::UnblockSoPinLow | Self::UnblockNewPin => Asked::Unblock,
            Self::SoFinalTry | Self::SoUnknownTries | Self::NoticeUnblocked => Asked::Unblock,
        }
    }

    /// Who sits there.
    pub(super) fn person(self) -> Person {
        if self.asked() == Asked::Unblock { Person::Technician } else { Person::Clerk }
    }

    pub(super) fn builder(self) -> FixtureBuilder {
        let key = key("药品采购", 200);
        let key = match self {
            Self::SignaturePin => key.always_authenticate(),
            Self::NoticeFactory => key.pin("123456"),
            _ => key,
        };
        let builder = Fixture::builder().key(key).without_agent().agent_for(self.person());
        builder.lab(self.preparation()).module(match self {
            Self::UnknownTries | Self::SoUnknownTries => "",
            Self::UserPinFinal | Self::FinalTry => "tries = { user = 3, so = 10 }",
            Self::SoFinalTry => "tries = { user = 10, so = 3 }",
            Self::NoticePress => "press = true",
            _ => "tries = { user = 10, so = 10 }",
        })
    }

    fn preparation(self) -> fn(&Lab, &[crate::key::Key]) {
        match self {
            Self::UserPinFinal | Self::FinalTry => |lab, keys| lab.pin_limit(&keys[0], 3, 10),
            Self::UnknownTries => |lab, keys| lab.flags(&keys[0], Flags::Never),
            Self::SoFinalTry => |lab, keys| {
                lab.pin_limit(&keys[0], 10, 3);
                lab.leave_tries(&keys[0], Who::User, 0);
            },
            Self::SoUnknownTries => |lab, keys| lab.flags(&keys[0], Flags::Never),
            Self::Pinpad | Self::NoticePinpad => |lab, keys| lab.keypad(&keys[0]),
            Self::NoticeFactoryPin => |lab, keys| lab.initial_pin(&keys[0]),
            _ if self.asked() == Asked::Unblock => |lab, keys| lab.leave_tries(&keys[0], Who::User, 0),
            _ => plain,
        }
    }

    pub(super) async fn bring_about(self, fixture: &mut Fixture) {
        let mut hands = Hands::of(self, fixture);
        let _programs = hands.programs_ask(self.asked()).await;
        match self {
            Self::NoticePress => fixture.lab().fault(When::calling(Call::Sign), Fault::Delay(60_000)),
            Self::NoticeTokenRemoved => {
                hands.reach("user-pin-title", 1).await;
                fixture.lab().remove(fixture.key());
            }
            _ => {}
        }
        hands.reach(self.title(), self.number()).await;
    }
}
