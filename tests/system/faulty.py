# SPDX-License-Identifier: BSD-2-Clause
"""A server whose calls fail, what it is asked meanwhile, and what is right."""

import os
import re
import signal
import subprocess
from typing import NamedTuple

import guarded
from client import Connection, head
from faults import MASTER, NEVER, OTHERS, FaultPage, difference, points
from server import SANITIZER, Server, is_alive, open_files, wait_for

POINT_S = 10


class Ended(Exception):
    """The connection is over before the answer was."""


class Client(Connection):
    """One to whom the end of a connection is not an error of its own."""

    def __init__(self, address):
        try:
            super().__init__(address, timeout_s=POINT_S)
        except ConnectionError as err:
            raise Ended from err

    def send(self, data):
        try:
            super().send(data)
        except OSError:
            pass  # what came before it may still be there to read

    def receive(self):
        try:
            more = super().receive()
        except ConnectionError as err:
            raise Ended from err
        if not more:
            raise Ended
        return True


class Exchange(NamedTuple):
    """Requests sent at once on a connection, and the answers they get."""

    name: str
    requests: list  # of (method, bytes)

    def run(self, address):
        """The answers until the connection ended; (status, body) of each."""
        got = []
        try:
            with Client(address) as client:
                client.send(b"".join(data for _, data in self.requests))
                for method, _ in self.requests:
                    response = client.response(method)
                    got.append((response.status, response.body,
                                response["Content-Range"],
                                response["Content-Encoding"]))
        except Ended:
            pass
        return got


def get(target, *lines, method="GET", body=b"", **kwargs):
    return method, head(method, target, *lines, **kwargs) + body


def make_tree(root):
    """What the exchanges ask for, beside the sample site."""
    (root / "big.bin").write_bytes(bytes(range(256)) * 6000)
    (root / "page.css").write_bytes(b"p { color: green }\n" * 40)
    (root / "page.css.gz").write_bytes(b"\x1f\x8b pretends to be gzip")
    (root / "oops.html").write_bytes(b"<!doctype html><p>nothing here\n")
    (root / "private").mkdir()
    (root / "private/a.txt").write_bytes(b"for alice\n")
    for i in range(40):
        (root / "bare" / f"file-{i:02}.txt").write_bytes(b"x" * i)


def exchanges():
    alice = guarded.basic("alice", "wonder")
    return [
        Exchange("kept", [get("/hello.txt"), get("/hello.txt"),
                          get("/", method="HEAD"), get("/docs/")]),
        Exchange("file", [get("/big.bin"), get("/digits.bin")]),
        Exchange("range", [get("/big.bin", "Range: bytes=100000-900000"),
                           get("/big.bin", "Range: bytes=0-9,500-509")]),
        Exchange("coded", [get("/page.css", "Accept-Encoding: gzip")]),
        Exchange("missing", [get("/none"), get("/docs")]),
        Exchange("listing", [get("/bare/"), get("/bare/?format=json")]),
        Exchange("body", [get("/", "Content-Length: 5", method="POST",
                              body=b"bytes"), get("/link-inside.txt")]),
        Exchange("guarded", [get("/private/a.txt", alice),
                             get("/private/a.txt", alice)]),
        Exchange("refused", [get("/private/a.txt")]),
        Exchange("site", [get("/hello.txt", host="two.example")]),
        Exchange("bad", [get("/", "Bad Name: x")]),
    ]


def same_or_less(exchange, want, got):
    """
    Asserts that each answer is the right one, or says that there was trouble;
    the connection may end, and what it ends in is no whole answer.
    """
    for expected, answer in zip(want, got):
        if answer == expected or answer[0] >= 500:
            continue
        if exchange.name == "coded" and answer[0] == 200 and \
                answer[3] is None and answer[1] == b"p { color: green }\n" * 40:
            continue  # without the sidecar it is the file itself
        raise AssertionError(f"{exchange.name}: {str(answer)[:300]} "
                             f"instead of {str(expected)[:300]}")


