//! A certificate authority for tests, as the provincial ones: Chinese names, and the USCC in an extension.

use crate::stage::STAGE;
use crate::tool::{Tool, run, succeed};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use ukey_dbus::KeyUse;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a certificate says; by default a signature certificate that began yesterday and lasts a year.
#[derive(Clone, Debug)]
pub struct CertificateProfile {
    /// Unit, as common name and organisation.
    pub holder_name: String,
    /// Its USCC (unified social credit code).
    pub holder_id: String,
    /// Key usage extension.
    pub key_use: KeyUse,
    /// First and last moment.
    pub validity: (SystemTime, SystemTime),
}

impl Default for CertificateProfile {
    fn default() -> Self {
        let yesterday = SystemTime::now() - DAY;
        Self {
            holder_name: "示范人民医院".to_owned(),
            holder_id: "91350100M000100Y43".to_owned(),
            key_use: KeyUse::Signature,
            validity: (yesterday, yesterday + 365 * DAY),
        }
    }
}

impl CertificateProfile {
    /// The same, from `from` to `to` days after now.
    pub fn days(mut self, from: i64, to: i64) -> Self {
        self.validity = (days_from_now(from), days_from_now(to));
        self
    }
}

impl CertificateProfile {
    /// The same, from the first to the last of these moments, Unix seconds.
    pub fn from_to(mut self, from: u64, to: u64) -> Self {
        self.validity = (UNIX_EPOCH + Duration::from_secs(from), UNIX_EPOCH + Duration::from_secs(to));
        self
    }

    /// The same for another unit.
    pub fn held_by(mut self, name: &str) -> Self {
        name.clone_into(&mut self.holder_name);
        self
    }
}

fn days_from_now(days: i64) -> SystemTime {
    let span = DAY * u32::try_from(days.unsigned_abs()).unwrap();
    if days < 0 { SystemTime::now() - span } else { SystemTime::now() + span }
}

/// The authority: its own key and certificate, in a folder of the stage.
#[derive(Debug)]
pub struct TestCa {
    folder: PathBuf,
}

impl TestCa {
    /// Makes the authority's key and certificate.
    pub fn create() -> Self {
        Self::named("测试医疗机构CA")
    }

    /// The same, with this common name.
    pub fn named(name: &str) -> Self {
        let folder = Path::new(STAGE).join("ca");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("index.txt"), "").unwrap();
        fs::write(folder.join("ca.cnf"), CONFIG).unwrap();
        let ca = Self { folder };
        let mut command = ca.openssl("req");
        command
            .args(["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-days", "3650"])
            .args(["-subj", &format!("/C=CN/ST=云南省/O=测试数字证书认证中心/CN={name}")])
            .args(["-keyout", "ca.key", "-out", "ca.pem"]);
        succeed(Tool::Openssl, &mut command);
        ca
    }

    /// The authority's certificate, PEM.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Certifies the private key in this PEM file; writes the certificate beside it, in DER, and gives its path.
    pub fn certify(&self, key: &Path, profile: &CertificateProfile) -> PathBuf {
        let [request, pem, der] = ["csr", "crt", "der"].map(|extension| key.with_extension(extension));
        let subject = format!("/C=CN/ST=云南省/L=昆明市/O={0}/CN={0}", profile.holder_name);
        let mut command = self.openssl("req");
        command.args(["-new", "-utf8", "-subj", &subject]).arg("-key").arg(key).arg("-out").arg(&request);
        succeed(Tool::Openssl, &mut command);

        fs::write(self.folder.join("leaf.cnf"), extensions(profile)).unwrap();
        let (from, to) = profile.validity;
        let mut command = self.openssl("ca");
        command
            .args(["-batch", "-notext", "-utf8", "-config", "ca.cnf", "-extfile", "leaf.cnf", "-extensions", "leaf"])
            .args(["-startdate", &timestamp(from), "-enddate", &timestamp(to)])
            .args(["-in".as_ref(), request.as_os_str(), "-out".as_ref(), pem.as_os_str()]);
        succeed(Tool::Openssl, &mut command);

        let mut command = self.openssl("x509");
        command.args(["-outform", "DER"]).arg("-in").arg(pem).arg("-out").arg(&der);
        succeed(Tool::Openssl, &mut command);
        der
    }

    fn openssl(&self, verb: &str) -> Command {
        let mut command = Tool::Openssl.command();
        command.arg(verb).current_dir(&self.folder);
        command
    }
}

fn extensions(profile: &CertificateProfile) -> String {
    let key_use = match profile.key_use {
        KeyUse::Signature => "digitalSignature,nonRepudiation",
        KeyUse::Encryption => "keyEncipherment,dataEncipherment",
        KeyUse::Both => "digitalSignature,nonRepudiation,keyEncipherment",
    };
    let uscc = &profile.holder_id;
    format!(
        "[leaf]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,{key_use}\n\
         1.2.156.10260.4.1.4=ASN1:PRINTABLESTRING:{uscc}\n"
    )
}

/// As `openssl ca` wants it: YYYYMMDDHHMMSSZ.
fn timestamp(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let text = run(Tool::Date, ["--utc", &format!("--date=@{seconds}"), "+%Y%m%d%H%M%SZ"]);
    String::from_utf8(text).unwrap().trim().to_owned()
}

const CONFIG: &str = "\
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
rand_serial = yes
unique_subject = no
policy = anything
[anything]
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
commonName = supplied
";
