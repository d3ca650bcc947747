#!/usr/bin/python3
"""Checks and makes SM2 messages (GM/T 0010, RFC 5652) with asn1crypto and gmssl: nothing of ukeyd's code is used.

    sm2_cms.py check --encoding cms --certificate unit.der [--content FILE] [--signing-time SECONDS] MESSAGE
    sm2_cms.py make --encoding gmt0010 --certificate unit.der --key unit.key --content FILE [--detached]
                    [--no-attributes] [--signature raw] [--signature-algorithm OID] MESSAGE

`check` is strict: it fails on anything that ukeyd would not write, and prints the attached content. `make` can write what
other programs write. script/bootstrap installs the two packages.
"""
import argparse
import datetime
import os
import pathlib
import sys

_CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
sys.path.insert(0, os.path.join(_CACHE, "ukeyd", "python"))

from asn1crypto import cms, core, keys, pem, tsp, x509  # noqa: E402
from gmssl import func, sm2, sm3  # noqa: E402

SM3 = "1.2.156.10197.1.401"
SM2_SM3 = "1.2.156.10197.1.501"
SM2_CURVE = "1.2.156.10197.1.301"
ORDER = int(sm2.default_ecc_table["n"], 16)
# Content types: of data, of signed data.
ENCODINGS = {
    "cms": ("1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"),
    "gmt0010": ("1.2.156.10197.6.1.4.2.1", "1.2.156.10197.6.1.4.2.2"),
}

cms.ContentType._map.update({ENCODINGS["gmt0010"][0]: "gmt_data", ENCODINGS["gmt0010"][1]: "gmt_signed_data"})
cms.ContentInfo._oid_specs.update({"gmt_data": core.OctetString, "gmt_signed_data": cms.SignedData})


class Signature(core.Sequence):
    """SM2Signature of GM/T 0009."""

    _fields = [("r", core.Integer), ("s", core.Integer)]


def expect(actual, expected, what):
    """Ends the program unless both are equal."""
    if actual != expected:
        sys.exit(f"{what}: {actual!r}, not {expected!r}")


def digest(data):
    return bytes.fromhex(sm3.sm3_hash(list(data)))


def engine(certificate, private_key=None):
    """gmssl with the key of a certificate."""
    key = certificate["tbs_certificate"]["subject_public_key_info"]
    expect(key["algorithm"]["parameters"].chosen.dotted, SM2_CURVE, "curve")
    point = bytes(key["public_key"])
    expect((point[0], len(point)), (4, 65), "point")
    engine = sm2.CryptSM2(private_key=private_key, public_key="")
    # Not through the constructor, which strips zeros and fours from the coordinates.
    engine.public_key = point[1:].hex()
    return engine


def attribute(kind, value):
    return cms.CMSAttribute({"type": kind, "values": [value]})


def check(arguments):
    data_type, signed_data_type = ENCODINGS[arguments.encoding]
    der = arguments.message.read_bytes()
    certificate = x509.Certificate.load(arguments.certificate.read_bytes(), strict=True)
    message = cms.ContentInfo.load(der, strict=True)
    expect(message.copy().dump(force=True), der, "message in DER")
    expect(message["content_type"].dotted, signed_data_type, "content type")

    signed_data = message["content"]
    expect(signed_data["version"].native, "v1", "version")
    expect([one["algorithm"].dotted for one in signed_data["digest_algorithms"]], [SM3], "digest algorithms")
    expect([one["parameters"].native for one in signed_data["digest_algorithms"]], [None], "their parameters")
    encapsulated = signed_data["encap_content_info"]
    expect(encapsulated["content_type"].dotted, data_type, "type of the content")
    attached = encapsulated["content"].native
    expect(signed_data["crls"].native, None, "revocation lists")
    included = [choice.chosen.dump() for choice in signed_data["certificates"]]
    expect(certificate.dump() in included, True, "the signer's certificate is there")
    expect(len(set(included)), len(included), "number of different certificates")
    expect(len(signed_data["signer_infos"]), 1, "number of signers")

    if arguments.content is not None:
        expect(attached, None, "attached content")
        content = arguments.content.read_bytes()
    else:
        content = attached
    check_signer(arguments, signed_data["signer_infos"][0], certificate, data_type, content)
    sys.stdout.buffer.write(attached or b"")