def sections(scratch):
    """A configuration that uses as much as there is."""
    root = scratch / "root"
    address = ["127.0.0.1:0", f"unix:{scratch}/socket"]
    secrets = guarded.sections(scratch)
    guarded.write_secrets(scratch, "links", "web:a-key-to-sign-links-with-it")
    (scratch / "types").write_text("text/x-digits bin\n")
    return {
        "server": {"workers": 1, "allow_root": "yes", "health": "yes",
                   "pid_file": scratch / "tined.pid", "request_id": "new",
                   "mime_types": scratch / "types",
                   "trusted_proxies": ["127.0.0.9", "10.0.0.0/8"]},
        "listen": {"address": address},
        "limits": {"connections": 100},
        "timeouts": {"drain_grace": "10ms", "drain": "2s", "linger": "20ms"},
        "cache": {"files": 8, "small": "1k", "valid": "0"},
        "site": {"root": root, "listing": "on", "index": "index.html"},
        "site:two": {"root": root, "hosts": "two.example *.two.example",
                     "redirect_hosts": "www.two.example",
                     "maintenance": scratch / "closed",
                     "try": "$uri $uri.html $uri/", "canonical": "slash",
                     "manifest": "etag", "fallback": "/index.html"},
        "match:/docs/*": {"set": "X-One: 1", "append": "Link: </a>; rel=next",
                          "cache": "1h", "security": "basic",
                          "cors": "https://app.example.com"},
        "match:*.css": {"type": "text/css", "cache": "hashed"},
        "match:two /x/*": {"allow": "127.0.0.0/8", "deny": "all"},
        "match:/private/*": {"auth": "staff", "roles": "people"},
        "auth:staff": {**secrets["auth:staff"], "url_keys": scratch / "links"},
        "role:people": {"users": "alice bob"},
        "redirect": {"/old/*": "/docs/* 302", "/gone": "410"},
        "rewrite:two": {"/latest/*": "/docs/*"},
        "error_pages": {"404": "/oops.html"},
        "mime": {"abc": "text/x-abc"},
        "access_log": {"path": scratch / "access.log", "flush": "20ms",
                       "format": "combined"},
        "access_log:two": {"path": scratch / "two.log", "format": "json"},
        "admin": {"address": f"unix:{scratch}/admin"},
    }


