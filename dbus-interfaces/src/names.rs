//! Bus name, object paths and interface names.

/// Well-known bus name of the daemon.
pub const BUS_NAME: &str = "org.ukeyd.UKey1";
/// Root object: `Manager` and `org.freedesktop.DBus.ObjectManager`.
pub const ROOT_PATH: &str = "/org/ukeyd/UKey1";
/// Where an agent exports `.Agent` unless it registers another path.
pub const AGENT_PATH: &str = "/org/ukeyd/UKey1/agent";

/// Interface of the root object.
pub const MANAGER: &str = "org.ukeyd.UKey1.Manager";
/// Interface of the journal, on the root object.
pub const AUDIT: &str = "org.ukeyd.UKey1.Audit";
/// Interface of the counters, on the root object.
pub const STATISTICS: &str = "org.ukeyd.UKey1.Statistics";
/// Interface of a vendor module.
pub const MODULE: &str = "org.ukeyd.UKey1.Module";
/// Interface of a Key.
pub const TOKEN: &str = "org.ukeyd.UKey1.Token";
/// Interface of a certificate on a Key.
pub const CERTIFICATE: &str = "org.ukeyd.UKey1.Certificate";
/// Interface of a running request.
pub const REQUEST: &str = "org.ukeyd.UKey1.Request";
/// Interface that an agent implements.
pub const AGENT: &str = "org.ukeyd.UKey1.Agent";

/// Prefix of every error name of the contract.
pub const ERROR_PREFIX: &str = "org.ukeyd.UKey1.Error.";

/// Object path of the module called `name`; characters outside `[A-Za-z0-9]` are written `_xx` (hexadecimal).
pub fn module_path(name: &str) -> String {
    format!("{ROOT_PATH}/module/{}", path_element(name))
}

/// Object path of the Key with this id (16 hexadecimal digits).
pub fn token_path(id: &str) -> String {
    format!("{ROOT_PATH}/token/{id}")
}

/// Object path of a certificate: the Key's id and the first 16 hexadecimal digits of its SHA-256.
pub fn certificate_path(token: &str, certificate: &str) -> String {
    format!("{ROOT_PATH}/token/{token}/certificate/{certificate}")
}

/// Object path of a caller's running request: its unique name as a path element, and its own token.
pub fn request_path(unique_name: &str, token: &str) -> String {
    let sender = unique_name.trim_start_matches(':').replace('.', "_");
    format!("{ROOT_PATH}/request/{sender}/{token}")
}

/// Makes any text a D-Bus path element: `_` and every byte outside `[A-Za-z0-9]` become `_xx`.
fn path_element(text: &str) -> String {
    let mut element = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            element.push(char::from(byte));
        } else {
            element.push_str(&format!("_{byte:02x}"));
        }
    }
    if element.is_empty() { "_".to_owned() } else { element }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_hold_only_what_dbus_allows() {
        assert_eq!(module_path("soft-hsm2"), "/org/ukeyd/UKey1/module/soft_2dhsm2");
        assert_eq!(module_path("a_b"), "/org/ukeyd/UKey1/module/a_5fb");
        assert_eq!(request_path(":1.42", "r1"), "/org/ukeyd/UKey1/request/1_42/r1");
    }
}
