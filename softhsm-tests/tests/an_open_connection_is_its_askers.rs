//! What is asked over a connection of `OpenConnection` is asked by the bus connection that opened it, whatever the messages
//! say: its login, its consent, its record, its limits; policy is asked about its name on the bus.

use std::os::fd::AsFd;
use std::time::Duration;
use ukey_dbus::{Algorithm, AuditProxy, CertificateProxy, ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{
    CallingProgram, Document, Fixture, Monitor, Person, no_options, open_line, option, refusal, staged, verify_data,
    verify_digest,
};
use zbus::message::Message;
use zbus::{Connection, OwnedVariant, Variant};

const ALGORITHM: &str = "ECDSA-SHA256";
const DIGEST: [u8; 32] = [7; 32];

#[test]
fn every_kind_of_signature_after_one_entry() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let line = open_line(&fixture.clerk, Person::Clerk).await.unwrap();
        let certificate = over(&fixture, &line).await;
        fixture.pinentry().will_type(fixture.key().pin());
        let digest = certificate.sign_digest(ALGORITHM, &DIGEST, no_options()).await.unwrap();
        let order = Document::order();
        let data = std::fs::read(order.path()).unwrap();
        let data = certificate.sign_data(ALGORITHM, &data, no_options()).await.unwrap();
        let file = certificate.sign_file(ALGORITHM, order.open().as_fd().into(), no_options()).await.unwrap();
        let digests = vec![DIGEST.as_slice(); 300];
        let batch = certificate.sign_batch(ALGORITHM, &digests, no_options()).await.unwrap();
        let message = Document::with("order.p7s", b"");
        let output = std::fs::File::options().write(true).open(message.path()).unwrap();
        let (content, output) = (order.open(), output.as_fd());
        certificate.sign_message_file(content.as_fd().into(), output.into(), no_options()).await.unwrap();
        assert!(!certificate.sign_message(b"order", no_options()).await.unwrap().is_empty());
        assert!(!certificate.get_certificate().await.unwrap().0.is_empty());

        let (shown, algorithm) = (fixture.key().certificate(KeyKind::EcP256), Algorithm::EcdsaSha256);
        assert!(verify_digest(shown, algorithm, &DIGEST, &digest));
        assert!([data, file].iter().all(|signature| verify_data(shown, algorithm, order.path(), signature)));
        assert!(
            batch
                .iter()
                .all(|(error, signature)| { error.is_empty() && verify_digest(shown, algorithm, &DIGEST, signature) })
        );
        assert_eq!(certificate.key_type().await.unwrap(), KeyKind::EcP256.as_str());
        assert_eq!((fixture.pinentry().dialogs().len(), fixture.spy().count("C_Login")), (1, 1));

        let name = fixture.clerk.unique_name().unwrap().to_string();
        let records = AuditProxy::new(&fixture.clerk).await.unwrap().mine(no_options(), 0, 500).await.unwrap();
        let signed: Vec<_> = records.iter().filter(|record| text(record, "kind") == "sign").collect();
        assert_eq!(signed.len(), 3 + 300 + 2);
        assert!(signed.iter().all(|record| text(record, "caller") == name && text(record, "result") == "ok"));
    });
}

#[test]
fn another_program_is_asked_about_as_on_the_bus() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let invoices = CallingProgram::named(Person::Clerk, "invoices");
        let asker = invoices.connect().await;
        let certificate = over(&fixture, &open_line(&asker, Person::Clerk).await.unwrap()).await;
        let never = option(options::PROMPT, options::PROMPT_NEVER);
        assert_eq!(refusal(certificate.sign_digest(ALGORITHM, &DIGEST, never).await), ErrorKind::ConsentDenied);
        fixture.pinentry().will_confirm();
        certificate.sign_digest(ALGORITHM, &DIGEST, no_options()).await.unwrap();
        let shown = fixture.pinentry().dialog(2).await;
        assert!(shown.text("setdesc").contains("invoices"), "{}", shown.everything());
        fixture.pinentry().will_refuse();
        let letters = CallingProgram::named(Person::Clerk, "letters");
        let asker = letters.connect().await;
        let certificate = over(&fixture, &open_line(&asker, Person::Clerk).await.unwrap()).await;
        let refused = certificate.sign_digest(ALGORITHM, &DIGEST, no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::ConsentDenied);
    });
}

