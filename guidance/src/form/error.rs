/// Why there is no form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// No font that is installed has the characters of the form. Installing one helps.
    #[error("no font with Chinese characters is installed: install the package fonts-wqy-zenhei or fonts-noto-cjk")]
    NoFont,
    /// A name holds a character that no installed font has. Installing another font helps.
    #[error(
        "no installed font has the character {character} (U+{code:04X}): install the package fonts-noto-cjk or fonts-hanazono",
        code = u32::from(*character)
    )]
    MissingCharacter {
        /// The first such character.
        character: char,
    },
    /// The PDF could not be made of what is there; only another font may help.
    #[error("the PDF can't be made: {0}")]
    Pdf(String),
}
