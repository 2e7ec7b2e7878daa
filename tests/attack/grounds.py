# SPDX-License-Identifier: BSD-2-Clause
"""A site with all that can be configured, and requests that use it.

What says SECRET must never be read: no request of the corpus has the right to,
and no mutation may get it.
"""

import base64
import hashlib
import hmac
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

from client import head

SECRET = b"SECRET-" * 30
SOMEBODY = 12345
IS_ROOT = os.geteuid() == 0
FUZZ = Path(__file__).resolve().parents[1] / "fuzz/corpus/request"


def noise(name, size):
    return random.Random(name).randbytes(size)


FILES = {
    "index.html": b"<!doctype html><title>home</title>\n",
    "empty.txt": b"", "small.txt": noise("small", 100),
    "page.html": noise("page", 5000), "page.html.gz": noise("gz", 700),
    "page.html.br": noise("br", 600), "memory.bin": noise("memory", 30_000),
    "open.bin": noise("open", 90_000), "a b/\u00fc.txt": b"umlaut\n",
    "docs/index.html": b"<!doctype html><title>docs</title>\n",
    "list/one.txt": b"one\n", "list/two <b>.txt": b"two\n",
    "list/sub/three.txt": b"three\n", "members/file.txt": b"for members\n",
    "robots/file.txt": b"for robots\n", "signed/file.txt": b"for holders\n",
    "errors/404.html": b"<title>nothing</title>\n", "v3/file.txt": b"v3\n",
    "near/file.txt": b"for those near\n", "app.html": b"<title>app</title>\n",
}
SECRETS = (
    ".hidden", "docs/.hidden", ".git/config", "staff/file.txt",
    "staff/index.html", "signed/secret.txt", "denied/file.txt",
    "list/.hidden", "list/staff/file.txt")
KEY = "links:0123456789abcdef0123456789abcdef"
API_KEY = "robot-0123456789abcdef"
FAR = 4_000_000_000  # when the links expire


def htpasswd(name, password):
    return subprocess.run(
        ["htpasswd", "-nbB", "-C", "4", name, password], check=True,
        capture_output=True, text=True, timeout=60).stdout.strip()


def write_keys(path, line):
    path.write_text(line + "\n")
    path.chmod(0o600)
    return path


def make_files(scratch):
    """The site below scratch/root, and beside it what must not be served."""
    root = scratch / "root"
    old = (1_000_000_000, 1_000_000_000)
    for names, content in ((FILES, None), (SECRETS, SECRET)):
        for name in names:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(FILES[name] if content is None else content)
            if not name.endswith((".gz", ".br")):
                os.utime(path, old)
    (scratch / "outside").mkdir()
    (scratch / "outside/file.txt").write_bytes(SECRET)
    if IS_ROOT:  # or symlinks = owner would let them be read
        for path in (scratch / "outside", scratch / "outside/file.txt"):
            os.chown(path, SOMEBODY, SOMEBODY)
    (root / "link-in").symlink_to("small.txt")
    (root / "link-out").symlink_to("../outside/file.txt")
    (root / "link-folder-out").symlink_to("../outside")
    (root / "link-loop").symlink_to("link-loop")
    os.mkfifo(root / "fifo")
    return root


def sections(scratch):
    """The configuration, to be given to Server()."""
    make_files(scratch)
    members = write_keys(scratch / "members", htpasswd("alice", "wonder"))
    staff = write_keys(scratch / "staff", htpasswd("root", os.urandom(9).hex()))
    return {
        "server": {"workers": 2, "trusted_proxies": "127.0.0.1",
                   "request_id": "accept", "health": "yes"},
        "listen": {"address": "127.0.0.1:0"},
        "listen:proxy": {"address": "127.0.0.1:0",
                         "proxy_protocol": "require"},
        "limits": {"connections": 400},
        "timeouts": {"first_byte": "5s", "head": "5s", "body": "5s",
                     "send": "5s", "linger": "1s"},
        "site": {"root": scratch / "root", "listing": "on",
                 "hosts": ["localhost", "a.example"],
                 "redirect_hosts": "www.example",
                 "try": "$uri $uri.html $uri/"},
        "site:other": {"root": scratch / "root", "hosts": "*.other.example",
                       "symlinks": "owner" if IS_ROOT else "within",
                       "canonical": "extensionless",
                       "try": "$uri $uri.html $uri/",
                       "fallback": "/app.html"},
        "site:closed": {"root": scratch / "root", "hosts": "closed.example",
                        "maintenance": "on"},
        "auth:members": {"htpasswd": members},
        "auth:robots": {"api_keys": write_keys(
            scratch / "keys", f"robot:{API_KEY}")},
        "auth:links": {"url_keys": write_keys(scratch / "links", KEY)},
        "auth:staff": {"htpasswd": staff},
        "match:*": {"cors": "https://app.example", "security": "basic",
                    "cors_credentials": "yes", "cache": "1h"},
        "match:/members/*": {"auth": "members"},
        "match:/robots/*": {"auth": "robots"},
        "match:/signed/*": {"auth": "links"},
        "match:*/staff/*": {"auth": "staff"},
        "match:/denied/*": {"allow": "2001:db8:dead::beef"},
        "match:/near/*": {"allow": "192.0.2.0/24", "deny": "192.0.2.9"},
        "redirect": {"/old/*": "/docs/* 301", "/gone": "410",
                     "/away/*": "https://away.example/* 302"},
        "rewrite": {"/latest/*": "/v3/*"},
        "error_pages": {"404": "/errors/404.html"},
        "access_log": {"format": "combined"},
        "access_log:other": {"path": scratch / "other.log", "format": "json"},
        "admin": {"address": f"unix:{scratch}/admin"},
    }