#[test]
fn a_login_of_another_user_is_not_theirs() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Nurse).start().await;
        fixture.log_in().await;
        let nurse = fixture.bus.connect(Person::Nurse).await;
        let certificate = over(&fixture, &open_line(&nurse, Person::Nurse).await.unwrap()).await;
        let refused = certificate.sign_digest(ALGORITHM, &DIGEST, option(options::PROMPT, options::PROMPT_NEVER)).await;
        assert_eq!(refusal(refused), ErrorKind::LoginRequired);
    });
}

#[test]
fn whom_policy_forbids_it_gets_no_connection_and_no_signature() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        let outsider = fixture.bus.connect(Person::Outsider).await;
        assert_eq!(refusal(open_line(&outsider, Person::Outsider).await), ErrorKind::NotAuthorized);
        fixture.log_in().await;
        let line = open_line(&fixture.clerk, Person::Clerk).await.unwrap();
        let certificate = over(&fixture, &line).await;
        certificate.sign_digest(ALGORITHM, &DIGEST, no_options()).await.unwrap();
        drop(fixture.polkit.take());
        // On the bus first: when this is answered, the daemon has heard that polkit is gone.
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::NotAuthorized);
        let refused = certificate.sign_digest(ALGORITHM, &DIGEST, no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::NotAuthorized);
    });
}

#[test]
fn a_sender_in_a_message_means_nothing() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Nurse).start().await;
        fixture.log_in().await;
        let nurse = fixture.bus.connect(Person::Nurse).await;
        let line = open_line(&nurse, Person::Nurse).await.unwrap();
        let path = fixture.certificate(KeyKind::EcP256).await.inner().path().to_owned();
        let never = std::collections::HashMap::from([("prompt", Variant::from("never"))]);
        let forged = Message::method_call(path, "SignDigest").interface("org.ukeyd.UKey1.Certificate");
        let forged = forged.sender(fixture.clerk.unique_name().unwrap().to_owned());
        let forged = forged.build(&(ALGORITHM, DIGEST.as_slice(), never)).unwrap();
        let serial = forged.primary_header().serial_num();
        let mut replies = zbus::MessageStream::from(&line);
        line.send(&forged).await.unwrap();
        let reply = loop {
            let message = futures_util::StreamExt::next(&mut replies).await.unwrap().unwrap();
            if message.header().reply_serial() == Some(serial) {
                break message;
            }
        };
        let name = reply.header().error_name().map(ToString::to_string);
        assert_eq!(name.as_deref(), Some(ErrorKind::LoginRequired.dbus_name()));
    });
}

#[test]
fn policy_is_asked_about_the_name_on_the_bus() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let monitor = Monitor::start(&fixture.bus).await;
        let line = open_line(&fixture.clerk, Person::Clerk).await.unwrap();
        // What polkit said to OpenConnection is not older than this then.
        tokio::time::sleep(Duration::from_millis(30_100)).await;
        over(&fixture, &line).await.sign_digest(ALGORITHM, &DIGEST, no_options()).await.unwrap();
        let asked = monitor.calls("CheckAuthorization");
        let name = fixture.clerk.unique_name().unwrap().to_string();
        assert_eq!(asked.len(), 2, "one for OpenConnection, one for the signature");
        assert!(asked.iter().all(|call| subject(call) == name));
    });
}

fn subject(call: &Message) -> String {
    type Properties = std::collections::HashMap<String, OwnedVariant>;
    type Question = ((String, Properties), String, std::collections::HashMap<String, String>, u32, String);
    let question: Question = call.body().deserialize().unwrap();
    String::try_from(question.0.1["name"].clone()).unwrap()
}

async fn over(fixture: &Fixture, line: &Connection) -> CertificateProxy<'static> {
    let path = fixture.certificate(KeyKind::EcP256).await.inner().path().to_owned();
    CertificateProxy::builder(line).path(path).build().await.unwrap()
}

fn text(record: &std::collections::HashMap<String, OwnedVariant>, key: &str) -> String {
    String::try_from(record[key].clone()).unwrap()
}
