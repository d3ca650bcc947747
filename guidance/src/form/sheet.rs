//! The layout of the form: rows from top to bottom, as on the CA's.

use super::Filled;
use super::canvas::{Area, Canvas};
use super::labels;
use crate::Service;

/// A4 in points.
pub(super) const PAGE: (f32, f32) = (595.276, 841.89);
const MARGIN: f32 = 42.0;
const LABEL_WIDTH: f32 = 104.0;
const PADDING: f32 = 5.0;
/// Of words, of small print, of the lines of the table.
const SIZE: f32 = 10.5;
const SMALL: f32 = 9.0;
const RULE: f32 = 0.7;
/// Of what is filled in: at best, and at least.
const VALUE_SIZES: (f32, f32) = (11.0, 6.0);
const ROW: f32 = 25.0;

/// Draws the form.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, service: Service, filled: &Filled) {
    let width = PAGE.0 - 2.0 * MARGIN;
    canvas.centred(Area::new(MARGIN, 30.0, width, 30.0), 18.0, labels::TITLE);
    let top = 64.0;
    let mut sheet = Sheet { canvas, width, y: top };
    sheet.papers();
    sheet.unit_name(&filled.unit_name);
    sheet.unit_address();
    sheet.pair((labels::UNIT_CODE, &filled.unit_code), labels::UNIT_PHONE);
    sheet.pair((labels::DRUGS_ACCOUNT, ""), labels::CONSUMABLES_ACCOUNT);
    sheet.services(service);
    sheet.seals();
    sheet.authorization();
    sheet.pair((labels::IDENTITY_NUMBER, ""), labels::MOBILE);
    sheet.remarks(service, &filled.certificate_serial);
    sheet.declaration();
    sheet.signatures();
    let bottom = sheet.y;
    let below = Area::new(MARGIN, bottom + 4.0, width, 14.0);
    canvas.frame(Area::new(MARGIN, top, width, bottom - top), 1.0);
    canvas.beside(below, SIZE, labels::NOTICE);
    canvas.beside(Area { top: below.bottom() + 2.0, ..below }, 8.0, labels::PRINTING);
}

struct Sheet<'s, 'a, 'b> {
    canvas: &'s mut Canvas<'a, 'b>,
    width: f32,
    /// Where the next row begins.
    y: f32,
}

