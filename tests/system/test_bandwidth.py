# SPDX-License-Identifier: BSD-2-Clause
"""bandwidth: an answer takes as long as its bytes and the rate say.

Only that one comes too soon is exact: a machine that is busy makes all late.
"""

import signal
import time

import pytest

from client import head
from server import cpu_s, wait_for

RATE = 100 * 1024
BYTES = RATE // 2
BODY = bytes(i * 7 % 251 for i in range(BYTES))
LATE_S = 8
PACED = {"match:/paced/*": {"bandwidth": "100k"}}


def make_files(server):
    folder = server.root / "paced"
    folder.mkdir()
    (folder / "large.bin").write_bytes(BODY)
    (folder / "small.bin").write_bytes(BODY[:20 * 1024])
    (server.root / "large.bin").write_bytes(BODY)
    return server


@pytest.fixture(name="start")
def fixture_start(start_server):
    """Starts a server whose files in /paced have a bandwidth."""
    def start(**sections):
        return make_files(start_server(**{**PACED, **sections}))
    return start


def assert_took(begin, length, rate=RATE):
    """A tenth of a second's worth may go at once."""
    seconds = time.monotonic() - begin
    assert seconds > 0.9 * (length / rate - 0.1)
    assert seconds < length / rate + LATE_S


@pytest.mark.parametrize("small", [
    pytest.param("0", id="by sendfile"),
    pytest.param("1m", id="from memory"),
])
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_a_file_takes_its_time(start, small, version):
    server = start(cache={"small": small})
    begin = time.monotonic()
    response = server.request("GET", "/paced/large.bin", version=version)
    assert_took(begin, BYTES)
    assert response.body == BODY


def test_other_paths_and_heads_do_not(start):
    server = start()
    begin = time.monotonic()
    assert server.request("GET", "/large.bin").body == BODY
    assert server.request("HEAD", "/paced/large.bin").status == 200
    assert server.request("GET", "/paced/none").status == 404
    assert time.monotonic() - begin < 0.6


