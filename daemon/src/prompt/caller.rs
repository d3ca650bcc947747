//! Who calls.

use crate::token::User;
use tokio_util::sync::CancellationToken;

/// A program on the bus.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Its user, process and unique name.
    pub user: User,
    /// Cancelled when it leaves the bus.
    pub gone: CancellationToken,
}
