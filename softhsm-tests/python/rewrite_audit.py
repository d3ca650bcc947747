"""Changes the audit database as somebody would who knows how it is made: afterwards every hash is right again.

usage: rewrite_audit.py DATABASE SQL...   (each statement first, then all hashes anew)

The chain is computed here from docs/reference/audit.md, not by the service's code."""

import hashlib
import sqlite3
import struct
import sys

NUMBERS = ("seq", "time_ms", "operation", "uid", "pid")
TEXTS = ("phase", "kind", "user", "caller", "program", "token", "certificate", "algorithm", "reason", "result")


def encoded(row):
    data = b"".join(struct.pack("<Q", row[name]) for name in NUMBERS) + struct.pack("<i", row["tries"])
    for part in [row[name].encode() for name in TEXTS] + [bytes(row["digest"])]:
        data += struct.pack("<Q", len(part)) + part
    return data


def main(path, statements):
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    for statement in statements:
        database.execute(statement)
    chain = database.execute("SELECT * FROM chain").fetchone()
    place = chain["base_hash"]
    if chain["base_seq"] == 0:
        place = hashlib.sha256(b"ukeyd audit chain 1" + chain["name"].encode()).digest()
    last = chain["base_seq"]
    for row in database.execute("SELECT * FROM records ORDER BY seq").fetchall():
        place = hashlib.sha256(place + encoded(row)).digest()
        last = row["seq"]
        database.execute("UPDATE records SET hash = ? WHERE seq = ?", (place, last))
    first = chain["base_hash"] if chain["base_seq"] else hashlib.sha256(
        b"ukeyd audit chain 1" + chain["name"].encode()).digest()
    database.execute("UPDATE chain SET base_hash = ?, head_seq = ?, head_hash = ?", (first, last, place))
    database.commit()


main(sys.argv[1], sys.argv[2:])
