//! The pictures of the states, inside the program: for panels and servers that don't find the installed ones, as in a
//! build tree.

use super::state::State;
use std::io::Cursor;

/// A square picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Pixels of a side.
    pub(crate) side: u16,
    /// Red, green, blue, alpha of each pixel.
    pub(crate) rgba: Vec<u8>,
}

impl Picture {
    /// Alpha, red, green, blue of each pixel, as StatusNotifierItem has them.
    pub(crate) fn argb(&self) -> Vec<u8> {
        self.rgba.chunks_exact(4).flat_map(|pixel| [pixel[3], pixel[0], pixel[1], pixel[2]]).collect()
    }
}

/// Name of the installed picture of a state, in the theme `hicolor`.
pub(crate) fn name(state: State) -> String {
    format!("ukeyd-{}", state.name())
}

/// The picture of a state in the sizes of panels.
pub(crate) fn of_panel(state: State) -> Vec<Picture> {
    let [small, medium, large] = files(state);
    [small, medium, large].into_iter().filter_map(decode).collect()
}

/// The picture of a state beside a notice.
pub(crate) fn of_notice(state: State) -> Option<Picture> {
    let [_, _, large] = files(state);
    decode(large)
}

macro_rules! pictures {
    ($name:literal) => {
        [
            include_bytes!(concat!("../../../packaging/icons/hicolor/22x22/status/ukeyd-", $name, ".png")),
            include_bytes!(concat!("../../../packaging/icons/hicolor/32x32/status/ukeyd-", $name, ".png")),
            include_bytes!(concat!("../../../packaging/icons/hicolor/48x48/status/ukeyd-", $name, ".png")),
        ]
    };
}

fn files(state: State) -> [&'static [u8]; 3] {
    match state {
        State::NoKey => pictures!("no-key"),
        State::Ready => pictures!("ready"),
        State::LoggedIn => pictures!("logged-in"),
        State::Expiring => pictures!("expiring"),
        State::Expired => pictures!("expired"),
        State::PinLow => pictures!("pin-low"),
        State::Locked => pictures!("locked"),
        State::Failed => pictures!("failed"),
    }
}

/// `None` for what is no such picture; a test says that all of ours are.
fn decode(file: &[u8]) -> Option<Picture> {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().ok()?;
    let mut rgba = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut rgba).ok()?;
    let side = u16::try_from(frame.width).ok()?;
    let fits = frame.width == frame.height
        && (frame.color_type, frame.bit_depth) == (png::ColorType::Rgba, png::BitDepth::Eight)
        && rgba.len() == usize::from(side) * usize::from(side) * 4;
    fits.then_some(Picture { side, rgba })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_own_picture_in_each_size() {
        let mut seen: Vec<Picture> = Vec::new();
        for state in State::ALL {
            let pictures = of_panel(state);
            assert_eq!(pictures.iter().map(|picture| picture.side).collect::<Vec<_>>(), [22, 32, 48]);
            for picture in pictures {
                assert!(!seen.contains(&picture), "{state:?}");
                assert!(picture.rgba.chunks_exact(4).any(|pixel| pixel[3] == 255), "{state:?} is empty");
                seen.push(picture);
            }
        }
    }

    #[test]
    fn pixels_are_turned_for_the_panel() {
        let picture = Picture { side: 1, rgba: vec![1, 2, 3, 4] };
        assert_eq!(picture.argb(), [4, 1, 2, 3]);
    }
}
