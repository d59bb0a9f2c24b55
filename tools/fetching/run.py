"""A run: the lock file with the sums of what was fetched, and the way of each job to its place."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
import zlib

from .archives import tar_members, zip_members
from .download import download
from .files import Part, digest_of, make_folder, sync_folder, write_whole
from .jobs import jobs_of
from .trouble import BAD_INPUT, FetchError, Progress, say
from .words import stream_words

# tools/, beside this folder.
TOOLS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAPER_WORDS = 100_000
# Files taken out of archives are word lists of some ten kilobytes; more is a bomb or another archive.
LARGEST_MEMBER = 64 << 20


class Lock:
    """fetch-lock.json: what each file under the output folder was when it was fetched."""

    def __init__(self, folder):
        self.path, self.changed = os.path.join(folder, "fetch-lock.json"), False
        try:
            with open(self.path, encoding="utf-8") as file:
                content = json.load(file)
            self.files, self.archives = dict(content["files"]), dict(content["archives"])
        except FileNotFoundError:
            self.files, self.archives = {}, {}
        except (ValueError, KeyError, TypeError) as error:
            text = f"damaged ({type(error).__name__}: {error}); move it away, and the sums are recorded anew"
            raise FetchError(BAD_INPUT, f"{self.path}: {text}") from error

    def save(self):
        if self.changed:
            # Names first: the lock must not know a file that a loss of power takes away.
            for folder in sorted({os.path.dirname(path) for path in self.files}):
                if os.path.isdir(os.path.join(os.path.dirname(self.path), folder)):
                    sync_folder(os.path.join(os.path.dirname(self.path), folder))
            content = {"files": dict(sorted(self.files.items())), "archives": dict(sorted(self.archives.items()))}
            write_whole(self.path, (json.dumps(content, indent=1) + "\n").encode())
            self.changed = False


class Run:
    """One call: where to, from where, what is known, and what came of it."""

    def __init__(self, out, web, sums, accept_changed):
        self.out, self.web, self.sums, self.accept_changed = out, web, sums, accept_changed
        self.lock = Lock(out)
        self.fetched, self.there, self.errors = 0, 0, []

    def place(self, path):
        return os.path.join(self.out, path)

    def known(self, job, path):
        return self.sums.get(path) if job.words in (None, PAPER_WORDS) else None

    def recorded(self, job, path):
        entry = self.lock.files.get(path, {})
        return entry if entry.get("url") == job.url and entry.get("words") == job.words else {}

    def record(self, job, path, digest, checked):
        facts = os.stat(self.place(path))
        entry = {"url": job.url, "sha256": digest, "checked": checked}
        entry |= {"size": facts.st_size, "modified": facts.st_mtime_ns}
        if job.words is not None:
            entry["words"] = job.words
        self.lock.files[path], self.lock.changed = entry, True

    def is_settled(self, job, path):
        """Whether the file is there and right. One that is there and wrong is set aside."""
        target, entry, known = self.place(path), self.recorded(job, path), self.known(job, path)
        if not os.path.isfile(target):
            return False
        facts, accepted = os.stat(target), entry.get("checked") == "accepted"
        expected = entry["sha256"] if accepted else known or entry.get("sha256")
        same = (entry.get("size"), entry.get("modified")) == (facts.st_size, facts.st_mtime_ns)
        if same and entry["sha256"] == expected:
            return True
        digest = digest_of(target)
        if not entry and path in self.lock.files and digest != expected:
            return False  # fetched from elsewhere, or with another number of words
        if expected is None:
            say(f"{target} was there already; its checksum is recorded, not checked")
        elif digest != expected:
            os.replace(target, target + ".bad")
            say(f"{target} is not what it should be (sha256 {digest}, expected {expected}); kept as {target}.bad, "
                "fetching it anew")
            return False
        self.record(job, path, digest, entry.get("checked") or ("known" if known else "found"))
        return True

    def checks(self, job, path, part, reply):
        """-> [(source, expected, found)] for what has arrived; the hub's own sum is never optional."""
        digest, checks = digest_of(part.path), []
        if job.kind == "hub" and reply.hub_sha256:
            checks.append(("what the hub says", reply.hub_sha256, digest))
        elif job.kind == "hub" and reply.hub_git:
            checks.append(("what the hub says", reply.hub_git, digest_of(part.path, "git")))
        if not self.accept_changed:
            known, first = self.known(job, path), self.recorded(job, path).get("sha256")
            checks += [("tools/fetching/sums.txt", known, digest)] if known else []
            checks += [("the first fetch", first, digest)] if first else []
        return digest, checks

    def settle(self, job, path, part, reply=None):
        """Checks what has arrived and gives it its name. What is wrong is set aside as NAME.bad."""
        digest, checks = self.checks(job, path, part, reply)
        target = self.place(path)
        for source, expected, found in checks:
            if found != expected:
                bad = part.set_aside()
                hint = "" if "hub" in source else "; if the original has changed for good, --accept-changed takes it"
                raise FetchError(
                    BAD_INPUT, f"{target}: wrong checksum: {found}, expected {expected} ({source}); what came from "
                    f"{self.web.address(job.url)} is kept as {bad}{hint}")
        before = self.known(job, path) or self.recorded(job, path).get("sha256")
        changed = self.accept_changed and before not in (None, digest)
        if changed:
            say(f"{target}: another checksum than before ({digest}); accepted")
        part.publish()
        names = {"tools/fetching/sums.txt": "known", "what the hub says": "hub"}
        checked = next((name for source, name in names.items() if source in [c[0] for c in checks]), "first fetch")
        self.record(job, path, digest, "accepted" if changed else checked)
        self.fetched += 1

    def fetch(self, job):
        if self.is_settled(job, job.path):
            self.there += 1
            return
        part = Part(self.place(job.path), job.url)
        while True:
            if job.kind == "words":
                reply = stream_words(self.web, part, job.path, job.words)
            else:
                reply = download(self.web, part, job.path)
            joined = part.joined
            try:
                return self.settle(job, job.path, part, reply)
            except FetchError as error:
                if error.stop or not joined:
                    raise
                say(f"{error}; it was joined from pieces, so once more from the start")

    # ---- archives ----

    def fetch_archive(self, job):
        members = self.lock.archives.get(job.url, [])
        if members and all([self.is_settled(job, path) for path in members]):
            self.there += len(members)
            return
        part, failed = Part(self.place(job.path), job.url), len(self.errors)
        download(self.web, part, job.path)
        found = self.open_archive(job, part)
        for path, contents in found.items():
            try:
                if self.is_settled(job, path):
                    self.there += 1
                else:
                    self.settle_member(job, path, contents)
            except FetchError as error:
                if error.stop:
                    raise
                self.note(error)
        if len(self.errors) == failed:
            self.lock.archives[job.url], self.lock.changed = sorted(found), True
            part.discard()

    def open_archive(self, job, part):
        """-> {path here: [contents, ...]}; a damaged or incomplete archive is set aside."""
        try:
            found = self.matching_members(job, part.path)
            for member in job.members:
                count = len(found[member["name"]])
                if count != member["count"]:
                    raise ValueError(f"{count} files named {member['name']} inside, expected {member['count']}")
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
            bad = part.set_aside()
            raise FetchError(BAD_INPUT, f"{self.web.address(job.url)}: bad archive: {error}; kept as {bad}") from error
        return {path: contents for paths in found.values() for path, contents in paths.items()}

    def matching_members(self, job, archive):
        """-> {pattern: {path here: [contents, ...]}} of the members whose name, without folders, is wanted."""
        found = {member["name"]: {} for member in job.members}
        for name, size, read in zip_members(archive) if job.kind == "zip" else tar_members(archive):
            for member in job.members:
                match = re.fullmatch(member["name"], os.path.basename(name))
                if not match:
                    continue
                if size > LARGEST_MEMBER:
                    raise ValueError(f"member {name} claims {size} bytes, expected at most {LARGEST_MEMBER}")
                contents, data = found[member["name"]].setdefault(match.expand(member["path"]), []), read()
                if data not in contents:
                    contents.append(data)
        return found

    def settle_member(self, job, path, contents):
        """Of several files of one name the one with the expected sum is taken."""
        wanted = self.known(job, path) or self.recorded(job, path).get("sha256")
        right = [data for data in contents if hashlib.sha256(data).hexdigest() == wanted] or contents
        if len(right) != 1:
            text = f"{len(right)} different files for {path} inside, and no known checksum tells which is meant"
            raise FetchError(BAD_INPUT, f"{self.web.address(job.url)}: {text}")
        part = Part(self.place(path), job.url)
        part.cut(0)
        with part.open() as file:
            part.append(file, right[0])
        self.settle(job, path, part)

    # ---- items ----

    def note(self, error):
        say(str(error))
        self.errors.append(error)

    def fetch_item(self, item, languages, words):
        convert = item.get("convert")
        folder = self.place(convert["to"] if convert else item["to"])
        if convert and all(os.path.isfile(os.path.join(folder, name)) for name in ("config.json", "model.safetensors")):
            print(f"{item['name']}: there already, in {folder}")
            return
        print(f"{item['name']}: {item['size']}, licence: {item['licence']}", flush=True)
        before, self.fetched, self.there = len(self.errors), 0, 0
        try:
            for job in jobs_of(item, languages, words):
                try:
                    (self.fetch_archive if job.members else self.fetch)(job)
                except FetchError as error:
                    self.note(error)
                    if error.stop:
                        raise
        finally:
            Progress.clear()
            self.lock.save()
        if convert and len(self.errors) == before:
            self.convert(convert)
        failed = f", {len(self.errors) - before} failed" if len(self.errors) > before else ""
        counts = f"{self.fetched} file{'s' if self.fetched != 1 else ''} fetched, {self.there} there already{failed}"
        print(f"{item['name']}: {counts}; in {folder}", flush=True)

    def convert(self, convert):
        source, target = self.place(convert["from"]), self.place(convert["to"])
        make_folder(os.path.dirname(target))
        command = [sys.executable, os.path.join(TOOLS, "convert-checkpoint"), source, target]
        result = subprocess.run(command, stdout=subprocess.DEVNULL)
        if result.returncode:
            self.note(FetchError(result.returncode, f"{source} could not be converted (message above)"))
        else:
            say(f"{source} is no longer needed: {target} was made from it")
