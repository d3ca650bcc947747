//! What a hostile module tries, and what came of it.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Something that no module has to do with. Each is one thing asked of the kernel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Attempt {
    /// Opens a file for reading.
    Read(PathBuf),
    /// Opens a file as a mere place, and then again for reading through `/proc/self/fd`.
    ReadThroughPlace(PathBuf),
    /// Opens a file for writing that is there.
    Write(PathBuf),
    /// Makes a new file.
    Create(PathBuf),
    /// Removes a file.
    Remove(PathBuf),
    /// Lets everybody read and write a file.
    OpenToAll(PathBuf),
    /// Empties a file by its path.
    Empty(PathBuf),
    /// Sets the times of a file to now.
    Touch(PathBuf),
    /// Becomes this program.
    Become(PathBuf),
    /// Starts this program.
    Start(PathBuf),
    /// Forks.
    Fork,
    /// Makes a socket: family, type, protocol.
    Socket(i32, i32, i32),
    /// Connects to the Unix socket at a path.
    ConnectTo(PathBuf),
    /// Connects to the abstract Unix socket of this name.
    ConnectToAbstract(String),
    /// Sends itself signal 0: the one that may go.
    SignalItself,
    /// Sends this process SIGTERM.
    Signal(u32),
    /// Sends the main thread of this process SIGTERM.
    SignalThread(u32),
    /// Sends this process SIGTERM with a value.
    QueueSignal(u32),
    /// Sends this process SIGTERM by a descriptor.
    SignalByDescriptor(u32),
    /// Has the signals of a descriptor sent to this process.
    SignalByFile(u32),
    /// Attaches to this process as a debugger.
    Trace(u32),
    /// Reads memory of this process.
    ReadMemory(u32),
    /// Takes the right to open files from this process.
    Limit(u32),
    /// Takes from itself the right to keep memory from the swap: what a small limit does.
    LimitLocking,
    /// Gives this process a lower priority.
    Slow(u32),
    /// Makes itself visible to debuggers and core files.
    BecomeDumpable,
    /// Leaves its parent behind.
    Outlive,
    /// Makes a namespace of users, in which it would be root.
    NewUsers,
    /// Calls the kernel by this number, every argument 0.
    Call(i64),
}

/// An attempt that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// What was tried.
    pub attempt: Attempt,
    /// What the kernel said, `E…`; 0 when it did it.
    pub errno: i32,
}
