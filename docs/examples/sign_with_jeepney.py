#!/usr/bin/python3
"""Signs a file of any size with the first Key that has a key of the wanted type. Needs python3-jeepney.

    sign_with_jeepney.py FILE SIGNATURE [rsa-2048|ec-p256|ec-p384]

The open file is passed to ukeyd, which reads it itself; the call waits for the PIN that the agent asks. When ukeyd
answers "Timeout", the dialog is still open: the same call again joins it.
"""
import sys

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

SERVICE, CERTIFICATE = "org.ukeyd.UKey1", "org.ukeyd.UKey1.Certificate"
OBJECTS = DBusAddress("/org/ukeyd/UKey1", SERVICE, "org.freedesktop.DBus.ObjectManager")


def call(connection, address, method, signature=None, body=()):
    reply = connection.send_and_get_reply(new_method_call(address, method, signature, body), timeout=60)
    if reply.header.message_type == MessageType.error:
        sys.exit(f"{reply.header.fields[4]}: {reply.body[0]}")  # field 4: the error's name
    return reply.body[0]


def main(file, signature, key_type="rsa-2048"):
    with open_dbus_connection(bus="SYSTEM", enable_fds=True) as connection, open(file, "rb") as document:
        for path, interfaces in call(connection, OBJECTS, "GetManagedObjects").items():
            certificate = interfaces.get(CERTIFICATE)
            if certificate and certificate["KeyType"][1] == key_type and certificate["Algorithms"][1]:
                break
        else:
            sys.exit(f"no Key with a certificate of type {key_type} is plugged in")
        arguments = (certificate["Algorithms"][1][0], document, {"reason": ("s", "Sign an order")})
        result = call(connection, DBusAddress(path, SERVICE, CERTIFICATE), "SignFile", "sha{sv}", arguments)
    with open(signature, "wb") as output:
        output.write(result)


if __name__ == "__main__":
    main(*sys.argv[1:])
