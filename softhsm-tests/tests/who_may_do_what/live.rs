//! What the running daemon says of itself.

use std::collections::BTreeSet;
use ukey_dbus::names::BUS_NAME;
use zbus::Connection;
use zbus::fdo::IntrospectableProxy;
use zbus_xml::Node;

/// Methods and properties of every object.
#[derive(Default)]
pub(super) struct Live {
    methods: BTreeSet<(String, String)>,
    properties: BTreeSet<(String, String, String)>,
}

impl Live {
    /// Introspects from the root down.
    pub(super) async fn read(connection: &Connection) -> Self {
        let mut live = Self::default();
        let mut left = vec!["/".to_owned()];
        while let Some(path) = left.pop() {
            let proxy = IntrospectableProxy::builder(connection).destination(BUS_NAME).path(path.clone());
            let xml = proxy.build().await.unwrap().introspect().await.unwrap();
            let node = Node::try_from(xml.as_str()).unwrap();
            let children = node.nodes().iter().filter_map(|child| child.name());
            left.extend(children.map(|name| format!("{}/{name}", path.trim_end_matches('/'))));
            for interface in node.interfaces() {
                let name = interface.name().to_string();
                let methods = interface.methods().map(|method| (name.clone(), method.name().to_string()));
                live.methods.extend(methods);
                let properties =
                    interface.properties().map(|property| (path.clone(), name.clone(), property.name().to_string()));
                live.properties.extend(properties);
            }
        }
        live
    }

    /// Interface and name of each method.
    pub(super) fn methods(&self) -> BTreeSet<(String, String)> {
        self.methods.clone()
    }

    /// Interface and name of each property.
    pub(super) fn properties(&self) -> BTreeSet<(String, String)> {
        self.properties.iter().map(|(_, interface, name)| (interface.clone(), name.clone())).collect()
    }

    /// Path, interface and name of each property of each object.
    pub(super) fn all_properties(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.properties.iter().map(|(path, interface, name)| (path.as_str(), interface.as_str(), name.as_str()))
    }
}
