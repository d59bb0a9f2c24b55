"""What a document holds of commands: its fenced blocks, line for line."""

import re

FENCE = re.compile(r"^( *)```(\w*)\s*$")
NAMED = re.compile(r"^<!-- file: (\S+) -->$")
# What a line of a block without a language would have to begin with to be a command somebody could type.
TYPED = re.compile(
    r"(?:\$ |(?:time )?(?:\.build/\w+/)?(?:indexer|query|train) [a-z]|(?:\./)?(?:tools|\.ci)/[\w/-]+(?:\s|$))")
SHELL, CONSOLE, PYTHON = ("sh", "bash"), "console", "python"


class Block:
    """A fenced block: its language, the line its fence opens on (from 1), its lines, the file it is to be saved as."""

    def __init__(self, language, line, indent, file):
        self.language, self.line, self.indent, self.file, self.lines = language, line, indent, file, []

    @property
    def runs(self):
        return self.file is not None or self.language in SHELL + (CONSOLE, PYTHON)


class Command:
    """A command a reader types: its first line (from 1) and its text, continuation lines joined."""

    def __init__(self, line, text, lines):
        self.line, self.text, self.lines = line, text, lines


def read(path):
    """-> the document's blocks, and lines with commands that stand in no block of a language."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    blocks, hidden, block, file = [], [], None, None
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if block is None and fence:
            block = Block(fence[2], number, len(fence[1]), file)
        elif block is not None and fence and fence[1] == " " * block.indent and not fence[2]:
            blocks.append(block)
            block = None
        elif block is not None:
            block.lines.append(line[block.indent:])
            if not block.language and TYPED.match(line.strip()):
                hidden.append(number)
        elif line.startswith("    ") and TYPED.match(line.strip()):
            hidden.append(number)
        named = NAMED.match(line)
        file = named[1] if named else file if line.startswith("<!--") else None
    if block is not None:
        raise ValueError(f"{path}:{block.line}: the block has no end")
    return blocks, hidden


def commands(block):
    """The block's commands in order. Of a `for` loop every line that is not one of its keywords is one."""
    found, at = [], 0
    while at < len(block.lines):
        start, text = at, block.lines[at]
        while text.endswith("\\") and at + 1 < len(block.lines):
            at += 1
            text = text[:-1] + " " + block.lines[at].strip()
        at += 1
        if block.language == CONSOLE:
            if not text.startswith("$ "):
                continue
            text = text[2:]
        if text.strip() and not text.lstrip().startswith("#"):
            found.append(Command(block.line + 1 + start, text, at - start))
    return found
