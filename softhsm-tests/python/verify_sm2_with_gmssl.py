"""Verifies many SM2 signatures with gmssl, a library written in Python.

    verify_sm2_with_gmssl.py POINT < lines

POINT is x and y of the public key, in hexadecimal. A line is a message (or, after "e:", e = SM3(Z || M)) and a DER
signature, in hexadecimal, with a comma between them. Prints how many signatures the library accepts. script/bootstrap
installs gmssl.
"""

import os
import sys

_CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
sys.path.insert(0, os.path.join(_CACHE, "ukeyd", "python"))

from gmssl import sm2, sm3  # noqa: E402

# Length in bits and value of the user identity (GM/T 0009), and a, b and the base point of the curve (GM/T 0003.5).
BEFORE_POINT = (
    "0080" + b"1234567812345678".hex()
    + sm2.default_ecc_table["a"]
    + sm2.default_ecc_table["b"]
    + sm2.default_ecc_table["g"]
)


def e_of(point, message):
    """e = SM3(Z || M) (GM/T 0003.2)."""
    z = sm3.sm3_hash(list(bytes.fromhex(BEFORE_POINT + point)))
    return bytes.fromhex(sm3.sm3_hash(list(bytes.fromhex(z) + message)))


def number(der, at):
    """The INTEGER at this offset, as 64 digits, and where it ends. Strict: positive, shortest form."""
    length = der[at + 1]
    value = der[at + 2 : at + 2 + length]
    assert der[at] == 2 and len(value) == length and value[0] < 0x80
    assert length == 1 or value[0] != 0 or value[1] >= 0x80
    return int.from_bytes(value, "big").to_bytes(32, "big").hex(), at + 2 + length


def raw(der):
    """r and s of a strict DER signature."""
    assert der[0] == 0x30 and der[1] == len(der) - 2
    r, end = number(der, 2)
    s, end = number(der, end)
    assert end == len(der)
    return r + s


def main():
    point = sys.argv[1]
    verifier = sm2.CryptSM2(public_key=point, private_key="")
    # Its constructor takes digits off a point that begins with 04, as one in 256 does.
    verifier.public_key = point
    accepted = 0
    for line in sys.stdin:
        message, signature = line.strip().split(",")
        given = message.removeprefix("e:")
        e = e_of(point, bytes.fromhex(message)) if given == message else bytes.fromhex(given)
        accepted += bool(verifier.verify(raw(bytes.fromhex(signature)), e))
    print(accepted)


main()