def sign(path):
    text = f"{path}?expires={FAR}".encode()
    digest = hmac.new(KEY.partition(":")[2].encode(), text, hashlib.sha256)
    text = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
    return f"{path}?expires={FAR}&signature={text}"


def proxy_headers():
    """Headers of the PROXY protocol, both versions."""
    v2 = b"\r\n\r\n\0\r\nQUIT\n"
    block = bytes([192, 0, 2, 7, 192, 0, 2, 8]) + struct.pack("!HH", 1234, 80)
    return [b"PROXY TCP4 192.0.2.7 192.0.2.8 1234 80\r\n",
            b"PROXY TCP6 2001:db8::1 2001:db8::2 1234 80\r\n",
            b"PROXY UNKNOWN\r\n",
            v2 + struct.pack("!BBH", 0x21, 0x11, len(block)) + block,
            v2 + struct.pack("!BBH", 0x21, 0x11, len(block) + 7) + block
            + b"\x04\0\x04abcd",
            v2 + struct.pack("!BBH", 0x20, 0, 0)]


def basic(name, password):
    text = base64.b64encode(f"{name}:{password}".encode()).decode()
    return f"Authorization: Basic {text}"


def chunked(*pieces, end=b"0\r\n\r\n"):
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
                    for piece in pieces) + end


def corpus():
    """Requests of every kind; all but those of the fuzzer are good ones."""
    gets = [head("GET", "/" + name.replace(" ", "%20").replace("<", "%3C")
                 .replace("\u00fc", "%C3%BC")) for name in FILES]
    gets += [head("GET", "/" + name) for name in SECRETS]
    gets += [head(method, target, "User-Agent: corpus", "Accept: */*")
             for method in ("GET", "HEAD", "OPTIONS") for target in (
                 "/", "/docs", "/docs/", "/list/", "/list/?C=S;O=D", "/page",
                 "/link-in", "/link-out", "/link-folder-out/file.txt",
                 "/link-loop", "/fifo", "/old/x", "/gone", "/away/x",
                 "/latest/file.txt", "/missing", "/healthz", "/readyz",
                 "/docs/../small.txt", "/%2e%2e/outside/file.txt",
                 sign("/signed/file.txt"), sign("/signed/none.txt"))]
    ranges = ("0-0", "-5", "5-", "0-9,20-29", "0-,0-,0-", "99999999-", "9-1",
              "-0", "0-18446744073709551615")
    gets += [head("GET", "/memory.bin", f"Range: bytes={text}")
             for text in ranges]
    fields = (
        "If-None-Match: *", 'If-None-Match: W/"a", "b"', 'If-Match: "a"',
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "If-Unmodified-Since: Sunday, 06-Nov-94 08:49:37 GMT",
        "Accept-Encoding: br;q=1.0, gzip;q=0.5, *;q=0",
        "Connection: close", "Connection: keep-alive, Upgrade",
        "Origin: https://app.example", "X-Forwarded-For: 192.0.2.7, ::1",
        "X-Request-Id: abc-1", "Cookie: a=b; c=d", "Referer: http://r/",
        "Expect: 100-continue")
    gets += [head("GET", "/page.html", line) for line in fields]
    gets += [head("GET", "/page", line, host="b.other.example")
             for line in fields[:8]]
    gets += [head("GET", "/x", host=host) for host in (
        "www.example", "closed.example", "b.other.example", "[::1]:80",
        "127.0.0.1")]
    gets += [head("GET", "http://a.example/small.txt"),
             head("GET", "/small.txt", version="1.0", host=None),
             head("OPTIONS", "*"),
             head("OPTIONS", "/", "Origin: https://app.example",
                  "Access-Control-Request-Method: GET"),
             head("GET", "/members/file.txt", basic("alice", "wonder")),
             head("GET", "/members/file.txt", basic("alice", "blunder")),
             head("GET", "/robots/file.txt",
                  f"Authorization: Bearer {API_KEY}"),
             head("GET", "/staff/file.txt", basic("alice", "wonder")),
             head("GET", "/near/file.txt", "X-Forwarded-For: 192.0.2.7"),
             head("GET", "/near/file.txt", "X-Forwarded-For: 192.0.2.9"),
             head("GET", "/denied/file.txt", "X-Forwarded-For: 192.0.2.7")]
    inner = head("GET", "/staff/file.txt")
    bodies = [head("POST", "/small.txt", "Transfer-Encoding: chunked")
              + chunked(inner, b"x" * 300),
              head("GET", "/small.txt", "Transfer-Encoding: chunked")
              + chunked(inner, end=b"0\r\nTrailer: x\r\n\r\n"),
              head("GET", "/small.txt", f"Content-Length: {len(inner)}")
              + inner,
              head("PUT", "/small.txt", "Content-Length: 5") + b"hello"]
    return gets * 4 + bodies * 10 + [path.read_bytes()
                                for path in sorted(FUZZ.iterdir())]


if __name__ == "__main__":
    sys.stdout.buffer.write(b"\n".join(corpus()))
