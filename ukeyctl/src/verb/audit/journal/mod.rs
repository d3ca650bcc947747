//! What the service told the system's journal of its chains of records, and the comparison with the chain that is in use.

mod comparison;
mod entry;
mod source;
mod text;

pub(super) use comparison::{Compared, Comparison};
pub(super) use source::Source;
