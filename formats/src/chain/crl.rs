//! A certificate revocation list (RFC 5280, 5), read once and then searched quickly.

use super::RevocationReason;
use super::scope::Scope;
use crate::certificate::{extension, name};
use crate::signed::{Seal, Signed};
use crate::{Certificate, ParseError, PublicKey, VerifyError};
use der::asn1::{AnyRef, IntRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag, TagMode, TagNumber};
use std::fmt;
use std::ops::Range;
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierRef;
use x509_cert::time::Time;

/// Extensions of a list (RFC 5280, 5.2) and of an entry (5.3).
const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
const REASON_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");
const INVALIDITY_DATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.24");
const DELTA_INDICATOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
/// The tag of a SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// A revocation list. That it is well formed says nothing about who signed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Crl {
    /// The issuer, in the form of [`Certificate::issuer`].
    pub issuer: String,
    /// When it was issued, in Unix seconds.
    pub this_update: u64,
    /// When the next one will be there at the latest, in Unix seconds.
    pub next_update: Option<u64>,
    pub(super) issuer_name: String,
    seal: Seal,
    scope: Scope,
    /// Sorted by serial number.
    entries: Vec<Entry>,
    unsupported: bool,
    der: Vec<u8>,
}

/// A revoked certificate.
#[derive(Clone, PartialEq, Eq)]
struct Entry {
    /// Where its serial number stands: an INTEGER in DER.
    serial: Range<u32>,
    since: u64,
    reason: RevocationReason,
}

impl Crl {
    /// Longest list that is read, in bytes. Some of several MiB are real.
    pub const MAX_LENGTH: usize = 64 << 20;

    /// Reads a list, in time that is linear but for sorting it.
    ///
    /// # Errors
    /// [`ParseError::CrlTooLarge`], [`ParseError::Der`]. A list of a kind that isn't supported is no error.
    pub fn from_der(der: &[u8]) -> Result<Self, ParseError> {
        if der.len() > Self::MAX_LENGTH {
            return Err(ParseError::CrlTooLarge { length: der.len() });
        }
        let signed = Signed::from_der(der)?;
        let mut reader = SliceReader::new(&der[..signed.tbs.end])?;
        // Positions are those of the whole list.
        let start = u32::try_from(signed.tbs.start).map_err(|_| ParseError::CrlTooLarge { length: der.len() })?;
        reader.read_slice(start.into())?;
        let list = reader.sequence(TbsCertList::read)?;
        reader.finish()?;
        let mut entries = list.entries;
        entries.sort_by(|one, other| bytes(der, &one.serial).cmp(bytes(der, &other.serial)));
        let scope = Scope::from_extensions(&list.extensions);
        let unsupported = list.unknown_critical_entry
            || scope.is_none()
            || extension::any_twice(&list.extensions)
            || extension::value(&list.extensions, DELTA_INDICATOR).is_some()
            || extension::unknown_critical(&list.extensions, |oid| *oid == CRL_NUMBER || Scope::is_named(oid));
        Ok(Self {
            issuer: name::display(&list.issuer),
            this_update: seconds(list.this_update),
            next_update: list.next_update.map(seconds),
            issuer_name: name::comparable(&list.issuer),
            seal: signed.seal(&list.signature_algorithm),
            scope: scope.unwrap_or_default(),
            entries,
            unsupported,
            der: der.to_vec(),
        })
    }

    /// Number of revoked certificates.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// The list in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Is the signature on the list one of this key?
    ///
    /// # Errors
    /// See [`VerifyError`].
    pub fn verify_signed_by(&self, key: &PublicKey) -> Result<(), VerifyError> {
        self.seal.verify(&self.der, key)
    }

    /// Is it a delta or indirect list, of some reasons only, or with a critical extension that isn't understood?
    pub(super) fn is_unsupported(&self) -> bool {
        self.unsupported
    }

