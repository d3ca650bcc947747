//! Records from the service, a page at a time.

use super::filter::FilterArgs;
use super::record::Record;
use crate::call::Options;
use crate::error::Error;
use crate::service::bounded;
use ukey_dbus::options::AUDIT_COUNT_MAX;
use ukey_dbus::{AuditProxy, ErrorKind};

/// Whose records are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Everybody's; needs the right.
    All,
    /// The caller's own.
    Mine,
}

/// Where reading stands.
pub(super) struct Pages<'a> {
    audit: &'a AuditProxy<'a>,
    whose: Whose,
    filter: Options<'static>,
    /// Id of the last record that was read; `None` when there are no more.
    after: Option<u64>,
}

impl<'a> Pages<'a> {
    /// Reading from the beginning.
    pub(super) fn new(audit: &'a AuditProxy<'a>, args: &FilterArgs) -> Self {
        let whose = if args.mine { Whose::Mine } else { Whose::All };
        Self { audit, whose, filter: args.options(), after: Some(0) }
    }

    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// Those of `Audit.List` and `Audit.Mine`.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Record>>, Error> {
        let Some(after) = self.after else { return Ok(None) };
        let page = page(self.audit, self.whose, self.filter.clone(), after, AUDIT_COUNT_MAX).await?;
        let full = u32::try_from(page.len()).is_ok_and(|length| length >= AUDIT_COUNT_MAX);
        // Numbers that do not grow would never end.
        self.after = page.last().map(|record| record.id).filter(|last| full && *last > after);
        Ok((!page.is_empty()).then_some(page))
    }
}

/// The record with this number, where one begins there.
///
/// # Errors
/// Those of `Audit.List` and `Audit.Mine`.
pub(super) async fn record(audit: &AuditProxy<'_>, whose: Whose, id: u64) -> Result<Option<Record>, Error> {
    let Some(before) = id.checked_sub(1) else { return Ok(None) };
    let found = page(audit, whose, Options::new(), before, 1).await?;
    Ok(found.into_iter().find(|record| record.id == id))
}

async fn page(
    audit: &AuditProxy<'_>,
    whose: Whose,
    filter: Options<'_>,
    after: u64,
    count: u32,
) -> Result<Vec<Record>, Error> {
    let answer = bounded(async {
        Ok(match whose {
            Whose::All => audit.list(filter, after, count).await?,
            Whose::Mine => audit.mine(filter, after, count).await?,
        })
    });
    match answer.await {
        Ok(page) => Ok(page.iter().map(Record::new).collect()),
        Err(Error::Service(error)) if whose == Whose::All && error.kind() == ErrorKind::NotAuthorized => {
            Err(Error::OnlyMine(error))
        }
        Err(error) => Err(error),
    }
}
