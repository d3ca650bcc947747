//! What several fuzz targets share.
#![forbid(unsafe_code)]

mod frames;

pub use frames::{Input, frames};
