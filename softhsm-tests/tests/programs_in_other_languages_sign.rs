//! Programs in other languages sign over the bus: each example of `docs/examples`, built by the line that it gives itself,
//! run by the clerk as it stands there, and its result accepted by OpenSSL.

use std::fs;
use std::path::{Path, PathBuf};
use ukey_dbus::{Algorithm, KeyKind};
use ukey_softhsm_tests::{
    CertificateProfile, Document, Ended, Fixture, Key, KeyBuilder, Lab, Person, STAGE, Sm2Family, Sm2Output,
    TestCertificate, Tool, as_person, no_options, run, staged, verify_data,
};

const DBUS_JAVA: &str = "/usr/share/java/dbus.jar";

#[test]
fn busctl() {
    staged(async || {
        let _needed = (Tool::Busctl.path(), Tool::Openssl.path());
        let fixture = Fixture::builder().start().await;
        signs(&fixture, &script("sign-with-busctl.sh"), &[], KeyKind::Rsa2048, Algorithm::RsaPkcs1Sha256).await;
    });
}

#[test]
fn gdbus() {
    staged(async || {
        let _needed = (Tool::Gdbus.path(), Tool::Openssl.path());
        let fixture = Fixture::builder().start().await;
        signs(&fixture, &script("sign-with-gdbus.sh"), &[], KeyKind::EcP256, Algorithm::EcdsaSha256).await;
    });
}

#[test]
fn python_jeepney() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let example = script("sign_with_jeepney.py");
        signs(&fixture, &example, &["ec-p384"], KeyKind::EcP384, Algorithm::EcdsaSha384).await;
    });
}

#[test]
fn python_jeepney_makes_and_checks_a_message() {
    staged(async || {
        let fixture = trusting().await;
        let order = Document::order();
        let example = script("message_with_jeepney.py");
        fixture.pinentry().will_type(fixture.key().pin());
        let message = makes_a_message(&example, "sign", &order).await;
        openssl_verifies(&fixture, &message, Some(&order));
        let arguments = ["verify", order.path().to_str().unwrap(), message.to_str().unwrap()];
        let verified = example.run(&arguments).await.succeeded().stdout;
        assert!(verified.contains("示范人民医院 91350100M000100Y43, 20"), "{verified}");

        let other = Document::with("another", b"another order");
        let refused = example.run(&["verify", other.path().to_str().unwrap(), message.to_str().unwrap()]).await;
        assert_eq!(refused.code, Some(1), "{}", refused.stderr);
        assert!(refused.stdout.contains("digest: differs"), "{}", refused.stdout);
    });
}

#[test]
fn python_jeepney_signs_a_batch_and_shows_its_progress() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let orders: Vec<_> =
            (0..40).map(|number| Document::with(&format!("order-{number}"), format!("{number}").as_bytes())).collect();
        fixture.pinentry().will_type(fixture.key().pin());
        let files = orders.iter().map(|order| order.path().to_str().unwrap());
        let arguments: Vec<_> = ["--key-type", "ec-p256"].into_iter().chain(files).collect();
        let ended = script("batch_with_jeepney.py").run(&arguments).await.succeeded();
        assert!(ended.stderr.ends_with("40 of 40\n"), "{}", ended.stderr);
        for order in &orders {
            let signature = fs::read(format!("{}.sig", order.path().display())).unwrap();
            let certificate = fixture.key().certificate(KeyKind::EcP256);
            assert!(verify_data(certificate, Algorithm::EcdsaSha256, order.path(), &signature));
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
    });
}

#[test]
fn python_jeepney_over_a_connection_of_its_own() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let orders: Vec<_> =
            (0..5).map(|number| Document::with(&format!("order-{number}"), format!("{number}").as_bytes())).collect();
        fixture.pinentry().will_type(fixture.key().pin());
        let files = orders.iter().map(|order| order.path().to_str().unwrap());
        let arguments: Vec<_> = ["--key-type", "ec-p256"].into_iter().chain(files).collect();
        script("open_connection_with_jeepney.py").run(&arguments).await.succeeded();
        for order in &orders {
            let signature = fs::read(format!("{}.sig", order.path().display())).unwrap();
            let certificate = fixture.key().certificate(KeyKind::EcP256);
            assert!(verify_data(certificate, Algorithm::EcdsaSha256, order.path(), &signature));
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
    });
}

#[test]
fn c_sd_bus() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let example = c_program();
        signs(&fixture, &example, &["ec-p256"], KeyKind::EcP256, Algorithm::EcdsaSha256).await;
        let order = Document::order();
        let message = makes_a_message(&example, "message", &order).await;
        openssl_verifies(&fixture, &message, Some(&order));
    });
}

