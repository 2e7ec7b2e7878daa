# SPDX-License-Identifier: BSD-2-Clause
"""The forms of a line of the access log: codes, JSON, and what is no form."""

import json
import os
import re
import socket
import struct
import time
from datetime import datetime, timezone

import pytest

from client import Connection, cases, head
from server import SOURCE, wait_for

# As many bytes as a pipe takes in one piece.
LINE_MAX = 4096

FIELDS = (
    'Referer: http://a/?q="x"', "User-Agent: curl/8 (\\)",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "X-Empty:", "Cookie: a=b")


def logged(server, format_, data, count=1):
    """The lines of requests, sent as they are, in a format."""
    server.configure(access_log={"format": format_})
    server.start()
    with server.connect() as conn:
        conn.send(data)
        conn.half_close()
        conn.rest()
    return server.access_lines(count)


@cases(
    "format_, line",
    ("%h", "%h", "127.0.0.1"),
    ("%a", "%a", "127.0.0.1"),
    ("%l and %u", "%l %u %m", "- - GET"),
    ("%t", "%t", r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]"),
    ("%{rfc3339}t", "%{rfc3339}t",
     r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    ("%{sec}t", "%{sec}t", r"\d{10}"),
    ("%{msec}t", "%{msec}t", r"\d{13}"),
    ("%r", "%r", re.escape("GET /docs/page%2ehtml?q=1&r HTTP/1.1")),
    ("%s", "%s %>s", "200 200"),
    ("%b", "%b %B", "35 35"),
    ("%O", "%O", r"\d{3}"),
    ("%D", "%D", r"\d+"),
    ("%T", "%T %{s}T %{ms}T", r"0 0 \d+"),
    ("%m", "%m", "GET"),
    ("%U", "%U", re.escape("/docs/page%2ehtml")),
    ("%q", "%q", re.escape("?q=1&r")),
    ("%H", "%H", re.escape("HTTP/1.1")),
    ("%v", "%v", "main"),
    ("%V", "%V", "localhost"),
    ("%k", "%k", "0"),
    ("%X", "%X", re.escape("+")),
    ("%%", "100%% %m", "100% GET"),
    ("a field we read", "%{user-agent}i", re.escape(r"curl/8 (\\)")),
    ("a field we do not read", "%{Traceparent}i", r"00-4bf9\w+-\w+-01"),
    ("an empty field", "<%{X-Empty}i>", "<>"),
    ("an absent field", "%{X-Absent}i", "-"),
    ("%{ttfb}x", "%{ttfb}x", r"\d+"),
    ("%{variant}x", "%{variant}x", "identity"),
    ("%{cache}x", "%{cache}x", "miss"),
    ("%{verdict}x", "%{verdict}x", "ok"),
    ("%{request_id}x", "%{request_id}x", "-"),
    ("%{worker}x", "%{worker}x", "0"),
    ("%{generation}x", "%{generation}x", "1"),
    ("a tab", "%m\\t%s", "GET\t200"),
    ("quotes as in Apache's files", '\\"%r\\" %s',
     re.escape('"GET /docs/page%2ehtml?q=1&r HTTP/1.1" 200')),
)
def test_every_code(make_server, format_, line):
    server = make_server(**{
        "site": None, "site:main": None, "server": {"workers": 1}})
    server.configure(**{"site:main": {"root": server.root}})
    data = head("GET", "/docs/page%2ehtml?q=1&r", *FIELDS)

    said, = logged(server, format_, data)

    assert re.fullmatch(line, said), said


def test_what_the_process_and_the_socket_know(make_server):
    server = make_server()
    said, = logged(server, "%P %p %k", head("GET", "/"))

    assert said == f"{server.workers()[0]} {server.port} 0"


def test_requests_of_one_connection(make_server):
    server = make_server()
    lines = logged(server, "%k %X %{cache}x %s", b"".join([
        head("GET", "/hello.txt"), head("GET", "/hello.txt"),
        head("GET", "/nowhere"), head("POST", "/"),
        head("GET", "/hello.txt", "Connection: close")]), 5)

    assert lines == ["0 + miss 200", "1 + hit 200", "2 + miss 404",
                     "3 + - 405", "4 - hit 200"]


def test_bytes_sent_are_those_that_came(make_server):
    server = make_server()
    server.configure(access_log={"format": "%O %B %b"})
    server.start()
    sizes = []
    for method in ("GET", "HEAD"):
        with server.connect() as conn:
            conn.send(head(method, "/digits.bin", "Connection: close"))
            sizes.append(len(conn.rest()))

    assert server.access_lines(2) == [
        f"{sizes[0]} 1000 1000", f"{sizes[1]} 0 -"]


def test_the_variant_is_the_coding(make_server):
    server = make_server()
    (server.root / "hello.txt.gz").write_bytes(b"not looked into")
    lines = logged(server, "%{variant}x", b"".join([
        head("GET", "/hello.txt", "Accept-Encoding: gzip"),
        head("GET", "/hello.txt"), head("GET", "/nowhere")]), 3)

    assert lines == ["gzip", "identity", "-"]


def test_times_are_those_of_the_request(make_server):
    """A client that reads late: the last byte leaves late, the first soon."""
    server = make_server()
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(8 << 20)
    server.configure(access_log={"format": "%D %{ttfb}x %{ms}T %T"})
    server.start()
    with server.connect(rcvbuf=16384) as conn:
        conn.send(head("GET", "/large.bin"))
        conn.response_head()
        begin = time.monotonic()
        wait_for(lambda: time.monotonic() > begin + 0.3, "a while")
        conn.discard(8 << 20)

    line, = server.access_lines(1)
    took_us, first_us, took_ms, took_s = map(int, line.split())
    assert 300_000 <= took_us < 20_000_000
    assert first_us < took_us
    assert took_ms == took_us // 1000 and took_s == took_us // 1_000_000


def test_a_client_that_hangs_up_is_marked(make_server):
    server = make_server()
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    server.configure(access_log={"format": "%X %s %B"})
    server.start()
    with server.connect(rcvbuf=16384) as conn:
        conn.send(head("GET", "/large.bin"))
        conn.response_head()
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))

    end, status, size = server.access_lines(1)[0].split()
    assert (end, status) == ("X", "200")
    assert int(size) < 64 << 20


