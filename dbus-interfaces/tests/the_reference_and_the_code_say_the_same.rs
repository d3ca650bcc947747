//! `docs/reference` has every method, property, signal, error, option, limit, word and reason of the contract, and nothing
//! that is not in it. Not proven: that the sentences beside them are true.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "helpers of tests too: what fails here is a failed test")]

#[path = "reference/contract.rs"]
mod contract;
#[path = "reference/page.rs"]
mod page;
#[path = "reference/source.rs"]
mod source;

use contract::{Interface, interfaces};
use page::{Page, plain};
use source::Source;
use std::collections::BTreeSet;
use ukey_dbus::{
    Algorithm, CallKind, DialogKind, ErrorKind, KeyKind, KeyUse, ModuleState, NoticeKind, PinCounter, PinState,
    ProgramScope, Retry, TokenState, Validity, options,
};

#[test]
fn every_member_of_every_interface() {
    for interface in interfaces() {
        let page = Page::of(&interface.short_name().to_lowercase());
        let mut written = page.headings("### ");
        written.retain(|heading| heading.contains('('));
        written.sort();
        assert_eq!(written, interface.methods_and_signals(), "{}", interface.name);
        let written: Vec<_> = page.table("property").map(|row| format!("{} {}", plain(&row[1]), row[0])).collect();
        assert_eq!(written, interface.properties(), "properties of {}", interface.name);
    }
}

#[test]
fn members_that_the_pages_name_exist() {
    let interfaces = interfaces();
    for page in Page::all() {
        for code in page.codes() {
            let Some((name, member)) = code.split_once('.') else { continue };
            let Some(interface) = interfaces.iter().find(|interface| interface.short_name() == name) else { continue };
            assert!(interface.has(member), "{}: {code}", page.name);
        }
    }
}

#[test]
fn every_error_with_its_consequences() {
    let again = |retry| match retry {
        Retry::Helps => "by itself",
        Retry::AfterAPerson => "a person",
        Retry::Useless => "no",
    };
    let counter = |counter| match counter {
        PinCounter::Untouched => "no",
        PinCounter::UsedATry => "a try is used",
        PinCounter::Unknown => "maybe",
    };
    let page = Page::of("errors");
    let written: Vec<_> = page.table("error").map(|row| (row[0].clone(), row[2].clone(), row[3].clone())).collect();
    let expected: Vec<_> = ErrorKind::ALL
        .iter()
        .map(|kind| (kind.short_name().into(), again(kind.retry()).into(), counter(kind.pin_counter()).into()))
        .collect::<Vec<(String, String, String)>>();
    assert_eq!(written, expected);
}

#[test]
fn the_same_errors_as_the_xml_for_every_interface() {
    for interface in interfaces() {
        let name = interface.short_name().to_lowercase();
        let page = Page::of(&name);
        let written: BTreeSet<_> = named_errors(&page.text);
        let mut expected = named_errors(&interface.xml);
        if name == "certificate" {
            // "Those of Token.Login", the XML says.
            let token = interfaces().into_iter().find(|interface| interface.short_name() == "Token").unwrap();
            let login = token.xml.split("name=\"Login\"").next().unwrap().to_owned();
            expected.extend(named_errors(&login));
        }
        let missing: Vec<_> = expected.difference(&written).collect();
        assert!(missing.is_empty(), "{name}.md does not name {missing:?}");
    }
}

/// Names of errors that stand in a text as words.
fn named_errors(text: &str) -> BTreeSet<&'static str> {
    let words: BTreeSet<_> = text.split(|character: char| !character.is_alphanumeric()).collect();
    ErrorKind::ALL.iter().map(|kind| kind.short_name()).filter(|name| words.contains(name)).collect()
}

#[test]
fn every_option_and_key_of_a_context() {
    let source = Source::of("dbus-interfaces/src/options.rs");
    let (options, context) = source.text.split_once("pub mod context").unwrap();
    // What an option may be set to stands in its line.
    let values = ["PROMPT_", "WHO_", "ENCODING_", "AGENT_DESKTOP", "AGENT_TERMINAL"];
    let (values, keys): (Vec<_>, Vec<_>) = source::text_constants(options)
        .into_iter()
        .partition(|(name, _)| values.iter().any(|prefix| name.starts_with(prefix)));
    let page = Page::of("options");
    let written: BTreeSet<_> = page.table("option").map(|row| row[0].clone()).collect();
    assert_eq!(written, keys.into_iter().map(|(_, key)| key).collect());
    for (_, value) in values {
        let known = page.table("option").any(|row| row[3].contains(&format!("`{value}`")));
        assert!(known, "options.md does not explain {value}");
    }

    let (context, program) = context.split_once("pub mod program").unwrap();
    let written: BTreeSet<_> = Page::of("agent").table("program").map(|row| row[0].clone()).collect();
    assert_eq!(written, source::text_constants(program).into_iter().map(|(_, key)| key).collect());
    let written: BTreeSet<_> = Page::of("agent").table("context").map(|row| row[0].clone()).collect();
    let keys = source::text_constants(context).into_iter().map(|(_, key)| key);
    // Which PIN a dialog is about, by the name of ChangePin's option.
    assert_eq!(written, keys.chain([options::WHO.to_owned()]).collect());
}

