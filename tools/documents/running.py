"""Runs a document: its blocks as one shell script, each command on the line it has in the document."""

import os
import re
import signal
import subprocess

from . import blocks, left_out

# Of a document, on the slowest machine; what hangs ends here.
SECONDS = 1200
END = "POLYLEX_END_OF_BLOCK"
# What commands are run with that readers do not type, and what of their outcomes is right. The check prints these.
CHANGES = {
    "train specialize, train search, train distill": "end after two steps (--max-steps 2)",
    "query serve": "on a free port, stopped after two seconds",
    "query compare --fail-if-worse": "may find one worse (status 1)",
    "/shared": "is a folder beside the others",
    "mail": "writes nowhere",
}
PRELUDE = """\
train() {
    case $1:$* in
        specialize:* | search:* | distill:*) command train "$@" --max-steps 2 ;;
        *) command train "$@" ;;
    esac
}
query() {
    case $* in
        serve*) timeout --preserve-status --signal TERM 2 query "$@" --port 0 ;;
        compare*--fail-if-worse*) command query "$@" || [ $? = 1 ] ;;
        *) command query "$@" ;;
    esac
}
set -o pipefail
"""
# On the script's first line, which is the document's title: a shell keeps traps of a file it reads in to itself.
TRAPS = (r"""trap 'printf "\n@@ at %d\n" "$LINENO" >&2' DEBUG; """
         r"""trap 'printf "\n@@ failed %d %d\n" "$LINENO" "$?" >&2' ERR""")
MARK = re.compile(r"\n@@ (?:at (\d+)|failed (\d+) (\d+))\n")
KEYWORDS = re.compile(r"\s*(?:do|done|fi|then|else)\b")


class Outcome:
    """Of a document: how many commands ran, those left out with reasons, what went wrong."""

    def __init__(self):
        self.ran, self.left_out, self.problems = 0, [], []


def script(document, read, outcome, used):
    """The script, and the lines on which a command must have run."""
    lines, expected = {}, {}
    for block in read:
        if not block.runs:
            continue
        body = dict(enumerate(block.lines, block.line + 1))
        closing = block.line + len(block.lines) + 1
        if block.file or block.language == blocks.PYTHON:
            start = f"cat > {block.file}" if block.file else '"$POLYLEX_PYTHON" -'
            lines |= {block.line: f"{start} <<'{END}'", **body, closing: END}
            expected[block.line] = start
            continue
        for command in blocks.commands(block):
            why = left_out.reason(document, command.text, used)
            if why:
                outcome.left_out.append((command.line, command.text.strip(), why))
                continue
            lines[command.line] = command.text
            if not KEYWORDS.match(command.text):
                expected[command.line] = command.text.strip()
    last = max(lines, default=0)
    return "\n".join(lines.get(number, "") for number in range(1, last + 1)) + "\n", expected


def environment(clone, home, programs):
    python = os.environ.get("POLYLEX_PYTHON") or os.path.join(clone, ".venv", "bin", "python")
    return {
        "HOME": home, "LANG": "C.UTF-8", "TMPDIR": os.path.join(home, "tmp"), "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{home}/bin:{programs}:/usr/local/bin:/usr/bin:/bin", "POLYLEX_PYTHON": python,
        "PYTHONPATH": os.path.join(clone, "python"), "POLYLEX_PROGRAMS": programs, "TERM": "dumb", "USER": "reader",
    }


def run(document, path, clone, home, programs, used):
    """-> Outcome. The clone is laid out and has the document's stand-ins."""
    outcome = Outcome()
    read, hidden = blocks.read(path)
    outcome.problems += [f"{document}:{line}: a command outside of a block of sh or console" for line in hidden]
    text, expected = script(document, read, outcome, used)
    if not expected:
        return outcome
    text = text.replace("/shared/", os.path.join(clone, "shared") + "/") if document == "docs/scale.md" else text
    text = f'. "{home}/prelude.sh"; {TRAPS}' + text
    name, prelude = os.path.join(home, "document.sh"), os.path.join(home, "prelude.sh")
    for target, content in ((name, text), (prelude, PRELUDE)):
        with open(target, "w", encoding="utf-8") as file:
            file.write(content)
    with open(os.path.join(home, "log"), "w+b") as log:
        process = subprocess.Popen(
            ["bash", name], cwd=clone, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, env=environment(clone, home, programs), start_new_session=True)
        try:
            process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            outcome.problems.append(f"{document}: not done after {SECONDS} s")
        finally:
            end(process)
        log.seek(0)
        said = log.read().decode(errors="replace")
    judge(document, said, expected, outcome)
    return outcome


def end(process):
    """What a command left behind in the background, too."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def judge(document, said, expected, outcome):
    reached, pieces = set(), []
    for mark in MARK.finditer(said):
        if mark[1]:
            reached.add(int(mark[1]))
            pieces.append(mark.end())
        else:
            # The last mark is that of the trap itself.
            line, since = int(mark[2]), pieces[-2] if len(pieces) > 1 else 0
            text = MARK.sub("", said[since:mark.start()]).strip()
            tail = "\n".join("    " + row for row in text.split("\n")[-12:])
            outcome.problems.append(
                f"{document}:{line}: exit status {mark[3]}: {expected.get(line, 'a command of this block')}\n{tail}")
    for line, text in expected.items():
        if line not in reached:
            tail = MARK.sub("", said[-600:]).strip()
            outcome.problems.append(f"{document}:{line}: did not run: {text}\n    {tail}")
    outcome.ran = len(reached & set(expected))
