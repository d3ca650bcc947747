#!/usr/bin/python3
"""Makes a manual page of a Markdown file, so that what docs/ says is written once.

    man_page.py NAME.SECTION.md VERSION DATE > NAME.SECTION

It knows the Markdown that this project writes: headings, paragraphs, lists, tables, code. A line "@include FILE" takes in
another file, "@include FILE#HEADING" the part of it with that heading; paths are from the folder of the sources.
"""

import pathlib
import re
import sys
from itertools import takewhile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def text(line):
    """Letters as roff takes them."""
    line = line.replace("\\", r"\e")
    line = re.sub(r"^([.'])", r"\\&\1", line)
    return line


def code(line):
    """As text(), to be copied into a terminal: a plain hyphen, quote and tilde."""
    for char, plain in (("-", r"\-"), ("'", r"\(aq"), ("`", r"\(ga"), ("^", r"\(ha"), ("~", r"\(ti")):
        line = line.replace(char, plain)
    return line


def span(line):
    """A line of prose: links, emphasis, `code`."""
    line = re.sub(r"!\[[^]]*\]\([^)]*\)", "", line)
    parts = re.split(r"(`[^`]+`)", line)
    for at, part in enumerate(parts):
        if part.startswith("`") and part.endswith("`") and len(part) > 1:
            parts[at] = r"\fB" + code(part[1:-1].replace("\\", r"\e")) + r"\fR"
        else:
            part = text(part) if at == 0 else part.replace("\\", r"\e")
            parts[at] = re.sub(r"\*\*([^*]+)\*\*", r"\\fB\1\\fR", part)
    parts = [part if part.startswith("\\fB") else re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])", r"\\fI\1\\fR", part) for part in parts]
    # After code has been marked: a link's text may hold some.
    return re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", "".join(parts)).strip()


def cells(row):
    """The cells of a row of a table; a bar after a backslash is part of a cell."""
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def table(rows):
    """A list of terms, each with what stands beside it."""
    header, *body = [cells(row) for row in rows]
    for row in body[1:]:
        yield ".TP"
        yield span(row[0]) or r"\&"
        if len(row) <= 3:
            yield r"\(en ".join(span(cell) + " " for cell in row[1:] if cell).strip() or r"\&"
            continue
        yield span(row[1]) or r"\&"
        for name, cell in zip(header[2:], row[2:]):
            yield ".br"
            yield f"{span(name)}: {span(cell)}"
    yield ".PP"


def verbatim(lines):
    yield ".PP"
    yield ".RS 4"
    yield ".nf"
    for line in lines:
        yield code(text(line))
    yield ".fi"
    yield ".RE"
    yield ".PP"


def included(lines):
    for line in lines:
        if not line.startswith("@include "):
            yield line
            continue
        name, _, heading = line.removeprefix("@include ").partition("#")
        page = (ROOT / name).read_text(encoding="utf-8").splitlines()
        if heading:
            page = part(page, heading)
        yield from page


def part(page, heading):
    """From a heading to the next one of its level or above."""
    level = lambda line: len(line) - len(line.lstrip("#"))
    start = next(at for at, line in enumerate(page) if line.startswith("#") and line.lstrip("# ") == heading)
    rest = page[start + 1:]
    return [page[start], *takewhile(lambda line: not 1 <= level(line) <= level(page[start]), rest)]


def body(lines):
    lines = list(lines)
    at = 0

    def run(fits):
        nonlocal at
        taken = list(takewhile(fits, lines[at:]))
        at += len(taken)
        return taken

    while at < len(lines):
        line = lines[at]
        heading = re.match(r"(#+) (.*)", line)
        item = re.match(r"(\s*)([-*]|\d+\.) (.*)", line)
        if heading:
            at += 1
            level, title = len(heading[1]), span(heading[2])
            if level == 1:
                yield f'.SH "{plain_title(title).upper()}"'
            elif level == 2:
                yield f'.SS "{plain_title(title)}"'
            else:
                yield ".PP"
                yield f"\\fB{plain_title(title)}\\fR"
                yield ".PP"
        elif line.startswith("```"):
            at += 1
            yield from verbatim(run(lambda other: not other.startswith("```")))
            at += 1
        elif line.startswith("    ") and not item:
            block = run(lambda other: other.startswith("    ") or not other)
            while block and not block[-1]:
                block.pop()
            yield from verbatim(other[4:] for other in block)
        elif line.startswith("|"):
            yield from table(run(lambda other: other.startswith("|")))
        elif item:
            at += 1
            more = run(lambda other: other and not re.match(r"\s*([-*]|\d+\.) ", other) and other.startswith(" "))
            yield f'.IP "{item[2]}" 4' if item[2][0].isdigit() else r".IP \(bu 2"
            yield span(" ".join([item[3], *(other.strip() for other in more)]))
            if at >= len(lines) or not lines[at]:
                yield ".PP"
        elif not line.strip():
            at += 1
            yield ".PP"
        else:
            yield span(" ".join(run(lambda other: other.strip() and not re.match(r"#|```|\||[-*] ", other))))


def plain_title(title):
    return re.sub(r"\\f.", "", title).replace('"', r"\(dq")


def tidy(lines):
    """Without paragraphs that are empty."""
    kept = []
    for line in lines:
        if not line:
            continue
        starts = (".SH", ".SS", ".PP", ".IP", ".TP")
        if kept and kept[-1] == ".PP" and line.startswith(starts):
            kept.pop()
        if line == ".PP" and kept and kept[-1].startswith((".SH", ".SS")):
            continue
        kept.append(line)
    while kept and kept[-1] == ".PP":
        kept.pop()
    return kept


def main():
    source, version, date = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    name, section, _ = source.name.rsplit(".", 2)
    print(f'.\\" Made from {source.name}; do not edit.')
    print(f'.TH "{name}" "{section}" "{date}" "ukeyd {version}" "ukeyd"')
    print(".nh")
    print(".ad l")
    print("\n".join(tidy(body(included(source.read_text(encoding="utf-8").splitlines())))))


main()
