"""Man pages in mdoc from what a program says of itself (--experimental-dump-help), one for each of its commands.

swift-argument-parser's own generator leaves out every letter that is not ASCII, sets examples as running text and
knows no exit status but zero; a lexicon's examples are words of many languages.
"""

import datetime
import json
import os
import re

from packaging.trouble import ROOT, fail, run


def text(words):
    """Characters that roff would take for its own, and those beyond ASCII, as escapes."""
    words = words.replace("\\", "\\e").replace("-", "\\-")
    words = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in words)
    return "\\&" + words if words[:1] in (".", "'") else words


def argument(word):
    """A word of a macro line: never taken for a macro's name or for closing punctuation."""
    return '"' + "\\&" + text(word).replace('"', "\\(dq") + '"'


def paragraphs(discussion):
    """Running text as it is, blank lines as paragraphs, examples line by line."""
    lines, example = [], False
    for line in discussion.strip("\n").split("\n"):
        shown = re.match(r"Examples?:\s*(.*)", line)
        if shown:
            if example:
                lines.append(".Ed")
            lines += [".Pp", "Example:", ".Bd -literal -offset indent"]
            lines += [text(shown[1])] if shown[1] else []
            example = True
        elif example and line.startswith("  "):
            lines.append(text(" ".join(line.split())))
        elif not line.strip():
            lines += [] if example else [".Pp"]
        else:
            lines += [".Ed", ".Pp"] if example else []
            lines.append(text(line))
            example = False
    lines += [".Ed"] if example else []
    # A paragraph before the first is none, and two are one.
    return [line for place, line in enumerate(lines) if line != ".Pp" or place and lines[place - 1] != ".Pp"]


def names(entry):
    return [("-" if name["kind"] == "short" else "--") + name["name"] for name in entry.get("names", ())]


def value(entry):
    return "" if entry["kind"] == "flag" else entry.get("valueName", "value")


def synopsis(entry):
    called, repeats = names(entry), " ..." if entry.get("isRepeating") else ""
    if entry["kind"] == "positional":
        words = f"Ar {argument(value(entry))}{repeats}"
    else:
        words = f"Fl {argument(called[-1][1:])}"
        words += f" Ar {argument(value(entry))}{repeats}" if value(entry) else ""
    return f".Op {words}" if entry.get("isOptional") else f".{words}"


def described(entry):
    if entry["kind"] == "positional":
        head = f".It Ar {argument(value(entry))}"
    else:
        head = ".It " + " , ".join(f"Fl {argument(name[1:])}" for name in names(entry))
        head += f" Ar {argument(value(entry))}" if value(entry) else ""
    lines = [head, text(" ".join((entry.get("abstract") or "").split()))]
    if entry.get("allValueStrings") or entry.get("allValues"):
        lines.append("One of " + text(", ".join(entry.get("allValueStrings") or entry["allValues"])) + ".")
    if "--threads" in names(entry):
        # The number given as default is that of the machine the page is made on.
        lines.append("Default: the number of processors.")
    elif entry.get("defaultValue") not in (None, ""):
        lines.append(f"Default: {text(entry['defaultValue'])}.")
    return [line for line in lines if line]


def exit_statuses():
    """The table of README.md, so that it stands in one place."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| (\d+) \| (.*?) \|$", file.read(), re.M)
    if not rows:
        fail("README.md: expected a table of exit codes, found none")
    lines = []
    for number, meaning in rows:
        lines += [f".It {number}", text(meaning.replace("`", ""))]
    return [".Bl -tag -width 4n", *lines, ".El"]


def takes_store(command):
    return any("--store" in names(entry) for entry in command.get("arguments", ())) or any(
        takes_store(c) for c in command.get("subcommands", ()))


def page(command, path, version, day):
    """The page of one command, `path` its names from the program on, as text."""
    shown = [entry for entry in command.get("arguments", ()) if entry["shouldDisplay"]]
    below = [c for c in command.get("subcommands", ()) if c["shouldDisplay"] and c["commandName"] != "help"]
    lines = [
        '.\\" Made by tools/packaging/manual.py from --experimental-dump-help.',
        f".Dd {day.strftime('%B')} {day.day}, {day.year}", f".Dt {'-'.join(path).upper()} 1", f".Os Polylex {version}",
        # The hyphen makes one word of it, as whatis needs.
        ".Sh NAME", f".Nm {'-'.join(path)}", f".Nd {text(command.get('abstract', '').rstrip('.'))}",
        ".Sh SYNOPSIS", f".Nm {argument(' '.join(path))}",
        *([".Ar command", ".Op Ar options"] if below else []), *map(synopsis, shown),
        ".Sh DESCRIPTION", *paragraphs(command.get("discussion") or command.get("abstract", "")),
    ]
    if below:
        lines += [".Pp", "Commands, each with a page of its own:", ".Bl -tag -width 12n"]
        for c in below:
            lines += [f".It Ic {argument(c['commandName'])}", text(c.get("abstract", ""))]
        lines.append(".El")
    lines += [".Pp", "Options:", ".Bl -tag -width 6n", *(line for entry in shown for line in described(entry)), ".El"]
    if takes_store(command):
        lines += [
            ".Sh ENVIRONMENT", ".Bl -tag -width 6n", ".It Ev POLYLEX_STORE",
            text("Folder of the store when --store is not given; else it is indexes."), ".El",
        ]
    lines += [".Sh EXIT STATUS", *exit_statuses()]
    related = sorted([*path, c["commandName"]] for c in below) or [path[:1]]
    lines += [".Sh SEE ALSO", *(f".Xr {'-'.join(words)} 1" + " ," * (words is not related[-1]) for words in related)]
    return "\n".join(lines) + "\n"


def write(program, folder, version, seconds):
    """Writes indexer.1, indexer-build.1 … -> their names. `seconds`: the pages' date, since 1970."""
    day = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    # A default must not be what is set on the machine the page is made on.
    environment = {key: value for key, value in os.environ.items() if key != "POLYLEX_STORE"}
    said = json.loads(run(program, "--experimental-dump-help", env=environment))
    if said.get("serializationVersion") != 0:
        fail(f"{program}: --experimental-dump-help: expected version 0, found {said.get('serializationVersion')}")
    written, pending = [], [(said["command"], [said["command"]["commandName"]])]
    while pending:
        command, path = pending.pop()
        pending += [(c, [*path, c["commandName"]]) for c in command.get("subcommands", ())
            if c["shouldDisplay"] and c["commandName"] != "help"]
        name = "-".join(path) + ".1"
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(page(command, path, version, day))
        written.append(name)
    return sorted(written)