@cases(
    "data, want",
    ("garbage", b"\x01\r\n\r\n", "400 - - bad_request_line -"),
    ("no Host", head("GET", "/hello.txt", host=None),
     "400 GET /hello.txt missing_host HTTP/1.1"),
    ("a bad path", head("GET", "/%zz"), "400 GET /%zz bad_path HTTP/1.1"),
    ("no method we know", head("BREW", "/"),
     "501 BREW / unknown_method HTTP/1.1"),
    ("no method we allow", head("DELETE", "/a"),
     "405 DELETE /a ok HTTP/1.1"),
    ("every host", head("OPTIONS", "*"), "204 OPTIONS - ok HTTP/1.1"),
    ("an old version", head("GET", "/", version="1.0"),
     "200 GET / ok HTTP/1.0"),
    ("a body that is too large",
     head("POST", "/", "Content-Length: 99999999"),
     "413 POST / body_too_large HTTP/1.1"),
    ("an absolute target", head("GET", "http://localhost/hello.txt"),
     "200 GET /hello.txt ok HTTP/1.1"),
)
def test_refusals(make_server, data, want):
    server = make_server()

    assert logged(server, "%s %m %U %{verdict}x %H", data) == [want]


def test_a_head_that_moved_in_the_buffer_is_logged_as_it_is(make_server):
    """Requests that fill the buffer to the last byte, and then silence."""
    server = make_server(timeouts={"head": "300ms"},
                         access_log={"format": "%s %r"})
    server.start()
    buffer = 16 * 1024 + 4096
    last = b"GET /the-last-one HTTP/1.1\r\nHost: a\r\nX: "
    filler = head("GET", "/hello.txt", "A: " + "b" * 900)
    data = filler * ((buffer - len(last)) // len(filler))
    data += last.ljust(buffer - len(data), b"x")
    assert len(data) == buffer
    with server.connect() as conn:
        conn.send(data)
        assert conn.rest().count(b"HTTP/1.1 ") > 1
    lines = server.access_lines(data.count(b"HTTP/1.1"))

    assert lines[-1] == "408 GET /the-last-one HTTP/1.1"
    assert set(lines[:-1]) == {"200 GET /hello.txt HTTP/1.1"}


JSON_FIELDS = {
    "time": str, "client": str, "site": (str, type(None)), "host": str,
    "line": str, "method": str, "path": str, "query": (str, type(None)),
    "protocol": str, "status": int, "body_bytes": int, "sent_bytes": int,
    "duration_us": int, "ttfb_us": int, "referer": (str, type(None)),
    "user_agent": (str, type(None)), "variant": (str, type(None)),
    "cache": (str, type(None)), "verdict": str,
    "user": type(None), "request_id": (str, type(None)), "worker": int,
    "pid": int,
}


def test_json_of_a_request(make_server):
    server = make_server(server={"request_id": "new"})
    before = datetime.now(timezone.utc).timestamp()
    line, = logged(server, "json", head(
        "GET", "/docs/page.html?a=b", *FIELDS))

    said = json.loads(line)
    assert list(said) == list(JSON_FIELDS)
    for name, kind in JSON_FIELDS.items():
        assert isinstance(said[name], kind), (name, said[name])
    when = datetime.strptime(said["time"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert before - 2 <= when.timestamp() <= before + 10
    assert re.fullmatch(r"[0-9a-f]{32}", said["request_id"])
    assert said["pid"] == server.workers()[0]
    del said["time"], said["sent_bytes"], said["pid"], said["request_id"]
    assert 0 <= said.pop("ttfb_us") <= said.pop("duration_us")
    assert said == {
        "client": "127.0.0.1", "site": None, "host": "localhost",
        "line": "GET /docs/page.html?a=b HTTP/1.1", "method": "GET",
        "path": "/docs/page.html", "query": "?a=b", "protocol": "HTTP/1.1",
        "status": 200, "body_bytes": 35, "referer": 'http://a/?q="x"',
        "user_agent": "curl/8 (\\)", "variant": "identity", "cache": "miss", "user": None,
        "verdict": "ok", "worker": 0,
    }


FORGED = '{"time":"2000-01-01T00:00:00.000Z","status":200}'
HOSTILE = (
    b"GET /" + bytes(range(0x21, 0x7f)) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: \"}\\\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: \xff\xfe\xc3\xa9\t\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nReferer: \"\n" + FORGED.encode()
    + b"\r\n\r\n",
    b"GET /a\n" + FORGED.encode() + b"\n HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\x00\x01\x1b[2J\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
    bytes(range(1, 256)) + b"\r\n\r\n",
    b"\xff" * 3000 + b"\r\n\r\n",
    b"GET /" + b"\xff" * 7000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /" + b'"' * 8000 + b" HTTP/1.1\r\nHost: a\r\nReferer: "
    + b'"' * 3000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nReferer: " + b"\xff" * 6000
    + b"\r\nUser-Agent: " + b"\\" * 6000 + b"\r\n\r\n",
    b"BREW /\\u000a HTTP/9.9\r\n\r\n",
    b"\r\n\r\n",
    b'POST /a HTTP/1.1\r\nHost: "\r\nContent-Length: 1\r\n\r\nx',
    b"GET http://[::1]/%22%0a{} HTTP/1.1\r\nHost: a\r\n\r\n",
)


@pytest.mark.parametrize("format_", ["json", "combined"])
def test_hostile_requests_stay_in_their_line(make_server, format_):
    server = make_server(access_log={"format": format_})
    server.start()
    for data in HOSTILE:
        with Connection(server.address) as conn:
            conn.send(data)
            conn.half_close()
            conn.rest()
    server.request("GET", "/the-end")
    wait_for(lambda: "/the-end" in server.access_path.read_text(), "the end")
    text = server.access_path.read_bytes()

    assert text.count(b"\n") == len(HOSTILE) + 1
    assert all(byte == 10 or 32 <= byte < 127 for byte in text)
    for line in text.splitlines():
        assert len(line) < LINE_MAX
        if format_ == "json":
            said = json.loads(line)
            assert list(said) == list(JSON_FIELDS)
            assert said["time"] > "2025"
        else:
            assert line.startswith(b"127.0.0.1 - - [")
            assert len(re.findall(rb'(?<!\\)(?:\\\\)*"', line)) == 6


def test_json_keeps_what_was_sent(make_server):
    """Each byte comes back as the character with its number."""
    server = make_server()
    sent = bytes(b for b in range(0x20, 0x100) if b not in b" \x7f")
    line, = logged(server, "json", b"GET / HTTP/1.1\r\nHost: a\r\n"
                   b"User-Agent: a" + sent + b"\r\n\r\n")

    assert json.loads(line)["user_agent"] == "a" + sent.decode("latin-1")


@cases(
    "format_, piece, allowed",
    ("an unknown code", "%h %Z", "%Z", "%h"),
    ("an unknown name", "%{speed}x", "%{speed}x", "%{ttfb}x"),
    ("an unknown unit", "%{min}T", "%{min}T", "%{ms}T"),
    ("a code without its end", "%h %", "%", "%%"),
    ("a brace without its end", "%{Referer", "%{Referer", "%{NAME}i"),
    ("a bad name of a field", "%{a b}i", "%{a b}i", "%{NAME}i"),
    ("an unknown escape", "%h\\n", "\\\\n", "\\t for a tab"),
    ("a name that is none", "combine", "combine", "combined"),
    ("too many codes", "%h" * 65, "%h" * 65, "%h"),
)
def test_a_mistake_in_a_format_is_told(make_server, format_, piece, allowed):
    server = make_server(access_log={"format": format_})
    result = server.command("-t", "-c", server.ini)

    assert result.returncode == 1
    lines = server.ini.read_text().splitlines()
    number = 1 + lines.index(f"format = {format_}")
    place, _, text = result.stderr.partition(": ")
    assert place == f"{server.ini}:{number}"
    assert text.startswith(f'access_log.format: "{piece}": '), text
    assert allowed in text.partition("; allowed: ")[2], text


def test_every_code_is_in_the_manual(make_server):
    """And every code of the manual is one."""
    manual = (SOURCE / "man/tined.ini.5.in").read_text().replace("\\&", "")
    manual = manual.partition(".Ss Formats")[2].partition(".Ss JSON")[0]
    described = {word for line in manual.splitlines()
                 if line.startswith(".It Cm %")
                 for word in re.findall(r"%>?(?:\{\w+\})?[A-Za-z%]", line)}
    assert len(described) > 35

    def allowed(format_):
        server.configure(access_log={"format": format_})
        said = server.command("-t", "-c", server.ini).stderr
        return set(re.findall(r"%(?:\{[a-z_0-9]+\})?[A-Za-z%]",
                              said.partition("; allowed: ")[2]))
    server = make_server()
    known = allowed("%Z")
    for letter in "tTx":
        known |= allowed(f"%{{none}}{letter}")
    assert described - known == {"%>s"}
    assert known <= described | {"%i"}
    for code in described:
        server.configure(access_log={"format": code})
        assert server.command("-t", "-q", "-c", server.ini).stderr == ""


def test_a_reload_with_a_mistake_keeps_the_format(make_server):
    server = make_server(access_log={"format": "one %s"})
    server.start()
    server.expect_log("access_log.format", "reload failed")
    server.configure(access_log={"format": "two %Z"})
    os.kill(server.pid, 1)
    server.wait_log("reload failed")
    server.request("GET", "/hello.txt")

    assert server.access_lines(1) == ["one 200"]


def test_a_reload_changes_the_format(make_server):
    server = make_server(access_log={"format": "one %{generation}x"})
    server.start()
    server.request("GET", "/hello.txt")
    server.access_lines(1)
    server.configure(access_log={"format": "two %{generation}x"})
    os.kill(server.pid, 1)
    server.wait_log("reloaded, generation 2")
    server.request("GET", "/hello.txt")

    assert server.access_lines(2) == ["one 1", "two 2"]


def test_the_dump_can_be_read_again(make_server):
    server = make_server(access_log={
        "format": '%h "%r" %{a}i \\t 100%%', "skip": ["304", "/a/*"]})
    first = server.command("-T", "-c", server.ini)
    server.ini.write_text(first.stdout)
    second = server.command("-T", "-c", server.ini)

    def values(text):
        return [line.partition(" ;")[0] for line in text.splitlines()
                if not line.startswith(";")]
    assert 'format = %h "%r" %{a}i \\t 100%%' in values(first.stdout)
    assert values(first.stdout) == values(second.stdout)
