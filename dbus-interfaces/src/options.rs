//! Keys and limits of the option dictionaries (`a{sv}`).

/// `s`, at most [`REASON_MAX`] characters: what the use of the Key is for; shown in the dialog and recorded.
pub const REASON: &str = "reason";
/// `s`: [`PROMPT_AUTO`] (the default) or [`PROMPT_NEVER`].
pub const PROMPT: &str = "prompt";
/// `u`, milliseconds, [`TIMEOUT_MIN_MS`] to [`TIMEOUT_MAX_MS`]: when the call is answered at the latest.
pub const TIMEOUT_MS: &str = "timeout-ms";
/// `s`, 1 to 64 of `[A-Za-z0-9_]`: names the `Request` object that exists while the call runs.
pub const REQUEST: &str = "request";
/// `s`, of `ChangePin`: [`WHO_USER`] (the default) or [`WHO_SO`].
pub const WHO: &str = "who";
/// `s`, of `RegisterAgent`: [`AGENT_DESKTOP`] (the default) or [`AGENT_TERMINAL`].
pub const AGENT_KIND: &str = "kind";
/// `s`, of `RegisterAgent`: the logind session that the agent serves; by default the one of its process.
pub const AGENT_SESSION: &str = "session";

/// `s`, of `SignMessage` and `SignMessageFile`: an algorithm of the certificate; by default its first.
pub const ALGORITHM: &str = "algorithm";
/// `b`, of `SignMessage` and `SignMessageFile`: leave the content out of the message. Default no.
pub const DETACHED: &str = "detached";
/// `s`, of `SignMessage` and `SignMessageFile`: [`ENCODING_CMS`] (the default) or [`ENCODING_GMT0010`].
pub const ENCODING: &str = "encoding";
/// `b`, of `SignMessage` and `SignMessageFile`: put the certificates of the CAs in between in, where they are known.
/// Default yes.
pub const INCLUDE_CHAIN: &str = "include-chain";
/// `b`, of `SignMessage` and `SignMessageFile`: say when the message was signed, by the computer's clock. Default yes.
pub const SIGNING_TIME: &str = "signing-time";
/// `t`, of `VerifyMessage`: the time for which certificates are checked, Unix seconds; by default now.
pub const AT: &str = "at";
/// `ay`, of `VerifyMessage`: the DER of a certificate that signers may have, beside those in the message.
pub const CERTIFICATE: &str = "certificate";

/// `u`, filter of `Audit.List`: user id.
pub const AUDIT_UID: &str = "uid";
/// `s`, filter of `Audit.List`: kind of operation.
pub const AUDIT_KIND: &str = "kind";
/// `s`, filter of `Audit.List`: the Key's id.
pub const AUDIT_TOKEN: &str = "token";
/// `s`, filter of `Audit.List`: the certificate's fingerprint or its beginning.
pub const AUDIT_CERTIFICATE: &str = "certificate";
/// `s`, filter of `Audit.List`: `ok`, an error's name, `outcome-unknown`.
pub const AUDIT_RESULT: &str = "result";
/// `t`, filter of `Audit.List`: not earlier than this, Unix seconds.
pub const AUDIT_FROM: &str = "from";
/// `t`, filter of `Audit.List`: earlier than this, Unix seconds.
pub const AUDIT_TO: &str = "to";

/// Object identifiers of RFC 5652.
pub const ENCODING_CMS: &str = "cms";
/// Object identifiers of GM/T 0010; for SM2 keys.
pub const ENCODING_GMT0010: &str = "gmt0010";
/// Ask a person where one is needed.
pub const PROMPT_AUTO: &str = "auto";
/// Fail with `LoginRequired` where a dialog would be needed.
pub const PROMPT_NEVER: &str = "never";
/// The user PIN.
pub const WHO_USER: &str = "user";
/// The SO PIN.
pub const WHO_SO: &str = "so";
/// Serves every program of its session.
pub const AGENT_DESKTOP: &str = "desktop";
/// Serves the calls of its own connection only.
pub const AGENT_TERMINAL: &str = "terminal";

