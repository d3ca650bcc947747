//! `ukeyctl watch --check`: a verdict on one Key after another.

use super::{bus_closed, signals};
use crate::advice::{Advice, advise};
use crate::context::{Context, Format, write_out};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::snapshot::{Key, Snapshot};
use crate::style::Style;
use crate::time::Time;
use futures_util::StreamExt;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::sleep;
use ukey_agent::texts::FluentValue;
use ukey_dbus::TokenState;

/// A Key is judged when nothing has been heard for so long: its certificates follow it one by one.
const SETTLED: Duration = Duration::from_millis(500);

/// What a Key is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// Nothing to do.
    Good,
    /// It works; something will need doing.
    Attention,
    /// It does not work as it is.
    Bad,
}

#[derive(Serialize)]
struct Checked<'a> {
    time: Time,
    key_id: &'a str,
    key_label: &'a str,
    serial_number: &'a str,
    verdict: Verdict,
    advice: Vec<AdviceJson>,
}

#[derive(Serialize)]
struct AdviceJson {
    code: &'static str,
    text: String,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// `Unreachable` when the service is not there at the start, or the bus goes.
pub(super) async fn run(context: &Context) -> Result<(), Error> {
    let mut interrupt = Interrupt::new()?;
    let service = context.service().await?;
    let mut signals = signals(&service).await?;
    let mut checked = BTreeMap::new();
    look(context, &service.snapshot().await?, &mut checked)?;
    if checked.is_empty() {
        say(context, "check-next")?;
    }
    loop {
        tokio::select! {
            () = interrupt.wait() => return Ok(()),
            message = signals.next() => drop(message.ok_or_else(bus_closed)??),
        }
        loop {
            tokio::select! {
                () = interrupt.wait() => return Ok(()),
                message = signals.next() => drop(message.ok_or_else(bus_closed)??),
                () = sleep(SETTLED) => break,
            }
        }
        match service.snapshot().await {
            Ok(snapshot) => look(context, &snapshot, &mut checked)?,
            // It restarts: its Keys come back with signals.
            Err(Error::Unreachable(_)) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Judges each Key that is new and read, and forgets those that left. `checked` holds ids and names.
fn look(context: &Context, snapshot: &Snapshot, checked: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let before = checked.len();
    checked.retain(|id, _| snapshot.keys.iter().any(|key| key.id == *id));
    if before > 0 && checked.is_empty() && snapshot.keys.is_empty() {
        say(context, "check-next")?;
    }
    let advice = advise(snapshot);
    for key in &snapshot.keys {
        let is_read = !matches!(key.known_state(), Some(TokenState::Present));
        if is_read && !checked.contains_key(&key.id) {
            checked.insert(key.id.clone(), key.name().to_owned());
            print(context, key, &advice)?;
        }
    }
    Ok(())
}

fn print(context: &Context, key: &Key, advice: &[Advice]) -> Result<(), Error> {
    let is_its = |id: &str| key.id == id || key.certificates.iter().any(|certificate| certificate.id == id);
    let advice: Vec<&Advice> = advice.iter().filter(|advice| is_its(&advice.id)).collect();
    let verdict = verdict(&advice);
    let text = |advice: &Advice| {
        let values = [("name", FluentValue::from(advice.name.as_str())), ("days", advice.days.into())];
        context.texts.text_with(&format!("advice-{}", advice.code), &values)
    };
    let checked = Checked {
        time: Time::now(),
        key_id: &key.id,
        key_label: &key.label,
        serial_number: &key.serial_number,
        verdict,
        advice: advice.iter().map(|advice| AdviceJson { code: advice.code, text: text(advice) }).collect(),
    };
    context.print(&checked, || {
        let (word, style) = match verdict {
            Verdict::Good => ("check-good", Style::Good),
            Verdict::Attention => ("check-attention", Style::Warn),
            Verdict::Bad => ("check-bad", Style::Bad),
        };
        let word = context.paint.apply(style, &context.texts.text(word));
        let said = match checked.advice.as_slice() {
            [] => context.texts.text("check-nothing"),
            advice => advice.iter().map(|advice| advice.text.as_str()).collect::<Vec<_>>().join(" "),
        };
        let pull = context.texts.text("check-pull");
        format!("{word}  {} ({})  {said}  {pull}\n", key.name(), key.serial_number)
    })
}

fn verdict(advice: &[&Advice]) -> Verdict {
    if advice.iter().any(|advice| advice.style == Style::Bad) {
        Verdict::Bad
    } else if advice.is_empty() {
        Verdict::Good
    } else {
        Verdict::Attention
    }
}

/// Tells people what to do next; scripts know.
fn say(context: &Context, key: &str) -> Result<(), Error> {
    match context.format {
        Format::Text => write_out((context.texts.text(key) + "\n").as_bytes()),
        Format::Json => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::snapshot;
    use crate::testing::context;

    #[test]
    fn the_worst_advice_decides() {
        let snapshot = snapshot();
        let advice = advise(&snapshot);
        let expiring: Vec<&Advice> = advice.iter().filter(|advice| advice.code == "certificate-expiring").collect();
        assert_eq!(verdict(&[]), Verdict::Good);
        assert_eq!(verdict(&expiring), Verdict::Attention);
        assert_eq!(verdict(&advice.iter().collect::<Vec<_>>()), Verdict::Bad);
    }

    #[test]
    fn each_key_is_judged_once_until_it_was_pulled_out() {
        let (context, mut snapshot) = (context(), snapshot());
        let mut checked = BTreeMap::new();
        snapshot.keys[1].state = "present".to_owned();
        look(&context, &snapshot, &mut checked).unwrap();
        assert_eq!(checked.len(), 1, "a Key that is being read waits");
        snapshot.keys[1].state = "ready".to_owned();
        look(&context, &snapshot, &mut checked).unwrap();
        assert_eq!(checked.len(), 2);
        snapshot.keys.clear();
        look(&context, &snapshot, &mut checked).unwrap();
        assert!(checked.is_empty());
    }
}
