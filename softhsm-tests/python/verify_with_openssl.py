"""Verifies many signatures with OpenSSL's library, in one process.

    verify_with_openssl.py PUBLIC-KEY.pem ALGORITHM < lines

A line is a message and a signature, in hexadecimal, with a comma between them. ALGORITHM is one of the service's, such as
SM2-SM3. Prints how many signatures the library accepts.
"""

import ctypes
import ctypes.util
import sys

USER_ID = b"1234567812345678"  # GM/T 0009
PSS_PADDING = 6  # RSA_PKCS1_PSS_PADDING
SALT_LIKE_DIGEST = -1  # RSA_PSS_SALTLEN_DIGEST

crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in ("BIO_new_mem_buf", "PEM_read_bio_PUBKEY", "EVP_MD_CTX_new", "EVP_PKEY_CTX_new", "EVP_get_digestbyname"):
    getattr(crypto, name).restype = ctypes.c_void_p
P, N = ctypes.c_void_p, ctypes.c_size_t
crypto.BIO_new_mem_buf.argtypes = [ctypes.c_char_p, ctypes.c_int]
crypto.PEM_read_bio_PUBKEY.argtypes = [P, P, P, P]
crypto.EVP_PKEY_CTX_new.argtypes = [P, P]
crypto.EVP_PKEY_CTX_set1_id.argtypes = [P, ctypes.c_char_p, ctypes.c_int]
crypto.EVP_PKEY_CTX_set_rsa_padding.argtypes = [P, ctypes.c_int]
crypto.EVP_PKEY_CTX_set_rsa_pss_saltlen.argtypes = [P, ctypes.c_int]
crypto.EVP_MD_CTX_set_pkey_ctx.argtypes = [P, P]
crypto.EVP_DigestVerifyInit.argtypes = [P, P, P, P, P]
crypto.EVP_DigestVerify.argtypes = [P, ctypes.c_char_p, N, ctypes.c_char_p, N]
crypto.EVP_MD_CTX_free.argtypes = [P]
crypto.EVP_PKEY_CTX_free.argtypes = [P]


def verify(key, algorithm, message, signature):
    """Whether OpenSSL accepts the signature."""
    scheme, _, hash_name = algorithm.rpartition("-")
    digest = crypto.EVP_get_digestbyname(hash_name.encode())
    assert digest, hash_name
    context, key_context = crypto.EVP_MD_CTX_new(), crypto.EVP_PKEY_CTX_new(key, None)
    try:
        if scheme == "SM2":
            assert crypto.EVP_PKEY_CTX_set1_id(key_context, USER_ID, len(USER_ID)) == 1
        crypto.EVP_MD_CTX_set_pkey_ctx(context, key_context)
        assert crypto.EVP_DigestVerifyInit(context, None, digest, None, key) == 1
        if scheme == "RSA-PSS":
            assert crypto.EVP_PKEY_CTX_set_rsa_padding(key_context, PSS_PADDING) == 1
            assert crypto.EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, SALT_LIKE_DIGEST) == 1
        return crypto.EVP_DigestVerify(context, signature, len(signature), message, len(message)) == 1
    finally:
        crypto.EVP_MD_CTX_free(context)
        crypto.EVP_PKEY_CTX_free(key_context)


def main():
    path, algorithm = sys.argv[1:]
    with open(path, "rb") as file:
        pem = file.read()
    key = crypto.PEM_read_bio_PUBKEY(crypto.BIO_new_mem_buf(pem, len(pem)), None, None, None)
    assert key, path
    lines = ([bytes.fromhex(part) for part in line.strip().split(",")] for line in sys.stdin)
    print(sum(verify(key, algorithm, message, signature) for message, signature in lines))


main()
