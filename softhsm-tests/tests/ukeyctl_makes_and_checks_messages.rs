//! `ukeyctl sign --message` makes messages that OpenSSL accepts, and never half of one; `ukeyctl verify --message` tells
//! what is wrong in words, in the user's language, and by its exit code.

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{Document, Ended, Fixture, Person, STAGE, Tool, staged, ukeyctl};

const ARGUMENT: Option<i32> = Some(7);
const NOT_RIGHT: Option<i32> = Some(8);
const FILE: Option<i32> = Some(10);
const USAGE: Option<i32> = Some(2);

#[test]
fn attached_and_detached() {
    staged(async || {
        let fixture = trusting().await;
        fixture.log_in().await;
        // That another program may use the login.
        fixture.pinentry().will_confirm();
        let order = Document::order();
        let content = fs::read(order.path()).unwrap();
        for kind in [KeyKind::Rsa2048, KeyKind::EcP384] {
            sign(kind, &["--message"], &order).await.succeeded();
            sign(kind, &["--message", "--detached", "--encoding", "cms"], &order).await.succeeded();
            let (attached, detached) = (beside(&order, ".p7m"), beside(&order, ".p7s"));
            assert_eq!(openssl_verifies(&fixture, &attached, None).as_deref(), Some(&content[..]), "{kind}");
            assert!(openssl_verifies(&fixture, &detached, Some(order.path())).is_some(), "{kind}");
            assert!(fs::read(&detached).unwrap().len() < fs::read(&attached).unwrap().len());

            let told = verify(&[path(&detached), path(order.path())]).await.succeeded();
            for words in ["The message is right.", "示范人民医院", "91350100M000100Y43", "no revocation list"] {
                assert!(told.stdout.contains(words), "{}", told.stdout);
            }
            let out = home("content");
            verify(&[path(&attached), "--out", path(&out)]).await.succeeded();
            assert_eq!(fs::read(&out).unwrap(), content);
            assert_eq!(verify(&[path(&attached), "--out", path(&out)]).await.code, FILE, "it is there already");
            for made in [&attached, &detached, &out] {
                fs::remove_file(made).unwrap();
            }
        }
    });
}

#[test]
fn each_reason_in_words() {
    staged(async || {
        let fixture = trusting().await;
        fixture.log_in().await;
        // That another program may use the login.
        fixture.pinentry().will_confirm();
        let order = Document::order();
        sign(KeyKind::EcP256, &["--message", "--detached"], &order).await.succeeded();
        let message = beside(&order, ".p7s");
        let other = Document::with("other.json", b"another order");

        let told = verify(&[path(&message), path(other.path())]).await;
        assert_eq!(told.code, NOT_RIGHT);
        for words in ["NOT right", "is not what was signed", "a trusted CA"] {
            assert!(told.stdout.contains(words), "{}", told.stdout);
        }
        let mut damaged = fs::read(&message).unwrap();
        *damaged.last_mut().unwrap() ^= 1;
        let damaged = Document::with("damaged.p7s", &damaged);
        let arguments = ["--json", "verify", "--message", path(damaged.path()), path(order.path())];
        let told = ukeyctl(Person::Clerk, &arguments).await;
        assert_eq!(told.code, NOT_RIGHT, "{told:?}");
        let json: Value = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!((&json["valid"], &json["attached"]), (&false.into(), &false.into()));
        let signer = &json["signers"][0];
        assert_eq!((&signer["digest"], &signer["signature"]), (&"ok".into(), &"invalid".into()));
        assert_eq!((&signer["certificate_ok"], &signer["holder_name"]), (&true.into(), &"示范人民医院".into()));
        assert!(signer["signing_time"]["unix"].as_u64().is_some());

        assert_eq!(verify(&[path(&message)]).await.code, USAGE, "the content is not in it");
        assert_eq!(verify(&[path(order.path())]).await.code, ARGUMENT, "that is no message");
        assert_eq!(verify(&["missing"]).await.code, FILE);
    });
}

