//! The real polkit service, with the shipped actions and rules.

use crate::bus::Bus;
use crate::person::Person;
use crate::process::Program;
use crate::stage::{STAGE, sources};
use crate::tool::Tool;
use std::fs;
use std::path::Path;

/// A running polkitd.
#[derive(Debug)]
pub struct Polkit {
    program: Program,
}

/// Who counts as being at the computer. There is no logind on the stage, so a rule or its files stand for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// [`Person::Clerk`] and [`Person::Nurse`].
    ClerkAndNurse,
    /// Whoever has an active [`Session`](crate::Session); without any, nobody.
    Empty,
}

impl Polkit {
    /// Starts polkitd; it answers when this returns.
    pub async fn start(bus: &Bus, seat: Seat) -> Self {
        let shipped = sources().join("packaging/polkit");
        let stage = Path::new(STAGE).join("polkit");
        fs::copy(shipped.join("org.ukeyd.policy"), stage.join("actions/org.ukeyd.policy")).unwrap();
        for rules in ["50-ukeyd.rules", "50-ukey-exporter.rules"] {
            fs::copy(shipped.join(rules), stage.join("rules").join(rules)).unwrap();
        }
        match seat {
            Seat::ClerkAndNurse => fs::write(stage.join("rules/60-seat.rules"), seat_rule()).unwrap(),
            Seat::Empty => (),
        }
        let mut command = Tool::Polkitd.command();
        command.arg("--no-debug").stdout(std::process::Stdio::null());
        let program = Program::spawn("polkitd", Tool::Polkitd, &mut command);
        bus.wait_for_owner("org.freedesktop.PolicyKit1").await;
        Self { program }
    }

    /// The process.
    pub fn program(&self) -> &Program {
        &self.program
    }
}

/// What `allow_active` of the shipped actions says, for the people at the seat.
fn seat_rule() -> String {
    let (clerk, nurse) = (Person::Clerk.name(), Person::Nurse.name());
    format!(
        r#"polkit.addRule(function (action, subject) {{
    var active = ["sign", "login", "change-pin", "read-certificate"];
    var asked = action.id.replace("org.ukeyd.", "");
    if (active.indexOf(asked) >= 0 && (subject.user == "{clerk}" || subject.user == "{nurse}")) {{
        return polkit.Result.YES;
    }}
    return polkit.Result.NOT_HANDLED;
}});
"#
    )
}
