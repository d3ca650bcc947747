//! The form: one page A4, its values in the text layer, fonts embedded, the right box ticked, nothing over an edge; and
//! what no font can show is an error that says so.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use ukey_guidance::Service;
use ukey_guidance::form::{Filled, Fonts, FormError, render};

const CODE: &str = "91350100M000100Y43";
const SERIAL: &str = "3A5F0000000000001B2C";
/// Pixels a point.
const SCALE: f32 = 2.0;

fn filled(unit_name: &str) -> Filled {
    Filled { unit_name: unit_name.to_owned(), unit_code: CODE.to_owned(), certificate_serial: SERIAL.to_owned() }
}

fn wqy() -> Fonts {
    let folder = PathBuf::from("/usr/share/fonts/truetype/wqy");
    assert!(folder.is_dir(), "fonts-wqy-zenhei is needed");
    Fonts::in_folders(&[folder])
}

/// A PDF in a file of its own, and poppler's view of it.
struct Pdf(TempDir);

/// A word and where it stands: left, top, right, bottom.
struct Word {
    text: String,
    place: [f32; 4],
}

impl Pdf {
    fn new(service: Service, filled: &Filled, fonts: &Fonts) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("form.pdf"), render(service, filled, fonts).unwrap()).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("form.pdf")
    }

    fn poppler(&self, program: &str, options: &[&str], out: &[&Path]) -> Vec<u8> {
        let output = Command::new(program).args(options).arg(self.path()).args(out).output();
        let output = output.unwrap_or_else(|error| panic!("{program} (package poppler-utils): {error}"));
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn text(&self) -> String {
        String::from_utf8(self.poppler("pdftotext", &["-layout"], &[Path::new("-")])).unwrap()
    }

    fn words(&self) -> Vec<Word> {
        let html = String::from_utf8(self.poppler("pdftotext", &["-bbox"], &[Path::new("-")])).unwrap();
        let words = html.lines().filter_map(|line| line.trim().strip_prefix("<word ")?.split_once('>'));
        words
            .map(|(attributes, rest)| Word {
                text: rest.strip_suffix("</word>").unwrap().to_owned(),
                place: attributes
                    .split('"')
                    .skip(1)
                    .step_by(2)
                    .map(|n| n.parse().unwrap())
                    .collect::<Vec<_>>()
                    .try_into()
                    .unwrap(),
            })
            .collect()
    }

    /// How much ink there is in an area, in black pixels.
    fn ink(&self, [left, top, right, bottom]: [f32; 4]) -> f32 {
        let image = self.0.path().join("page");
        let resolution = format!("{}", 72.0 * SCALE);
        self.poppler("pdftoppm", &["-gray", "-singlefile", "-r", &resolution], &[&image]);
        let pgm = std::fs::read(image.with_extension("pgm")).unwrap();
        let header =
            String::from_utf8_lossy(&pgm[..32]).split_whitespace().take(4).map(str::to_owned).collect::<Vec<_>>();
        let (width, height): (usize, usize) = (header[1].parse().unwrap(), header[2].parse().unwrap());
        let pixels = &pgm[pgm.len() - width * height..];
        let at = |points: f32| (points * SCALE) as usize;
        let rows = at(top)..at(bottom);
        rows.flat_map(|y| &pixels[y * width + at(left)..y * width + at(right)])
            .map(|v| f32::from(255 - v) / 255.0)
            .sum()
    }
}

