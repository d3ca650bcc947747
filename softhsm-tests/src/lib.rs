//! Test harness: a private machine within the machine (own users, own system bus with the shipped policy, own polkit),
//! SoftHSM2 Keys with certificates of a test CA, a scripted pinentry, and the shipped programs running on it all.
//!
//! A test starts with [`staged`], then usually asks [`Fixture::builder`] for what it needs. Everything lives in a mount
//! and a process namespace of its own and is gone, processes included, when the test ends.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness: what fails here is a failed test")]
#![allow(clippy::print_stderr, reason = "a failed test shows the logs of its programs")]

mod agent;
mod bus;
mod bystander;
mod ca;
mod caller;
mod capture;
mod client;
mod clock;
mod command_line;
mod counting_agent;
mod daemon;
mod desktop;
mod document;
mod etc;
mod exporter;
mod fixture;
mod hex;
mod journal;
mod key;
mod kryoptic;
mod lab;
mod line;
mod logind;
mod many;
mod memory;
mod monitor;
mod person;
mod pinentry;
mod polkit;
mod process;
mod refusal;
mod session;
mod soak;
mod softhsm;
mod spy;
mod stage;
mod store;
mod terminal;
mod tool;
mod verify;
mod wait;
mod zones;

pub use agent::{Agent, Dialogs};
pub use bus::{Bus, BusPolicy};
pub use bystander::Bystander;
pub use ca::{CertificateProfile, TestCa};
pub use caller::CallingProgram;
pub use capture::{Recording, SystemCalls};
pub use client::Pkcs11Client;
pub use clock::LabClock;
pub use command_line::{Ended, as_person, ukeyctl, ukeyctl_with_pinentry};
pub use counting_agent::CountingAgent;
pub use daemon::{Daemon, DaemonBuilder, ModuleFile};
pub use desktop::{
    Colours, Desktop, Locale, MenuLine, NoticeServer, Part, Picture, Screen, SessionBus, ShownNotice, Tray, View, Words,
};
pub use document::Document;
pub use etc::install_ca_texts;
pub use exporter::{Collector, Exporter, prometheus_program};
pub use fixture::{Fixture, FixtureBuilder};
pub use journal::SystemJournal;
pub use key::{Key, KeyBuilder, TestCertificate};
pub use kryoptic::KryopticStore;
pub use lab::{Flags, Lab, PinCodes, SlotEvents, Sm2Family, Sm2Output, When};
pub use line::{open_line, open_socket, socket_pair};
pub use logind::Logind;
pub use many::{
    Signed, accepted_by_gmssl, accepted_by_openssl, accepted_by_rfc_8017, accepted_by_rustcrypto, gmssl_accepts_e,
    message_count, random_messages, rfc_8017_accepts_file, rustcrypto_accepts, sign_many, sm2_e,
};
pub use memory::{contains, core_image, file_contains};
pub use monitor::Monitor;
pub use person::Person;
pub use pinentry::{Dialog, DialogCommand, Outcome, ScriptedPinentry};
pub use polkit::{Polkit, Seat};
pub use process::{Program, every_command_line, for_all_programs, is_running, kill, status_number, times_run};
pub use refusal::{Options, no_options, option, refusal};
pub use session::{Activity, Session};
pub use soak::{Report, Soak};
pub use softhsm::TokenStore;
pub use spy::Spy;
pub use stage::{STAGE, program, staged, staged_program};
pub use store::{KeyAccess, KeyFiles, KeyStore, NewToken, Sm2Pair};
pub use terminal::Terminal;
pub use tool::{Tool, run};
pub use ukey_lab_module::attempt::{Attempt, Made};
pub use ukey_lab_module::control::{Call, Code, Fault, Who};
pub use verify::{verify_data, verify_digest};
pub use wait::{PATIENCE, eventually};
pub use zones::Zone;
