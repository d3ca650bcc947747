//! `packaging/polkit`: real polkitd, asked by the daemon's user about other users' connections, as `ukeyd` asks.

use std::collections::HashMap;
use ukey_softhsm_tests::{Bus, BusPolicy, Person, Polkit, Seat, staged};
use zbus::{Connection, Variant};

const AT_THE_SEAT: [&str; 4] = ["sign", "login", "change-pin", "read-certificate"];
const ADMINISTRATOR: [&str; 2] = ["unblock-pin", "read-audit"];

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// A password of an administrator is asked for.
    Challenge,
}

#[test]
fn the_seat_and_the_group_decide() {
    staged(async || {
        let bus = Bus::start(BusPolicy::Shipped);
        let _polkit = Polkit::start(&bus, Seat::ClerkAndNurse).await;
        let service = bus.connect(Person::Service).await;
        let yes = [Person::Clerk, Person::Nurse];
        for person in [Person::Clerk, Person::Nurse, Person::Outsider, Person::Technician] {
            let connection = bus.connect(person).await;
            for action in AT_THE_SEAT {
                let expected = if yes.contains(&person) { Answer::Yes } else { Answer::No };
                assert_eq!(ask(&service, &connection, action).await, expected, "{person:?} {action}");
            }
            for action in ADMINISTRATOR {
                let expected = if person == Person::Technician { Answer::Yes } else { Answer::Challenge };
                assert_eq!(ask(&service, &connection, action).await, expected, "{person:?} {action}");
            }
        }
    });
}

#[test]
fn without_a_seat_nobody_may() {
    staged(async || {
        let bus = Bus::start(BusPolicy::Shipped);
        let _polkit = Polkit::start(&bus, Seat::Empty).await;
        let service = bus.connect(Person::Service).await;
        let clerk = bus.connect(Person::Clerk).await;
        for action in AT_THE_SEAT {
            assert_eq!(ask(&service, &clerk, action).await, Answer::No, "{action}");
        }
    });
}

/// `CheckAuthorization` without interaction, on the subject's unique bus name.
async fn ask(service: &Connection, subject: &Connection, action: &str) -> Answer {
    let name = subject.unique_name().unwrap().as_str();
    let subject = ("system-bus-name", HashMap::from([("name", Variant::from(name))]));
    let details: HashMap<&str, &str> = HashMap::new();
    let action = format!("org.ukeyd.{action}");
    let reply = service
        .call_method(
            Some("org.freedesktop.PolicyKit1"),
            "/org/freedesktop/PolicyKit1/Authority",
            Some("org.freedesktop.PolicyKit1.Authority"),
            "CheckAuthorization",
            &(subject, &action, details, 0_u32, ""),
        )
        .await
        .unwrap();
    let (authorized, challenge, _details): (bool, bool, HashMap<String, String>) = reply.body().deserialize().unwrap();
    match (authorized, challenge) {
        (true, _) => Answer::Yes,
        (false, true) => Answer::Challenge,
        (false, false) => Answer::No,
    }
}