#[test]
fn java_libdbus_java() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let example = java_program();
        signs(&fixture, &example, &["ec-p256"], KeyKind::EcP256, Algorithm::EcdsaSha256).await;
        let order = Document::order();
        // What Java runs next time may be another program.
        fixture.pinentry().will_confirm();
        let message = makes_a_message(&example, "message", &order).await;
        openssl_verifies(&fixture, &message, None);
    });
}

#[test]
fn rust_zbus() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let example = rust_program();
        signs(&fixture, &example, &["ec-p256"], KeyKind::EcP256, Algorithm::EcdsaSha256).await;
        let order = Document::order();
        let message = makes_a_message(&example, "message", &order).await;
        openssl_verifies(&fixture, &message, None);
    });
}

/// The vector of GM/T 0003.5 in the reference's own words.
#[test]
fn the_worked_example_of_sm2() {
    staged(async || {
        let reference = include_str!("../../docs/reference/sm2.md");
        let block = reference.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
        let expected: Vec<_> = block.lines().filter_map(|line| line.strip_prefix("# → ")).collect();
        assert_eq!(expected.len(), 3);
        let line = format!("set -e\ncd \"$HOME\"\nPATH=$PATH:{STAGE}/examples\n{block}");
        let ended = as_person(Person::Clerk, Path::new("/bin/sh"), &["-c", &line]).await.succeeded();
        assert_eq!(ended.stdout.lines().collect::<Vec<_>>(), expected);
    });
}

#[test]
fn python_makes_the_digest_that_sm2_signs() {
    staged(async || {
        let key = KeyBuilder::default().certificate(KeyKind::Sm2, CertificateProfile::default());
        let prepare = |lab: &Lab, keys: &[Key]| {
            lab.show_model(&keys[0], "usb-raw");
            lab.sm2(&keys[0], Sm2Family::UsbKey, Sm2Output::Raw);
        };
        let (_, numbers) = include_str!("../../packaging/modules.d/sm2-usb-key.toml").split_once("[sm2]").unwrap();
        let profile = format!("[match]\nmodel = \"usb-raw\"\n[sm2]{numbers}");
        let fixture = Fixture::builder().lab(prepare).key(key).profile("usb-raw", &profile).start().await;
        fixture.log_in().await;
        let order = Document::order();
        let public_key = Document::with("public-key.pem", &fs::read(&shown(&fixture).public_key).unwrap());
        let arguments = [public_key.path().to_str().unwrap(), order.path().to_str().unwrap()];
        let printed = script("sm2_digest.py").run(&arguments).await.succeeded().stdout;
        let digits = printed.trim();
        let e: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
        let certificate = fixture.certificate(KeyKind::Sm2).await;
        let signature = certificate.sign_digest("SM2-SM3", &e, no_options()).await.unwrap();
        assert!(verify_data(shown(&fixture), Algorithm::Sm2Sm3, order.path(), &signature));

        // And each program signs with it.
        for example in [script("sign_with_jeepney.py"), c_program(), java_program(), rust_program()] {
            fixture.pinentry().will_confirm();
            signs_at_once(&fixture, &example, &["sm2"], KeyKind::Sm2, Algorithm::Sm2Sm3).await;
        }
    });
}

#[test]
fn an_example_tells_the_error_by_its_name() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let order = Document::order();
        let file = order.path().to_str().unwrap();
        let name = "org.ukeyd.UKey1.Error.Cancelled";
        for (example, arguments, told) in [
            // busctl prints the text alone.
            (script("sign-with-busctl.sh"), &[file, "out"][..], "closed"),
            (script("sign-with-gdbus.sh"), &[file, "out"], name),
            (script("sign_with_jeepney.py"), &[file, "out"], name),
            (script("message_with_jeepney.py"), &["sign", file, "out"], name),
            (script("batch_with_jeepney.py"), &[file], name),
            (c_program(), &["message", file, "out"], name),
            (java_program(), &["message", file, "out"], name),
            (rust_program(), &["message", file, "out"], name),
        ] {
            fixture.pinentry().will_cancel();
            let ended = example.run(arguments).await;
            assert!(!matches!(ended.code, None | Some(0)), "{example:?}");
            assert!(ended.stderr.contains(told), "{example:?}: {}", ended.stderr);
        }
    });
}

/// An example, ready to run.
#[derive(Debug)]
struct Example {
    program: PathBuf,
    /// What its own arguments come after.
    before: Vec<String>,
    /// What it calls making a raw signature, where it does more than that.
    signature: Option<&'static str>,
}

impl Example {
    async fn run(&self, arguments: &[&str]) -> Ended {
        let before = self.before.iter().map(String::as_str);
        let arguments: Vec<_> = before.chain(arguments.iter().copied()).collect();
        as_person(Person::Clerk, &self.program, &arguments).await
    }
}

fn script(name: &str) -> Example {
    let _needed = Tool::Python.path();
    Example { program: Path::new(STAGE).join("examples").join(name), before: vec![], signature: None }
}

