//! Writes the inputs that fuzzing begins with to `fuzz/corpus`, one folder a target. Run it again after a change of the
//! protocol, from any folder: `cargo run --manifest-path fuzz/Cargo.toml --bin make-corpus`.
#![forbid(unsafe_code)]

use serde_bytes::ByteBuf;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::{fs, iter};
use ukey_formats::cms::{Content, Encoding, MessageError, SignedAttributes, SignedMessage};
use ukey_formats::{Certificate, HashAlgorithm, SignatureScheme};
use ukey_fuzz::Input;
use ukey_shim_protocol::{
    Call, CertificateObject, Digest, Failure, FailureKind, FromShim, HashKind, KeyRef, Library, PinFlags, PinRole,
    PinSource, Reply, Request, SignScheme, Sm2Mechanism, Sm2PublicKey, TokenFlags, TokenInfo, TokenRef, VERSION,
    encode,
};

/// Texts as Keys have them, and as they should not.
const TEXTS: [&str; 7] = [
    "采购UKey",
    "ePass3003Auto                   ",
    "\u{feff}FT\u{200b}\u{202e}5102\u{2066}\u{0}\r\n\tmodel",
    "\u{1b}[31mred\u{2028}\u{e0041} <b>&amp;</b> %0a D",
    "ＦＴ－２００１　Ｋｅｙ",
    "e\u{301}\u{1f469}\u{200d}\u{1f4bb}\u{fe0f}",
    "云南省第一人民医院采购中心数字证书介质云南省第一人民医院采购中心数字证书介质云南省第一人民医院采购中心数字证书介质",
];
const CODES: [&str; 6] = [
    "91350100M000100Y43",
    "SF91350100M000100Y43",
    "2@602191350100m000100y43 ",
    "统一社会信用代码：９１３５０１００Ｍ０００１００Ｙ４３",
    "91350100M000100Y44",
    "11010519491231002X 91350100M000100Y43",
];

fn main() -> Result<()> {
    let frames = |frames: &[Vec<u8>]| -> Vec<Vec<u8>> {
        let payloads = frames.iter().map(|frame| Input::of_payload(frame));
        let broken = [&u32::MAX.to_le_bytes()[..], &[0; 4]].map(Input::of_stream);
        payloads.chain(iter::once(Input::of_stream(&frames.concat()))).chain(broken).collect()
    };
    write("frames_to_shim", &frames(&encoded(&calls())))?;
    write("frames_from_shim", &frames(&encoded(&from_shim()?)))?;
    write("token_texts", &TEXTS.map(|text| text.as_bytes().to_vec()))?;
    write("unit_code", &CODES.map(|text| text.as_bytes().to_vec()))?;
    write("certificate", &certificates()?)?;
    write("ecdsa_signature", &signatures())?;
    write("sm2_signature", &signature_forms())?;
    write("chain", &chains()?)?;
    write(
        "crl",
        &["ec", "sm2", "point-1", "cas-only", "indirect", "delta"].map(list).into_iter().collect::<Result<Vec<_>>>()?,
    )?;
    write("cms", &messages()?)?;
    write("trust_files", &trust_files()?)
}

fn calls() -> Vec<Call> {
    let (token, socket) = (TokenRef(3), PinSource::Socket { sender_uid: 1000 });
    let key = || KeyRef(ByteBuf::from([1, 2, 3]));
    let digest = |length| Digest(ByteBuf::from(vec![0xa5; length]));
    let sign = |scheme, digests| Request::Sign { token, key: key(), scheme, digests };
    let point = Sm2PublicKey { attribute: 0x1_0002, x: [7; 32], y: [9; 32] };
    let requests = [
        Request::Hello { version: VERSION, sessions: 2 },
        Request::Slots,
        Request::Objects { token },
        Request::Login { token, pin: socket },
        Request::Login { token, pin: PinSource::Pinpad },
        Request::ChangePin { token, role: PinRole::User, pin: socket },
        Request::ChangePin { token, role: PinRole::So, pin: PinSource::Pinpad },
        Request::UnblockPin { token, pin: socket },
        Request::Logout { token },
        sign(SignScheme::RsaPkcs1(HashKind::Sha256), vec![digest(32)]),
        sign(SignScheme::RsaPss(HashKind::Sha512), vec![digest(64); 3]),
        sign(SignScheme::Ecdsa, vec![digest(48); 2]),
        sign(
            SignScheme::Sm2(Sm2Mechanism { key_type: 0x8000_0004, mechanism: 0x8000_8104, public_key: None }),
            vec![digest(32)],
        ),
        sign(
            SignScheme::Sm2(Sm2Mechanism { key_type: 0x1_0001, mechanism: 0x1_0002, public_key: Some(point) }),
            vec![digest(32)],
        ),
        Request::SignAuthenticated {
            token,
            key: key(),
            scheme: SignScheme::RsaPss(HashKind::Sha384),
            digest: digest(48),
            pin: socket,
        },
    ];
    (1..).zip(requests).map(|(id, request)| Call { id, deadline_ms: 30_000, request }).collect()
}