/// Longest `reason`, in characters.
pub const REASON_MAX: usize = 120;
/// Default of `timeout-ms`: under the 25 s after which libdbus clients give up.
pub const TIMEOUT_DEFAULT_MS: u32 = 20_000;
/// Smallest `timeout-ms`.
pub const TIMEOUT_MIN_MS: u32 = 100;
/// Largest `timeout-ms`: one hour.
pub const TIMEOUT_MAX_MS: u32 = 3_600_000;
/// Longest `request` token.
pub const REQUEST_TOKEN_MAX: usize = 64;
/// Largest `SignData` argument, in bytes.
pub const DATA_MAX: usize = 16 << 20;
/// Largest `SignMessage` content, in bytes.
pub const MESSAGE_CONTENT_MAX: usize = 8 << 20;
/// Largest message that `VerifyMessage` takes, in bytes.
pub const MESSAGE_MAX: usize = 12 << 20;
/// Most records of one `Audit.List`.
pub const AUDIT_COUNT_MAX: u32 = 500;
/// Most digests of one `SignBatch`.
pub const BATCH_MAX: usize = 10_000;
/// Most bytes of one `Random`.
pub const RANDOM_MAX: u32 = 4096;
/// Most open connections (`OpenConnection`) of one bus connection.
pub const LINES_PER_CONNECTION: usize = 16;
/// Most open connections (`OpenConnection`) of one user.
pub const LINES_PER_USER: usize = 256;

/// Keys of the context that `Agent.RequestPin`, `Agent.Confirm` and `Agent.Notify` carry.
pub mod context {
    /// `s`: names the dialog; the same value comes in `Agent.Cancel`.
    pub const REQUEST: &str = "request";
    /// `s`: unique bus name of the program that asks.
    pub const CALLER: &str = "caller";
    /// `u`: its user id.
    pub const CALLER_UID: &str = "caller-uid";
    /// `u`: its process id when it connected, 0 when unknown.
    pub const CALLER_PID: &str = "caller-pid";
    /// `s`: what the program says the use is for; may be empty.
    pub const REASON: &str = "reason";
    /// `s`: the Key's label.
    pub const LABEL: &str = "label";
    /// `s`: the Key's serial number.
    pub const SERIAL_NUMBER: &str = "serial-number";
    /// `s`: holder of the certificate, may be empty.
    pub const HOLDER_NAME: &str = "holder-name";
    /// `s`: the holder's USCC, may be empty.
    pub const HOLDER_ID: &str = "holder-id";
    /// `i`: tries left of the PIN that the dialog is about, -1 when unknown. Of the SO PIN for `so-pin`,
    /// `current-so-pin`, `so-final-try`, `so-unknown-tries` and `unblock`.
    pub const TRIES: &str = "tries";
    /// `s`: that PIN's state, as `Token.PinState`.
    pub const PIN_STATE: &str = "pin-state";
    /// `u`, bytes: shortest and longest PIN that the Key says it takes; both 0 when it says nothing usable. The agent
    /// holds new PINs to it, never others.
    pub const PIN_MIN: &str = "pin-min";
    /// See [`PIN_MIN`].
    pub const PIN_MAX: &str = "pin-max";
    /// `u`, from 1: which dialog of a flow this is; absent where there is only one.
    pub const STEP: &str = "step";
    /// `u`: how many dialogs the flow has.
    pub const STEPS: &str = "steps";
    /// `u`: signatures that `consent`, or `user-pin` for a batch, is asked for now; absent elsewhere.
    pub const COUNT: &str = "count";
}

/// Keys of what `Agent.Identify` answers.
pub mod program {
    /// `s`: path of the executable, as the kernel says; empty when unknown.
    pub const PROGRAM: &str = "program";
    /// `s`: what an interpreter says that it runs; absent where it is none, or runs no file.
    pub const SCRIPT: &str = "script";
    /// `t`: device of the executable (`st_dev`).
    pub const DEVICE: &str = "device";
    /// `t`: inode of the executable (`st_ino`).
    pub const INODE: &str = "inode";
    /// `s`: a [`ProgramScope`](crate::ProgramScope).
    pub const SCOPE: &str = "scope";
}
