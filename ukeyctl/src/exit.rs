//! Exit codes: one per class of outcome, so that a script can tell what to do without reading text.

use ukey_dbus::ErrorKind;

/// What a run of `ukeyctl` ended with. The number is the process' exit code and part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Success = 0,
    /// A fault of the service or of `ukeyctl` itself.
    Fault = 1,
    /// The command line is wrong; clap uses the same number.
    Usage = 2,
    /// The Key or its vendor module is the trouble.
    Key = 3,
    /// A PIN is the trouble.
    Pin = 4,
    /// The caller may not: policy, consent, or nobody logged in.
    Refused = 5,
    /// Nobody acted: cancelled, timed out, no agent, or too much at once.
    NoAnswer = 6,
    /// The argument or the certificate does not fit.
    Argument = 7,
    /// A signature is not right.
    Signature = 8,
    /// The service can't be reached.
    Unreachable = 9,
    /// A local file can't be read or written.
    File = 10,
    /// A batch is done in part.
    Part = 11,
    /// The journal of the Keys' use was changed.
    Audit = 12,
}

impl Exit {
    /// The number for the shell.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// The class of an error of the contract.
    pub(crate) fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Internal | ErrorKind::AuditUnavailable => Self::Fault,
            ErrorKind::TokenRemoved
            | ErrorKind::TokenBusy
            | ErrorKind::ModuleFailed
            | ErrorKind::ModuleTimeout
            | ErrorKind::UnblockUnsupported => Self::Key,
            ErrorKind::PinIncorrect
            | ErrorKind::PinFinalTry
            | ErrorKind::PinLocked
            | ErrorKind::SoPinIncorrect
            | ErrorKind::SoPinFinalTry
            | ErrorKind::SoPinLocked
            | ErrorKind::PinInvalid
            | ErrorKind::PinOutcomeUnknown => Self::Pin,
            ErrorKind::LoginRequired | ErrorKind::NotAuthorized | ErrorKind::ConsentDenied => Self::Refused,
            ErrorKind::Cancelled | ErrorKind::Timeout | ErrorKind::NoAgent | ErrorKind::TooManyRequests => {
                Self::NoAnswer
            }
            ErrorKind::CertificateExpired
            | ErrorKind::CertificateNotYetValid
            | ErrorKind::WrongKeyUse
            | ErrorKind::AlgorithmUnsupported
            | ErrorKind::InvalidArgument => Self::Argument,
            ErrorKind::SignatureInvalid => Self::Signature,
        }
    }
}

/// The table that `--help` ends with.
pub(crate) const HELP: &str = "\
Exit codes:
   0  done
   1  a fault of the service: Internal, AuditUnavailable
   2  the command line is wrong
   3  the Key or its module: TokenRemoved, TokenBusy, ModuleFailed, ModuleTimeout,
      UnblockUnsupported; `doctor` found something that does not work
   4  a PIN: PinIncorrect, PinFinalTry, PinLocked, PinInvalid, PinOutcomeUnknown,
      SoPinIncorrect, SoPinFinalTry, SoPinLocked
   5  not allowed: NotAuthorized, ConsentDenied, LoginRequired
   6  nobody acted: Cancelled (also Ctrl-C, or a no), Timeout, NoAgent, TooManyRequests
   7  an argument or a certificate does not fit: InvalidArgument, AlgorithmUnsupported, WrongKeyUse,
      CertificateExpired, CertificateNotYetValid, or no (or no single) Key, certificate
      or record is meant
   8  a signature is wrong: `verify` says no, or SignatureInvalid
   9  the service can't be reached
  10  a file, or the system's journal, can't be read or written, or a font for a form is missing
  11  `batch` made some of the signatures and not the others
  12  `audit verify` found that records were changed, removed or moved";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_table_names_every_error_under_its_code() {
        for kind in ErrorKind::ALL {
            let code = Exit::of(*kind).code();
            let row: String = HELP
                .lines()
                .skip(1)
                .scan(0, |current, line| {
                    if let Ok(number) = line[..4].trim().parse::<u8>() {
                        *current = number;
                    }
                    Some((*current, line))
                })
                .filter(|(number, _)| *number == code)
                .map(|(_, line)| line)
                .collect();
            let words: Vec<&str> = row.split(|c: char| !c.is_ascii_alphanumeric()).collect();
            assert!(words.contains(&kind.short_name()), "{kind:?} is not in the row of {code}");
        }
    }

    #[test]
    fn pin_errors_and_only_they_have_the_pin_code() {
        for kind in ErrorKind::ALL {
            assert_eq!(Exit::of(*kind) == Exit::Pin, kind.short_name().contains("Pin"), "{kind:?}");
        }
    }
}
