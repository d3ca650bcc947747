//! Which session it is: of a program that needs its person, of an agent that wants to serve one.

use super::Logind;
use super::client::Silent;
use crate::token::{SessionId, Stay, User, Whereabouts};
use ukey_dbus::{Error, ErrorKind};

/// Where a desktop agent serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bus) struct Post {
    pub session: SessionId,
    /// It runs in there. Others serve it as a guest, and a later one of their user's when it has ended.
    pub own: bool,
}

fn not_authorized(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::NotAuthorized, message)
}

impl From<Silent> for Error {
    fn from(silent: Silent) -> Self {
        tracing::warn!(%silent, "nobody can tell whose session it is");
        not_authorized("logind could not be asked whose session it is")
    }
}

impl Logind {
    /// The stay that a program's dialogs and login depend on. `NotAuthorized` where nobody is: in a session that is
    /// locked, left or about to end.
    pub(in crate::bus) async fn stay(&self, user: &User) -> Result<Stay, Error> {
        if !self.is_there() {
            return Ok(self.stays.begin(Whereabouts::Unknown));
        }
        // Whoever's it is: with `sudo` the person is not the program's user.
        let session = match self.client.session_of_process(user.pid).await? {
            Some(session) => Some(session),
            None => self.session_of_user(user.uid).await?,
        };
        let Some(session) = session else { return Ok(self.stays.begin(Whereabouts::Outside)) };
        // Before the question: what happens from now on ends it.
        let stay = self.stays.begin(Whereabouts::Session(session.clone()));
        self.staying.notify_one();
        match self.client.facts(&session).await? {
            Some(facts) => match facts.departure {
                None => Ok(stay),
                Some(why) => Err(not_authorized(format!("nobody is there: {}", why.as_str()))),
            },
            None => Err(not_authorized("the session has ended")),
        }
    }

    /// The session whose agent a program's person sees: the program's own, else its user's screen.
    pub(in crate::bus) async fn session_of(&self, user: &User) -> Result<Option<SessionId>, Error> {
        match self.own_session(user).await? {
            Some(own) => Ok(Some(own)),
            None => Ok(self.session_of_user(user.uid).await?),
        }
    }

    /// Where an agent serves that claims this session, or none; nothing without logind, or where its user has no session.
    /// `NotAuthorized`: not there.
    pub(in crate::bus) async fn post_of_agent(
        &self,
        agent: &User,
        claimed: Option<&str>,
    ) -> Result<Option<Post>, Error> {
        if !self.is_there() {
            return Ok(None);
        }
        let claim = match claimed {
            Some(name) => match self.client.session_named(name).await? {
                Some(session) => Some(session),
                None => return Err(not_authorized("there is no such session")),
            },
            None => None,
        };
        let (session, own) = match (self.own_session(agent).await?, claim) {
            (Some(own), Some(claim)) if claim != own => {
                return Err(not_authorized("an agent serves the session that it runs in"));
            }
            (Some(own), _) => (own, true),
            (None, Some(claim)) if self.is_of(&claim, agent.uid).await? => (claim, false),
            (None, Some(_)) => return Err(not_authorized("this session is not one of yours")),
            (None, None) => match self.session_of_user(agent.uid).await? {
                Some(session) => (session, false),
                // Its user's programs are outside too, and it serves nobody else.
                None => return Ok(None),
            },
        };
        Ok(Some(Post { session, own }))
    }

    /// Is there such a session of this user's?
    pub(in crate::bus) async fn is_one_of(&self, name: &str, uid: u32) -> Result<bool, Error> {
        Ok(match self.client.session_named(name).await? {
            Some(session) => self.is_of(&session, uid).await?,
            None => false,
        })
    }

    /// The session that a process is in, if it is its user's.
    async fn own_session(&self, user: &User) -> Result<Option<SessionId>, Silent> {
        match self.client.session_of_process(user.pid).await? {
            Some(session) if self.is_of(&session, user.uid).await? => Ok(Some(session)),
            _ => Ok(None),
        }
    }

    /// The user's screen, else any session: one with a person there before one without.
    async fn session_of_user(&self, uid: u32) -> Result<Option<SessionId>, Silent> {
        if let Some(display) = self.client.display_of(uid).await? {
            return Ok(Some(display));
        }
        let mut empty = None;
        for session in self.client.sessions_of(uid).await? {
            match self.client.facts(&session).await? {
                Some(facts) if !facts.is_of_a_person() => {}
                Some(facts) if facts.departure.is_none() => return Ok(Some(session)),
                Some(_) => empty = empty.or(Some(session)),
                None => {}
            }
        }
        Ok(empty)
    }

    async fn is_of(&self, session: &SessionId, uid: u32) -> Result<bool, Silent> {
        Ok(self.client.facts(session).await?.is_some_and(|facts| facts.uid == uid))
    }
}
