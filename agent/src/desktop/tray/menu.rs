//! `com.canonical.dbusmenu`: the menu as panels read it.

use super::host::Shared;
use super::ids::{Line, LineKind, find};
use std::collections::HashMap;
use std::sync::Arc;
use zbus::object_server::SignalEmitter;
use zbus::{OwnedVariant, Variant, fdo};

/// Properties of a line.
type Properties = HashMap<String, OwnedVariant>;
/// A line and those inside: (ia{sv}av).
type Node = (i32, Properties, Vec<OwnedVariant>);

/// Names of the properties that a panel asks for; all where it names none.
struct Wanted(Vec<String>);

/// The object.
pub(super) struct Menu(pub(super) Arc<Shared>);

#[zbus::interface(name = "com.canonical.dbusmenu")]
impl Menu {
    /// The lines below `parent`, to this depth (-1: all).
    #[zbus(out_args("revision", "layout"))]
    fn get_layout(&self, parent: i32, depth: i32, wanted: Vec<String>) -> fdo::Result<(u32, Node)> {
        let (menu, wanted) = (self.0.menu(), Wanted(wanted));
        let node = match parent {
            0 => node(0, root(&wanted), &menu.lines, depth, &wanted),
            id => {
                let line = find(&menu.lines, id).ok_or_else(|| unknown(id))?;
                node(id, properties(line, &wanted), inside(line), depth, &wanted)
            }
        };
        Ok((menu.revision, node?))
    }

    /// The properties of these lines; of all where none is named.
    #[zbus(out_args("properties"))]
    fn get_group_properties(&self, ids: Vec<i32>, wanted: Vec<String>) -> Vec<(i32, Properties)> {
        let (menu, wanted) = (self.0.menu(), Wanted(wanted));
        let ids = if ids.is_empty() { every_id(&menu.lines) } else { ids };
        let of = |id: i32| match id {
            0 => Some((0, root(&wanted))),
            id => find(&menu.lines, id).map(|line| (id, properties(line, &wanted))),
        };
        ids.into_iter().filter_map(of).collect()
    }

    /// One property of a line.
    #[zbus(out_args("value"))]
    fn get_property(&self, id: i32, name: &str) -> fdo::Result<OwnedVariant> {
        let menu = self.0.menu();
        let wanted = Wanted(vec![name.to_owned()]);
        let found = if id == 0 {
            root(&wanted)
        } else {
            properties(find(&menu.lines, id).ok_or_else(|| unknown(id))?, &wanted)
        };
        let value = found.into_values().next();
        value.ok_or_else(|| fdo::Error::InvalidArgs(format!("line {id} has no {name}")))
    }

    /// A person did something with a line.
    fn event(&self, id: i32, event: &str, _data: Variant<'_>, _timestamp: u32) -> fdo::Result<()> {
        self.happened(id, event)
    }

    /// The same for several; answers with those that are not there.
    #[zbus(out_args("id_errors"))]
    fn event_group(&self, events: Vec<(i32, String, OwnedVariant, u32)>) -> Vec<i32> {
        events.into_iter().filter(|(id, event, _, _)| self.happened(*id, event).is_err()).map(|(id, ..)| id).collect()
    }

    /// The menu is about to be opened: has it changed?
    #[zbus(out_args("need_update"))]
    async fn about_to_show(&self, id: i32) -> bool {
        // Days pass without a signal.
        id == 0 && self.0.look_at_the_clock().await
    }

    /// The same for several.
    #[zbus(out_args("updates_needed", "id_errors"))]
    async fn about_to_show_group(&self, ids: Vec<i32>) -> (Vec<i32>, Vec<i32>) {
        let changed = ids.contains(&0) && self.0.look_at_the_clock().await;
        (if changed { vec![0] } else { Vec::new() }, Vec::new())
    }

    /// The lines below `parent` have changed.
    #[zbus(signal)]
    pub(super) async fn layout_updated(emitter: &SignalEmitter<'_>, revision: u32, parent: i32) -> zbus::Result<()>;

    /// Of the interface.
    #[zbus(property)]
    fn version(&self) -> u32 {
        3
    }

    /// From left to right.
    #[zbus(property)]
    fn text_direction(&self) -> &str {
        "ltr"
    }

    /// Nothing here wants attention by itself.
    #[zbus(property)]
    fn status(&self) -> &str {
        "normal"
    }

    /// The menu has no pictures.
    #[zbus(property)]
    fn icon_theme_path(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Menu {
    fn happened(&self, id: i32, event: &str) -> fdo::Result<()> {
        if id == 0 {
            return Ok(());
        }
        let menu = self.0.menu();
        let line = find(&menu.lines, id).ok_or_else(|| unknown(id))?;
        if let (LineKind::Button(action), "clicked") = (&line.kind, event) {
            self.0.actions.run(action.clone());
        }
        Ok(())
    }
}

fn unknown(id: i32) -> fdo::Error {
    fdo::Error::InvalidArgs(format!("there is no line {id}"))
}

fn inside(line: &Line) -> &[Line] {
    match &line.kind {
        LineKind::Menu(lines) => lines,
        _ => &[],
    }
}

fn every_id(lines: &[Line]) -> Vec<i32> {
    lines.iter().flat_map(|line| [vec![line.id], every_id(inside(line))].concat()).collect()
}

fn node(id: i32, own: Properties, lines: &[Line], depth: i32, wanted: &Wanted) -> fdo::Result<Node> {
    let mut children = Vec::new();
    if depth != 0 {
        for line in lines {
            let child = node(line.id, properties(line, wanted), inside(line), depth.saturating_sub(1).max(-1), wanted)?;
            let child = OwnedVariant::try_from(Variant::from(child))?;
            children.push(child);
        }
    }
    Ok((id, own, children))
}

fn root(wanted: &Wanted) -> Properties {
    chosen([("children-display", Variant::from("submenu"))], wanted)
}

/// What a line has; what has its default value is left out, as the interface wants it.
fn properties(line: &Line, wanted: &Wanted) -> Properties {
    let label = ("label", Variant::from(line.label.clone()));
    match &line.kind {
        LineKind::Button(_) => chosen([label], wanted),
        LineKind::Text => chosen([label, ("enabled", Variant::from(false))], wanted),
        LineKind::Separator => chosen([("type", Variant::from("separator"))], wanted),
        LineKind::Menu(_) => chosen([label, ("children-display", Variant::from("submenu"))], wanted),
    }
}

/// Those that are wanted; all where none is named.
fn chosen<const N: usize>(all: [(&str, Variant<'static>); N], wanted: &Wanted) -> Properties {
    all.into_iter()
        .filter(|(name, _)| wanted.0.is_empty() || wanted.0.iter().any(|wanted| wanted == name))
        // No descriptor is among them, and nothing else can't be owned.
        .filter_map(|(name, value)| Some((name.to_owned(), OwnedVariant::try_from(value).ok()?)))
        .collect()
}
