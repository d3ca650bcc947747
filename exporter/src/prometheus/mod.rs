//! For Prometheus: a file in its text format, which its node exporter reads.

mod file;
mod text;

pub(crate) use file::Textfile;