def check_signer(arguments, signer, certificate, data_type, content):
    expect(signer["version"].native, "v1", "version of the signer")
    expect(signer["sid"].name, "issuer_and_serial_number", "how the signer is named")
    expect(signer["sid"].chosen["issuer"].dump(), certificate.issuer.dump(), "issuer")
    expect(signer["sid"].chosen["serial_number"].native, certificate.serial_number, "serial number")
    expect(signer["digest_algorithm"]["algorithm"].dotted, SM3, "digest algorithm")
    expect(signer["digest_algorithm"]["parameters"].native, None, "its parameters")
    expect(signer["signature_algorithm"]["algorithm"].dotted, SM2_SM3, "signature algorithm")
    expect(signer["signature_algorithm"]["parameters"].native, None, "its parameters")
    expect(signer["unsigned_attrs"].native, None, "unsigned attributes")

    attributes = {}
    for one in signer["signed_attrs"]:
        expect(len(one["values"]), 1, "number of values")
        expect(one["type"].native in attributes, False, f"{one['type'].native} twice")
        attributes[one["type"].native] = one["values"][0]
    names = {"content_type", "message_digest", "signing_certificate_v2"}
    if arguments.signing_time is not None:
        moment = datetime.datetime.fromtimestamp(arguments.signing_time, datetime.timezone.utc)
        expect(attributes["signing_time"].native, moment, "signing time")
        names.add("signing_time")
    expect(set(attributes), names, "signed attributes")
    expect(attributes["content_type"].dotted, data_type, "content type attribute")
    expect(attributes["message_digest"].native, digest(content), "message digest")
    (reference,) = attributes["signing_certificate_v2"]["certs"]
    expect(reference["hash_algorithm"]["algorithm"].dotted, SM3, "hash of the certificate")
    expect(reference["cert_hash"].native, digest(certificate.dump()), "digest of the certificate")
    (name,) = reference["issuer_serial"]["issuer"]
    expect(name.chosen.untag().dump(), certificate.issuer.dump(), "issuer in the attribute")
    expect(reference["issuer_serial"]["serial_number"].native, certificate.serial_number, "serial number in it")

    signed = b"\x31" + signer["signed_attrs"].dump()[1:]
    signature = Signature.load(signer["signature"].native, strict=True)
    r, s = signature["r"].native, signature["s"].native
    expect(signature.copy().dump(force=True), signer["signature"].native, "signature in DER")
    expect(0 < r < ORDER and 0 < s < ORDER, True, "r and s in range")
    crypt = engine(certificate)
    e = bytes.fromhex(crypt._sm3_z(signed))
    expect(bool(crypt.verify(f"{r:064x}{s:064x}", e)), True, "the signature fits")


def make(arguments):
    data_type, signed_data_type = ENCODINGS[arguments.encoding]
    certificate = x509.Certificate.load(arguments.certificate.read_bytes())
    content = arguments.content.read_bytes()
    _, _, key = pem.unarmor(arguments.key.read_bytes())
    secret = keys.PrivateKeyInfo.load(key)["private_key"].parsed["private_key"].native

    attributes = None
    signed = content
    if not arguments.no_attributes:
        reference = tsp.ESSCertIDv2({"hash_algorithm": {"algorithm": SM3}, "cert_hash": digest(certificate.dump())})
        now = datetime.datetime.fromtimestamp(arguments.signing_time or 0, datetime.timezone.utc)
        attributes = cms.CMSAttributes([
            attribute("content_type", cms.ContentType(data_type)),
            attribute("message_digest", core.OctetString(digest(content))),
            attribute("signing_time", cms.Time({"utc_time": core.UTCTime(now)})),
            attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [reference]})),
        ])
        signed = attributes.dump()
    crypt = engine(certificate, f"{secret:064x}")
    raw = crypt.sign_with_sm3(signed, func.random_hex(64))
    signature = bytes.fromhex(raw)
    if arguments.signature == "der":
        signature = Signature({"r": int(raw[:64], 16), "s": int(raw[64:], 16)}).dump()

    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier({
            "issuer_and_serial_number": cms.IssuerAndSerialNumber({
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number,
            }),
        }),
        "digest_algorithm": {"algorithm": SM3},
        "signature_algorithm": {"algorithm": arguments.signature_algorithm},
        "signature": signature,
    }
    if attributes is not None:
        signer["signed_attrs"] = attributes
    encapsulated = {"content_type": data_type}
    if not arguments.detached:
        encapsulated["content"] = content
    message = cms.ContentInfo({
        "content_type": signed_data_type,
        "content": cms.SignedData({
            "version": "v1",
            "digest_algorithms": [{"algorithm": SM3}],
            "encap_content_info": encapsulated,
            "certificates": [certificate],
            "signer_infos": [signer],
        }),
    })
    arguments.message.write_bytes(message.dump())


def main():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("message", type=pathlib.Path)
    common.add_argument("--encoding", choices=ENCODINGS, required=True)
    common.add_argument("--certificate", type=pathlib.Path, required=True, help="the signer's, in DER")
    common.add_argument("--signing-time", type=int, help="in Unix seconds")
    parser = argparse.ArgumentParser(description="SM2 messages by asn1crypto and gmssl")
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("check", parents=[common])
    verb.add_argument("--content", type=pathlib.Path, help="what a detached message is about")
    verb.set_defaults(run=check)
    verb = verbs.add_parser("make", parents=[common])
    verb.add_argument("--content", type=pathlib.Path, required=True)
    verb.add_argument("--key", type=pathlib.Path, required=True, help="PKCS #8 in PEM")
    verb.add_argument("--detached", action="store_true")
    verb.add_argument("--no-attributes", action="store_true")
    verb.add_argument("--signature", choices=["der", "raw"], default="der")
    verb.add_argument("--signature-algorithm", default=SM2_SM3)
    verb.set_defaults(run=make)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