#[test]
fn a_certificate_that_nobody_trusts() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        // That another program may use the login.
        fixture.pinentry().will_confirm();
        let order = Document::order();
        sign(KeyKind::EcP256, &["--message"], &order).await.succeeded();
        let told = verify(&[path(&beside(&order, ".p7m"))]).await;
        assert_eq!(told.code, NOT_RIGHT);
        assert!(told.stdout.contains("no CA is configured as trusted"), "{}", told.stdout);
        let told = ukeyctl_in_chinese(&["verify", "--message", path(&beside(&order, ".p7m"))]);
        for words in ["签名消息有问题。", "与签名时一致", "没有配置受信任的 CA"] {
            assert!(told.contains(words), "{told}");
        }
    });
}

#[test]
fn a_message_is_there_whole_or_not_at_all() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        // That another program may use the login.
        fixture.pinentry().will_confirm();
        let order = Document::order();
        let message = beside(&order, ".p7m");
        // GM/T 0010 is for SM2: the service refuses, after the file was begun.
        let refused = sign(KeyKind::EcP256, &["--message", "--encoding", "gmt0010"], &order).await;
        assert_eq!(refused.code, ARGUMENT, "{refused:?}");
        assert_eq!(files(), ["订单.json"]);

        fs::write(&message, "somebody's").unwrap();
        assert_eq!(sign(KeyKind::EcP256, &["--message"], &order).await.code, FILE);
        assert_eq!(fs::read(&message).unwrap(), b"somebody's");
        assert_eq!(sign(KeyKind::EcP256, &["--message", "--out", "missing/folder"], &order).await.code, FILE);
        let folder = Path::new(STAGE).join("home/clerk");
        fs::set_permissions(&message, fs::Permissions::from_mode(0o666)).unwrap();
        sign(KeyKind::EcP256, &["--message", "--force"], &order).await.succeeded();
        assert!(openssl_verifies(&fixture, &message, None).is_some());
        assert_eq!(files().len(), 2, "{:?} in {folder:?}", files());
    });
}

/// Of the home folder of the clerk, where the agent keeps its own in `.local`.
fn files() -> Vec<String> {
    let folder = fs::read_dir(Path::new(STAGE).join("home/clerk")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != ".local").collect();
    names.sort();
    names
}

async fn sign(kind: KeyKind, options: &[&str], document: &Document) -> Ended {
    let choice = ["sign", "--certificate", kind.as_str()];
    ukeyctl(Person::Clerk, &[&choice, options, &[path(document.path())]].concat()).await
}

async fn verify(arguments: &[&str]) -> Ended {
    ukeyctl(Person::Clerk, &[&["verify", "--message"], arguments].concat()).await
}

/// What is printed for somebody with a Chinese desktop.
fn ukeyctl_in_chinese(arguments: &[&str]) -> String {
    let program = ukey_softhsm_tests::program("ukeyctl");
    let mut command = Tool::Env.command();
    command.arg("LC_ALL=zh_CN.UTF-8").arg(program).args(arguments);
    String::from_utf8(Tool::Env.output(&mut command).stdout).unwrap()
}

/// A daemon that trusts the CA of the test Keys.
async fn trusting() -> Fixture {
    let folder = Path::new(STAGE).join("trusted");
    fs::create_dir(&folder).unwrap();
    let mut fixture =
        Fixture::builder().config(&format!("[trust]\ncertificates = \"{}\"\n", folder.display())).start().await;
    fs::copy(fixture.ca.certificate(), folder.join("ca.pem")).unwrap();
    fixture.kill_daemon().await;
    fixture.start_daemon().await;
    fixture
}

/// The content, if `openssl cms -verify` accepts the message.
fn openssl_verifies(fixture: &Fixture, message: &Path, content: Option<&Path>) -> Option<Vec<u8>> {
    let out = Path::new(STAGE).join("openssl-content");
    let mut command = Tool::Openssl.command();
    command.args(["cms", "-verify", "-binary", "-purpose", "any", "-inform", "DER", "-in"]).arg(message);
    command.arg("-CAfile").arg(fixture.ca.certificate()).arg("-out").arg(&out);
    if let Some(content) = content {
        command.arg("-content").arg(content);
    }
    Tool::Openssl.output(&mut command).status.success().then(|| fs::read(&out).unwrap())
}

fn beside(document: &Document, extension: &str) -> PathBuf {
    let mut name = document.path().as_os_str().to_owned();
    name.push(extension);
    name.into()
}

fn home(name: &str) -> PathBuf {
    Path::new(STAGE).join("home/clerk").join(name)
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
