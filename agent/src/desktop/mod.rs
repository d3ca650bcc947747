//! The clerk's desktop: what it shows of the Keys, and what it tells about them.

mod keys;
