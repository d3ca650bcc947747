//! Every method and every property that the running daemon shows, and who may use it. A method or property that the
//! table does not know fails the test, and so does one that is gone. The bus policy, polkit's actions and its rule are
//! the shipped ones; the sessions are real to polkit, so that `allow_active` itself decides.

mod calls;
mod live;
mod scene;

use live::Live;
use scene::Scene;
use std::collections::BTreeSet;
use ukey_dbus::names::{AUDIT, CERTIFICATE, MANAGER, MODULE, REQUEST, STATISTICS, TOKEN};
use ukey_softhsm_tests::staged;

/// Somebody who asks, and the state of what decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Root,
    /// The clerk, whose session the seat shows. A request is under way that is theirs.
    Active,
    /// The nurse, whose session is there but not shown.
    Inactive,
    /// A local user without a session.
    Other,
    /// A member of `ukey-technicians` without a session.
    Technician,
    /// [`Who::Active`] while polkit is not there.
    ActiveWithoutPolkit,
    /// [`Who::Root`] while polkit is not there.
    RootWithoutPolkit,
}

use Who::{Active, ActiveWithoutPolkit, Inactive, Other, Root, RootWithoutPolkit, Technician};

type Allowed = &'static [Who];

const EVERYBODY: Allowed = &[Root, Active, Inactive, Other, Technician, ActiveWithoutPolkit, RootWithoutPolkit];
const AT_THE_SEAT: Allowed = &[Root, Active];
const TECHNICIANS: Allowed = &[Root, Technician];
const ADMINISTRATOR: Allowed = &[Root];
/// The program whose call it is, whatever policy says by now.
const ITS_CALLER: Allowed = &[Active, ActiveWithoutPolkit];
const NOBODY: Allowed = &[];

const INTROSPECTABLE: &str = "org.freedesktop.DBus.Introspectable";
const OBJECT_MANAGER: &str = "org.freedesktop.DBus.ObjectManager";
const PEER: &str = "org.freedesktop.DBus.Peer";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

const METHODS: [(&str, &str, Allowed); 32] = [
    (MANAGER, "RegisterAgent", EVERYBODY),
    (MANAGER, "UnregisterAgent", EVERYBODY),
    (MANAGER, "OpenConnection", AT_THE_SEAT),
    (MANAGER, "VerifySignature", EVERYBODY),
    (MANAGER, "VerifyMessage", EVERYBODY),
    (AUDIT, "List", TECHNICIANS),
    (AUDIT, "Mine", EVERYBODY),
    (AUDIT, "Verify", TECHNICIANS),
    (AUDIT, "HashesOf", TECHNICIANS),
    (AUDIT, "Recover", ADMINISTRATOR),
    (STATISTICS, "Read", ADMINISTRATOR),
    (TOKEN, "Login", AT_THE_SEAT),
    (TOKEN, "Logout", AT_THE_SEAT),
    (TOKEN, "GetLogin", EVERYBODY),
    (TOKEN, "ChangePin", AT_THE_SEAT),
    (TOKEN, "UnblockPin", TECHNICIANS),
    (TOKEN, "Release", AT_THE_SEAT),
    (TOKEN, "Random", AT_THE_SEAT),
    (CERTIFICATE, "GetCertificate", AT_THE_SEAT),
    (CERTIFICATE, "SignDigest", AT_THE_SEAT),
    (CERTIFICATE, "SignData", AT_THE_SEAT),
    (CERTIFICATE, "SignFile", AT_THE_SEAT),
    (CERTIFICATE, "SignBatch", AT_THE_SEAT),
    (CERTIFICATE, "SignMessage", AT_THE_SEAT),
    (CERTIFICATE, "SignMessageFile", AT_THE_SEAT),
    (INTROSPECTABLE, "Introspect", EVERYBODY),
    (OBJECT_MANAGER, "GetManagedObjects", EVERYBODY),
    (PEER, "Ping", EVERYBODY),
    (PEER, "GetMachineId", EVERYBODY),
    (PROPERTIES, "Get", EVERYBODY),
    (PROPERTIES, "GetAll", EVERYBODY),
    // Last: where it is allowed it ends the request.
    (REQUEST, "Cancel", ITS_CALLER),
];

