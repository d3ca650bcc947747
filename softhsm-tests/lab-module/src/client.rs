//! The connection to the lab.

use crate::control::{Answer, Ask, CONTROL_VARIABLE, Question};
use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

struct Connection {
    /// Whose it is: a forked child must not talk on its parent's.
    process: u32,
    stream: BufReader<UnixStream>,
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Asks the lab and waits for its answer; `None` when there is no lab.
pub(crate) fn ask(instance: u64, ask: Ask) -> Option<Answer> {
    let exchange = |slot: &RefCell<Option<Connection>>| {
        let mut slot = slot.borrow_mut();
        let connection = match slot.take() {
            Some(connection) if connection.process == std::process::id() => connection,
            _ => connect().ok()?,
        };
        let connection = slot.insert(connection);
        let answer = connection.exchange(&Question { instance, ask });
        if answer.is_err() {
            *slot = None;
        }
        answer.ok()
    };
    // Outside when the thread is ending already.
    CONNECTION.try_with(exchange).ok().flatten()
}

fn connect() -> io::Result<Connection> {
    let path = std::env::var_os(CONTROL_VARIABLE).ok_or(io::ErrorKind::NotFound)?;
    Ok(Connection { process: std::process::id(), stream: BufReader::new(UnixStream::connect(path)?) })
}

impl Connection {
    fn exchange(&mut self, question: &Question) -> io::Result<Answer> {
        let mut line = serde_json::to_vec(question)?;
        line.push(b'\n');
        self.stream.get_mut().write_all(&line)?;
        let mut answer = String::new();
        self.stream.read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    }
}
