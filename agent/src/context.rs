//! What ukeyd tells about a dialog, read from the dictionary.

use crate::pin::PIN_MAX;
use std::collections::HashMap;
use ukey_dbus::options::{self, context as key};
use ukey_dbus::{Error, ErrorKind, PinState, Result};
use zbus::OwnedVariant;
use zbus::names::OwnedUniqueName;

/// Longest name of a request.
const REQUEST_MAX: usize = 256;

/// Longest new PIN, in bytes: what the socket's record holds.
const LENGTH_MAX: u32 = PIN_MAX as u32;

/// The context of a `RequestPin`, `Notify` or `Confirm`. The texts are as they came: hostile until they are cleaned.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) request: String,
    pub(crate) caller: OwnedUniqueName,
    pub(crate) caller_uid: u32,
    pub(crate) reason: String,
    pub(crate) label: String,
    pub(crate) serial_number: String,
    pub(crate) holder_name: String,
    pub(crate) holder_id: String,
    /// Tries left; `None` when unknown.
    pub(crate) tries: Option<u32>,
    pub(crate) pin_state: PinState,
    /// Shortest and longest new PIN, in bytes; `None` when unknown.
    pub(crate) pin_length: Option<(u32, u32)>,
    /// Which dialog of how many this is; `None` for a single one.
    pub(crate) step: Option<(u32, u32)>,
    /// Signatures that a consent, or the PIN for a batch, is asked for now; 1 when nothing is said.
    pub(crate) count: u32,
    /// Of `pin-changed`: the SO PIN was.
    pub(crate) is_about_so_pin: bool,
}

impl Context {
    /// Reads the dictionary; keys that it doesn't know are left to later versions.
    ///
    /// # Errors
    /// `InvalidArgument` when a value has the wrong type, or when the request, the caller or its uid is missing.
    pub(crate) fn read(dictionary: &HashMap<String, OwnedVariant>) -> Result<Self> {
        let request = required(text(dictionary, key::REQUEST)?, key::REQUEST)?;
        if request.len() > REQUEST_MAX {
            return Err(invalid(key::REQUEST));
        }
        let (caller, caller_uid) = caller(dictionary)?;
        let state = text(dictionary, key::PIN_STATE)?;
        Ok(Self {
            request,
            caller,
            caller_uid,
            reason: text(dictionary, key::REASON)?.unwrap_or_default(),
            label: text(dictionary, key::LABEL)?.unwrap_or_default(),
            serial_number: text(dictionary, key::SERIAL_NUMBER)?.unwrap_or_default(),
            holder_name: text(dictionary, key::HOLDER_NAME)?.unwrap_or_default(),
            holder_id: text(dictionary, key::HOLDER_ID)?.unwrap_or_default(),
            tries: number::<i32>(dictionary, key::TRIES)?.and_then(|tries| u32::try_from(tries).ok()),
            pin_state: state.and_then(|state| state.parse().ok()).unwrap_or(PinState::Unknown),
            pin_length: range(number(dictionary, key::PIN_MIN)?, number(dictionary, key::PIN_MAX)?),
            step: step(number(dictionary, key::STEP)?, number(dictionary, key::STEPS)?),
            count: number(dictionary, key::COUNT)?.unwrap_or(1),
            is_about_so_pin: text(dictionary, options::WHO)?.is_some_and(|who| who == options::WHO_SO),
        })
    }

    /// Is this the last try, as far as anybody knows?
    pub(crate) fn is_final_try(&self) -> bool {
        self.pin_state == PinState::FinalTry || self.tries == Some(1)
    }
}

/// Who asks: unique name and user.
///
/// # Errors
/// `InvalidArgument` when one of them is missing or not valid.
pub(crate) fn caller(dictionary: &HashMap<String, OwnedVariant>) -> Result<(OwnedUniqueName, u32)> {
    let name = required(text(dictionary, key::CALLER)?, key::CALLER)?;
    let name = OwnedUniqueName::try_from(name).map_err(|_| invalid(key::CALLER))?;
    Ok((name, required(number(dictionary, key::CALLER_UID)?, key::CALLER_UID)?))
}

