"""Counts of a campaign, and what it found."""

import collections
import time


PROGRESS_SECONDS = 300


class Tally:
    """How much was tried, how it ended, what was wrong; and when to stop."""

    # Set by a signal: the case that runs is finished, and the figures so far are printed.
    is_stopped = False

    def __init__(self, name, cases=None, seconds=None):
        self.name, self.cases, self.seconds = name, cases, seconds
        self.tried, self.endings, self.findings = 0, collections.Counter(), []
        self.began = time.monotonic()
        self.ended, self.said = None, self.began

    @property
    def is_done(self):
        if time.monotonic() - self.said > PROGRESS_SECONDS:
            self.said = time.monotonic()
            print(f"  {self.name}: {self.tried:,} tried in {self.said - self.began:.0f} s, "
                f"{len(self.findings)} findings so far", flush=True)
        if Tally.is_stopped:
            return True
        if self.cases is not None and self.tried >= self.cases:
            return True
        return self.seconds is not None and time.monotonic() - self.began > self.seconds

    def end(self, kind, status):
        self.endings[f"{kind} {status}" if kind else str(status)] += 1

    def find(self, kind, case, text):
        self.findings.append((kind, case, text))
        print(f"  {self.name}: {kind}: {case}: {text}"[:600], flush=True)

    def close(self):
        self.ended = time.monotonic() - self.began
        return self

    def row(self):
        endings = ", ".join(f"{count} × {ending}" for ending, count in self.endings.most_common())
        return (self.name, self.tried, round(self.ended or 0), endings, len(self.findings))


def table(tallies):
    """A Markdown table of the figures."""
    lines = ["| campaign | tried | seconds | how runs ended | findings |", "|---|--:|--:|---|--:|"]
    for tally in tallies:
        name, tried, seconds, endings, findings = tally.row()
        lines.append(f"| {name} | {tried:,} | {seconds:,} | {endings} | {findings} |")
    return "\n".join(lines)
