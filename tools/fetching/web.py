"""Requests: redirects, certificates, retries, and replies that may go on where an earlier one ended."""

import http.client
import re
import ssl
import time
import urllib.error
import urllib.request

from .trouble import BAD_INPUT, FetchError, MISSING_INPUT, Retry, TEMPORARY, quantity, say

CHUNK = 1 << 18
PASSING = {408, 425, 429, 500, 502, 503, 504}
LONGEST_WAIT = 60


class Redirects(urllib.request.HTTPRedirectHandler):
    """Keeps the headers of every hop: the hub tells a file's checksum in its redirection, not in the last answer."""

    def __init__(self):
        self.hops = []

    def redirect_request(self, request, file, code, message, headers, address):
        if request.full_url.startswith("https:") and not address.startswith("https:"):
            raise FetchError(BAD_INPUT, f"{request.full_url}: redirected to {address}, which is not https: refused")
        self.hops.append(headers)
        # Python before 3.11 does not know 308, which is 307 for good.
        return super().redirect_request(request, file, 307 if code == 308 else code, message, headers, address)

    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302


class SecureHandler(urllib.request.HTTPSHandler):
    """Reads the system's certificates at the first https address, and once: it takes longer than a small file."""

    def __init__(self):
        urllib.request.AbstractHTTPHandler.__init__(self)
        self.trusted = None

    def https_open(self, request):
        if self.trusted is None:
            self.trusted = ssl.create_default_context()
            self.trusted.set_alpn_protocols(["http/1.1"])
        return self.do_open(http.client.HTTPSConnection, request, context=self.trusted)


class Reply:
    """An answer: its body, and what its headers say of the whole file."""

    def __init__(self, response, hops):
        self.response, self.headers = response, response.headers
        self.status = response.status
        etag = self.headers.get("ETag", "")
        # Weak tags say "about the same", which is not enough to join two halves.
        self.validator = etag if etag and not etag.startswith("W/") else self.headers.get("Last-Modified", "")
        self.start, self.total = 0, None
        match = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", self.headers.get("Content-Range", ""))
        if match:
            self.start = int(match[1]) if match[1] else None
            self.total = int(match[2]) if match[2] != "*" else None
        elif (self.headers.get("Content-Length") or "").isdigit():
            self.total = int(self.headers["Content-Length"])
        every = [*hops, self.headers]
        tags = [(h.get("X-Linked-ETag") or "").strip('"').removeprefix('W/"') for h in every]
        plain = [(h.get("ETag") or "").removeprefix("W/").strip('"') for h in every]
        self.hub_sha256 = next((tag for tag in tags if re.fullmatch("[0-9a-f]{64}", tag)), None)
        self.hub_git = next((tag for tag in tags + plain if re.fullmatch("[0-9a-f]{40}", tag)), None)

    def chunks(self, position):
        """The body from `position` of the file on, as it arrives and never more than was announced."""
        while self.total is None or position < self.total:
            wanted = CHUNK if self.total is None else min(CHUNK, self.total - position)
            try:
                chunk = self.response.read1(wanted)
            except (OSError, http.client.HTTPException) as error:
                reason = error or type(error).__name__
                raise Retry(f"the connection broke after {quantity(position)} ({reason})") from error
            if not chunk:
                break
            position += len(chunk)
            yield chunk
        if self.total is not None and position < self.total:
            raise Retry(f"the connection ended after {quantity(position)} of {quantity(self.total)}")


class Web:
    def __init__(self, base_url, timeout, retries, delay):
        self.base_url, self.timeout, self.retries, self.delay = base_url.rstrip("/"), timeout, retries, delay
        self.https = SecureHandler()

    def address(self, url):
        """Under a base address every original host is a folder."""
        return f"{self.base_url}/{url.removeprefix('https://')}" if self.base_url else url

    def open(self, url, offset=0, validator=""):
        headers = {"User-Agent": "polylex-fetch", "Accept-Encoding": "identity"}
        if offset:
            headers |= {"Range": f"bytes={offset}-", "If-Range": validator}
        redirects, address = Redirects(), self.address(url)
        opener = urllib.request.build_opener(redirects, self.https)
        try:
            response = opener.open(urllib.request.Request(address, headers=headers), timeout=self.timeout)
        except urllib.error.HTTPError as error:
            if error.code == 416 and offset:
                return Reply(error, redirects.hops)
            with error:
                raise self.refusal(address, error) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                text = f"{address}: the server's certificate is not trusted ({reason})"
                raise FetchError(TEMPORARY, text, stop=True) from error
            raise Retry(f"no connection ({reason or type(error).__name__})") from error
        if response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            coding = response.headers["Content-Encoding"]
            raise FetchError(BAD_INPUT, f"{address}: sent as {coding}, which was not asked for")
        return Reply(response, redirects.hops)

    def refusal(self, address, error):
        text = f"the server answered {error.code} {error.reason}"
        if error.code in PASSING:
            after = error.headers.get("Retry-After", "")
            return Retry(text, min(int(after), LONGEST_WAIT) if after.isdigit() else 0)
        if error.code in (401, 403):
            return FetchError(MISSING_INPUT, f"{address}: {text}; is it still public?")
        if error.code in (404, 410):
            return FetchError(MISSING_INPUT, f"{address}: {text}; it has been moved or removed, see docs/fetch.md")
        return FetchError(BAD_INPUT, f"{address}: {text}")

    def persist(self, url, attempt, reached):
        """Repeats `attempt` while it is interrupted; one that got further than ever before starts the count anew."""
        best, failures = reached(), 0
        while True:
            try:
                return attempt()
            except Retry as trouble:
                if reached() > best:
                    best, failures = reached(), 0
                failures += 1
                if failures > self.retries:
                    raise FetchError(
                        TEMPORARY, f"{self.address(url)}: {trouble}; gave up after {failures} attempts that brought "
                        "nothing new. What has arrived is kept: the same command goes on", stop=True) from trouble
                wait = max(trouble.wait, min(self.delay * 2 ** (failures - 1), LONGEST_WAIT))
                say(f"{self.address(url)}: {trouble}; again in {wait:g} s")
                time.sleep(wait)