/// `Properties.Set`, which no property takes.
const SET: (&str, &str, Allowed) = (PROPERTIES, "Set", NOBODY);

/// Everybody reads all of them; nobody writes any.
const READABLE: [(&str, &[&str]); 4] = [
    (MANAGER, &["ExpiryThresholds", "DailyAfterExpiry", "Version"]),
    (MODULE, &["Name", "Library", "Version", "State", "Reason", "Restarts", "Verified"]),
    (
        TOKEN,
        &[
            "Label",
            "SerialNumber",
            "Manufacturer",
            "Model",
            "Module",
            "State",
            "PinState",
            "SoPinState",
            "PinTriesRemaining",
            "SoPinTriesRemaining",
            "UnblockSupported",
        ],
    ),
    (
        CERTIFICATE,
        &[
            "Token",
            "Issuer",
            "SerialNumber",
            "Fingerprint",
            "NotBefore",
            "NotAfter",
            "Validity",
            "HolderName",
            "HolderId",
            "KeyUse",
            "KeyType",
            "Algorithms",
        ],
    ),
];

#[test]
fn as_the_table_says() {
    staged(async || {
        let mut scene = Scene::start().await;
        scene.open_request().await;
        let live = Live::read(scene.clerk()).await;
        let readable = READABLE.iter().flat_map(|(interface, names)| names.iter().map(|name| (*interface, *name)));
        let methods = METHODS.iter().chain([&SET]).map(|(interface, name, _)| (*interface, *name));
        assert_same(&live.methods(), methods);
        assert_same(&live.properties(), readable);

        for who in [Active, Inactive, Root, Other, Technician] {
            assert_row(&mut scene, who, &live).await;
        }
        scene.open_request().await;
        scene.kill_polkit();
        // The request is over after the second one.
        for who in [RootWithoutPolkit, ActiveWithoutPolkit] {
            assert_row(&mut scene, who, &live).await;
        }
        for function in ["C_Login", "C_SetPIN", "C_InitPIN", "C_InitToken"] {
            assert_eq!(scene.fixture.spy().count(function), 0, "{function}: the Key was asked");
        }
    });
}

/// Left: what the daemon shows; right: the table.
fn assert_same<'a>(live: &BTreeSet<(String, String)>, table: impl Iterator<Item = (&'a str, &'a str)>) {
    let table: BTreeSet<_> = table.map(|(interface, name)| (interface.to_owned(), name.to_owned())).collect();
    let unknown: Vec<_> = live.difference(&table).collect();
    let gone: Vec<_> = table.difference(live).collect();
    assert!(unknown.is_empty() && gone.is_empty(), "not in the table: {unknown:?}; not in the daemon: {gone:?}");
}

async fn assert_row(scene: &mut Scene, who: Who, live: &Live) {
    scene.become_one(who).await;
    for (interface, method, allowed) in METHODS {
        let expected = allowed.contains(&who);
        let result = scene.call(who, interface, method).await;
        assert_eq!(scene::got_past_authorization(&result), expected, "{who:?} {interface}.{method}: {result:?}");
        assert_eq!(scene.dialogs(), scene.requests(), "{who:?} {interface}.{method} opened a dialog");
    }
    for (path, interface, property) in live.all_properties() {
        let place = format!("{who:?} {path} {interface}.{property}");
        let value = scene.read(who, path, interface, property).await.unwrap_or_else(|error| panic!("{place}: {error}"));
        assert!(scene.write(who, path, interface, property, &value).await.is_err(), "{place} was written");
    }
}
