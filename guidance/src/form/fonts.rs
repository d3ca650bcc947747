//! Which of the installed fonts has which character.

use super::error::FormError;
use super::labels;
use super::typeface::Typeface;
use fontdb::{Database, FaceInfo, ID, Style};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Families for a form in Chinese, the best first.
const PREFERRED: &[&str] = &[
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "AR PL UMing CN",
    "AR PL UKai CN",
    "Droid Sans Fallback",
];
/// What is enough to tell a font with Chinese from one without.
const SAMPLE: &str = "单位数字证书业务申请表耗材";

/// The fonts of this computer.
#[derive(Debug)]
pub struct Fonts {
    database: Database,
}

impl Fonts {
    /// Looks where fontconfig's configuration says. This reads every font file: keep the result for a second form.
    pub fn system() -> Self {
        let mut database = Database::new();
        database.load_system_fonts();
        Self { database }
    }

    /// Looks in these folders, and those in them, only.
    pub fn in_folders(folders: &[PathBuf]) -> Self {
        let mut database = Database::new();
        for folder in folders {
            database.load_fonts_dir(folder);
        }
        Self { database }
    }

    /// The typefaces with every character of the form and of `values`: one that has all of the form first.
    ///
    /// # Errors
    /// [`FormError::NoFont`], [`FormError::MissingCharacter`].
    pub(super) fn typefaces(&self, values: &[&str]) -> Result<Vec<Typeface>, FormError> {
        let form: BTreeSet<char> = labels::characters().collect();
        let wanted: BTreeSet<char> =
            values.iter().flat_map(|value| value.chars()).chain(form.iter().copied()).collect();
        let order = self.order();
        let first = order.iter().find_map(|id| self.whole(*id, &form, &wanted)).ok_or(FormError::NoFont)?;
        let mut missing: BTreeSet<char> = wanted.into_iter().filter(|character| !first.has(*character)).collect();
        let mut typefaces = vec![first];
        for id in order {
            if missing.is_empty() {
                break;
            }
            let Some(typeface) = self.load(id, &missing) else { continue };
            let before = missing.len();
            missing.retain(|character| !typeface.has(*character));
            if missing.len() < before {
                typefaces.push(typeface);
            }
        }
        match missing.first() {
            Some(character) => Err(FormError::MissingCharacter { character: *character }),
            None => Ok(typefaces),
        }
    }

    /// The upright faces: preferred families, then the others; the weight nearest to regular first.
    fn order(&self) -> Vec<ID> {
        let mut faces: Vec<&FaceInfo> = self.database.faces().filter(|face| face.style == Style::Normal).collect();
        faces.sort_by_cached_key(|face| (preference(face), face.weight.0.abs_diff(400), face.post_script_name.clone()));
        faces.into_iter().map(|face| face.id).collect()
    }

    /// The face, if it has all of the form.
    fn whole(&self, id: ID, form: &BTreeSet<char>, wanted: &BTreeSet<char>) -> Option<Typeface> {
        let sample = SAMPLE.chars().collect();
        self.load(id, &sample).filter(|typeface| sample.iter().all(|character| typeface.has(*character)))?;
        self.load(id, wanted).filter(|typeface| form.iter().all(|character| typeface.has(*character)))
    }

    fn load(&self, id: ID, wanted: &BTreeSet<char>) -> Option<Typeface> {
        self.database.with_face_data(id, |data, index| Typeface::new(data, index, wanted))?
    }
}

fn preference(face: &FaceInfo) -> usize {
    let place = |(family, _): &(String, _)| PREFERRED.iter().position(|preferred| family == preferred);
    face.families.iter().filter_map(place).min().unwrap_or(PREFERRED.len())
}