#[test]
fn it_is_one_page_a4_with_the_values_in_the_text_layer_and_its_font_embedded() {
    for service in Service::ALL {
        let pdf = Pdf::new(service, &filled("昆明市第一人民医院"), &wqy());
        let info = String::from_utf8(pdf.poppler("pdfinfo", &[], &[])).unwrap();
        for part in ["Pages:           1\n", "(A4)", "单位数字证书业务申请表（", "Encrypted:       no"] {
            assert!(info.contains(part), "{part}: {info}");
        }
        assert!(!info.contains("CreationDate"), "{info}");
        let fonts = String::from_utf8(pdf.poppler("pdffonts", &[], &[])).unwrap();
        let fonts: Vec<&str> = fonts.lines().skip(2).collect();
        assert_eq!(fonts.len(), 1, "{fonts:?}");
        assert!(fonts[0].contains("yes yes yes"), "embedded, subset, with a map to Unicode: {}", fonts[0]);
        let text = pdf.text();
        for part in [
            "昆明市第一人民医院",
            CODE,
            SERIAL,
            "申请日期：",
            "● 已审核",
            "证书发证员：",
            "电子公章领取声明",
            "实际大小",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(
            text.contains("原证书序列号"),
            matches!(service, Service::Renew | Service::Reissue | Service::Change)
        );
        assert!(std::fs::metadata(pdf.path()).unwrap().len() < 100_000);
    }
}

#[test]
fn the_tick_is_in_the_text_too() {
    for (service, label) in [(Service::New, "新申请"), (Service::Unlock, "解锁"), (Service::Change, "变更")] {
        let text = Pdf::new(service, &filled("县人民医院"), &wqy()).text();
        let (_, after) = text.split_once('√').unwrap_or_else(|| panic!("no tick in {text}"));
        assert!(after.trim_start().starts_with(label), "{label}: {text}");
        assert_eq!(text.matches('√').count(), 1, "{text}");
    }
}

#[test]
fn exactly_the_box_of_the_service_is_ticked() {
    let labels = ["新申请", "更新", "补办", "解锁", "注销", "变更"];
    let ink = |service| {
        let pdf = Pdf::new(service, &filled(""), &wqy());
        let words = pdf.words();
        let of = |label: &&str| {
            let found: Vec<&Word> = words.iter().filter(|word| word.text.starts_with(label)).collect();
            let [word] = found.as_slice() else { panic!("{label} stands {} times", found.len()) };
            let [left, top, _, bottom] = word.place;
            pdf.ink([left - 13.5, top - 1.0, left - 1.5, bottom])
        };
        labels.iter().map(of).collect::<Vec<f32>>()
    };
    let forms: Vec<Vec<f32>> = Service::ALL.into_iter().map(ink).collect();
    for (box_place, label) in labels.iter().enumerate() {
        let empty = forms[(box_place + 1) % labels.len()][box_place];
        assert!(empty > 10.0, "{label} has no box");
        for (form, of_form) in forms.iter().enumerate() {
            let amount = of_form[box_place];
            if form == box_place {
                assert!(amount > 1.4 * empty, "{label} is not ticked: {amount}, {empty}");
            } else {
                assert!((amount - empty).abs() < f32::EPSILON, "{label} is ticked for {}", Service::ALL[form]);
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (filled, fonts) = (filled("县人民医院"), wqy());
    assert_eq!(render(Service::Unlock, &filled, &fonts).unwrap(), render(Service::Unlock, &filled, &wqy()).unwrap());
}

#[test]
fn cells_for_people_stay_blank() {
    let pdf = Pdf::new(Service::New, &Filled::default(), &wqy());
    let words = pdf.words();
    let of = |text: &str| words.iter().find(|word| word.text.starts_with(text)).unwrap().place;
    for label in ["单位名称", "统一社会信用代码*", "单位电话", "药品账号", "耗材账号", "身份证号", "备注"]
    {
        let [left, top, _, bottom] = of(label);
        // Between the lines at both ends of the cell.
        let cell = if left < 200.0 { 150.0 } else { 406.0 };
        assert_eq!(pdf.ink([cell, top, cell + 140.0, bottom]), 0.0, "{label}");
    }
    // The three boxes for seals, between the words above and below, but for the two lines between them.
    let (top, bottom) = (of("印章采集")[3] + 8.0, of("本单位授权")[1] - 12.0);
    assert!(bottom - top > 130.0, "a seal of 45 mm has to go in");
    for (left, right) in [(46.0, 208.0), (216.0, 378.0), (388.0, 550.0)] {
        assert_eq!(pdf.ink([left, top, right, bottom]), 0.0);
    }
}

#[test]
fn names_of_any_length_stay_in_their_cell() {
    let endless = "某某省某某市第一人民医院".repeat(900);
    let latin = "Yunnan Provincial Hospital of Traditional and Western Medicine ".repeat(4);
    let unbroken = "A".repeat(10_000);
    for name in [&endless, &latin, &unbroken, &"W".repeat(60), &"院".repeat(130)] {
        let pdf = Pdf::new(Service::Renew, &filled(name), &wqy());
        let words = pdf.words();
        let [_, top, right, bottom] = words.iter().find(|word| word.text == "单位名称*").unwrap().place;
        let middle = (top + bottom) / 2.0;
        let own: Vec<&Word> = words
            .iter()
            .filter(|word| word.place[0] > right && (word.place[1] + word.place[3]) / 2.0 > middle - 16.0)
            .filter(|word| (word.place[1] + word.place[3]) / 2.0 < middle + 16.0)
            .collect();
        assert!(!own.is_empty());
        for word in &own {
            assert!(word.place[2] < 553.3 - 2.0, "{} ends at {}", word.text, word.place[2]);
        }
        // Nothing on the lines of the cell nor beyond the edge of the table.
        assert_eq!(pdf.ink([556.0, 20.0, 595.0, 800.0]), 0.0);
        let shown: String = own.iter().map(|word| word.text.as_str()).collect();
        let whole: String = name.split(' ').collect();
        let cut = shown.ends_with('…');
        assert_eq!(cut, shown.chars().count() < whole.chars().count(), "{shown}");
        assert!(whole.starts_with(shown.trim_end_matches('…')), "{shown}");
        assert_eq!(cut, name.chars().count() > 200, "{} characters", name.chars().count());
    }
}

#[test]
fn what_reorders_or_hides_is_not_on_the_form() {
    let name = "县\u{202e}人民\u{200b}医院\n\t 二\u{0}部";
    let pdf = Pdf::new(Service::Unlock, &filled(name), &wqy());
    assert!(pdf.text().contains("县人民医院 二 部"), "{}", pdf.text());
}

#[test]
fn a_character_that_the_font_lacks_comes_from_another_or_is_named() {
    // Georgian: not in WenQuanYi, but in DejaVu.
    let name = filled("第\u{10d0}医院");
    let missing = FormError::MissingCharacter { character: '\u{10d0}' };
    assert_eq!(render(Service::New, &name, &wqy()), Err(missing.clone()));
    assert!(missing.to_string().contains("ა (U+10D0)") && missing.to_string().contains("fonts-noto-cjk"), "{missing}");
    let both = Fonts::in_folders(&["/usr/share/fonts/truetype/wqy".into(), "/usr/share/fonts/truetype/dejavu".into()]);
    let pdf = Pdf::new(Service::New, &name, &both);
    assert!(pdf.text().contains("第ა医院"), "{}", pdf.text());
    let fonts = String::from_utf8(pdf.poppler("pdffonts", &[], &[])).unwrap();
    let fonts: BTreeSet<bool> = fonts.lines().skip(2).map(|font| font.contains("DejaVu")).collect();
    assert_eq!(fonts.len(), 2, "one typeface of each");
}

#[test]
fn without_a_chinese_font_it_says_what_to_install() {
    for folder in ["/usr/share/fonts/truetype/dejavu", "/nonexistent"] {
        let error = render(Service::New, &filled("x"), &Fonts::in_folders(&[folder.into()])).unwrap_err();
        assert_eq!(error, FormError::NoFont);
        assert!(error.to_string().contains("fonts-wqy-zenhei"));
    }
}

#[test]
fn the_fonts_of_this_computer_are_found() {
    let pdf = Pdf::new(Service::Revoke, &filled("县人民医院"), &Fonts::system());
    assert!(pdf.text().contains("县人民医院"));
}