    /// Is it a list for certificates such as this one?
    pub(super) fn covers(&self, certificate: &Certificate) -> bool {
        self.scope.covers(&certificate.path)
    }

    /// When and why this certificate of the list's issuer was revoked; the first time if the list has it twice.
    pub(super) fn revoked(&self, certificate: &Certificate) -> Option<(u64, RevocationReason)> {
        let wanted = certificate.serial_number_der.as_slice();
        let first = self.entries.partition_point(|entry| bytes(&self.der, &entry.serial) < wanted);
        let same = self.entries[first..].iter().take_while(|entry| bytes(&self.der, &entry.serial) == wanted);
        same.filter(|entry| entry.reason != RevocationReason::RemoveFromCrl)
            .map(|entry| (entry.since, entry.reason))
            .min_by_key(|(since, _)| *since)
    }
}

/// Without the entries: there may be a million.
impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("issuer", &self.issuer)
            .field("this_update", &self.this_update)
            .field("next_update", &self.next_update)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// `TBSCertList` (RFC 5280, 5.1.2).
struct TbsCertList<'a> {
    signature_algorithm: AlgorithmIdentifierRef<'a>,
    issuer: Name,
    this_update: Time,
    next_update: Option<Time>,
    entries: Vec<Entry>,
    extensions: Vec<Extension>,
    unknown_critical_entry: bool,
}

impl<'a> TbsCertList<'a> {
    fn read(reader: &mut SliceReader<'a>) -> der::Result<Self> {
        // Absent means version 1. Which version it is doesn't matter here.
        Option::<u8>::decode(reader)?;
        let mut list = Self {
            signature_algorithm: AlgorithmIdentifierRef::decode(reader)?,
            issuer: Name::decode(reader)?,
            this_update: Time::decode(reader)?,
            next_update: Option::<Time>::decode(reader)?,
            entries: Vec::new(),
            extensions: Vec::new(),
            unknown_critical_entry: false,
        };
        if reader.peek_byte() == Some(SEQUENCE) {
            reader.sequence(|entries| {
                while !entries.is_finished() {
                    let entry = entries.sequence(|entry| list.read_entry(entry))?;
                    list.entries.push(entry);
                }
                Ok::<_, der::Error>(())
            })?;
        }
        list.extensions =
            reader.context_specific::<Vec<Extension>>(TagNumber(0), TagMode::Explicit)?.unwrap_or_default();
        Ok(list)
    }

    fn read_entry(&mut self, reader: &mut SliceReader<'a>) -> der::Result<Entry> {
        let serial = u32::from(reader.position());
        IntRef::decode(reader)?;
        let serial = serial..u32::from(reader.position());
        let since = seconds(Time::decode(reader)?);
        let mut reason = RevocationReason::Unspecified;
        if !reader.is_finished() {
            for extension in Vec::<Extension>::decode(reader)? {
                if extension.extn_id == REASON_CODE {
                    reason = reason_of(extension.extn_value.as_bytes())?;
                } else if extension.critical && extension.extn_id != INVALIDITY_DATE {
                    self.unknown_critical_entry = true;
                }
            }
        }
        Ok(Entry { serial, since, reason })
    }
}

/// `CRLReason`, an ENUMERATED of one byte.
fn reason_of(value: &[u8]) -> der::Result<RevocationReason> {
    let value = AnyRef::from_der(value)?;
    value.header().tag().assert_eq(Tag::Enumerated)?;
    Ok(match value.value() {
        [number] => RevocationReason::from_number(*number),
        _ => RevocationReason::Unspecified,
    })
}

fn seconds(time: Time) -> u64 {
    time.to_unix_duration().as_secs()
}

/// The bytes of a range that was read from `der`.
fn bytes<'a>(der: &'a [u8], range: &Range<u32>) -> &'a [u8] {
    let (Ok(start), Ok(end)) = (usize::try_from(range.start), usize::try_from(range.end)) else { return &[] };
    der.get(start..end).unwrap_or_default()
}
