//! What one run of `ukeyctl sign` signs, and where each result goes.

use super::{Digest, SignArgs};
use crate::context::Format;
use crate::error::Error;
use crate::file::{self, Existing};
use crate::input::{Input, STDIN};
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// One signature to make.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) source: Source,
    pub(super) target: Target,
}

/// What is signed.
#[derive(Debug)]
pub(super) enum Source {
    File(PathBuf, Input),
    Digest(Vec<u8>),
}

/// Where the result goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    File(PathBuf),
    Stdout,
    /// Only in the JSON.
    Nowhere,
}

/// The jobs of these arguments, their inputs opened, and none whose place is taken.
pub(super) fn jobs(args: &SignArgs, format: Format, existing: Existing) -> Result<Vec<Job>, Error> {
    if args.out.is_some() && args.files.len() > 1 {
        return Err(Error::Usage("out-is-for-one"));
    }
    let jobs = match &args.digest {
        Some(Digest(digest)) => {
            vec![Job { source: Source::Digest(digest.clone()), target: target(args, None, format)? }]
        }
        None => args.files.iter().map(|path| of_file(args, path, format)).collect::<Result<_, Error>>()?,
    };
    for job in &jobs {
        if let Target::File(path) = &job.target {
            file::check(path, existing)?;
        }
    }
    Ok(jobs)
}

fn of_file(args: &SignArgs, path: &Path, format: Format) -> Result<Job, Error> {
    let target = target(args, Some(path), format)?;
    Ok(Job { source: Source::File(path.to_owned(), Input::open(path)?), target })
}

fn target(args: &SignArgs, file: Option<&Path>, format: Format) -> Result<Target, Error> {
    match (&args.out, file) {
        (Some(out), _) if out.as_os_str() == STDIN => match format {
            // It has no place in the JSON: it can be of any size.
            Format::Json if args.message => Err(Error::Usage("message-in-json")),
            Format::Json => Ok(Target::Nowhere),
            Format::Text if io::stdout().is_terminal() => Err(Error::Usage("signature-to-terminal")),
            Format::Text => Ok(Target::Stdout),
        },
        (Some(out), _) => Ok(Target::File(out.clone())),
        (None, file) => match (file.and_then(|file| beside(file, extension(args))), format) {
            (Some(path), _) => Ok(Target::File(path)),
            (None, Format::Json) if !args.message => Ok(Target::Nowhere),
            (None, Format::Json | Format::Text) => Err(Error::Usage("out-is-needed")),
        },
    }
}

/// Of the default place; those of messages as in RFC 8551, 3.2.1.
fn extension(args: &SignArgs) -> &'static str {
    match (args.message, args.detached) {
        (false, _) => SIGNATURE,
        (true, false) => ".p7m",
        (true, true) => ".p7s",
    }
}

const SIGNATURE: &str = ".sig";

/// Where the raw signature of a file stands unless told otherwise; `None` for standard input.
pub(crate) fn signature_path(file: &Path) -> Option<PathBuf> {
    beside(file, SIGNATURE)
}

fn beside(file: &Path, extension: &str) -> Option<PathBuf> {
    (file.as_os_str() != STDIN).then(|| {
        let mut name = OsString::from(file);
        name.push(extension);
        name.into()
    })
}

impl Source {
    /// The file as the user named it.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::File(path, _) => Some(path.to_string_lossy().into_owned()),
            Self::Digest(_) => None,
        }
    }
}

impl Target {
    /// The file that is written.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(path.to_string_lossy().into_owned()),
            Self::Stdout | Self::Nowhere => None,
        }
    }
}

/// What the dialog says the signature is for, where the user gave no reason.
pub(super) fn file_name(path: &Path) -> String {
    if path.as_os_str() == STDIN {
        return String::new();
    }
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser;

    fn args(words: &[&str]) -> SignArgs {
        match Cli::try_parse_from(["ukeyctl", "sign"].iter().chain(words)).unwrap().verb {
            Verb::Sign(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_result_stands_beside_its_file_unless_told_otherwise() {
        let path = Path::new("订单.csv");
        for (words, place) in [
            (&["x"][..], "订单.csv.sig"),
            (&["--message", "x"], "订单.csv.p7m"),
            (&["--message", "--detached", "x"], "订单.csv.p7s"),
            (&["--out", "a", "x"], "a"),
            (&["--message", "--out", "a", "x"], "a"),
        ] {
            assert_eq!(target(&args(words), Some(path), Format::Text).unwrap(), Target::File(place.into()));
        }
    }

    #[test]
    fn standard_input_and_digests_need_a_place_to_go() {
        let stdin = Some(Path::new("-"));
        for file in [stdin, None] {
            assert!(matches!(target(&args(&["-"]), file, Format::Text), Err(Error::Usage("out-is-needed"))));
            assert_eq!(target(&args(&["-"]), file, Format::Json).unwrap(), Target::Nowhere);
        }
        let message = args(&["--message", "-"]);
        assert!(matches!(target(&message, stdin, Format::Json), Err(Error::Usage("out-is-needed"))));
        let message = args(&["--message", "--out", "-", "x"]);
        assert!(matches!(target(&message, stdin, Format::Json), Err(Error::Usage("message-in-json"))));
        let two = args(&["--out", "a", "x", "y"]);
        assert!(matches!(jobs(&two, Format::Text, Existing::Keep), Err(Error::Usage("out-is-for-one"))));
    }

    #[test]
    fn options_of_messages_are_for_messages() {
        for words in [
            &[][..],
            &["--digest", "ab", "file"],
            &["--digest", "abc"],
            &["--detached", "file"],
            &["--encoding", "cms", "file"],
            &["--message", "--encoding", "pem", "file"],
            &["--message", "--digest", "ab"],
        ] {
            assert!(Cli::try_parse_from(["ukeyctl", "sign"].iter().chain(words)).is_err(), "{words:?}");
        }
    }
}