fn c_program() -> Example {
    let _needed = (Tool::Cc.path(), Tool::PkgConfig.path());
    needed("/usr/include/systemd/sd-bus.h", "libsystemd-dev");
    let folder = built("sign-with-sd-bus.c", "cc ");
    Example { program: folder.join("sign-with-sd-bus"), before: vec![], signature: Some("signature") }
}

fn java_program() -> Example {
    let _needed = Tool::Javac.path();
    needed(DBUS_JAVA, "libdbus-java");
    let folder = built("SignWithDBusJava.java", "javac ");
    let path = format!("{}:{DBUS_JAVA}", folder.display());
    let before = vec!["-cp".to_owned(), path, "SignWithDBusJava".to_owned()];
    Example { program: Tool::Java.path(), before, signature: Some("signature") }
}

fn rust_program() -> Example {
    let program = Path::new(STAGE).join("bin/examples/sign_with_zbus");
    assert!(program.exists(), "sign_with_zbus is not built beside the tests: cargo build -p ukey-dbus --examples");
    Example { program, before: vec![], signature: Some("signature") }
}

fn shown(fixture: &Fixture) -> &TestCertificate {
    fixture.key().certificate(KeyKind::Sm2)
}

fn needed(file: &str, package: &str) {
    assert!(Path::new(file).exists(), "{file} is missing: run script/bootstrap, which installs the package {package}");
}

/// Builds an example by the command in its own comment, warnings being errors; gives the folder.
fn built(source: &str, compiler: &str) -> PathBuf {
    let folder = Path::new(STAGE).join("built");
    fs::create_dir_all(&folder).unwrap();
    let text = fs::read_to_string(Path::new(STAGE).join("examples").join(source)).unwrap();
    fs::write(folder.join(source), &text).unwrap();
    let command = text.lines().find_map(|line| line.trim_start_matches([' ', '*']).strip_prefix(compiler)).unwrap();
    let strict = if compiler.starts_with("javac") { "-Xlint:all -Werror" } else { "-Werror" };
    let line = format!("cd '{}' && {compiler} {strict} {command}", folder.display());
    run(Tool::Env, ["sh", "-c", &line]);
    folder
}

/// A raw signature by a Key that the clerk has to type the PIN for.
async fn signs(fixture: &Fixture, example: &Example, more: &[&str], kind: KeyKind, algorithm: Algorithm) {
    fixture.pinentry().will_type(fixture.key().pin());
    signs_at_once(fixture, example, more, kind, algorithm).await;
    let dialog = fixture.pinentry().dialog(1).await;
    let shown = dialog.text("setdesc");
    assert!(shown.contains("Sign "), "the purpose is not shown: {shown}");
}

/// A raw signature.
async fn signs_at_once(fixture: &Fixture, example: &Example, more: &[&str], kind: KeyKind, algorithm: Algorithm) {
    let order = Document::order();
    let own = [order.path().to_str().unwrap(), "signature.out"];
    let arguments: Vec<_> = example.signature.into_iter().chain(own).chain(more.iter().copied()).collect();
    example.run(&arguments).await.succeeded();
    let signature = fs::read(Path::new(&Person::Clerk.home()).join("signature.out")).unwrap();
    assert!(verify_data(fixture.key().certificate(kind), algorithm, order.path(), &signature), "{example:?}");
}

/// The message that an example makes.
async fn makes_a_message(example: &Example, verb: &str, order: &Document) -> PathBuf {
    let message = Path::new(&Person::Clerk.home()).join("message.p7s");
    let arguments = [verb, order.path().to_str().unwrap(), message.to_str().unwrap()];
    example.run(&arguments).await.succeeded();
    message
}

fn openssl_verifies(fixture: &Fixture, message: &Path, content: Option<&Document>) {
    let mut command = Tool::Openssl.command();
    command.args(["cms", "-verify", "-binary", "-purpose", "any", "-inform", "DER", "-in"]).arg(message);
    command.arg("-CAfile").arg(fixture.ca.certificate());
    if let Some(content) = content {
        command.arg("-content").arg(content.path());
    }
    let ended = Tool::Openssl.output(&mut command);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(ended.stdout, fs::read(Document::order().path()).unwrap());
}

/// A daemon that trusts the CA of the test Keys.
async fn trusting() -> Fixture {
    let folder = Path::new(STAGE).join("trusted");
    fs::create_dir(&folder).unwrap();
    let config = format!("[trust]\ncertificates = \"{}\"\n", folder.display());
    let mut fixture = Fixture::builder().config(&config).start().await;
    fs::copy(fixture.ca.certificate(), folder.join("ca.pem")).unwrap();
    fixture.kill_daemon().await;
    fixture.start_daemon().await;
    fixture
}
