# SPDX-License-Identifier: BSD-2-Clause
"""Clients that mean harm: through a proxy, with bombs, with scans."""

import shutil
import socket
import subprocess
import zlib

import pytest
from client import Connection, cases, head
from server import open_files, proc_status, wait_for
from test_haproxy import HAPROXY, fixture_start_haproxy  # noqa: F401
from test_proxies import totals

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
NGINX_CONF = """
daemon off;
worker_processes 1;
pid {scratch}/nginx.pid;
error_log {scratch}/nginx.log crit;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {scratch}/body;
    proxy_temp_path {scratch}/proxy;
    fastcgi_temp_path {scratch}/fastcgi;
    uwsgi_temp_path {scratch}/uwsgi;
    scgi_temp_path {scratch}/scgi;
    upstream tined {{ server 127.0.0.1:{port}; keepalive 1; }}
    server {{
        listen 127.0.0.1:{front};
        location / {{
            proxy_pass http://tined;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
        }}
    }}
}}
"""

INNER = head("GET", "/smuggled")
POST = b"POST /hello.txt HTTP/1.1\r\nHost: localhost\r\n"
GET = b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n"
SIZE = f"Content-Length: {len(INNER)}".encode()
CODING = b"Transfer-Encoding: chunked"
LAST = b"0\r\n\r\n"
CHUNK = f"{len(INNER):x}\r\n".encode() + INNER + b"\r\n" + LAST


def fields(start, *lines, body=INNER):
    return start + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


# Requests about whose end a proxy and a server may be of two minds.
DOUBTFUL = [
    fields(POST, SIZE),
    fields(GET, SIZE),
    fields(b"HEAD" + GET[3:], SIZE),
    fields(POST, CODING, body=CHUNK),
    fields(GET, CODING, body=CHUNK),
    fields(POST, b"Content-Length: 5", CODING, body=LAST + INNER),
    fields(POST, CODING, b"Content-Length: 5", body=LAST + INNER),
    fields(POST, CODING, SIZE, body=CHUNK),
    *(fields(POST, line, SIZE, body=LAST + INNER) for line in (
        b"Transfer-Encoding: xchunked", b"Transfer-Encoding:\x0bchunked",
        b"Transfer-Encoding: chunked\x0c", b"Transfer-Encoding: \"chunked\"",
        b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding : chunked",
        b"Transfer-Encoding:\r\n chunked", b"Transfer-Encoding: ,chunked",
        b"Transfer-Encoding: identity", b"Transfer_Encoding: chunked",
        b"X: a\nTransfer-Encoding: chunked",
        b"X: a\rTransfer-Encoding: chunked",
        b"Transfer-Encoding\x00: chunked", b"\x00Transfer-Encoding: chunked",
        b"Transfer-Encoding:chunked\r\nTransfer-Encoding: identity")),
    *(fields(POST, line) for line in (
        SIZE + b"\r\n" + SIZE, SIZE + b"\r\nContent-Length: 0",
        b"Content-Length: 0\r\n" + SIZE, SIZE + b", 0", SIZE + b" 0",
        b"Content-Length: +" + SIZE[16:], b"Content-Length: 0x10",
        b"Content-Length: 0" + SIZE[16:], b"Content-Length:\x0b5",
        b"Content-Length : 5", b"Content-Length: 18446744073709551616",
        b"Content-Length: -1", b"Content-Length:", b"Content-Length\t: 5")),
    *(fields(POST, CODING, body=body) for body in (
        b"0\n\r\n" + INNER, b"0;\n" + INNER, b"0\r\nX: y\n\r\n" + INNER,
        b"00000000000000000\r\n\r\n" + INNER, b"0x0\r\n\r\n" + INNER,
        b"-0\r\n\r\n" + INNER, b"1\r\nZZ\r\n" + LAST + INNER,
        b"1;a=\"\r\nZ\r\n" + LAST + INNER, b"10000000000000000\r\n" + INNER,
        b"2\r\nZ\r\n" + LAST + INNER, b"1 \r\nZ\r\n" + LAST + INNER,
        b"0\r\n" + SIZE + b"\r\n\r\n" + INNER, b"\r\n" + LAST + INNER)),
    b"POST /hello.txt HTTP/1.0\r\n" + CODING + b"\r\n\r\n" + CHUNK,
    fields(POST, SIZE, b"Expect: 100-continue"),
    fields(POST, SIZE, b"Connection: Content-Length"),
    fields(POST, CODING, b"Connection: close, Transfer-Encoding", body=CHUNK),
    fields(GET, b"Upgrade: websocket", b"Connection: Upgrade"),
]


