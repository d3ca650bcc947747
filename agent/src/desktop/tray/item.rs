//! `org.kde.StatusNotifierItem`: the picture in the panel.

use super::host::{MENU_PATH, Shared};
use super::model::Model;
use crate::desktop::icons::{self, Picture};
use crate::desktop::state::State;
use std::sync::Arc;
use zbus::ObjectPath;
use zbus::object_server::SignalEmitter;

/// Pictures as the interface has them: width, height, ARGB in network byte order.
type Pixmaps = Vec<(i32, i32, Vec<u8>)>;

/// The object.
pub(super) struct Item(pub(super) Arc<Shared>);

impl Item {
    fn model(&self) -> Arc<Model> {
        self.0.model()
    }
}

#[zbus::interface(name = "org.kde.StatusNotifierItem")]
impl Item {
    /// A click.
    fn activate(&self, _x: i32, _y: i32) {
        self.0.actions.run(self.model().first.clone());
    }

    /// A click with the middle button.
    fn secondary_activate(&self, _x: i32, _y: i32) {
        self.0.actions.run(self.model().first.clone());
    }

    /// Panels show the menu themselves.
    fn context_menu(&self, _x: i32, _y: i32) {}

    /// Does nothing.
    fn scroll(&self, _delta: i32, _orientation: &str) {}

    #[zbus(signal)]
    pub(super) async fn new_title(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(super) async fn new_icon(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(super) async fn new_attention_icon(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(super) async fn new_tool_tip(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(super) async fn new_status(emitter: &SignalEmitter<'_>, status: &str) -> zbus::Result<()>;

    #[zbus(property)]
    fn category(&self) -> &str {
        "Hardware"
    }

    #[zbus(property)]
    fn id(&self) -> &str {
        "ukey-agent"
    }

    #[zbus(property)]
    fn title(&self) -> String {
        self.model().title.clone()
    }

    #[zbus(property)]
    fn status(&self) -> &str {
        status(self.model().state)
    }

    #[zbus(property)]
    fn window_id(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn icon_name(&self) -> String {
        icons::name(self.model().state)
    }

    #[zbus(property)]
    fn icon_pixmap(&self) -> Pixmaps {
        pixmaps(&icons::of_panel(self.model().state))
    }

    #[zbus(property)]
    fn overlay_icon_name(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn overlay_icon_pixmap(&self) -> Pixmaps {
        Vec::new()
    }

    #[zbus(property)]
    fn attention_icon_name(&self) -> String {
        self.icon_name()
    }

    #[zbus(property)]
    fn attention_icon_pixmap(&self) -> Pixmaps {
        self.icon_pixmap()
    }

    #[zbus(property)]
    fn attention_movie_name(&self) -> &str {
        ""
    }

    /// Picture, title, text. The text is markup to some panels.
    #[zbus(property)]
    fn tool_tip(&self) -> (String, Pixmaps, String, String) {
        let model = self.model();
        (icons::name(model.state), Vec::new(), model.title.clone(), escaped(&model.tooltip))
    }

    /// A click opens the menu.
    #[zbus(property)]
    fn item_is_menu(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn menu(&self) -> ObjectPath<'static> {
        ObjectPath::from_static_str_unchecked(MENU_PATH)
    }
}

/// How much the state matters now: panels may hide what is passive, and raise what needs attention.
pub(super) fn status(state: State) -> &'static str {
    if state >= State::Expired { "NeedsAttention" } else { "Active" }
}

fn pixmaps(pictures: &[Picture]) -> Pixmaps {
    pictures.iter().map(|picture| (i32::from(picture.side), i32::from(picture.side), picture.argb())).collect()
}

/// The text where it is read as markup; the marks for quotes stay as they are, so that panels that read none show few
/// signs of it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