fn from_shim() -> Result<Vec<FromShim>> {
    let failure = Failure { kind: FailureKind::PinLocked, return_value: 0xa4 };
    let pin = PinFlags { count_low: true, final_try: true, locked: false, to_be_changed: true };
    let tokens = TEXTS.map(|text| TokenInfo {
        token: TokenRef(7),
        label: text.to_owned(),
        manufacturer: "SoftHSM project".to_owned(),
        model: String::new(),
        serial_number: "0123456789abcdef".to_owned(),
        hardware_version: (2, 6),
        firmware_version: (2, 6),
        flags: TokenFlags { initialized: true, user: pin, so: pin, ..TokenFlags::default() },
        pin_length: Some((6, 16)),
    });
    let objects = certificates()?.into_iter().map(|der| CertificateObject {
        key: KeyRef(ByteBuf::from([1])),
        label: "签名".to_owned(),
        der: ByteBuf::from(der),
    });
    let library = Library { manufacturer: "SoftHSM".to_owned(), description: TEXTS[3].to_owned(), version: (2, 6) };
    let answers = [
        Ok(Reply::Hello { version: VERSION, library, landlock: 7 }),
        Ok(Reply::Slots(tokens.to_vec())),
        Ok(Reply::Objects(objects.take(2).collect())),
        Ok(Reply::Done),
        Ok(Reply::LoggedIn { always_authenticate: vec![KeyRef(ByteBuf::from([1, 2])); 2] }),
        Ok(Reply::Signatures(vec![Ok(ByteBuf::from(vec![9; 64])), Err(failure.clone())])),
        Err(failure),
    ];
    let replies = (1..).zip(answers).map(|(id, result)| FromShim::Reply { id, result });
    Ok(replies.chain([FromShim::SlotsChanged]).collect())
}

fn certificates() -> Result<Vec<Vec<u8>>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(sources().join("formats/tests/data"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "der"));
    files.sort();
    files.iter().map(fs::read).collect()
}

/// Messages of other programs, and some of ours with a signature that fits nothing.
fn messages() -> Result<Vec<Vec<u8>>> {
    let mut files: Vec<PathBuf> = fs::read_dir(sources().join("formats/tests/data/messages"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "p7m" || extension == "p7s"));
    files.sort();
    let foreign = files.iter().map(fs::read).collect::<Result<Vec<_>>>()?;
    let der = fs::read(sources().join("formats/tests/data/rsa-sign.der"))?;
    let certificate = Certificate::from_der(&der).map_err(Error::other)?;
    let ours = [
        (Encoding::Cms, Content::Attached { length: 7 }, SignatureScheme::RsaPss(HashAlgorithm::Sha256)),
        (Encoding::Cms, Content::Detached, SignatureScheme::Ecdsa(HashAlgorithm::Sha384)),
        (Encoding::Gmt0010, Content::Attached { length: 7 }, SignatureScheme::Sm2),
    ]
    .into_iter()
    .map(|(encoding, content, scheme)| {
        let hash = scheme.hash();
        let signed_attributes =
            &SignedAttributes::new(encoding, hash, &hash.digest(b"content"), Some(1_795_384_800), &certificate)?;
        let (signature, chain) = (&[0x5a; 64], std::slice::from_ref(&certificate));
        let unsigned_attributes = &[];
        let message = SignedMessage { content, signed_attributes, scheme, signature, chain, unsigned_attributes };
        Ok(message.frame()?.around(if content == Content::Detached { b"" } else { b"content" }))
    })
    .collect::<std::result::Result<Vec<_>, MessageError>>()
    .map_err(Error::other)?;
    Ok([foreign, ours].concat())
}

