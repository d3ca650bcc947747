//! What several fuzz targets share.

mod frames;

pub use frames::{Input, frames};
