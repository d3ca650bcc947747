//! The verbs, one file each.

pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod bind_info;
pub(crate) mod change_pin;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod form;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod manual;
pub(crate) mod random;
pub(crate) mod release;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod status;
pub(crate) mod unblock;
pub(crate) mod verify;
pub(crate) mod watch;
pub(crate) mod what_to_do;
