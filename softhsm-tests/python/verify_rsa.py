"""Verifies many RSA signatures by the arithmetic of RFC 8017, with no cryptographic library but hashlib.

    verify_rsa.py MODULUS EXPONENT ALGORITHM < lines

MODULUS and EXPONENT are hexadecimal. A line is a message (or, after "@", the path of one) and a signature, in hexadecimal,
with a comma between them.
ALGORITHM is one of RSA-PKCS1-SHA256/384/512 and RSA-PSS-SHA256/384/512. Prints how many signatures are right.
"""

import hashlib
import sys

# DER of a DigestInfo up to the digest (RFC 8017, 9.2, note 1).
DIGEST_INFO = {
    "SHA256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "SHA384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "SHA512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


def mask(hash_name, seed, length):
    """MGF1 (B.2.1)."""
    blocks = (hashlib.new(hash_name, seed + n.to_bytes(4, "big")).digest() for n in range(length))
    result = b""
    while len(result) < length:
        result += next(blocks)
    return result[:length]


def is_pkcs1(encoded, hash_name, digest):
    """EMSA-PKCS1-v1_5 (9.2)."""
    end = DIGEST_INFO[hash_name] + digest
    return encoded == b"\x00\x01" + b"\xff" * (len(encoded) - len(end) - 3) + b"\x00" + end


def is_pss(encoded, hash_name, digest, bits):
    """EMSA-PSS-VERIFY (9.1.2), with a salt as long as the digest."""
    size = (bits - 1 + 7) // 8
    encoded = encoded[len(encoded) - size :]
    masked, check, last = encoded[: -len(digest) - 1], encoded[-len(digest) - 1 : -1], encoded[-1:]
    block = bytearray(a ^ b for a, b in zip(masked, mask(hash_name, check, len(masked))))
    unused = 8 * size - (bits - 1)
    if last != b"\xbc" or masked[0] & ~(0xFF >> unused):
        return False
    block[0] &= 0xFF >> unused
    salt = bytes(block[-len(digest) :])
    if bytes(block[: -len(digest)]) != b"\x00" * (len(block) - len(digest) - 1) + b"\x01":
        return False
    return hashlib.new(hash_name, b"\x00" * 8 + digest + salt).digest() == check


def verify(modulus, exponent, algorithm, message, signature):
    """RSASSA-PKCS1-V1_5-VERIFY (8.2.2) or RSASSA-PSS-VERIFY (8.1.2)."""
    scheme, _, hash_name = algorithm.rpartition("-")
    length = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != length or number >= modulus:
        return False
    encoded = pow(number, exponent, modulus).to_bytes(length, "big")
    digest = hashlib.new(hash_name, message).digest()
    if scheme == "RSA-PSS":
        return is_pss(encoded, hash_name, digest, modulus.bit_length())
    return is_pkcs1(encoded, hash_name, digest)


def main():
    modulus, exponent, algorithm = int(sys.argv[1], 16), int(sys.argv[2], 16), sys.argv[3]
    right = 0
    for line in sys.stdin:
        message, _, signature = line.strip().rpartition(",")
        if message.startswith("@"):
            with open(message[1:], "rb") as file:
                content = file.read()
        else:
            content = bytes.fromhex(message)
        right += verify(modulus, exponent, algorithm, content, bytes.fromhex(signature))
    print(right)


main()
