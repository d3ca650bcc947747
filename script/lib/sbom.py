#!/usr/bin/python3
"""Prints what the shipped programs are made of: a software bill of materials (CycloneDX 1.5, JSON).

    sbom.py VERSION SECONDS PACKAGE... > ukeyd.cdx.json

PACKAGE: those that are shipped; everything that they are built of is listed, tests are not. What cargo says is the source:
`cargo metadata`, and the checksums of Cargo.lock. The same sources give the same file.
"""

import json
import pathlib
import subprocess
import sys
import tomllib
import uuid
from datetime import datetime, timezone

ROOT = pathlib.Path(__file__).resolve().parents[2]


def metadata():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host()]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def host():
    said = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return next(line.removeprefix("host: ") for line in said.splitlines() if line.startswith("host: "))


def checksums():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    return {(package["name"], package["version"]): package.get("checksum") for package in lock["package"]}


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, checksum):
    licence = (package["license"] or "").replace("/", " OR ").replace("  ", " ")
    found = {
        "type": "library" if any("lib" in kind for target in package["targets"] for kind in target["kind"]) else "application",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
        "licenses": [{"expression": licence}] if licence else [],
        "description": " ".join((package["description"] or "").split()),
        "hashes": [{"alg": "SHA-256", "content": checksum}] if checksum else [],
        "externalReferences": [{"type": "vcs", "url": package["repository"]}] if package["repository"] else [],
    }
    return {key: value for key, value in found.items() if value}


def main():
    version, seconds, *shipped = sys.argv[1:]
    graph, sums = metadata(), checksums()
    packages = {package["id"]: package for package in graph["packages"]}
    nodes = {node["id"]: node for node in graph["resolve"]["nodes"]}

    def built_of(node):
        # What only tests need has the kind "dev" and no other.
        return [dep["pkg"] for dep in node["deps"] if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])]

    roots = [id for id, package in packages.items() if package["name"] in shipped and package["source"] is None]
    missing = set(shipped) - {packages[id]["name"] for id in roots}
    if missing:
        sys.exit(f"no such package: {', '.join(missing)}")
    seen, waiting = set(), list(roots)
    while waiting:
        id = waiting.pop()
        if id not in seen:
            seen.add(id)
            waiting.extend(built_of(nodes[id]))

    listed = sorted(seen, key=lambda id: reference(packages[id]))
    dependencies = [
        {"ref": reference(packages[id]), "dependsOn": sorted(reference(packages[other]) for other in built_of(nodes[id]))}
        for id in listed
    ]
    product = f"ukeyd@{version}"
    dependencies.append({"ref": product, "dependsOn": sorted(reference(packages[id]) for id in roots)})
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": product, "name": "ukeyd", "version": version},
        },
        "components": [
            component(packages[id], sums.get((packages[id]["name"], packages[id]["version"]))) for id in listed
        ],
        "dependencies": dependencies,
    }
    name = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bom, sort_keys=True))
    bom = {"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "serialNumber": f"urn:uuid:{name}", **bom}
    print(json.dumps(bom, indent=2, ensure_ascii=False))


main()