#[test]
fn every_limit() {
    let values: [(&str, u64); 13] = [
        ("REASON_MAX", options::REASON_MAX as u64),
        ("TIMEOUT_DEFAULT_MS", options::TIMEOUT_DEFAULT_MS.into()),
        ("TIMEOUT_MIN_MS", options::TIMEOUT_MIN_MS.into()),
        ("TIMEOUT_MAX_MS", options::TIMEOUT_MAX_MS.into()),
        ("REQUEST_TOKEN_MAX", options::REQUEST_TOKEN_MAX as u64),
        ("DATA_MAX", options::DATA_MAX as u64),
        ("MESSAGE_CONTENT_MAX", options::MESSAGE_CONTENT_MAX as u64),
        ("MESSAGE_MAX", options::MESSAGE_MAX as u64),
        ("AUDIT_COUNT_MAX", options::AUDIT_COUNT_MAX.into()),
        ("BATCH_MAX", options::BATCH_MAX as u64),
        ("RANDOM_MAX", options::RANDOM_MAX.into()),
        ("LINES_PER_CONNECTION", options::LINES_PER_CONNECTION as u64),
        ("LINES_PER_USER", options::LINES_PER_USER as u64),
    ];
    let source = Source::of("dbus-interfaces/src/options.rs");
    assert_eq!(source.number_constants(), values.map(|(name, _)| name.to_owned()), "a limit is missing above");
    let written: Vec<_> =
        Page::of("options").table("limit").map(|row| (plain(&row[2]).to_owned(), row[1].clone())).collect();
    assert_eq!(written, values.map(|(name, value)| (name.to_owned(), value.to_string())));
}

#[test]
fn every_word_of_properties_and_arguments() {
    fn words<T: Copy>(all: &[T], text: fn(T) -> &'static str) -> Vec<String> {
        all.iter().map(|word| text(*word).to_owned()).collect()
    }
    for (page, header, expected) in [
        ("module", "State", words(ModuleState::ALL, ModuleState::as_str)),
        ("token", "State", words(TokenState::ALL, TokenState::as_str)),
        ("token", "PinState", words(PinState::ALL, PinState::as_str)),
        ("certificate", "Validity", words(Validity::ALL, Validity::as_str)),
        ("certificate", "KeyUse", words(KeyUse::ALL, KeyUse::as_str)),
        ("certificate", "KeyType", words(KeyKind::ALL, KeyKind::as_str)),
        ("certificate", "Algorithms", words(Algorithm::ALL, Algorithm::as_str)),
        ("statistics", "kind of call", words(CallKind::ALL, CallKind::as_str)),
        ("agent", "kind of dialog", words(DialogKind::ALL, DialogKind::as_str)),
        ("agent", "scope", words(ProgramScope::ALL, ProgramScope::as_str)),
        ("agent", "kind of notice", words(NoticeKind::ALL, NoticeKind::as_str)),
    ] {
        let written: Vec<_> = Page::of(page).table(header).map(|row| row[0].clone()).collect();
        assert_eq!(written, expected, "{header} in {page}.md");
    }
}

#[test]
fn every_reason_of_a_check() {
    let page = Page::of("messages");
    for (function, words) in Source::of("daemon/src/bus/reasons.rs").words_by_function() {
        let header = match function.as_str() {
            "content_type" => "content-type",
            "reference" => "certificate-reference",
            "key_use" => "key-use",
            "deviation" => "deviations",
            same => same,
        };
        let written: BTreeSet<_> = page.table(header).map(|row| row[0].clone()).collect();
        assert_eq!(written, words, "{header} in messages.md");
    }
}

#[test]
fn every_key_of_an_answer() {
    let messages = Page::of("messages");
    let rows = |page: &Page, header: &str| page.table(header).map(|row| row[0].clone()).collect::<BTreeSet<_>>();
    let source = Source::of("daemon/src/bus/verify_message.rs");
    let mut written = rows(&messages, "result");
    written.append(&mut rows(&messages, "signer"));
    assert_eq!(written, source.answer_keys());

    let certificate = Page::of("certificate");
    let mut written = rows(&certificate, "details");
    written.append(&mut rows(&certificate, "result"));
    assert_eq!(written, Source::of("daemon/src/bus/certificate.rs").answer_keys());

    let audit = Page::of("audit");
    let mut written = rows(&audit, "record");
    written.append(&mut rows(&audit, "result"));
    assert_eq!(written, Source::of("daemon/src/bus/audit.rs").answer_keys());

    let statistics = Page::of("statistics");
    let mut written = BTreeSet::new();
    for header in ["totals", "counted", "call"] {
        written.append(&mut rows(&statistics, header));
    }
    assert_eq!(written, Source::of("daemon/src/bus/statistics.rs").answer_keys());

    let written = rows(&Page::of("manager"), "result");
    assert_eq!(written, Source::of("daemon/src/bus/verify.rs").answer_keys());
}

#[test]
fn sof_in_both_languages() {
    let calls = |page: &str, header: &str| -> Vec<(String, Vec<String>)> {
        let page = Page::of(page);
        let row = |row: Vec<String>| (row[0].clone(), page::codes(&row[1..].join(" ")));
        page.table(header).map(row).collect()
    };
    let (english, chinese) = (calls("sof", "function"), calls("sof.zh-CN", "函数"));
    assert!(english.iter().any(|(function, _)| function == "SOF_SignData"));
    assert_eq!(english, chinese);
}

#[test]
fn links_lead_somewhere() {
    for page in Page::all() {
        for link in page.links() {
            assert!(page.leads(&link), "{}: {link}", page.name);
        }
    }
}

#[test]
fn an_interface_without_a_page_is_found() {
    // A check of the checks: what is compared is there.
    let interfaces = interfaces();
    assert_eq!(interfaces.len(), 8);
    assert!(interfaces.iter().map(Interface::methods_and_signals).map(|members| members.len()).sum::<usize>() > 20);
}