def test_answers_in_a_row_take_theirs_each(start):
    conn = start().connect()
    begin = time.monotonic()
    conn.send(head("GET", "/hello.txt") + head("GET", "/paced/large.bin") +
              head("GET", "/paced/small.bin") + head("GET", "/hello.txt"))

    assert conn.response().status == 200
    assert time.monotonic() - begin < BYTES / RATE / 2
    assert conn.response().body == BODY
    assert conn.response().body == BODY[:20 * 1024]
    assert_took(begin, BYTES + 20 * 1024 - RATE // 10)
    assert conn.response().status == 200


def test_a_range_and_several(start):
    conn = start().connect()
    begin = time.monotonic()
    one = conn.request("GET", "/paced/large.bin", "Range: bytes=-40000")
    assert_took(begin, 40000)
    assert one.body == BODY[-40000:]

    begin = time.monotonic()
    several = conn.request("GET", "/paced/large.bin",
                           "Range: bytes=0-19999,30000-49999")
    assert_took(begin, 40000)
    assert BODY[:20000] in several.body
    assert BODY[30000:50000] in several.body


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_a_listing(start, version):
    server = start(site={"listing": "on"})
    for i in range(300):
        (server.root / "paced" / f"{'n' * 60}{i}").touch()
    conn = server.connect()
    begin = time.monotonic()
    conn.send(head("GET", "/paced/?format=json", "Connection: close",
                   version=version))
    response = conn.response_head()
    assert time.monotonic() - begin < 0.2
    body = (b"".join(conn.chunks()) if response["Transfer-Encoding"]
            else conn.rest())
    assert_took(begin, len(body))
    assert len(body) > RATE // 4
    assert body.count(b"\n") > 300


def test_a_first_part_goes_at_once(start):
    server = start(**{"match:/paced/*": {"bandwidth": "10k",
                                         "bandwidth_after": "42k"}})
    conn = server.connect()
    conn.send(head("GET", "/paced/large.bin"))
    begin = time.monotonic()
    conn.response_head()
    conn.discard(42 * 1024)
    assert time.monotonic() - begin < 0.8
    conn.discard(BYTES - 42 * 1024)
    assert_took(begin, BYTES - 42 * 1024, 10 * 1024)


def test_a_later_section_decides(start):
    server = start(**{
        "match:/paced/*": {"bandwidth": "1k"},
        "match:/paced/large.*": {"bandwidth": "off"},
        "match:/paced/small.*": {"bandwidth": "50k"},
    })
    begin = time.monotonic()
    assert server.request("GET", "/paced/large.bin").body == BODY
    assert time.monotonic() - begin < 0.6
    begin = time.monotonic()
    assert len(server.request("GET", "/paced/small.bin").body) == 20 * 1024
    assert_took(begin, 20 * 1024, 50 * 1024)


def test_others_are_not_kept_waiting(start):
    server = start(limits={"requests": 0})
    slow = [server.connect() for _ in range(20)]
    begin = time.monotonic()
    for conn in slow:
        conn.send(head("GET", "/paced/large.bin"))
    quick = server.connect()
    times = []
    while time.monotonic() - begin < 0.5:
        asked = time.monotonic()
        assert quick.request("GET", "/large.bin").body == BODY
        times.append(time.monotonic() - asked)
    assert sorted(times)[len(times) // 2] < 0.1
    for conn in slow:
        assert conn.response().body == BODY
    assert_took(begin, BYTES)


def test_the_deadline_of_sending_is_for_the_client_alone(start):
    """It takes all that it gets, below limits.send_rate."""
    server = start(**{
        "match:/paced/*": {"bandwidth": "20k"},
        "timeouts": {"send": "200ms"}, "limits": {"send_rate": "1m"}})
    begin = time.monotonic()
    assert len(server.request("GET", "/paced/small.bin").body) == 20 * 1024
    assert_took(begin, 20 * 1024, 20 * 1024)


def test_a_client_that_takes_nothing_is_cut(start):
    """Although there is room for what may go in our kernel."""
    server = start(**{
        "match:/paced/*": {"bandwidth": "1m"}, "timeouts": {"send": "300ms"}})
    with open(server.root / "paced/huge.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=4096)
    conn.send(head("GET", "/paced/huge.bin"))
    line, = server.access_lines(1)
    assert int(line.split()[-1]) < 64 << 20


def test_a_client_that_leaves_is_noticed(start):
    server = start(**{"match:/paced/*": {"bandwidth": "10k"}})
    conn = server.connect()
    conn.send(head("GET", "/paced/large.bin"))
    conn.response_head()
    conn.close()
    line, = server.access_lines(1)
    assert int(line.split()[-1]) < BYTES


def test_a_reload_lets_it_finish(start):
    server = start()
    old = server.workers()
    conn = server.connect()
    begin = time.monotonic()
    conn.send(head("GET", "/paced/large.bin"))
    conn.response_head()
    server.configure(**{"match:/paced/*": {"bandwidth": "off"}})
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: set(server.workers()) - set(old), "new workers")
    conn.discard(BYTES)
    assert_took(begin, BYTES)
    wait_for(lambda: not set(server.workers()) & set(old), "the old one's end")

    begin = time.monotonic()
    assert server.request("GET", "/paced/large.bin").body == BODY
    assert time.monotonic() - begin < 0.6


def test_a_worker_that_leaves_does_not_wait_for_ever(start):
    server = start(**{"match:/paced/*": {"bandwidth": "1k"},
                      "timeouts": {"drain": "300ms", "drain_grace": "0"}})
    server.expect_log("cut off 1 connections")
    conn = server.connect()
    conn.send(head("GET", "/paced/large.bin"))
    conn.response_head()
    begin = time.monotonic()
    server.send_signal(signal.SIGTERM)
    assert server.wait_end() == 0
    assert time.monotonic() - begin < LATE_S


def test_it_costs_little(start):
    """One wake-up a tick and answer, and no timer of its own."""
    server = start(**{"match:/paced/*": {"bandwidth": "1k"}})
    pid, = server.workers()
    conns = [server.connect() for _ in range(200)]
    for conn in conns:
        conn.send(head("GET", "/paced/large.bin"))
        conn.response_head()
    before, begin = cpu_s(pid), time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 1, "a second")
    assert cpu_s(pid) - before < 0.5


@pytest.mark.parametrize("keys, message", [
    pytest.param({"bandwidth": "fast"},
                 "neither one of the words nor a number of bytes", id="word"),
    pytest.param({"bandwidth": "1"}, "1k to 1g", id="too little"),
    pytest.param({"bandwidth_after": "1m"},
                 "means nothing in a section without bandwidth", id="alone"),
])
def test_what_is_wrong_with_it_is_said(start_server, keys, message):
    server = start_server()
    server.configure(**{"match:/a/*": keys})
    done = server.command("-t", "-c", server.ini)
    assert done.returncode != 0
    assert message in done.stderr, done.stderr


def test_explain_says_it(start):
    server = start()
    done = server.command("explain", "-c", server.ini, "/paced/large.bin")
    assert "100k bytes a second, after 0 bytes" in done.stdout, done.stdout
