//! The shipped agent, running as a user of the stage with a scripted pinentry.

use crate::bus::Bus;
use crate::monitor::Monitor;
use crate::person::Person;
use crate::pinentry::ScriptedPinentry;
use crate::process::Program;
use crate::stage::program;
use crate::tool::Tool;
use crate::wait::eventually;
use std::process::Stdio;
use zbus::message::Type;

/// A started agent.
#[derive(Debug)]
pub struct Agent {
    program: Program,
    pinentry: ScriptedPinentry,
    bus_name: String,
}

/// What shows an agent's dialogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialogs {
    /// The scripted pinentry.
    Scripted,
    /// This pinentry, on the screen of the agent's environment.
    Real(&'static str),
}

impl Agent {
    /// Starts it and waits until the daemon has answered its registration, which must succeed, and it has seen the Keys:
    /// what happened to them before is no news to it.
    pub async fn start(bus: &Bus, owner: Person) -> Self {
        Self::start_with(bus, owner, Dialogs::Scripted, &[]).await
    }

    /// With this as `RUST_LOG`, for one that lives long. Waits for its registration alone.
    pub async fn start_with_log(bus: &Bus, owner: Person, log: &str) -> Self {
        let environment = [("RUST_LOG".to_owned(), log.to_owned())];
        Self::registered(bus, || Self::launch_at(owner, owner.name(), Dialogs::Scripted, &environment)).await
    }

    /// The same as [`Self::start`] on another desktop of the owner's, with dialogs of its own. It runs where this process does.
    pub async fn start_at(bus: &Bus, owner: Person, desktop: &str) -> Self {
        Self::started(bus, || Self::launch_at(owner, desktop, Dialogs::Scripted, &[])).await
    }

    /// The same with these dialogs, and with more in its environment: where its desktop is, say.
    pub async fn start_with(bus: &Bus, owner: Person, dialogs: Dialogs, environment: &[(String, String)]) -> Self {
        Self::started(bus, || Self::launch_at(owner, owner.name(), dialogs, environment)).await
    }

    async fn started(bus: &Bus, launch: impl FnOnce() -> Self) -> Self {
        let agent = Self::registered(bus, launch).await;
        let told = async || agent.program.log().contains("the desktop is told").then_some(());
        eventually("an agent that has seen the Keys", told).await;
        agent
    }

    async fn registered(bus: &Bus, launch: impl FnOnce() -> Self) -> Self {
        let monitor = Monitor::start(bus).await;
        let agent = launch();
        let (call, reply) = eventually("an agent's registration", async || {
            let call = monitor.calls("RegisterAgent").into_iter().next()?;
            let reply = monitor.reply_to(&call)?;
            Some((call, reply))
        })
        .await;
        assert_eq!(reply.message_type(), Type::MethodReturn, "{reply:?}\n{}", agent.program.log());
        let bus_name = call.header().sender().unwrap().to_string();
        Self { bus_name, ..agent }
    }

    /// Starts it and waits for nothing.
    pub fn launch(owner: Person) -> Self {
        Self::launch_at(owner, owner.name(), Dialogs::Scripted, &[])
    }

    fn launch_at(owner: Person, desktop: &str, dialogs: Dialogs, environment: &[(String, String)]) -> Self {
        let pinentry = ScriptedPinentry::at(owner, desktop);
        let (name, folder) = pinentry.environment();
        let mut command = Program::command_as(owner, &program("ukey-agent"));
        command
            .args(["--bus", "system", "--pinentry"])
            .arg(match dialogs {
                Dialogs::Scripted => ScriptedPinentry::program(),
                Dialogs::Real(program) => program.into(),
            })
            .env(name, folder)
            .env("RUST_LOG", "trace")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let program = Program::spawn("ukey-agent", Tool::Setpriv, &mut command);
        Self { program, pinentry, bus_name: String::new() }
    }

    /// Its process.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Its process, to wait for its end.
    pub fn program_mut(&mut self) -> &mut Program {
        &mut self.program
    }

    /// Its dialogs.
    pub fn pinentry(&self) -> &ScriptedPinentry {
        &self.pinentry
    }

    /// Its unique name on the bus; empty when its registration was not waited for.
    pub fn bus_name(&self) -> &str {
        &self.bus_name
    }
}