fn text(dictionary: &HashMap<String, OwnedVariant>, key: &str) -> Result<Option<String>> {
    let value = dictionary.get(key).map(|value| value.downcast_ref::<&str>().map(str::to_owned)).transpose();
    value.map_err(|_| invalid(key))
}

fn number<'a, T>(dictionary: &'a HashMap<String, OwnedVariant>, key: &str) -> Result<Option<T>>
where
    T: TryFrom<&'a OwnedVariant>,
{
    dictionary.get(key).map(T::try_from).transpose().map_err(|_| invalid(key))
}

/// The lengths that a new PIN may have; nothing when what the Key says can't be.
fn range(min: Option<u32>, max: Option<u32>) -> Option<(u32, u32)> {
    let (min, max) = (min?.max(1), max?.min(LENGTH_MAX));
    (min <= max).then_some((min, max))
}

fn step(step: Option<u32>, steps: Option<u32>) -> Option<(u32, u32)> {
    step.zip(steps).filter(|(step, steps)| *step >= 1 && step <= steps)
}

fn required<T>(value: Option<T>, key: &str) -> Result<T> {
    value.ok_or_else(|| invalid(key))
}

fn invalid(key: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("context: \"{key}\" is missing or not valid"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::Variant;

    fn dictionary(changes: &[(&str, Option<Variant<'_>>)]) -> HashMap<String, OwnedVariant> {
        let mut values: HashMap<&str, Variant<'_>> =
            HashMap::from([("request", "r1".into()), ("caller", ":1.5".into()), ("caller-uid", 1000_u32.into())]);
        for (key, value) in changes {
            match value {
                Some(value) => drop(values.insert(key, value.try_clone().unwrap())),
                None => drop(values.remove(key)),
            }
        }
        values.into_iter().map(|(key, value)| (key.to_owned(), OwnedVariant::try_from(value).unwrap())).collect()
    }

    #[test]
    fn what_is_missing_is_empty_or_unknown() {
        let context = Context::read(&dictionary(&[])).unwrap();
        assert_eq!((context.reason.as_str(), context.tries, context.pin_state), ("", None, PinState::Unknown));
        let context = dictionary(&[("tries", Some((-1).into())), ("pin-state", Some("later-word".into()))]);
        let context = Context::read(&context).unwrap();
        assert_eq!((context.tries, context.pin_state), (None, PinState::Unknown));
        assert!(!context.is_final_try());
    }

    #[test]
    fn lengths_and_steps_that_make_no_sense_are_unknown() {
        let read = |min: u32, max: u32| {
            let values = [("pin-min", min), ("pin-max", max), ("step", min), ("steps", max)];
            Context::read(&dictionary(&values.map(|(key, value)| (key, Some(value.into()))))).unwrap()
        };
        assert_eq!((read(6, 16).pin_length, read(2, 3).step), (Some((6, 16)), Some((2, 3))));
        assert_eq!((read(0, 900).pin_length, read(0, 3).step), (Some((1, 255)), None));
        for (min, max) in [(0, 0), (8, 0), (9, 8), (300, 400)] {
            assert_eq!(read(min, max).pin_length, None);
        }
    }

    #[test]
    fn the_last_try_shows_in_the_state_or_in_the_number() {
        for change in [("tries", Some(1.into())), ("pin-state", Some("final-try".into()))] {
            assert!(Context::read(&dictionary(&[change])).unwrap().is_final_try());
        }
    }

    #[test]
    fn wrong_types_and_missing_identity_are_refused() {
        for change in [
            ("request", None),
            ("caller", None),
            ("caller", Some("org.example".into())),
            ("caller-uid", None),
            ("caller-uid", Some("0".into())),
            ("tries", Some("many".into())),
            ("reason", Some(1_u32.into())),
        ] {
            let error = Context::read(&dictionary(std::slice::from_ref(&change))).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{}", change.0);
        }
    }
}
