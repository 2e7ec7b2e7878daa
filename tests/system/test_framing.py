# SPDX-License-Identifier: BSD-2-Clause
"""Where a request ends, why one is refused, and that both are said."""

import re
import socket
import ssl

import pytest

from client import cases, head
from server import SOURCE, Server, proc_status, wait_for

HOST = b"Host: localhost\r\n"
GET = b"GET /hello.txt HTTP/1.1\r\n" + HOST
CHUNKED = GET + b"Transfer-Encoding: chunked\r\n\r\n"
POST = b"POST /hello.txt HTTP/1.1\r\n" + HOST
INNER = b"GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n"
NEXT = head("GET", "/docs/page.html")
SHORT = {"head": "200ms", "body": "200ms"}


@pytest.fixture(name="server", scope="module")
def fixture_server(module_folder):
    """The tables read the access log after each row: it must not wait."""
    server = Server(module_folder.path, access_log={"flush": 0}).start()
    yield server
    try:
        server.stop()
    finally:
        server.kill()


def lines(*fields):
    return GET + b"".join(line + b"\r\n" for line in fields) + b"\r\n"


# Every verdict that a client can provoke: what it sends, and the status; 0 is
# a close without an answer.
VERDICTS = [
    ("8446-4.1.2", "tls_hello", b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4", 0),
    ("9113-3.4", "http2_preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0),
    ("9112-3", "bad_request_line", b"GET  / HTTP/1.1\r\n\r\n", 400),
    ("9110-5.6.2", "bad_method", b"G(T / HTTP/1.1\r\n\r\n", 400),
    ("9110-9.1", "unknown_method", b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n",
     501),
    ("9112-2.3", "bad_version", b"GET / HTTP/1\r\n" + HOST + b"\r\n", 400),
    ("9110-15.6.6", "unsupported_version", b"GET / HTTP/3.0\r\n\r\n", 505),
    ("9112-3.2", "bad_target", b"GET x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("9110-15.5.15", "target_too_long", b"GET /" + b"a" * 9000, 414),
    ("6585-5", "head_too_large",
     GET + b"".join(b"X: " + b"a" * 4000 + b"\r\n" for _ in range(5)), 431),
    ("6585-5", "field_too_large", GET + b"X: " + b"a" * 9000, 431),
    ("6585-5", "too_many_fields", GET + b"X: a\r\n" * 101 + b"\r\n", 431),
    ("9112-2.2", "bad_line_ending", b"GET / HTTP/1.1\nHost: a\n\n", 400),
    ("9112-5.2", "obs_fold", lines(b"X: a", b" b"), 400),
    ("9112-5.1", "space_before_colon", lines(b"X : a"), 400),
    ("9110-5.1", "bad_field_name", lines(b"X[]: a"), 400),
    ("9110-5.5", "bad_field_value", lines(b"X: a\x00b"), 400),
    ("9112-3.2", "missing_host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("9112-3.2", "duplicate_host", lines(b"Host: a"), 400),
    ("9110-7.2", "bad_host", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ("9110-5.3", "duplicate_field",
     lines(b"Range: bytes=0-1", b"Range: bytes=2-3"), 400),
    ("9112-6.3", "bad_content_length", lines(b"Content-Length: +1"), 400),
    ("9112-6.1", "length_and_chunked",
     lines(b"Content-Length: 5", b"Transfer-Encoding: chunked"), 400),
    ("9112-6.3", "bad_transfer_encoding", lines(b"Transfer-Encoding: gzip"),
     400),
    ("9112-6.1", "unknown_coding",
     lines(b"Transfer-Encoding: gzip, chunked"), 501),
    ("9112-6.1", "chunked_on_http10",
     b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("9112-7.1", "bad_chunk", CHUNKED + b"5\r\nhelloX\r\n", 400),
    ("9110-15.5.14", "body_too_large", lines(b"Content-Length: 99999999"),
     413),
    ("9110-10.1.1", "bad_expect", lines(b"Expect: miracles"), 417),
    ("3986-2.4", "bad_path", b"GET /a%00b HTTP/1.1\r\n" + HOST + b"\r\n",
     400),
    ("9110-15.5.9", "head_timeout", GET, 408),
    ("9110-15.5.9", "body_timeout", lines(b"Content-Length: 5"), 408),
]


@cases("name, data, status",
       *[(f"{section} {name}", name, data, status)
         for section, name, data, status in VERDICTS])
def test_a_refusal_is_logged_by_its_name(start_server, name, data, status):
    server = start_server(error_log={"level": "info"}, timeouts=SHORT)
    with server.connect() as conn:
        conn.send(data)
        if status == 0:
            conn.half_close()
            assert conn.rest() == b""
        else:
            assert conn.response().status == status

    line, = server.wait_log("refused ")
    match = re.search(
        r"refused (\w+) from 127\.0\.0\.1(?::\d+)?: (.+?): \"(.*)\"$", line)
    assert match, line
    assert match[1] == name
    assert match[3] == "" or match[3][0] == chr(data[0]) or \
        match[3].startswith(f"\\x{data[0]:02X}")
    assert re.fullmatch(r"[\x20-\x7e]*", line), "an excerpt is escaped"
    assert len(line) < 512


# They have tests of their own, in test_client_limits.py.
LIMITS = ("client_rate", "match_rate", "client_connections",
          "total_connections")


def test_every_verdict_has_a_row():
    """But "ok", what only a disagreement of two parsers would give, and the
    limits for clients, which are no matter of form."""
    text = (SOURCE / "src/http/verdict.h").read_text()
    names = re.findall(r'X\(\w+, "(\w+)"', text)

    assert set(names) - {"ok", "parser", *LIMITS} == {
        row[1] for row in VERDICTS}


# What is sent, the statuses of all answers, whether the connection is kept.
@cases(
    "data, statuses, kept",
    ("9112-6.2 a request as the body of another",
     POST + b"Content-Length: %d\r\n\r\n" % len(INNER) + INNER, [405], True),
    ("9112-6.2 a request as the body of a GET",
     GET + b"Content-Length: %d\r\n\r\n" % len(INNER) + INNER, [200], True),
    ("9112-6.2 of a HEAD",
     b"HEAD / HTTP/1.1\r\n" + HOST
     + b"Content-Length: %d\r\n\r\n" % len(INNER) + INNER, [200], True),
    ("9112-6.2 of an OPTIONS",
     b"OPTIONS * HTTP/1.1\r\n" + HOST
     + b"Content-Length: %d\r\n\r\n" % len(INNER) + INNER, [204], True),
    ("9112-6.2 of a GET that is not modified",
     lines(b"If-None-Match: *", b"Content-Length: %d" % len(INNER)) + INNER,
     [304], True),
    ("9112-6.2 of a GET that finds nothing",
     b"GET /nowhere HTTP/1.1\r\n" + HOST
     + b"Content-Length: %d\r\n\r\n" % len(INNER) + INNER, [404], True),
    ("9112-7.1 a request as a chunk",
     CHUNKED + b"%x\r\n" % len(INNER) + INNER + b"\r\n0\r\n\r\n", [200],
     True),
    ("9112-7.1 a request in many chunks",
     CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in INNER)
     + b"0\r\n\r\n", [200], True),
    ("9112-7.1.2 a request that looks like trailers",
     CHUNKED + b"0\r\nGET: /smuggled\r\nHost: evil\r\n\r\n", [200], True),
    ("9112-7.1.2 a length in the trailers",
     CHUNKED + b"0\r\nContent-Length: 40\r\n\r\n", [200], True),
    ("9112-7.1.2 a coding in the trailers",
     CHUNKED + b"0\r\nTransfer-Encoding: chunked\r\n\r\n", [200], True),
    ("9112-7.1.1 a request in an extension",
     CHUNKED + b'5;a="GET /smuggled HTTP/1.1"\r\nhello\r\n0\r\n\r\n', [200],
     True),
    ("9112-6.3 Content-Length: 0 and a request behind it",
     lines(b"Content-Length: 0"), [200], True),
    ("9112-9.6 requests behind Connection: close",
     lines(b"Connection: close") + INNER, [200], False),
    ("9112-9.3 requests behind an HTTP/1.0 request",
     b"GET /hello.txt HTTP/1.0\r\n\r\n" + INNER, [200], False),
    ("9112-6.1 length and chunked",
     lines(b"Content-Length: 3", b"Transfer-Encoding: chunked")
     + b"0\r\n\r\n" + INNER, [400], False),
    ("9112-6.1 chunked and length",
     lines(b"Transfer-Encoding: chunked", b"Content-Length: 3")
     + b"0\r\n\r\n" + INNER, [400], False),
    ("9112-6.3 two lengths",
     lines(b"Content-Length: 0", b"Content-Length: %d" % len(INNER)) + INNER,
     [400], False),
    ("9112-6.3 a length that some read as octal",
     lines(b"Content-Length: 0%d" % len(INNER)) + INNER, [400], False),
    ("9112-6.1 chunked in disguise: another case and a tab",
     lines(b"Transfer-Encoding: \tCHUNKED") + b"0\r\n\r\n", [200], True),
    ("9112-6.1 chunked in disguise: a list element",
     lines(b"Transfer-Encoding: chunked,") + b"0\r\n\r\n" + INNER, [400],
     False),
    ("9112-6.1 chunked in disguise: x-chunked",
     lines(b"Transfer-Encoding: xchunked") + b"0\r\n\r\n" + INNER, [400],
     False),
    ("9112-6.1 the coding on a folded line",
     lines(b"Transfer-Encoding:", b" chunked") + b"0\r\n\r\n" + INNER, [400],
     False),
    ("9112-7.1 a size beyond 64 bits",
     CHUNKED + b"10000000000000005\r\nhello\r\n0\r\n\r\n" + INNER, [400],
     False),
    ("9112-7.1 a size with a minus",
     CHUNKED + b"-1\r\n" + INNER, [400], False),
    ("9112-7.1 data that is longer than its size",
     CHUNKED + b"3\r\nhello\r\n0\r\n\r\n" + INNER, [400], False),
    ("9112-2.2 a request behind a bare LF",
     b"GET /hello.txt HTTP/1.1\n" + INNER, [400], False),
    ("9112-2.2 a request behind a bare CR in a field",
     GET + b"X: a\r\rGET /smuggled HTTP/1.1\r\n\r\n", [400], False),
    ("9110-9.3.6 bytes behind CONNECT are a tunnel's",
     b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n" + INNER, [405],
     False),
    ("9110-7.8 Upgrade changes nothing",
     lines(b"Connection: Upgrade", b"Upgrade: h2c"), [200], True),
    ("9110-7.8 Upgrade to a web socket changes nothing",
     lines(b"Connection: Upgrade", b"Upgrade: websocket"), [200], True),
    ("9110-10.1.1 a body that did not wait for 100",
     POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(INNER)
     + INNER, [405], False),
    ("9110-10.1.1 Expect without a body", lines(b"Expect: 100-continue"),
     [200], None),
    ("9110-10.1.1 Expect in HTTP/1.0 is ignored",
     b"POST / HTTP/1.0\r\nExpect: 100-continue\r\n"
     b"Connection: keep-alive\r\nContent-Length: %d\r\n\r\n" % len(INNER)
     + INNER, [405], True),
    ("9110-15.5.14 a body beyond the limit is not a request",
     POST + b"Content-Length: 70000\r\n\r\n" + INNER * 100, [413], False),
)
@pytest.mark.parametrize("step", [None, 1, 7])
def test_what_is_a_body_is_no_request(server, conn, data, statuses, kept,
                                      step):
    before = len(server.access_lines(0))
    try:
        for i in range(0, len(data), step or len(data)):
            conn.send(data[i:i + (step or len(data))])
        conn.send(NEXT)
        conn.half_close()
    except OSError:
        assert kept is False
    method = data.split(b" ")[0].decode()

    for status in statuses:
        assert conn.response(method).status == status
    rest = conn.rest()
    if kept is not None:
        assert (b"<title>page</title>" in rest) == kept
    assert rest.count(b"HTTP/1.1 ") == (1 if rest else 0)
    assert "smuggled" not in "".join(server.access_lines(before + 1)[before:])


@cases(
    "before, answers",
    ("9112-9.6 one request", 1, 1),
    ("9112-9.6 a pipeline", 5, 5),
    ("9112-9.6 a pipeline of more than a buffer", 400, 400),
)
def test_half_closed_with_requests_unanswered(conn, before, answers):
    conn.send(head("GET", "/hello.txt") * before)
    conn.half_close()

    for _ in range(answers):
        assert conn.response().status == 200
    assert conn.rest() == b""


def test_half_closed_during_a_download(server, conn):
    content = bytes(range(256)) * 40_000
    (server.root / "ten.bin").write_bytes(content)
    conn.send(head("GET", "/ten.bin") + head("GET", "/hello.txt"))
    response = conn.response_head()
    conn.half_close()
    while len(conn.unread) < int(response["Content-Length"]):
        assert conn.receive()

    assert conn.take(len(content)) == content
    assert conn.response().body == b"hello, world\n"
    assert conn.rest() == b""


@cases(
    "data",
    ("9112-8 in a request line", b"GET /hel"),
    ("9112-8 in a field", GET + b"X: "),
    ("9112-8 before the empty line", GET),
    ("9112-8 in a body", GET + b"Content-Length: 5\r\n\r\nhel"),
    ("9112-8 in a chunk size", CHUNKED + b"5"),
    ("9112-8 in a chunk", CHUNKED + b"5\r\nhel"),
    ("9112-8 before the last chunk", CHUNKED + b"5\r\nhello\r\n"),
    ("9112-8 in the trailers", CHUNKED + b"0\r\nX: a\r\n"),
)
def test_half_closed_in_the_middle_is_no_request(server, conn, data):
    """RFC 9112 8: a request that is not whole must not be served."""
    conn.send(head("GET", "/docs/page.html") + data)
    conn.half_close()

    assert b"page" in conn.response().body
    rest = conn.rest()
    assert rest == b"" or rest.startswith((b"HTTP/1.1 400", b"HTTP/1.1 408"))


def test_a_tls_client_learns_that_this_is_no_tls(start_server):
    """The handshake of a real client: it ends, and the log says why."""
    server = start_server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(server.address, timeout=10) as sock:
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
            context.wrap_socket(sock)

    line, = server.wait_log("tls_hello")
    assert " notice " in line and "TLS ClientHello" in line


@pytest.mark.parametrize("at", range(1, 18))
def test_the_http2_preface_in_two_pieces(server, at):
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    with server.connect() as conn:
        conn.send(preface[:at])
        conn.send(preface[at:])
        conn.half_close()
        assert conn.rest() == b""


@cases(
    "data, status",
    ("9113-3.4 the preface of another version",
     b"PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n", 505),
    ("9113-3.4 the preface of HTTP/1.1",
     b"PRI * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("9112-3 an SSH client", b"SSH-2.0-OpenSSH_9.2\r\n", 400),
    ("9112-3 an SMTP client", b"EHLO localhost\r\n", 400),
    ("9112-3 a RTSP client", b"OPTIONS * RTSP/1.0\r\n\r\n", 400),
    ("9112-3 a SIP client", b"OPTIONS sip:a@b SIP/2.0\r\n\r\n", 400),
    ("9112-3 a SOCKS5 client", b"\x05\x01\x00\r\n", 400),
    ("9112-3 an RDP client", b"\x03\x00\x00\x13\x0e\xe0\r\n", 400),
    ("9112-3 a memcached client", b"stats\r\n", 400),
    ("9112-3 a Redis client", b"*1\r\n$4\r\nPING\r\n", 400),
    ("9112-3 PROXY protocol",
     b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\n\r\n", 400),
)
def test_other_protocols(conn, data, status):
    conn.send(data)
    conn.half_close()

    assert conn.response().status == status
    assert conn.rest() == b""


def test_an_answer_ahead_of_another_protocol_is_read(conn):
    conn.send(head("GET", "/hello.txt") + b"PRI * HTTP/2.0\r\n\r\n")
    conn.half_close()

    assert conn.response().status == 200
    assert conn.rest() == b""


def resident_kib(pid):
    return int(proc_status(pid, "VmRSS")[0])


@cases(
    "asked",
    ("9112-9.3.2 small files", head("GET", "/hello.txt")),
    ("9112-9.3.2 files from memory", head("GET", "/small.bin")),
    ("9112-9.3.2 files from disk", head("GET", "/large.bin")),
    ("9112-9.3.2 several ranges",
     head("GET", "/large.bin", "Range: bytes=0-9,100-900000,-9")),
    ("9112-9.3.2 not found", head("GET", "/nowhere")),
    ("9112-9.3.2 refused methods", head("POST", "/", "Content-Length: 3")
     + b"abc"),
    ("9112-9.3.2 large heads", head("GET", "/hello.txt", "X: " + "a" * 8000)),
)
def test_clients_that_never_read(start_server, asked):
    """Thirty of them, each with all it can push: no worker grows with it."""
    server = start_server(limits={"requests": 0})
    (server.root / "small.bin").write_bytes(b"s" * 30_000)
    (server.root / "large.bin").write_bytes(b"l" * 1_000_000)
    pid, = server.workers()
    with server.connect() as conn:
        conn.send(asked)
        conn.response()
    before = resident_kib(pid)
    for _ in range(30):
        conn = server.connect(rcvbuf=4096)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        conn.sock.setblocking(False)
        try:
            for _ in range(1000):
                # What follows a part of a request would be another request.
                if conn.sock.send(asked * 64) < len(asked) * 64:
                    break
        except BlockingIOError:
            pass

    with server.connect() as conn:
        assert conn.request("GET", "/hello.txt").status == 200
    assert resident_kib(pid) - before < 30 * 128
    server.close_connections()
    wait_for(lambda: server.request("GET", "/hello.txt").status == 200,
             "an answer")