class Faulty:
    """A server under test, its page, and what is right for it."""

    def __init__(self, scratch, **more):
        self.page = FaultPage(scratch / "fault")
        make_tree(scratch / "root")
        self.server = Server(scratch, **{**sections(scratch), **more})
        self.server.environment = self.page.environment()
        self.exchanges = exchanges()
        self.want = None
        self.files = {}
        self.number = 0
        self.make_manifest()

    def make_manifest(self):
        done = self.server.command("manifest", self.server.root)
        assert done.returncode == 0, done.stderr

    def start(self):
        self.page.reset()
        self.server.start(ports=2)

    def ask(self, exchange):
        return exchange.run(self.server.address)

    def learn(self):
        """What is right, and how many descriptors that takes."""
        for _ in range(3):
            self.want = {exchange.name: self.ask(exchange)
                         for exchange in self.exchanges}
        for exchange in self.exchanges:
            assert len(self.want[exchange.name]) == len(exchange.requests), \
                exchange
        self.files = {pid: open_files(pid) for pid in self.pids()}

    def pids(self):
        return [self.server.pid, *self.server.workers()]

    def check_exact(self, exchange):
        got, want = self.ask(exchange), self.want[exchange.name]
        assert got == want, f"afterwards {exchange.name}: {str(got)[:500]}"

    def wait_exact(self, name):
        exchange = next(e for e in self.exchanges if e.name == name)
        wait_for(lambda: self.ask(exchange) == self.want[name],
                 f"the right answers: {name}", 5)

    def check_files(self):
        """No descriptor stays behind."""
        for pid, n in self.files.items():
            wait_for(lambda: open_files(pid) <= n,
                     f"{n} descriptors of {pid}, not {open_files(pid)}", 3)

    def check_lent(self):
        with Connection(f"{self.server.scratch}/admin") as conn:
            text = conn.request("GET", "/status.json").body
        assert b'"lent_buffers": 2' in text or b'"lent_buffers":2' in text, text

    def serve_point(self, exchange, point):
        """The point while the server answers; True when it came to pass."""
        self.page.arm(point)
        got = self.ask(exchange)
        self.page.disarm()
        failed = self.page.failed
        same_or_less(exchange, self.want[exchange.name], got)
        assert self.pids() == list(self.files), self.server.log()
        self.check_exact(exchange)
        self.check_files()
        return failed > 0

    def serve_points(self, exchange):
        """What there is to try while this exchange is answered."""
        before = self.page.seen(OTHERS)
        self.check_exact(exchange)
        wait_for(lambda: "write" in difference(self.page.seen(OTHERS), before),
                 "a line in the log")
        return points(difference(self.page.seen(OTHERS), before), OTHERS)

    def start_points(self):
        """What there is to try from the start of a server to its end."""
        self.start_point(NEVER)
        return [point for who in (MASTER, OTHERS)
                for point in points(self.page.seen(who), who)]

    def reload_points(self):
        """The same of a reload, until the old worker has gone."""
        before = {who: self.page.seen(who) for who in (MASTER, OTHERS)}
        self.reload_point(NEVER)
        return [point for who, seen in before.items() for point in
                points(difference(self.page.seen(who), seen), who)]

    def command(self, name):
        """A command that ends by itself."""
        return self.server.command(
            *(arg.format(ini=self.server.ini) for arg in name.split()))

    def command_points(self, name):
        """The same of a command."""
        self.page.reset()
        self.command(name)
        return points(self.page.seen(MASTER), MASTER)

    def command_point(self, name, point):
        """A command says what is right, or why not."""
        if name not in self.want:
            self.want[name] = self.command(name)
            assert self.want[name].returncode == 0, self.want[name]
        self.page.reset()
        self.page.arm(point)
        done = self.command(name)
        said = done.stdout + done.stderr
        assert not SANITIZER.search(said), said
        assert done.returncode in (0, 1), f"{done.returncode}: {said}"
        if done.returncode == 0:
            # What explains may say what it stumbled over.
            assert (done.stdout == self.want[name].stdout
                    or "explain" in name
                    and (os.strerror(point.error) in done.stdout
                         or "no memory" in done.stdout
                         or "HTTP/1.1 50" in done.stdout)), said
        else:
            assert done.stderr, "failed without a word"
        return self.page.failed > 0

    def serves(self):
        """True when it answers, None when it has ended."""
        try:
            with Client(f"{self.server.scratch}/socket") as client:
                client.send(head("GET", "/healthz"))
                return client.response().status == 200
        except (Ended, FileNotFoundError):
            return False

    def start_point(self, point):
        """
        A start with that point: it is refused with a clear word, or serves
        what is right.  Returns whether it came to pass.
        """
        server = self.server
        for name in ("socket", "admin", "tined.pid", "tined.log"):
            (server.scratch / name).unlink(missing_ok=True)
        self.page.reset()
        self.page.arm(point)
        with open(server.log_path, "ab") as log:
            server.process = subprocess.Popen(
                [server.binary, "-c", server.ini], cwd=server.scratch,
                env=server.full_environment(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        server.pid = server.process.pid
        wait_for(lambda: server.process.poll() is not None or self.serves(),
                 "that it serves or gives up", 15)
        failed = self.page.failed
        self.page.disarm()
        status = server.process.poll()
        if status is None:
            server.addresses = [f"{server.scratch}/socket"]
            self.check_exact(self.exchanges[0])
            # A verifier that did not come to be is followed by another.
            self.wait_exact("guarded")
            server.send_signal(signal.SIGTERM)
            assert server.wait_end() == 0, f"at its end: {server.log()}"
        else:
            assert status == 1, f"status {status}: {server.log()}"
            assert re.search("error|tined: ", server.log()), server.log()
        assert not SANITIZER.search(server.log()), server.log()
        return failed > 0

    def tell(self, word):
        """By a program whose calls do not fail."""
        return subprocess.run(
            [self.server.binary, "-c", self.server.ini, "-s", word],
            capture_output=True, text=True, check=False, timeout=30)

    def reload(self):
        """Another configuration; what tined -s reload says, and whether."""
        self.number += 1
        match = self.server.sections["match:/docs/*"]
        self.server.configure(**{"match:/docs/*": {
            **match, "set": f"X-One: {self.number}"}})
        done = self.tell("reload")
        return done.returncode == 0, done.stderr + done.stdout

    def reopen_point(self, point):
        """New logs with that point.  Returns whether it came to pass."""
        self.page.arm(point)
        done = self.tell("reopen")
        self.page.disarm()
        failed = self.page.failed
        assert done.returncode == 0 or done.stderr, "failed without a word"
        assert self.pids() == list(self.files), self.server.log()
        self.check_exact(self.exchanges[0])
        self.check_files()
        return failed > 0

    def reopen_points(self):
        before = {who: self.page.seen(who) for who in (MASTER, OTHERS)}
        self.reopen_point(NEVER)
        return [point for who, seen in before.items() for point in
                points(difference(self.page.seen(who), seen), who)]

    def in_force(self):
        with Connection(self.server.address) as conn:
            return int(conn.request("GET", "/docs/page.html")["X-One"])

    def reload_point(self, point):
        """
        A reload with that point: what it says is true.  Returns whether it
        came to pass.
        """
        old = self.in_force()
        self.page.arm(point)
        ok, text = self.reload()
        self.page.disarm()
        failed = self.page.failed
        wait_for(lambda: len(self.server.workers()) == len(self.files) - 1,
                 "as many processes as before", 10)
        now = self.in_force()
        if ok:
            assert now == self.number, f"said ok: {text}"
        elif "without an answer" in text:
            assert now in (old, self.number)
        else:
            assert text, "failed without a word"
            assert now == old, f"said {text}, and serves the new one"
        assert is_alive(self.server.pid), self.server.log()
        for exchange in self.exchanges[:1]:
            self.check_exact(exchange)
        n = self.files[self.server.pid]
        wait_for(lambda: open_files(self.server.pid) <= n,
                 f"{n} descriptors of the master", 3)
        return failed > 0
