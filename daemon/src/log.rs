//! Where the log goes: to the system's journal with every value in a field of its own where systemd has connected standard
//! error to it, otherwise to standard error as text.

use rustix::fs::fstat;
use tracing_journald::{Priority, PriorityMappings};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, registry};

/// Before the name of each field in the journal: `UKEYD_AUDIT_SEQ`.
const FIELD_PREFIX: &str = "UKEYD";
const IDENTIFIER: &str = "ukeyd";

/// What is logged where nothing else is said.
const FILTER: &str = "info,zbus=warn";

/// Starts logging what `$RUST_LOG` lets through, else this filter of the configuration: levels by target, as
/// `info,zbus=warn`.
pub(crate) fn start(configured: Option<&str>) {
    let wanted = std::env::var("RUST_LOG").ok();
    let wanted = wanted.as_deref().or(configured);
    let filter = wanted.map(str::parse::<Targets>);
    let wrong = filter.as_ref().and_then(|filter| filter.as_ref().err()).map(ToString::to_string);
    let filter = filter.and_then(Result::ok).unwrap_or_else(default_filter);
    let registry = registry().with(filter);
    let journal = if stderr_is_the_journal(std::env::var("JOURNAL_STREAM").ok().as_deref()) {
        tracing_journald::layer().ok()
    } else {
        None
    };
    match journal {
        Some(journal) => registry.with(with_our_names(journal)).init(),
        None => registry.with(fmt::layer().with_writer(std::io::stderr)).init(),
    }
    if let Some(error) = wrong {
        tracing::warn!(error, filter = wanted, "not a filter of the log; {FILTER} holds");
    }
}

fn default_filter() -> Targets {
    Targets::new().with_default(LevelFilter::INFO).with_target("zbus", LevelFilter::WARN)
}

fn with_our_names(journal: tracing_journald::Layer) -> tracing_journald::Layer {
    journal
        .with_field_prefix(Some(FIELD_PREFIX.to_owned()))
        .with_syslog_identifier(IDENTIFIER.to_owned())
        .with_priority_mappings(PriorityMappings {
            info: Priority::Informational,
            debug: Priority::Debug,
            ..PriorityMappings::new()
        })
}

/// `$JOURNAL_STREAM` is device and inode of the stream that systemd made (systemd.exec(5)); whoever has redirected standard
/// error since wants text there.
fn stderr_is_the_journal(stream: Option<&str>) -> bool {
    let Some((device, inode)) = stream.and_then(|stream| stream.split_once(':')) else { return false };
    fstat(std::io::stderr())
        .is_ok_and(|stat| (device.parse(), inode.parse()) == (Ok::<u64, _>(stat.st_dev), Ok::<u64, _>(stat.st_ino)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_what_it_is_called() {
        assert_eq!(FILTER.parse::<Targets>().unwrap(), default_filter());
    }

    #[test]
    fn only_the_stream_that_standard_error_is_counts() {
        let stat = fstat(std::io::stderr()).unwrap();
        assert!(stderr_is_the_journal(Some(&format!("{}:{}", stat.st_dev, stat.st_ino))));
        for other in
            [None, Some(""), Some("8:1:1"), Some("x:y"), Some(&*format!("{}:{}", stat.st_dev, stat.st_ino + 1))]
        {
            assert!(!stderr_is_the_journal(other), "{other:?}");
        }
    }
}
