//! What an agent says of a program. It is another user's process than this one, so its answer is read as a caller's
//! options are, and bounded.

use super::dictionary::{RawOptions, Value};
use crate::token::{Executable, Program, User};
use std::collections::HashMap;
use ukey_dbus::options::{context, program};
use ukey_dbus::{AgentProxy, ProgramScope};
use zbus::Variant;

/// Asks which program this is. An answer that makes no sense is one that says nothing.
pub(super) async fn identify(agent: &AgentProxy<'_>, user: &User) -> zbus::Result<Program> {
    let context = HashMap::from([
        (context::CALLER, Variant::from(user.name.as_str())),
        (context::CALLER_UID, Variant::from(user.uid)),
        (context::CALLER_PID, Variant::from(user.pid)),
    ]);
    let answer: RawOptions = agent.inner().call("Identify", &(context,)).await?;
    Ok(program_of(answer))
}

fn program_of(mut answer: RawOptions) -> Program {
    let mut text = |key| match answer.remove(key) {
        Some(Value::Text(text)) => text,
        _ => String::new(),
    };
    let (path, script, scope) = (text(program::PROGRAM), text(program::SCRIPT), text(program::SCOPE));
    let mut number = |key| match answer.remove(key) {
        Some(Value::Large(number)) => Some(number),
        _ => None,
    };
    let executable = match (number(program::DEVICE), number(program::INODE)) {
        (Some(device), Some(inode)) if scope == ProgramScope::Program.as_str() => Some(Executable { device, inode }),
        _ => None,
    };
    Program::new(&path, &script, executable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(entries: &[(&str, Value)]) -> Program {
        let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        program_of(RawOptions(entries.collect()))
    }

    #[test]
    fn a_program_is_its_executable() {
        let answer = [
            ("program", Value::from("/opt/orders")),
            ("scope", Value::from("program")),
            ("device", Value::Large(3)),
            ("inode", Value::Large(4)),
        ];
        let program = read(&answer);
        assert_eq!((program.text(), program.executable()), ("/opt/orders", Some(Executable { device: 3, inode: 4 })));
    }

    #[test]
    fn without_scope_path_or_numbers_it_is_a_connection() {
        let whole = [
            ("program", Value::from("/opt/orders")),
            ("scope", Value::from("program")),
            ("device", Value::Large(3)),
            ("inode", Value::Large(4)),
        ];
        for missing in 0..4 {
            let mut answer = whole.to_vec();
            answer.remove(missing);
            assert_eq!(read(&answer).executable(), None, "{answer:?}");
            let mut answer = whole.to_vec();
            answer[missing].1 = Value::Small(1);
            assert_eq!(read(&answer).executable(), None, "{answer:?}");
        }
        let mut answer = whole.to_vec();
        answer[1].1 = Value::from("everything");
        assert_eq!(read(&answer).executable(), None);
        assert_eq!(read(&[]), Program::default());
    }

    proptest! {
        #[test]
        fn whatever_an_agent_says_is_one_bounded_line(path in any::<String>(), script in any::<String>()) {
            let program = read(&[("program", Value::Text(format!("/{path}"))), ("script", Value::Text(script))]);
            prop_assert!(program.text().len() <= 255 && !program.text().chars().any(char::is_control));
        }
    }
}
