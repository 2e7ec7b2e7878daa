# SPDX-License-Identifier: BSD-2-Clause
"""The access log and the error log: whole lines, true, and not forgeable."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

import pytest

from client import Load, cases, head
from server import wait_for

QUOTED = r'"(?:[^"\\\x00-\x1f\x7f-\xff]|\\["\\]|\\x[0-9a-fA-F]{2})*"'
COMMON = re.compile(
    r"(\S+) - - \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\] "
    rf"({QUOTED}) (\d{{3}}) (\d+|-)")
COMBINED = re.compile(COMMON.pattern + rf" ({QUOTED}) ({QUOTED})")


def fields(line, pattern=COMMON):
    match = pattern.fullmatch(line)
    assert match, line
    return match.groups()


@cases(
    "data, line, status, size",
    ("a file", head("GET", "/hello.txt"), "GET /hello.txt HTTP/1.1", 200, 13),
    ("a query", head("GET", "/hello.txt?a=b"), "GET /hello.txt?a=b HTTP/1.1",
     200, 13),
    ("HEAD", head("HEAD", "/hello.txt"), "HEAD /hello.txt HTTP/1.1", 200, 0),
    ("not modified", head("GET", "/hello.txt", "If-None-Match: *"),
     "GET /hello.txt HTTP/1.1", 304, 0),
    ("range", head("GET", "/hello.txt", "Range: bytes=0-4"),
     "GET /hello.txt HTTP/1.1", 206, 5),
    ("not found", head("GET", "/nowhere"), "GET /nowhere HTTP/1.1", 404, None),
    ("redirect", head("GET", "/docs"), "GET /docs HTTP/1.1", 301, None),
    ("a method", head("POST", "/"), "POST / HTTP/1.1", 405, None),
    ("absolute form", head("GET", "http://localhost/hello.txt"),
     "GET http://localhost/hello.txt HTTP/1.1", 200, 13),
    ("HTTP/1.0", head("GET", "/hello.txt", version="1.0"),
     "GET /hello.txt HTTP/1.0", 200, 13),
    ("no Host", head("GET", "/hello.txt", host=None),
     "GET /hello.txt HTTP/1.1", 400, None),
    ("a quote", head("GET", '/a"b'), None, None, None),
    ("a backslash", head("GET", "/a\\b"), None, None, None),
    ("an escape sequence", head("GET", "/\x1b[2J"), None, 400, None),
    ("bytes above ASCII", head("GET", "/\xff\xfe"), None, 400, None),
    ("no line end that counts", b"GET /a\nHost: a\n\n", None, 400, None),
    ("garbage", b"\x01\x02\x03\r\n\r\n", None, 400, None),
    ("a long target", head("GET", "/" + "a" * 4000), None, 404, None),
)
def test_one_line_for_each_request(server, data, line, status, size):
    before = len(server.access_lines(0))
    with server.connect() as conn:
        conn.send(data)
        conn.half_close()
        assert conn.rest().startswith(b"HTTP/1.1 ")

    lines = server.access_lines(before + 1)[before:]

    assert len(lines) == 1
    peer, _, request_line, said_status, said_size = fields(lines[0])
    assert peer == "127.0.0.1"
    if line is not None:
        assert request_line == f'"{line}"'
    if status is not None:
        assert said_status == str(status)
    if size is not None:
        assert said_size in ({"0", "-"} if size == 0 else {str(size)})


def test_the_time_is_now_and_utc(server):
    before = len(server.access_lines(0))
    server.request("GET", "/hello.txt")
    line = server.access_lines(before + 1)[before]

    said = time.strptime(fields(line)[1], "%d/%b/%Y:%H:%M:%S +0000")
    now = time.gmtime()
    assert abs(time.mktime(said) - time.mktime(now)) <= 2


def test_combined_has_referer_and_user_agent(start_server):
    server = start_server(access_log={"format": "combined"})
    server.request("GET", "/", 'Referer: http://a/?q="x"',
                   'User-Agent: red\xe4 \\ "\t')
    server.request("GET", "/hello.txt")

    first, second = server.access_lines(2)

    *_, referer, agent = fields(first, COMBINED)
    assert referer == r'"http://a/?q=\"x\""'
    assert agent.lower() == r'"red\xe4 \\ \""'
    assert fields(second, COMBINED)[-2:] == ('"-"', '"-"')


def test_no_request_can_forge_a_line(server):
    before = len(server.access_lines(0))
    forged = '127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /x" 200 1'
    for data in (f"GET /a\n{forged}\n HTTP/1.1\r\nHost: a\r\n\r\n",
                 f"GET /a\r{forged} HTTP/1.1\r\nHost: a\r\n\r\n",
                 f"GET /%0a{forged.replace(' ', '%20')} HTTP/1.1\r\n"
                 "Host: a\r\n\r\n"):
        with server.connect() as conn:
            conn.send(data.encode())
            conn.half_close()
            conn.rest()

    lines = server.access_lines(before + 3)[before:]

    assert len(lines) == 3
    assert not any(line.startswith(forged) for line in lines)
    for line in lines:
        fields(line)


def test_a_silent_client_leaves_no_line(start_server):
    server = start_server()
    server.connect().close()
    server.request("GET", "/hello.txt")
    server.stop()

    assert len(server.access_path.read_text().splitlines()) == 1


def test_a_broken_download_is_logged_with_what_was_sent(start_server):
    server = start_server()
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=16384)
    conn.send(head("GET", "/large.bin"))
    conn.response_head()
    conn.close()

    line, = server.access_lines(1)
    *_, status, size = fields(line)
    assert status == "200"
    assert int(size) < 64 << 20


def test_lines_are_flushed_by_size(start_server):
    server = start_server(access_log={"flush": "1h", "buffer": "4k"})
    with server.connect() as conn:
        for _ in range(600):
            conn.request("GET", "/hello.txt")

    assert server.access_lines(1)


def test_lines_are_flushed_at_the_end(start_server):
    server = start_server(access_log={"flush": "1h"}, server={"workers": 2})
    for _ in range(20):
        server.request("GET", "/hello.txt")
    server.stop()

    assert len(server.access_path.read_text().splitlines()) == 20


def test_lines_of_several_workers_stay_whole(start_server):
    server = start_server(server={"workers": 3}, access_log={"buffer": "4k"})
    with Load(server.address) as load:
        wait_for(lambda: load.answered > 2000, "traffic")
    server.stop()

    lines = server.access_path.read_text().splitlines()
    assert load.failures == []
    assert len(lines) == load.answered
    for line in lines:
        fields(line)


def test_off_is_off(start_server):
    server = start_server(access_log={"path": "off", "flush": None})
    server.request("GET", "/hello.txt")
    server.stop()

    assert not server.access_path.exists()
    assert "hello.txt" not in server.log()


def test_standard_output(start_server):
    server = start_server(access_log={"path": "stdout"})
    server.request("GET", "/hello.txt")

    server.wait_log(r'"GET /hello\.txt HTTP/1\.1" 200 13')


def test_a_log_that_cannot_be_written_never_stops_serving(start_server):
    server = start_server(access_log={"path": "/dev/full"})
    server.expect_log("access log")
    for _ in range(3):
        assert server.request("GET", "/hello.txt").status == 200
    server.wait_log("access log .*No space left")

    assert server.request("GET", "/hello.txt").status == 200


def test_reopen_after_a_rotation_loses_no_line(start_server, scratch):
    server = start_server(server={"workers": 2})
    old_access = scratch / "access.log.1"
    with Load(server.address) as load:
        wait_for(lambda: load.answered > 200, "traffic")
        server.access_path.rename(old_access)
        server.send_signal(signal.SIGUSR1)
        wait_for(server.access_path.exists, "a new access log")
        before = load.answered
        wait_for(lambda: load.answered > before + 200, "traffic")
    server.stop()

    assert load.failures == []
    lines = (old_access.read_text() + server.access_path.read_text())
    assert lines.count("\n") == load.answered
    assert server.access_path.read_text()


def test_reopen_of_the_error_log(make_server, scratch):
    server = make_server(error_log={"path": scratch / "tined.log"})
    server.start()
    rotated = scratch / "tined.log.1"
    server.log_path.rename(rotated)
    server.send_signal(signal.SIGUSR1)
    wait_for(server.log_path.exists, "a new error log")
    server.stop()

    assert "listening on" in rotated.read_text()
    assert "listening on" not in server.log()


def test_reopening_lets_go_of_the_old_files(start_server, scratch):
    """Else the space of a rotated log comes back only after a restart."""
    server = start_server(server={"workers": 2})
    pids = [server.pid, *server.workers()]

    def targets():
        found = []
        for pid in pids:
            for path in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(FileNotFoundError):  # closed by now
                    found.append(os.readlink(path))
        return found

    counts = []
    for n in range(3):
        old = scratch / f"old.{n}"
        server.access_path.rename(old)
        server.send_signal(signal.SIGUSR1)
        wait_for(lambda o=old: str(o) not in targets(), "the old file closed")
        counts.append(len(targets()))
    assert counts[0] == counts[2]


@pytest.mark.parametrize("level, said", [("notice", False), ("info", True)])
def test_refused_requests_are_said_from_info_on(start_server, level, said):
    server = start_server(error_log={"level": level})
    server.request("GET", "/", host=None)
    server.access_lines(1)

    assert ("missing_host" in server.log()) == said


def test_lines_that_the_level_hides_are_not_summed_up(start_server):
    """The sum of a second is written in the next one, if at all."""
    server = start_server()
    for _ in range(40):
        server.request("GET", "/", host=None)
    begin = int(time.time())
    wait_for(lambda: time.time() > begin + 1.1, "another second")
    server.request("GET", "/", host=None)
    server.stop()

    assert "more lines" not in server.log()


def left_out(server, kind):
    """How many lines of a kind the log leaves out, as it says."""
    return sum(map(int, re.findall(
        rf"(\d+) more lines like these in that second: {kind}$",
        server.log(), re.M)))


def test_lines_left_out_are_summed_up_when_nothing_follows(start_server):
    server = start_server(error_log={"level": "info"})
    for _ in range(40):
        server.request("GET", "/", host=None)

    def told():
        return server.log().count("refused missing_host") + left_out(
            server, "refused requests")
    wait_for(lambda: told() == 40, "all of 40")
    assert left_out(server, "refused requests") >= 15


def test_lines_left_out_are_summed_up_at_the_end(start_server):
    server = start_server(error_log={"level": "info"})
    for _ in range(40):
        server.request("GET", "/", host=None)
    server.stop()

    assert server.log().count("refused missing_host") + left_out(
        server, "refused requests") == 40


def test_a_scan_hides_no_other_trouble(make_server):
    """Each kind of line has a ration of its own."""
    server = make_server(error_log={"level": "info"})
    if os.getuid() == 0:
        server.configure(server={"user": "nobody", "allow_root": None})
    (server.root / "secret.txt").write_bytes(b"SECRET")
    (server.root / "secret.txt").chmod(0)
    server.expect_log("answered 403", "more lines like these")
    server.start()
    for _ in range(100):
        server.request("GET", "/", host=None)
    for _ in range(30):
        assert server.request("GET", "/secret.txt").status == 403

    wait_for(lambda: server.log().count("answered 403") + left_out(
        server, "files that could not be served") == 30, "all of 30")
    assert server.log().count("answered 403") >= 10
    assert re.search(r"warn worker 0\[\d+\]: \d+ more lines like these in that "
                     r"second: files", server.log())


def test_lines_have_time_level_and_process(start_server):
    server = start_server()
    server.stop()

    for line in server.log().splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "
                        r"(error|warn|notice|info|debug) "
                        r"(tined|master|worker \d+)\[\d+\]: \S", line), line
