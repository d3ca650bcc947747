//! The agent's item for a tray, as a panel sees it on the session bus.

use super::SessionBus;
use crate::person::Person;
use crate::wait::eventually;
use std::collections::HashMap;
use zbus::fdo::{DBusProxy, PropertiesProxy};
use zbus::names::InterfaceName;
use zbus::{Connection, OwnedVariant, Variant};

const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// An item.
#[derive(Debug)]
pub struct Tray {
    connection: Connection,
    name: String,
}

/// A line of its menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLine {
    /// Its number.
    pub id: i32,
    /// What it says; empty for a separator.
    pub label: String,
    /// Can it be chosen?
    pub enabled: bool,
    /// The lines that it opens.
    pub lines: Vec<MenuLine>,
}

type Pixmaps = Vec<(i32, i32, Vec<u8>)>;
type Node = (i32, HashMap<String, OwnedVariant>, Vec<OwnedVariant>);

impl Tray {
    pub(super) async fn find(bus: &SessionBus, _person: Person) -> Self {
        let connection = bus.connect().await;
        let proxy = DBusProxy::new(&connection).await.unwrap();
        let name = eventually("an item for the tray", async || {
            let names = proxy.list_names().await.unwrap();
            names.iter().map(ToString::to_string).find(|name| name.starts_with("org.kde.StatusNotifierItem-"))
        })
        .await;
        Self { connection, name }
    }

    /// Waits until the picture is the one called so (`ready`).
    pub async fn wait_for(&self, state: &str) {
        eventually(&format!("the tray showing {state}"), async || {
            (self.icon().await == format!("ukeyd-{state}")).then_some(())
        })
        .await;
    }

    /// Name of the picture.
    pub async fn icon(&self) -> String {
        self.property("IconName").await.downcast_ref::<&str>().unwrap().to_owned()
    }

    /// Title and text of the tooltip.
    pub async fn tooltip(&self) -> (String, String) {
        let value = self.property("ToolTip").await;
        let (_, _, title, text): (String, Pixmaps, String, String) = value.try_into().unwrap();
        (title, text)
    }

    /// Any property of the item.
    pub async fn property(&self, name: &str) -> OwnedVariant {
        let properties = PropertiesProxy::builder(&self.connection)
            .destination(self.name.clone())
            .path("/StatusNotifierItem")
            .build()
            .await
            .unwrap();
        properties.get(InterfaceName::try_from(ITEM).unwrap(), name).await.unwrap()
    }

    /// A click on the picture.
    pub async fn activate(&self) {
        self.call("/StatusNotifierItem", ITEM, "Activate", &(0_i32, 0_i32)).await.unwrap();
    }

    /// The whole menu, as a panel reads it when it is about to open.
    pub async fn menu(&self) -> Vec<MenuLine> {
        self.call(&self.menu_path().await, MENU, "AboutToShow", &0_i32).await.unwrap();
        let reply = self.call(&self.menu_path().await, MENU, "GetLayout", &(0_i32, -1_i32, Vec::<&str>::new())).await;
        let reply = reply.unwrap();
        let (_, (_, _, lines)): (u32, Node) = reply.body().deserialize().unwrap();
        lines.into_iter().map(line).collect()
    }

    /// Clicks the line that begins so; it may be inside another.
    pub async fn choose(&self, label: &str) {
        self.click(self.line(label).await).await.unwrap();
    }

    /// The number of the line that begins so and can be chosen; it may be inside another.
    pub async fn line(&self, label: &str) -> i32 {
        let menu = self.menu().await;
        let line = flat(&menu).into_iter().find(|line| line.label.starts_with(label));
        let line = line.unwrap_or_else(|| panic!("no line {label} in {menu:?}"));
        assert!(line.enabled, "{line:?}");
        line.id
    }

    /// Clicks the line with this number.
    pub async fn click(&self, id: i32) -> zbus::Result<()> {
        let arguments = (id, "clicked", Variant::from(0_i32), 0_u32);
        self.call(&self.menu_path().await, MENU, "Event", &arguments).await.map(drop)
    }

    async fn menu_path(&self) -> String {
        self.property("Menu").await.downcast_ref::<zbus::ObjectPath<'_>>().unwrap().to_string()
    }

    async fn call<B>(&self, path: &str, interface: &str, method: &str, body: &B) -> zbus::Result<zbus::Message>
    where
        B: serde::Serialize + zbus::wire::DynamicType,
    {
        self.connection.call_method(Some(self.name.as_str()), path, Some(interface), method, body).await
    }
}

/// All lines, those inside others too.
pub(crate) fn flat(lines: &[MenuLine]) -> Vec<&MenuLine> {
    lines.iter().flat_map(|line| [vec![line], flat(&line.lines)].concat()).collect()
}

fn line(value: OwnedVariant) -> MenuLine {
    let (id, properties, inside): Node = value.try_into().unwrap();
    let text = |name: &str| properties.get(name).map(|value| value.downcast_ref::<&str>().unwrap().to_owned());
    let enabled = properties.get("enabled").is_none_or(|value| bool::try_from(value).unwrap());
    MenuLine {
        id,
        label: text("label").unwrap_or_default(),
        enabled: enabled && text("type").is_none(),
        lines: inside.into_iter().map(line).collect(),
    }
}