impl Sheet<'_, '_, '_> {
    /// A row over the whole width, with the line above it.
    fn row(&mut self, height: f32) -> Area {
        let area = Area::new(MARGIN, self.y, self.width, height);
        self.canvas.line((area.left, area.top), (area.right(), area.top), RULE);
        self.y += height;
        area
    }

    /// A row with a label; gives the cell beside it.
    fn labelled(&mut self, height: f32, label: &str) -> Area {
        let row = self.row(height);
        self.cell(row, label)
    }

    /// A label at the left of an area, with a line after it; gives the rest.
    fn cell(&mut self, area: Area, label: &str) -> Area {
        self.canvas.centred(Area { width: LABEL_WIDTH, ..area }, SIZE, label);
        let left = area.left + LABEL_WIDTH;
        self.canvas.line((left, area.top), (left, area.bottom()), RULE);
        Area { left, width: area.width - LABEL_WIDTH, ..area }
    }

    fn papers(&mut self) {
        let row = self.row(60.0).padded(PADDING);
        self.canvas.lines(Area { top: row.top + 6.0, ..row }, SMALL, 13.0, labels::PAPERS);
    }

    fn unit_name(&mut self, name: &str) {
        let cell = self.labelled(32.0, labels::UNIT_NAME).padded(PADDING);
        self.canvas.fitted(inset(cell), VALUE_SIZES, name);
    }

    fn unit_address(&mut self) {
        let cell = self.labelled(ROW, labels::UNIT_ADDRESS);
        self.canvas.beside(Area { left: cell.left + 70.0, ..cell }, SIZE, labels::CITY);
        self.canvas.beside(Area { left: cell.left + 150.0, ..cell }, SIZE, labels::DISTRICT);
    }

    /// Two labels with a cell each; the first may be filled in.
    fn pair(&mut self, (label, value): (&str, &str), second: &str) {
        let row = self.row(ROW);
        let half = row.width / 2.0;
        let cell = self.cell(Area { width: half, ..row }, label).padded(PADDING);
        self.canvas.fitted(inset(cell), VALUE_SIZES, value);
        let right = Area { left: row.left + half, width: half, ..row };
        self.canvas.line((right.left, right.top), (right.left, right.bottom()), RULE);
        self.cell(right, second);
    }

    fn services(&mut self, ticked: Service) {
        let cell = self.labelled(46.0, labels::SERVICES).padded(PADDING);
        let mut left = cell.left;
        for service in Service::ALL {
            let last = service == Service::Change;
            let base = if last { cell.bottom() - 9.0 } else { cell.top + 17.0 };
            let start = if last { cell.left } else { left };
            let words = self.canvas.tick_box((start, base), SIZE, service == ticked);
            let text = labels::service(service);
            // The note on changes is long: it is the last to be as large as the others.
            let size = if last { SMALL } else { SIZE };
            self.canvas.text((words, base), size, text);
            left = words + self.canvas.width(text, size) + 13.0;
        }
    }

    /// Three boxes of 59 by 53 mm, for seals of up to 45 mm.
    fn seals(&mut self) {
        let title = self.row(20.0);
        self.canvas.centred(title, SIZE, labels::SEALS);
        let row = self.row(150.0);
        let third = row.width / 3.0;
        for place in [1.0, 2.0] {
            let x = row.left + third * place;
            self.canvas.line((x, row.top), (x, row.bottom()), RULE);
        }
    }

    fn authorization(&mut self) {
        let row = self.row(28.0).padded(PADDING);
        let blank = row.left + self.canvas.width(labels::AUTHORIZED_BEFORE, SIZE) + 4.0;
        let after = blank + 84.0;
        self.canvas.beside(row, SIZE, labels::AUTHORIZED_BEFORE);
        self.canvas.line((blank, row.bottom() - 7.0), (after - 4.0, row.bottom() - 7.0), RULE);
        self.canvas.beside(Area { left: after, ..row }, SIZE, labels::AUTHORIZED_AFTER);
    }

    fn remarks(&mut self, service: Service, serial: &str) {
        let cell = self.labelled(36.0, labels::REMARKS).padded(PADDING);
        if !serial.is_empty() {
            let remark = format!("{}{serial}", labels::serial(service));
            self.canvas.fitted(inset(cell), (SIZE, VALUE_SIZES.1), &remark);
        }
    }

    fn declaration(&mut self) {
        let row = self.row(34.0).padded(PADDING);
        self.canvas.lines(Area { top: row.top + 5.0, ..row }, SMALL, 13.0, labels::SEALING);
        let row = self.row(52.0).padded(PADDING);
        self.canvas.centred(Area { top: row.top + 3.0, height: 16.0, ..row }, SIZE, labels::DECLARATION_TITLE);
        self.canvas.lines(Area { top: row.top + 22.0, ..row }, SMALL, 13.0, labels::DECLARATION);
    }

    fn signatures(&mut self) {
        let row = self.row(132.0);
        let half = row.width / 2.0;
        self.canvas.line((row.left + half, row.top), (row.left + half, row.bottom()), RULE);
        self.office(Area { width: half, ..row }.padded(PADDING));
        self.applicant(Area { left: row.left + half, width: half, ..row }.padded(PADDING * 2.0));
    }

    /// For the CA: what was checked, who did it, its seal.
    fn office(&mut self, area: Area) {
        let mut base = area.top + 17.0;
        for item in labels::CHECKED {
            self.canvas.text((area.left, base), SIZE, item);
            base += 16.0;
        }
        base += 4.0;
        self.canvas.text((area.left, base), SIZE, labels::CLERK);
        self.canvas.text((area.left + area.width / 2.0, base), SIZE, labels::ISSUER);
        self.canvas.text((area.left + 14.0, area.bottom() - 24.0), SIZE, labels::ACCEPTED);
        self.canvas.text((area.left + area.width / 2.0 + 14.0, area.bottom() - 8.0), SIZE, labels::DATE);
    }

    /// For the unit: signature, seal, date.
    fn applicant(&mut self, area: Area) {
        for (label, base) in [
            (labels::SIGNATURE, area.top + 20.0),
            (labels::SEAL, area.top + 50.0),
            (labels::APPLIED, area.bottom() - 12.0),
        ] {
            self.canvas.text((area.left, base), SIZE, label);
            if label != labels::SEAL {
                let start = area.left + self.canvas.width(label, SIZE) + 2.0;
                self.canvas.line((start, base + 2.0), (start + 110.0, base + 2.0), RULE);
            }
        }
    }
}

/// Some room to the lines above and below.
fn inset(area: Area) -> Area {
    Area { top: area.top + 2.0, height: area.height - 4.0, ..area }
}
