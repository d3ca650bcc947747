//! A new PIN: typed twice, of a length that the Key takes, and not by accident one that everybody knows.

use crate::answers::PinentryError;
use crate::asker::Asker;
use crate::dialogs::Cancel;
use crate::factory::is_factory;
use crate::pin::Pin;
use crate::prompt::{Entry, Remark, Scene};
use ukey_dbus::DialogKind;

/// How often the two entries may differ.
const DIFFERENCES_MAX: usize = 3;
/// How often a PIN is asked for at all, wrong lengths and changes of mind included.
const ROUNDS_MAX: usize = 8;

impl Asker {
    /// Asks for a new PIN until two entries are alike. Nothing is handed over before.
    ///
    /// # Errors
    /// [`PinentryError::NoNewPin`] when the entries differed three times, or nothing fitting came in eight rounds.
    pub(crate) async fn new_pin(
        &self,
        kind: DialogKind,
        scene: Scene<'_>,
        cancel: &mut Cancel,
    ) -> Result<Pin, PinentryError> {
        let mut remark = None;
        let mut differences = 0;
        for _ in 0..ROUNDS_MAX {
            let first = self.pin(kind, scene, Entry::First(remark.take()), cancel).await?;
            remark = misfit(&first, scene.context.pin_length);
            if remark.is_some() || (is_factory(&first) && !self.factory_choice(scene, cancel).await?) {
                continue;
            }
            let second = self.pin(kind, scene, Entry::Again, cancel).await?;
            if first.equals(second.as_bytes()) {
                return Ok(first);
            }
            differences += 1;
            if differences == DIFFERENCES_MAX {
                break;
            }
            remark = Some(Remark::Differed);
        }
        Err(PinentryError::NoNewPin)
    }
}

/// Why a PIN can't be a new one, from its length in bytes alone.
fn misfit(pin: &Pin, range: Option<(u32, u32)>) -> Option<Remark> {
    let length = pin.as_bytes().len();
    let within = |bound: u32| usize::try_from(bound).unwrap_or(usize::MAX);
    match range {
        _ if length == 0 => Some(Remark::Empty),
        Some((min, _)) if length < within(min) => Some(Remark::TooShort),
        Some((_, max)) if length > within(max) => Some(Remark::TooLong),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_pin_is_held_to_the_range_of_the_key() {
        let misfit = |text: &str, range| {
            let mut pin = Pin::empty().unwrap();
            pin.append(text.as_bytes()).unwrap();
            misfit(&pin, range)
        };
        for (text, range, wanted) in [
            ("", None, Some(Remark::Empty)),
            ("1", None, None),
            ("12345", Some((6, 8)), Some(Remark::TooShort)),
            ("123456", Some((6, 8)), None),
            ("123456789", Some((6, 8)), Some(Remark::TooLong)),
            ("药品药", Some((6, 8)), Some(Remark::TooLong)),
        ] {
            assert_eq!(misfit(text, range), wanted, "{text}");
        }
    }
}
