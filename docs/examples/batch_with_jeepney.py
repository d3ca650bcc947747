#!/usr/bin/python3
"""Signs many files after one PIN entry, and shows how far it is. Needs python3-jeepney.

    batch_with_jeepney.py [--key-type TYPE] FILE...

Each signature goes to FILE.sig. TYPE is rsa-2048 (the default), ec-p256 or ec-p384. The digests are made here, so ukeyd
does not see the files; for SM2 they would be e = SM3(Z || M), see docs/reference/sm2.md. When the Key is pulled out
half way, what was signed until then is written, and each other file is named with the reason.
"""
import hashlib
import sys

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

SERVICE, CERTIFICATE = "org.ukeyd.UKey1", "org.ukeyd.UKey1.Certificate"
OBJECTS = DBusAddress("/org/ukeyd/UKey1", SERVICE, "org.freedesktop.DBus.ObjectManager")
ALGORITHMS = {"rsa-2048": ("RSA-PKCS1-SHA256", "sha256"), "ec-p256": ("ECDSA-SHA256", "sha256"),
              "ec-p384": ("ECDSA-SHA384", "sha384")}


def call(connection, message, on_signal=lambda signal: None):
    """Sends a call and waits for its reply; signals that come before it are handed on."""
    serial = next(connection.outgoing_serial)
    connection.send(message, serial=serial)
    while True:
        received = connection.receive(timeout=3600)
        kind, fields = received.header.message_type, received.header.fields
        if kind == MessageType.signal:
            on_signal(received)
        elif fields.get(HeaderFields.reply_serial) == serial:
            if kind == MessageType.error:
                sys.exit(f"{fields[HeaderFields.error_name]}: {received.body[0]}")
            return received.body[0]


def show(signal):
    if signal.header.fields[HeaderFields.member] == "Progress":
        done, total = signal.body
        print(f"\r{done} of {total}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def digest(file, hash_name):
    hasher = hashlib.new(hash_name)
    with open(file, "rb") as content:
        for chunk in iter(lambda: content.read(1 << 20), b""):
            hasher.update(chunk)
    return hasher.digest()


def main(arguments):
    key_type = "rsa-2048"
    if arguments and arguments[0] == "--key-type":
        key_type, arguments = arguments[1], arguments[2:]
    algorithm, hash_name = ALGORITHMS[key_type]
    digests = [digest(file, hash_name) for file in arguments]
    with open_dbus_connection(bus="SYSTEM") as connection:
        for path, interfaces in call(connection, new_method_call(OBJECTS, "GetManagedObjects")).items():
            certificate = interfaces.get(CERTIFICATE)
            if certificate and certificate["KeyType"][1] == key_type and algorithm in certificate["Algorithms"][1]:
                break
        else:
            sys.exit(f"no Key with a certificate of type {key_type} is plugged in")
        # "request" makes the object that sends Progress to this program and takes Cancel. A Key needs 0.1 to 1 s each.
        options = {"reason": ("s", f"Sign {len(digests)} orders"), "request": ("s", "batch"),
                   "timeout-ms": ("u", min(3_600_000, 60_000 + 1_000 * len(digests)))}
        address = DBusAddress(path, SERVICE, CERTIFICATE)
        batch = new_method_call(address, "SignBatch", "saaya{sv}", (algorithm, digests, options))
        results = call(connection, batch, show)
    failed = 0
    for file, (error, signature) in zip(arguments, results):
        if error:
            print(f"{file}: {error}", file=sys.stderr)
            failed += 1
            continue
        with open(f"{file}.sig", "wb") as output:
            output.write(signature)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
