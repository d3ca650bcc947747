//! Each dialog and each notice for which the agent has a title is in the gallery, and each picture of the gallery is among the
//! documentation's, with none beside them. Not proven: that a picture is of today (script/screenshots makes them all).

use std::collections::BTreeSet;
use std::path::Path;
use ukey_softhsm_tests::{Locale, Picture, View, Words};

#[test]
fn each_title_is_seen_in_some_view() {
    let seen: Vec<_> = View::all().into_iter().filter_map(View::title).collect();
    for words in [Words::Dialogs, Words::Desktop, Words::Expiry] {
        let titles = words.titles();
        assert!(!titles.is_empty());
        for title in titles {
            assert!(seen.contains(&(words, title.as_str())), "no view of the gallery shows {title}");
        }
    }
    for (words, title) in seen {
        assert_ne!(words.text(Locale::English, title), title, "there is no such title");
    }
}

#[test]
fn each_picture_is_in_the_documentation_and_no_other() {
    let names: BTreeSet<String> = Picture::all().into_iter().map(Picture::name).collect();
    assert_eq!(names.len(), Picture::all().len(), "two pictures have one name");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screenshots");
    let mut files = BTreeSet::new();
    for group in std::fs::read_dir(folder).unwrap() {
        let group = group.unwrap();
        for file in std::fs::read_dir(group.path()).unwrap() {
            let (group, file) = (group.file_name(), file.unwrap().file_name());
            files.insert(format!("{}/{}", group.to_str().unwrap(), file.to_str().unwrap()));
        }
    }
    assert_eq!(names, files, "script/screenshots makes what is wanted, and removes nothing");
}

#[test]
fn the_script_makes_all_that_the_gallery_lists() {
    let script = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../script/screenshots")).unwrap();
    assert!(script.contains("\"$gallery\" --list") && script.contains("docs/screenshots/$picture"), "{script}");
}
