//! A folder with a certificate authority, and units that have keys and certificates of it, all made by OpenSSL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;
use ukey_formats::cms::{Content, Encoding, Message, SignedAttributes, SignedMessage, Verification};
use ukey_formats::{Certificate, HashAlgorithm, SignatureScheme};

/// What every message of these tests is about.
pub(crate) const CONTENT: &[u8] = "采购订单 2026-11-22\r\n阿莫西林胶囊 120 盒\n".as_bytes();
/// When every message is signed, Unix seconds: an hour into the certificates' year, which begins when a test makes them.
pub(crate) static SIGNED_AT: LazyLock<u64> = LazyLock::new(|| UNIX_EPOCH.elapsed().unwrap().as_secs() + 3600);

/// The folder; files in it are named without it.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

/// A unit with its key: files `NAME.key`, `NAME.csr`, `NAME.pem` and `NAME.der`.
pub(crate) struct Unit<'a> {
    pub(crate) certificate: Certificate,
    name: &'static str,
    bench: &'a Bench,
}

/// Kinds of keys, in the words of `openssl genpkey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa2048,
    P256,
    P384,
    Sm2,
}

impl Kind {
    fn options(self) -> [&'static str; 4] {
        match self {
            Self::Rsa2048 => ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            Self::P256 => ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Self::P384 => ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            Self::Sm2 => ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"],
        }
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key");
        bench.openssl_and(
            "req -x509 -new -key ca.key -utf8 -days 3650 -out ca.pem -subj",
            &["/C=CN/O=测试数字证书认证中心/CN=CA"],
        );
        bench.openssl("x509 -in ca.pem -outform DER -out ca.der");
        bench.write("content", CONTENT);
        bench
    }

    pub(crate) fn unit(&self, name: &'static str, kind: Kind) -> Unit<'_> {
        self.unit_for(name, kind, "digitalSignature,nonRepudiation")
    }

    /// A unit whose certificate has this key usage.
    pub(crate) fn unit_for(&self, name: &'static str, kind: Kind, key_usage: &str) -> Unit<'_> {
        let options = kind.options().join(" ");
        self.openssl(&format!("genpkey {options} -out {name}.key"));
        let (hash, id) = if kind == Kind::Sm2 { ("-sm3", "distid:1234567812345678") } else { ("-sha256", "") };
        let with_id = |option| if id.is_empty() { vec![] } else { vec![option, id] };
        let subject = format!("/C=CN/ST=云南省/O=示范人民医院/CN={name}");
        self.openssl_and(
            &format!("req -new -key {name}.key -utf8 {hash} -out {name}.csr"),
            &[&["-subj", &subject], with_id("-sigopt").as_slice()].concat(),
        );
        let extensions =
            format!("basicConstraints=CA:FALSE\nkeyUsage=critical,{key_usage}\nsubjectKeyIdentifier=hash\n");
        self.write("extensions", extensions.as_bytes());
        self.openssl_and(
            &format!("x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -days 365 -sha256 -extfile extensions -out {name}.pem"),
            &with_id("-vfyopt"),
        );
        self.openssl(&format!("x509 -in {name}.pem -outform DER -out {name}.der"));
        Unit { certificate: self.certificate(&format!("{name}.der")), name, bench: self }
    }

    pub(crate) fn ca(&self) -> Certificate {
        self.certificate("ca.der")
    }

    pub(crate) fn certificate(&self, file: &str) -> Certificate {
        Certificate::from_der(&self.read(file)).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.file(name), bytes).unwrap();
    }

    /// Runs `openssl` with arguments that have no spaces in them.
    pub(crate) fn openssl(&self, arguments: &str) -> Vec<u8> {
        self.openssl_and(arguments, &[])
    }

    pub(crate) fn openssl_and(&self, arguments: &str, more: &[&str]) -> Vec<u8> {
        self.run(Command::new("openssl").args(arguments.split_whitespace()).args(more))
    }

    /// Runs a program in the folder; it must succeed.
    pub(crate) fn run(&self, command: &mut Command) -> Vec<u8> {
        let output = self.output(command);
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Runs a program in the folder.
    pub(crate) fn output(&self, command: &mut Command) -> Output {
        command.current_dir(self.path()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }
}

impl Unit<'_> {
    /// Signs bytes as a Key does; ECDSA and SM2 in DER.
    pub(crate) fn sign(&self, scheme: SignatureScheme, bytes: &[u8]) -> Vec<u8> {
        let options = match scheme {
            SignatureScheme::RsaPss(_) => "-pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest",
            SignatureScheme::Sm2 => "-pkeyopt distid:1234567812345678",
            _ => "",
        };
        let hash = match scheme.hash() {
            HashAlgorithm::Sha256 => "sha256",
            HashAlgorithm::Sha384 => "sha384",
            HashAlgorithm::Sha512 => "sha512",
            HashAlgorithm::Sm3 => "sm3",
        };
        self.bench.write("signed", bytes);
        let key = format!("-inkey {}.key", self.name);
        self.bench.openssl(&format!("pkeyutl -sign -rawin -in signed -digest {hash} {key} {options}"))
    }
}

/// How a message is made.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) encoding: Encoding,
    pub(crate) scheme: SignatureScheme,
    pub(crate) detached: bool,
}

impl Form {
    pub(crate) fn cms(scheme: SignatureScheme) -> Self {
        Self { encoding: Encoding::Cms, scheme, detached: false }
    }

    pub(crate) fn detached(self) -> Self {
        Self { detached: true, ..self }
    }
}

/// A message of ours about this content.
pub(crate) fn sign(unit: &Unit<'_>, form: Form, content: &[u8], chain: &[Certificate]) -> Vec<u8> {
    let hash = form.scheme.hash();
    let attributes =
        SignedAttributes::new(form.encoding, hash, &hash.digest(content), Some(*SIGNED_AT), &unit.certificate).unwrap();
    assemble(form, content, &attributes, &unit.sign(form.scheme, attributes.as_der()), chain)
}

/// A message of ours with this signature.
pub(crate) fn assemble(
    form: Form,
    content: &[u8],
    attributes: &SignedAttributes,
    signature: &[u8],
    chain: &[Certificate],
) -> Vec<u8> {
    let message = SignedMessage {
        content: if form.detached { Content::Detached } else { Content::Attached { length: content.len() as u64 } },
        signed_attributes: attributes,
        scheme: form.scheme,
        signature,
        chain,
        unsigned_attributes: &[],
    };
    message.frame().unwrap().around(if form.detached { &[] } else { content })
}

/// Verifies a message that must be readable, and hands over what was found.
pub(crate) fn verify<T>(
    message: &[u8],
    content: &[u8],
    others: &[Certificate],
    look: impl FnOnce(&Message, Verification<'_>) -> T,
) -> T {
    let message = Message::from_ber(message).unwrap();
    look(&message, message.verify_content(others, content))
}
