#!/usr/bin/python3
"""Signs many files one by one over a connection of its own to ukeyd, beside the bus. Needs python3-jeepney.

    open_connection_with_jeepney.py [--key-type TYPE] FILE...

Each signature goes to FILE.sig. TYPE is rsa-2048 (the default), ec-p256 or ec-p384. OpenConnection takes one end of a
socketpair; at the other end this program makes the same handshake as at a bus. What is asked over it is asked in the name of
the bus connection that opened it, and it ends with that one, so keep both open.
"""
import socket
import sys

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.auth import BEGIN, Authenticator
from jeepney.io.blocking import DBusConnection, open_dbus_connection

SERVICE, CERTIFICATE = "org.ukeyd.UKey1", "org.ukeyd.UKey1.Certificate"
OBJECTS = DBusAddress("/org/ukeyd/UKey1", SERVICE, "org.freedesktop.DBus.ObjectManager")
MANAGER = DBusAddress("/org/ukeyd/UKey1", SERVICE, "org.ukeyd.UKey1.Manager")
ALGORITHMS = {"rsa-2048": "RSA-PKCS1-SHA256", "ec-p256": "ECDSA-SHA256", "ec-p384": "ECDSA-SHA384"}


def call(connection, message):
    reply = connection.send_and_get_reply(message, timeout=60)
    if reply.header.message_type == MessageType.error:
        sys.exit(f"{reply.header.fields[4]}: {reply.body[0]}")
    return reply.body[0] if reply.body else None


def open_connection(bus):
    ours, theirs = socket.socketpair()
    with theirs:
        call(bus, new_method_call(MANAGER, "OpenConnection", "h", (theirs,)))
    authenticator = Authenticator(enable_fds=True)
    for request in authenticator:
        ours.sendall(request)
        authenticator.feed(ours.recv(1024))
    ours.sendall(BEGIN)
    return DBusConnection(ours, enable_fds=True)


def main(arguments):
    key_type = "rsa-2048"
    if arguments and arguments[0] == "--key-type":
        key_type, arguments = arguments[1], arguments[2:]
    with open_dbus_connection(bus="SYSTEM", enable_fds=True) as bus:
        for path, interfaces in call(bus, new_method_call(OBJECTS, "GetManagedObjects")).items():
            if CERTIFICATE in interfaces and interfaces[CERTIFICATE]["KeyType"][1] == key_type:
                break
        else:
            sys.exit(f"no Key with a certificate of type {key_type} is plugged in")
        address = DBusAddress(path, SERVICE, CERTIFICATE)
        options = {"reason": ("s", f"Sign {len(arguments)} orders")}
        with open_connection(bus) as connection:
            for name in arguments:
                with open(name, "rb") as file:
                    request = new_method_call(address, "SignFile", "sha{sv}", (ALGORITHMS[key_type], file, options))
                    signature = call(connection, request)
                with open(f"{name}.sig", "wb") as output:
                    output.write(signature)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
