#!/usr/bin/python3
"""Prints e = SM3(Z || M) of a file: the digest that SignDigest and SignBatch take for SM2-SM3. Needs nothing but Python.

    sm2_digest.py PUBLIC-KEY.pem FILE

The public key:  openssl x509 -inform DER -in certificate.der -noout -pubkey -out PUBLIC-KEY.pem
Python has SM3 where its OpenSSL has: version 1.1.1 or newer.
"""
import base64
import hashlib
import sys

USER_ID = b"1234567812345678"  # GM/T 0009, 10
# a, b and the base point of the curve (GM/T 0003.5).
CURVE = bytes.fromhex(
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc"
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)


def public_point(pem):
    """x and y, 32 bytes each: they are the end of a SubjectPublicKeyInfo, after the byte 4."""
    body = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
    spki = base64.b64decode(body)
    if len(spki) != 91 or spki[-65] != 4:
        sys.exit("this is not an SM2 public key")
    return spki[-64:]


def z(point):
    """SM3(length of the id in bits, 16 bits || id || a || b || x of G || y of G || x || y), GM/T 0003.2, 5.5."""
    return hashlib.new("sm3", (8 * len(USER_ID)).to_bytes(2, "big") + USER_ID + CURVE + point).digest()


def main(public_key, file):
    with open(public_key, encoding="ascii") as pem:
        hasher = hashlib.new("sm3", z(public_point(pem.read())))
    with open(file, "rb") as message:
        for chunk in iter(lambda: message.read(1 << 20), b""):
            hasher.update(chunk)
    print(hasher.hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
