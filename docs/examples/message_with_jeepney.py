#!/usr/bin/python3
"""Signs a file as a detached message (CMS, RFC 5652), or checks one. Needs python3-jeepney.

    message_with_jeepney.py sign   FILE MESSAGE [KEY-TYPE]
    message_with_jeepney.py verify FILE MESSAGE

KEY-TYPE is rsa-2048 (the default), ec-p256, sm2 …  Files are passed to ukeyd open, whatever their size. "verify" names
each signer and what is wrong with it; the exit code is 0 when there is a signer and nothing is.
"""
import sys
import time

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

SERVICE, CERTIFICATE = "org.ukeyd.UKey1", "org.ukeyd.UKey1.Certificate"
OBJECTS = DBusAddress("/org/ukeyd/UKey1", SERVICE, "org.freedesktop.DBus.ObjectManager")
MANAGER = DBusAddress("/org/ukeyd/UKey1", SERVICE, "org.ukeyd.UKey1.Manager")
REASONS = ("digest", "signature", "content-type", "certificate-reference", "algorithms", "key-use",
           "dates", "chain", "revocation")


def call(connection, address, method, signature=None, body=()):
    reply = connection.send_and_get_reply(new_method_call(address, method, signature, body), timeout=60)
    if reply.header.message_type == MessageType.error:
        sys.exit(f"{reply.header.fields[HeaderFields.error_name]}: {reply.body[0]}")
    return reply.body[0]


def sign(connection, file, message, key_type="rsa-2048"):
    for path, interfaces in call(connection, OBJECTS, "GetManagedObjects").items():
        certificate = interfaces.get(CERTIFICATE)
        if certificate and certificate["KeyType"][1] == key_type and certificate["Algorithms"][1]:
            break
    else:
        sys.exit(f"no Key with a certificate of type {key_type} is plugged in")
    options = {"reason": ("s", "Sign an order"), "detached": ("b", True), "timeout-ms": ("u", 50000)}
    # The message's file has to be empty; it stays so when the call fails.
    with open(file, "rb") as content, open(message, "wb") as output:
        address = DBusAddress(path, SERVICE, CERTIFICATE)
        call(connection, address, "SignMessageFile", "hha{sv}", (content, output, options))


def verify(connection, file, message):
    with open(file, "rb") as content, open(message, "rb") as signed:
        answer = call(connection, MANAGER, "VerifyMessage", "ayha{sv}", (signed.read(), content, {}))
    for signer in answer["signers"][1]:
        holder = " ".join(signer[key][1] for key in ("holder-name", "holder-id") if key in signer)
        moment = signer.get("signing-time")
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment[1])) if moment else "an unknown time"
        print(f"{holder or 'unknown signer'}, {when}")
        for reason in REASONS:
            if reason in signer and signer[reason][1] != "ok":
                print(f"  {reason}: {signer[reason][1]}")
    return 0 if answer["valid"][1] else 1


def main(verb, *arguments):
    with open_dbus_connection(bus="SYSTEM", enable_fds=True) as connection:
        return {"sign": sign, "verify": verify}[verb](connection, *arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
