//! The CA's form 单位数字证书业务申请表 as a PDF: one page A4, filled in as far as the certificate tells, blank where people
//! write and stamp.

mod canvas;
mod error;
mod fit;
mod folder;
mod fonts;
mod labels;
mod sheet;
mod typeface;

pub use error::FormError;
pub use folder::{Delivered, DeliveryError, deliver, save, show, users_folder};
pub use fonts::Fonts;

use crate::Service;
use canvas::Canvas;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};
use sheet::PAGE;
use ukey_formats::text::one_line;

/// Longest values, in characters.
const MAX_NAME: usize = 240;
const MAX_CODE: usize = 40;
const MAX_SERIAL: usize = 80;

/// What is filled in; empty texts leave their cell blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// 单位名称.
    pub unit_name: String,
    /// 统一社会信用代码.
    pub unit_code: String,
    /// Serial number of the certificate that it is about.
    pub certificate_serial: String,
}

impl Filled {
    /// One plain line each, bounded.
    fn cleaned(&self) -> Self {
        Self {
            unit_name: one_line(&self.unit_name, MAX_NAME),
            unit_code: one_line(&self.unit_code, MAX_CODE),
            certificate_serial: one_line(&self.certificate_serial, MAX_SERIAL),
        }
    }
}

/// Makes the form, with the box of `service` ticked. The same input gives the same bytes.
///
/// # Errors
/// Where the fonts lack a character, and where one of them can't be put into the PDF.
pub fn render(service: Service, filled: &Filled, fonts: &Fonts) -> Result<Vec<u8>, FormError> {
    let filled = filled.cleaned();
    // The mark of a cut text may be needed.
    let drawn = [&filled.unit_name, &filled.unit_code, &filled.certificate_serial, "…", canvas::TICK];
    let typefaces = fonts.typefaces(&drawn)?;
    let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| FormError::Pdf("page size".to_owned()))?;
    let mut document = Document::new_with(SerializeSettings::default());
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    sheet::draw(&mut Canvas::new(&mut surface, &typefaces), service, &filled);
    surface.finish();
    page.finish();
    document.set_metadata(
        Metadata::new()
            .title(format!("{}（{}）", labels::TITLE, labels::short(service)))
            .language("zh-CN".to_owned())
            .creator("ukeyd".to_owned()),
    );
    document.finish().map_err(|error| FormError::Pdf(format!("{error:?}")))
}