/// Sizes of the curves in use, with numbers that want a leading zero, that lose some, and that are zero.
fn signatures() -> Vec<Vec<u8>> {
    let signature = |bytes: u8, r: u8, s: u8| {
        let number = |first: u8| iter::once(first).chain(iter::repeat_n(0x11, usize::from(bytes) - 1));
        iter::once(bytes).chain(number(r)).chain(number(s)).collect()
    };
    vec![signature(32, 0x7f, 0x80), signature(32, 0, 0xff), signature(48, 0x80, 0), signature(66, 1, 0xff), vec![2; 5]]
}

/// One signature in each form that modules have been seen to give.
fn signature_forms() -> Vec<Vec<u8>> {
    let (r, s, zeros) = ([0xf5; 32], [0x31; 32], [0; 32]);
    let der = |r: &[u8], s: &[u8]| {
        let integer = |content: &[u8]| [&[2, content.len() as u8], content].concat();
        let content = [integer(r), integer(s)].concat();
        [&[0x30, content.len() as u8], content.as_slice()].concat()
    };
    vec![
        [r, s].concat(),
        [zeros, r, zeros, s].concat(),
        der(&[&[0], &r[..]].concat(), &s),
        der(&r, &s),
        der(&[&[0; 4], &r[..]].concat(), &[&[0; 4], &s[..]].concat()),
        der(&r[1..], &s[..7]),
        // As long as a raw one.
        der(&s[..29], &s[..29]),
    ]
}

/// A tree of each algorithm, and what surrounds one of them, in the form of the target `chain`.
fn chains() -> Result<Vec<Vec<u8>>> {
    let part = |kind: u8, der: Vec<u8>| [&[kind], &(der.len() as u16).to_le_bytes()[..], &der].concat();
    let certificate = |kind, name: &str| Ok::<_, Error>(part(kind, fs::read(chain_data(&format!("{name}.der")))?));
    let mut inputs = Vec::new();
    for kind in ["rsa", "ec", "sm2"] {
        let [root, ca] = ["root", "ca"].map(|name| format!("{name}-{kind}"));
        for leaf in ["leaf", "revoked"] {
            let leaf = certificate(0, &format!("{leaf}-{kind}"))?;
            inputs.push([leaf, certificate(1, &root)?, certificate(3, &ca)?, part(4, list(kind)?)].concat());
        }
    }
    for (leaf, ca) in
        [("below-loop", "one-by-two"), ("leaf-plain", "impostor"), ("below-sub-ca", "sub-ca"), ("pointed", "ca-ec")]
    {
        let cas = [certificate(2, ca)?, certificate(3, "ca-ec")?, certificate(3, "two-by-one")?].concat();
        let lists = [part(4, list("point-1")?), part(4, list("root-ec")?)].concat();
        inputs.push([certificate(0, leaf)?, certificate(1, "root-ec")?, cas, lists].concat());
    }
    Ok(inputs)
}

fn trust_files() -> Result<Vec<Vec<u8>>> {
    let der = fs::read(chain_data("root-ec.der"))?;
    let pem = |label: &str, body: &str| {
        format!("text\r\n-----BEGIN {label}-----\n{body}\n-----END {label}-----\n").into_bytes()
    };
    let short = pem("CERTIFICATE", "MAMCAQE=");
    Ok(vec![
        der,
        short.clone(),
        [pem("X509 CRL", "MAMC\nAQE="), short, b"-----BEGIN CERTIFICATE-----".to_vec()].concat(),
    ])
}

fn list(name: &str) -> Result<Vec<u8>> {
    fs::read(chain_data(&format!("{name}.crl")))
}

fn chain_data(file: &str) -> PathBuf {
    sources().join("formats/tests/data/chain").join(file)
}

fn encoded<T: serde::Serialize>(messages: &[T]) -> Vec<Vec<u8>> {
    messages.iter().map(|message| encode(message).expect("a message of this file")).collect()
}

fn write(target: &str, inputs: &[Vec<u8>]) -> Result<()> {
    let folder = sources().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder)?;
    for (number, input) in (1..).zip(inputs) {
        fs::write(folder.join(format!("{number:02}")), input)?;
    }
    Ok(())
}

fn sources() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
