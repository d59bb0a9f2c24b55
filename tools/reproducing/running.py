"""Runs steps once each, measures time and memory, and keeps what it measured beside the results."""

import json
import os
import re
import shlex
import signal
import subprocess
import time

DONE, LOGS = "done", "logs"
FOLDERS = (DONE, LOGS, "constraints", "models", "rows")


class StepFailed(Exception):
    """A command ended with a status other than 0; the text names it and its log."""

    def __init__(self, message, status):
        super().__init__(message)
        self.status = status


def shown(step):
    text = shlex.join(step.command)
    return f"{text} > {shlex.quote(step.output)}" if step.output else text


def record_path(folder, step):
    return os.path.join(folder, DONE, step + ".json")


def measured(folder, step):
    """What was measured when a step was run; None when it is not done."""
    try:
        with open(record_path(folder, step), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StepFailed(
            f"{record_path(folder, step)}: cannot be read ({error}); remove it, and the step is done again", 65
        ) from None


def is_done(folder, step):
    """Done, by the same command: a row of the table that has changed is done again."""
    record = measured(folder, step.name)
    return record is not None and without_threads(record["command"]) == without_threads(shown(step))


def without_threads(text):
    """No result depends on the number of threads."""
    return re.sub(r" --threads \d+", "", text)


def write_json(path, value):
    temporary = path + ".partial"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def start(step, messages, results, environment):
    """Starts the program. -> (process, whether SIGTERM came meanwhile: nobody else would hand it on)"""
    told = []
    before = signal.signal(signal.SIGTERM, lambda *_: told.append(True))
    try:
        process = subprocess.Popen(
            step.command, stdin=subprocess.DEVNULL, stderr=messages, stdout=results, env=environment
        )
    except OSError as error:
        advice = "build it, and name its folder with --programs"
        raise StepFailed(f"{step.command[0]}: {error.strerror}; {advice}", 66) from None
    finally:
        signal.signal(signal.SIGTERM, before)
    return process, bool(told)


def run(folder, step, programs, say):
    """Runs one step. A program that was stopped goes on where it was when the step is run again; the seconds and the
    memory of
    attempts before are added to its own.
    Raises StepFailed."""
    for name in FOLDERS:
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    log = os.path.join(folder, LOGS, step.name + ".log")
    say(f"$ {shown(step)}")
    environment = dict(os.environ, PATH=programs + os.pathsep + os.environ.get("PATH", "")) if programs else None
    attempts = os.path.join(folder, DONE, step.name + ".attempts")
    before = {"seconds": 0.0, "processor_seconds": 0.0, "memory_mb": 0}
    if os.path.exists(attempts):
        with open(attempts, encoding="utf-8") as file:
            earlier = json.load(file)
        # What another command took is no part of this one.
        before = earlier["cost"] if earlier["command"] == shown(step) else before
    started = time.monotonic()
    output = step.output + ".partial" if step.output else None
    with open(log, "ab") as messages, open(output or os.devnull, "wb") as results:
        process, told = start(step, messages, results if output else messages, environment)
        try:
            if told:
                raise KeyboardInterrupt("SIGTERM")
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt as stop:
            # On Ctrl-C the terminal told the program too, and a second signal would end it before it has saved; SIGTERM
            # came here alone.
            if stop.args:
                process.send_signal(signal.SIGTERM)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    cost = {
        "seconds": round(before["seconds"] + time.monotonic() - started, 1),
        "processor_seconds": round(before["processor_seconds"] + usage.ru_utime + usage.ru_stime, 1),
        "memory_mb": max(before["memory_mb"], usage.ru_maxrss // 1024),
    }
    if process.returncode != 0:
        write_json(attempts, {"command": shown(step), "cost": cost})
        raise StepFailed(
            f"{step.name}: exit status {process.returncode}; see {log}. The same command goes on from here.",
            process.returncode if process.returncode > 0 else 75,
        )
    if output:
        os.replace(output, step.output)
    if os.path.exists(attempts):
        os.remove(attempts)
    write_json(record_path(folder, step.name), {"command": shown(step), **cost})
    return cost