@pytest.fixture(name="start_nginx")
def fixture_start_nginx(scratch):
    """Starts nginx before a server; returns its address."""
    running = []

    def start(server):
        with socket.create_server(("127.0.0.1", 0)) as sock:
            address = sock.getsockname()
        conf = scratch / "nginx.conf"
        conf.write_text(NGINX_CONF.format(
            scratch=scratch, port=server.port, front=address[1]))
        running.append(subprocess.Popen([NGINX, "-c", conf],
                                        stderr=subprocess.DEVNULL))

        def listens():
            with socket.socket() as sock:
                return sock.connect_ex(address) == 0
        wait_for(listens, "nginx")
        return address

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


def provoke(address, data):
    """Sends what is doubtful and takes whatever comes, for a moment."""
    with Connection(address, timeout_s=0.1) as conn:
        try:
            conn.send(data)
            while conn.receive():
                continue
        except OSError:
            pass


def check_victims(server, address):
    """After each attempt others get what they asked for, and nothing else."""
    for i, data in enumerate(DOUBTFUL):
        (server.root / f"victim{i}").write_bytes(b"victim %d\n" % i)
        provoke(address, data)
        for _ in range(2):
            with Connection(address) as conn:
                answer = conn.request("GET", f"/victim{i}")
            assert (answer.status, answer.body) == (
                200, b"victim %d\n" % i), data


@pytest.mark.skipif(HAPROXY is None, reason="needs haproxy")
def test_haproxy_and_we_agree_where_requests_end(start_server, start_haproxy):
    server = start_server(timeouts={"body": "50ms", "head": "50ms"})
    check_victims(server, start_haproxy(
        server, "http", "maxconn 1", "http-reuse always"))


@pytest.mark.skipif(NGINX is None, reason="needs nginx")
def test_nginx_and_we_agree_where_requests_end(start_server, start_nginx):
    server = start_server(timeouts={"body": "50ms", "head": "50ms"})
    check_victims(server, start_nginx(server))


def rss_kib(server):
    return sum(int(proc_status(pid, "VmRSS")[0]) for pid in server.workers())


@cases("lines",
    ("as content", ["Content-Encoding: gzip"]),
    ("as a coding", ["Transfer-Encoding: gzip, chunked"]))
def test_a_bomb_is_not_unfolded(start_server, lines):
    server = start_server()
    bomb = zlib.compress(bytes(50_000_000), 9)[:60_000]
    server.request("GET", "/hello.txt")
    before = rss_kib(server)
    for _ in range(20):
        with server.connect() as conn:
            answer = conn.request("POST", "/hello.txt", *lines,
                                  f"Content-Length: {len(bomb)}", body=bomb)
            assert answer.status in (400, 405)
    assert rss_kib(server) - before < 4096


def test_a_scan_pushes_nothing_out_and_takes_nothing(start_server, scratch):
    server = start_server(admin={"address": f"unix:{scratch}/admin"},
                          cache={"missing": 64}, limits={"requests": 0})
    pid, = server.workers()
    asks = [head("GET", f"/scan-{i}/{'x' * (i % 150)}") for i in range(4000)]

    def scan():
        for at in range(0, len(asks), 100):
            with server.connect() as conn:
                conn.send(b"".join(asks[at:at + 100]))
                assert [conn.response().status
                        for _ in range(100)] == [404] * 100

    server.request("GET", "/hello.txt")
    scan()
    files = open_files(pid)
    scan()
    before = totals(server)["cache"]
    wait_for(lambda: open_files(pid) <= files, "descriptors as before")
    server.request("GET", "/hello.txt")
    after = totals(server)
    assert after["cache"]["hits"] == before["hits"] + 1
    assert after["cache"]["misses"] == before["misses"]
    # A sanitized build does not count the heap.
    assert after.get("heap", {"calls": 0})["calls"] == 0


GREEDY = [
    "Range: bytes=" + "0-," * 2000 + "0-",
    "Range: bytes=" + ",".join(f"{n}-{n}" for n in range(0, 900, 2)),
    "Range: bytes=" + "-1," * 1000 + "-1000",
    "If-None-Match: " + '"x",' * 2000 + '"y"',
    "If-Match: " + 'W/"x",' * 1300 + '"y"',
    "Accept-Encoding: " + "gzip;q=0.001," * 600,
    "Connection: " + "x," * 4000,
    "Cookie: " + "a=b;" * 2000,
    "X-Forwarded-For: " + "1.1.1.1," * 1000,
    "Access-Control-Request-Headers: " + "x," * 4000,
]


@cases("line", *((line[:30].replace("/", ""), line) for line in GREEDY))
def test_a_greedy_field_gets_no_more_than_the_file(start_server, line):
    server = start_server(server={"trusted_proxies": "127.0.0.1"},
                          **{"match:*": {"cors": "*"}})
    size = len((server.root / "digits.bin").read_bytes())
    with server.connect() as conn:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = conn.request(method, "/digits.bin", line)
            assert answer.status in (200, 204, 206, 412, 416, 431)
            if answer.status == 206:
                assert len(answer.body) <= size * 2
            elif answer.status == 200 and method == "GET":
                assert len(answer.body) == size
            if answer.closes:
                return
