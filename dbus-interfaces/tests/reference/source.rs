//! Source files, read as text: what is private to the daemon is part of the contract all the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// One file.
pub(crate) struct Source {
    pub(crate) text: String,
}

impl Source {
    /// By its path in the workspace. Without its unit tests.
    pub(crate) fn of(path: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { text: text.split("#[cfg(test)]").next().unwrap().to_owned() }
    }

    /// Names of its public constants that are numbers.
    pub(crate) fn number_constants(&self) -> Vec<String> {
        let constants = self.text.lines().filter_map(|line| line.trim().strip_prefix("pub const "));
        let numbers = constants.filter(|line| line.contains(": usize") || line.contains(": u32"));
        numbers.map(|line| line.split(':').next().unwrap().to_owned()).collect()
    }

    /// The texts that each function of the file can return.
    pub(crate) fn words_by_function(&self) -> Vec<(String, BTreeSet<String>)> {
        let functions = self.text.split("fn ").skip(1);
        let functions = functions.map(|body| {
            let words = body.split("=> \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
            (body.split('(').next().unwrap().to_owned(), words.collect())
        });
        functions.collect()
    }

    /// The keys of the dictionaries that the file answers with: texts in front of a value.
    pub(crate) fn answer_keys(&self) -> BTreeSet<String> {
        let pieces: Vec<_> = self.text.split('"').collect();
        let texts = pieces.windows(2).skip(1).step_by(2);
        let keys = texts.filter(|pair| [", Value::", ", Variant::"].iter().any(|value| pair[1].starts_with(value)));
        keys.map(|pair| pair[0].to_owned()).collect()
    }
}

/// Names and values of the public constants that are texts.
pub(crate) fn text_constants(source: &str) -> Vec<(String, String)> {
    let constants = source.lines().filter_map(|line| line.trim().strip_prefix("pub const ")?.split_once(": &str = \""));
    constants.map(|(name, rest)| (name.to_owned(), rest.split('"').next().unwrap().to_owned())).collect()
}
