# SPDX-License-Identifier: BSD-2-Clause
"""X-Request-Id: a name for each request, in its answer and in the log."""

import re
import resource

import pytest

from client import cases, head
from server import open_files

OURS = re.compile(r"[0-9a-f]{32}")
SENT = "X-Request-Id: "


@pytest.fixture(name="named")
def fixture_named(make_server):
    """A server that names requests, and logs the names."""
    return make_server(
        server={"request_id": "new"},
        access_log={"format": "%{request_id}x %s"})


def test_off_by_default(start_server):
    server = start_server(access_log={"format": "%{request_id}x %s"})
    response = server.request("GET", "/hello.txt", SENT + "abc")

    assert response["X-Request-Id"] is None
    assert server.access_lines(1) == ["- 200"]


@cases(
    "data, status",
    ("200", head("GET", "/hello.txt"), 200),
    ("200 of a large file", head("GET", "/large.bin"), 200),
    ("HEAD", head("HEAD", "/hello.txt"), 200),
    ("204", head("OPTIONS", "*"), 204),
    ("206", head("GET", "/digits.bin", "Range: bytes=1-2"), 206),
    ("206 of several ranges",
     head("GET", "/digits.bin", "Range: bytes=1-2,5-6"), 206),
    ("301", head("GET", "/docs"), 301),
    ("304", head("GET", "/hello.txt", "If-None-Match: *"), 304),
    ("400 for the head", head("GET", "/", host=None), 400),
    ("400 for garbage", b"\x01\r\n\r\n", 400),
    ("400 for the path", head("GET", "/%zz"), 400),
    ("403", head("GET", "/secret.txt"), 403),
    ("404", head("GET", "/nowhere"), 404),
    ("405", head("POST", "/"), 405),
    ("408", b"GET / HTTP/1.1\r\n", 408),
    ("412", head("GET", "/hello.txt", 'If-Match: "x"'), 412),
    ("413", head("POST", "/", "Content-Length: 99999999"), 413),
    ("414", head("GET", "/" + "a" * 9000), 414),
    ("416", head("GET", "/digits.bin", "Range: bytes=9999-"), 416),
    ("417", head("GET", "/", "Expect: more"), 417),
    ("431", head("GET", "/", "A: " + "a" * 9000), 431),
    ("501", head("BREW", "/"), 501),
    ("505", head("GET", "/", version="9.9"), 505),
)
def test_every_status_has_one(named, data, status):
    (named.root / "secret.txt").write_bytes(b"SECRET")
    (named.root / "secret.txt").chmod(0)
    if status == 403:
        named.configure(server={"user": "nobody", "allow_root": None})
    with open(named.root / "large.bin", "wb") as file:
        file.truncate(1 << 20)
    named.configure(timeouts={"head": "200ms"})
    named.expect_log("answered 403")
    named.start()
    with named.connect() as conn:
        conn.send(data)
        if status != 408:
            conn.half_close()
        response = conn.response_head()
        conn.rest()

    assert response.status == status
    name, = response.values("X-Request-Id")
    assert OURS.fullmatch(name)
    assert named.access_lines(1) == [f"{name} {status}"]


def test_a_server_without_descriptors_names_its_503(named):
    """Each file takes one, and none of them is small."""
    named.configure(limits={"connections": 10}, cache={"files": 0},
                    server={"workers": 1})
    for i in range(2):
        with open(named.root / f"large{i}.bin", "wb") as file:
            file.truncate(32 << 20)
    named.expect_log("answered 503", "Too many open files", "pauses", "need")
    named.start()
    worker = named.workers()[0]
    most = open_files(worker) + 3
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (most, most))
    responses = []
    for i in range(2):
        conn = named.connect(rcvbuf=4096)
        conn.send(head("GET", f"/large{i}.bin"))
        responses.append(conn.response_head())

    assert [response.status for response in responses] == [200, 503]
    names = {response["X-Request-Id"] for response in responses}
    assert len(names) == 2
    assert all(OURS.fullmatch(name) for name in names)


def test_pipelined_answers_have_one_each(named):
    named.start()
    with named.connect() as conn:
        conn.send(head("GET", "/hello.txt") * 20 + head("GET", "/nowhere"))
        names = [conn.response()["X-Request-Id"] for _ in range(21)]

    assert len(set(names)) == 21
    lines = named.access_lines(21)
    assert lines == [f"{name} 200" for name in names[:20]] + [
        f"{names[20]} 404"]


def test_workers_do_not_share_names(named):
    named.configure(server={"workers": 3})
    named.start()
    names = [named.request("GET", "/hello.txt")["X-Request-Id"]
             for _ in range(60)]

    assert len(set(names)) == 60
    assert len({name[:16] for name in names}) > 1


@cases(
    "lines, taken",
    ("a UUID", [SENT + "123e4567-e89b-12d3-a456-426614174000"], True),
    ("one byte", [SENT + "x"], True),
    ("letters, dots, underscores", [SENT + "Az_09.b-"], True),
    ("white space round it", [SENT + " \tabc \t"], True),
    ("another case", ["x-reQUEST-id: abc"], True),
    ("64 bytes", [SENT + "a" * 64], True),
    ("65 bytes", [SENT + "a" * 65], False),
    ("nothing", ["X-Request-Id:"], False),
    ("a space", [SENT + "a b"], False),
    ("a quote", [SENT + 'a"b'], False),
    ("a semicolon", [SENT + "a;b"], False),
    ("a comma", [SENT + "a,b"], False),
    ("a percent sign", [SENT + "%0d%0aSet-Cookie:x"], False),
    ("a byte above ASCII", [SENT + "a\xe9"], False),
    ("a tag", [SENT + "<b>"], False),
    ("no field", [], False),
)
def test_names_of_clients(named, lines, taken):
    named.configure(server={"request_id": "accept"})
    named.start()
    response = named.request("GET", "/hello.txt", *lines)

    name, = response.values("X-Request-Id")
    if taken:
        assert name == lines[0].partition(":")[2].strip()
    else:
        assert OURS.fullmatch(name)
    assert named.access_lines(1) == [f"{name} 200"]


def test_the_first_of_two_names_counts(named):
    named.configure(server={"request_id": "accept"})
    named.start()
    response = named.request("GET", "/", SENT + "first", SENT + "second")

    assert response.values("X-Request-Id") == ["first"]


def test_names_of_clients_are_not_taken_when_ours_are_wanted(named):
    named.start()
    response = named.request("GET", "/hello.txt", SENT + "abc")

    assert OURS.fullmatch(response["X-Request-Id"])


def test_a_refused_request_gets_ours(named):
    named.configure(server={"request_id": "accept"})
    named.start()
    response = named.request("GET", "/", SENT + "abc", host=None)

    assert response.status == 400
    assert OURS.fullmatch(response["X-Request-Id"])


def test_names_of_pipelined_requests_stay_with_their_answers(named):
    named.configure(server={"request_id": "accept"})
    named.start()
    with named.connect() as conn:
        conn.send(b"".join(
            head("GET", "/hello.txt", *([SENT + f"n{i}"] if i % 2 else []))
            for i in range(10)))
        names = [conn.response()["X-Request-Id"] for _ in range(10)]

    assert names[1::2] == [f"n{i}" for i in range(1, 10, 2)]
    assert all(OURS.fullmatch(name) for name in names[::2])
