//! What a prototype does beside passing on: as little as the level asks for, in the shortest way that there is.

use crate::contender::{Kind, Level};
use aws_lc_rs::digest::{Context, SHA256};
use base16ct::lower::encode_string as hex;
use rusqlite::{Connection, params};
use std::io::Read;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;
use ukey_formats::verify::Verifier;
use ukey_formats::{Certificate, HashAlgorithm, SignatureScheme, ecdsa};

/// The longest that a call may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(120);
/// Most signatures whose rows are committed together.
const TOGETHER: usize = 1024;
/// Where logind would keep what it knows of the harness's clerk.
const SESSIONS: &str = "/run/systemd/users/64101";

pub(super) struct Safety {
    level: Level,
    verifier: Verifier,
    record: mpsc::Sender<Asked>,
}

/// Signatures to record, and who waits for that.
struct Asked {
    caller: String,
    digests: Vec<Vec<u8>>,
    durable: oneshot::Sender<()>,
}

impl Safety {
    /// None where nothing is done but to pass on; else for the key of the certificate in this file.
    pub(super) fn start(level: Level, certificate: &Path) -> Option<Self> {
        if level == Level::PassesOn {
            return None;
        }
        let der = std::fs::read(certificate).unwrap();
        let (record, asked) = mpsc::channel();
        let database = certificate.with_extension("sqlite");
        let write = move || Writer::open(&database, level).work(&asked);
        std::thread::Builder::new().name("record".into()).spawn(write).unwrap();
        Some(Self { level, verifier: Verifier::new(Certificate::from_der(&der).unwrap().public_key), record })
    }

    /// Is the caller where it was when policy was asked: the same sessions of its user, and in the same of them?
    pub(super) fn look() {
        let _ = std::fs::metadata(SESSIONS);
        let length = std::fs::File::open("/proc/self/cgroup").unwrap().read(&mut [0; 4096]).unwrap();
        assert!(length > 0);
    }

    /// Hands signatures to the record's writer. They may leave when it has answered.
    pub(super) fn record(&self, caller: &str, digests: Vec<Vec<u8>>) -> oneshot::Receiver<()> {
        let (durable, is_durable) = oneshot::channel();
        self.record.send(Asked { caller: caller.to_owned(), digests, durable }).unwrap();
        is_durable
    }

    pub(super) fn verify(&self, kind: Kind, digest: &[u8], signature: &[u8]) {
        if self.level == Level::Bare {
            return;
        }
        let verified = match kind {
            Kind::Rsa => {
                self.verifier.verify_digest(SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256), digest, signature)
            }
            Kind::Ec => {
                let der = ecdsa::raw_to_der(signature, 32).unwrap();
                self.verifier.verify_digest(SignatureScheme::Ecdsa(HashAlgorithm::Sha256), digest, &der)
            }
        };
        verified.unwrap();
    }
}

/// The record's writer. Durable as ukeyd's own is: a write-ahead log, full synchronisation, one transaction for all that wait.
struct Writer {
    database: Connection,
    level: Level,
    row: i64,
    chain: [u8; 32],
    /// Operations whose result is written with what comes next.
    ended: Vec<i64>,
}

const SHORT: &str = "CREATE TABLE records (seq INTEGER PRIMARY KEY, caller TEXT, digest BLOB) STRICT";
const WHOLE: &str = "
    CREATE TABLE records (seq INTEGER PRIMARY KEY, time_ms INTEGER, operation INTEGER, phase TEXT, kind TEXT, uid INTEGER,
        user TEXT, pid INTEGER, caller TEXT, program TEXT, token TEXT, certificate TEXT, algorithm TEXT, digest BLOB,
        reason TEXT, result TEXT, tries INTEGER, hash BLOB) STRICT;
    CREATE INDEX records_by_operation ON records (operation);
    CREATE TABLE chain (one INTEGER PRIMARY KEY, head_seq INTEGER, head_hash BLOB) STRICT;
    INSERT INTO chain VALUES (1, 0, x'');";

impl Writer {
    fn open(path: &Path, level: Level) -> Self {
        let database = Connection::open(path).unwrap();
        database.pragma_update(None, "journal_mode", "wal").unwrap();
        database.pragma_update(None, "synchronous", "full").unwrap();
        database.execute_batch(if level.is_careful() { WHOLE } else { SHORT }).unwrap();
        Self { database, level, row: 0, chain: [0; 32], ended: Vec::new() }
    }

    fn work(mut self, asked: &mpsc::Receiver<Asked>) {
        while let Ok(first) = asked.recv() {
            let all: Vec<_> = std::iter::once(first).chain(asked.try_iter()).take(TOGETHER).collect();
            if self.level != Level::Bare {
                self.commit(&all);
            }
            for one in all {
                let _ = one.durable.send(());
            }
        }
    }

    fn commit(&mut self, all: &[Asked]) {
        self.run("BEGIN");
        let lines = if self.level.is_careful() { self.whole_rows(all) } else { self.short_rows(all) };
        self.run("COMMIT");
        lines.iter().for_each(|line| eprintln!("{line}"));
    }

    fn run(&self, sql: &str) {
        self.database.prepare_cached(sql).unwrap().execute([]).unwrap();
    }

    fn short_rows(&self, all: &[Asked]) -> Vec<String> {
        let mut insert = self.database.prepare_cached("INSERT INTO records (caller, digest) VALUES (?1, ?2)").unwrap();
        for one in all {
            for digest in &one.digests {
                insert.execute((&one.caller, digest)).unwrap();
            }
        }
        Vec::new()
    }

    /// For each signature a row that says who asked for what, and one that says what came of it, each with the hash of all
    /// before, and a line for the system's journal.
    fn whole_rows(&mut self, all: &[Asked]) -> Vec<String> {
        let mut lines = Vec::new();
        for operation in std::mem::take(&mut self.ended) {
            lines.push(self.row(operation, ["result", "", "", "", "", "ok"], &[]));
        }
        let certificate = "5f".repeat(32);
        for one in all {
            for digest in &one.digests {
                let operation = self.row + 1;
                let texts = ["intent", &one.caller, "/usr/bin/order", &certificate, "RSA-PKCS1-SHA256", ""];
                lines.push(self.row(operation, texts, digest));
                self.ended.push(operation);
            }
        }
        let head = "UPDATE chain SET head_seq = ?1, head_hash = ?2 WHERE one = 1";
        self.database.prepare_cached(head).unwrap().execute((self.row, self.chain)).unwrap();
        lines
    }

    fn row(&mut self, operation: i64, texts: [&str; 6], digest: &[u8]) -> String {
        self.row += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        let mut hash = Context::new(&SHA256);
        hash.update(&self.chain);
        hash.update(&[self.row, now, operation].map(i64::to_le_bytes).concat());
        for part in texts.iter().map(|text| text.as_bytes()).chain([digest]) {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        self.chain.copy_from_slice(hash.finish().as_ref());
        let [phase, caller, program, certificate, algorithm, result] = texts;
        let mut insert = self.database.prepare_cached(INSERT).unwrap();
        let values = params![
            self.row,
            now,
            operation,
            phase,
            "sign",
            64101,
            "clerk",
            4711,
            caller,
            program,
            "86c0d2e2855da4ea",
            certificate,
            algorithm,
            digest,
            "",
            result,
            -1,
            self.chain
        ];
        insert.execute(values).unwrap();
        let (hash, digest) = (hex(&self.chain), hex(digest));
        format!(
            "{now} {} {hash} {operation} {phase} {caller} {program} {certificate} {algorithm} {digest} {result}",
            self.row
        )
    }
}

const INSERT: &str =
    "INSERT INTO records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
