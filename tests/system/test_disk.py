# SPDX-License-Identifier: BSD-2-Clause
"""Disks that are cold, hang, fail or lie, and who has to wait for them."""

import errno
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from client import Connection, cases, head
from server import wait_for
from slowfs import SlowFS

BODY = bytes(range(256)) * 2000
SMALL = b"a small file\n"
RETRY = "5"

RESET = r"reset the connection while sending"


@pytest.fixture(name="server")
def fixture_server(make_server):
    """A server that is not started."""
    return make_server()


@pytest.fixture(name="disk")
def fixture_disk(server):
    """A folder below the root on a file system that does as it is told."""
    (server.root / "slow").mkdir()
    disks = []

    def mount(where=server.root / "slow", **kwargs):
        files = {"large.bin": BODY, "small.txt": SMALL,
                 **{f"f{n}": SMALL for n in range(8)}}
        try:
            disks.append(SlowFS(where, files, **kwargs))
        except OSError as error:
            pytest.skip(f"/dev/fuse: {error}")
        return disks[-1]

    yield mount
    for disk in disks:
        disk.close()


@pytest.fixture(name="slow")
def fixture_slow(disk):
    return disk()


def disk_counts(server):
    """What the status says of disks."""
    with Connection(server.addresses[-1]) as conn:
        answer = conn.request("GET", "/status.json")
    totals = json.loads(answer.body)["totals"]
    return {**totals["disk"], "waiting": totals["connections"]["disk"],
            "short": totals["short_files"]}


def start(server, /, **sections):
    """Starts with sockets of [admin], whose address comes last."""
    server.configure(**{"admin": {"address": f"unix:{server.scratch}/a.sock"},
                        **sections})
    server.start(ports=2)
    server.addresses = sorted(server.addresses, key=lambda a: isinstance(a, str))


def ask(server, target, *lines):
    """Sends a request and does not wait for the answer."""
    conn = server.connect()
    conn.send(head("GET", target, *lines))
    return conn


def assert_serves(server, target="/hello.txt"):
    """The others are served, and at once."""
    began = time.monotonic()
    for _ in range(20):
        assert server.request("GET", target).status == 200
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("what", ["lookup", "open", "read"])
@pytest.mark.parametrize("cache_s", [0, 60])
def test_a_file_that_hangs_is_waited_for_by_nobody_else(
        server, disk, what, cache_s):
    slow = disk(cache_s=cache_s)
    start(server)
    slow.hang(what, "large.bin")
    conn = ask(server, "/slow/large.bin")
    slow.wait(what, "large.bin")

    assert_serves(server)
    assert_serves(server, "/slow/small.txt")
    assert disk_counts(server)["waiting"] == 1

    slow.release(what, "large.bin")
    assert conn.response().body == BODY
    assert disk_counts(server)["late"] == 0


def test_a_folder_that_hangs_is_waited_for_by_nobody_else(server, slow):
    start(server, site={"listing": "on"})
    slow.hang("read")
    conn = ask(server, "/slow/")
    slow.wait("read", "")

    assert_serves(server)

    slow.release("read")
    page = conn.response()
    assert page.status == 200
    assert b"large.bin" in page.body and b"small.txt" in page.body


def test_a_folder_of_many_slices_is_listed_whole(server, slow):
    names = {f"n{n:05}" for n in range(3000)}
    for name in names:
        slow.add(name, SMALL)
    start(server, site={"listing": "on"})

    answer = server.request("GET", "/slow/?format=json")

    assert answer.body.count(b'{"name":"n') == len(names)


def test_who_waits_too_long_is_told_to_come_again(server, slow):
    server.expect_log("answered 503 .*timeouts.disk")
    start(server, timeouts={"disk": "300ms"})
    slow.hang("open", "small.txt")
    conn = server.connect()

    answer = conn.request("GET", "/slow/small.txt")

    assert (answer.status, answer["Retry-After"]) == (503, RETRY)
    assert conn.request("GET", "/hello.txt").status == 200
    server.wait_log(r'answered 503 to "/slow/small.txt": .*timeouts.disk')
    assert disk_counts(server)["late"] == 1
    slow.release("open", "small.txt")
    assert conn.request("GET", "/slow/small.txt").body == SMALL


def test_a_file_that_hangs_when_a_part_was_sent_is_reset(server, slow):
    server.expect_log(RESET)
    start(server, timeouts={"disk": "300ms"})
    slow.hang("read", "large.bin")
    conn = ask(server, "/slow/large.bin")

    with pytest.raises(ConnectionResetError):
        conn.response()

    server.wait_log(rf'{RESET} "/slow/large.bin": .*timeouts.disk')
    assert disk_counts(server)["late"] == 1


def test_those_who_want_the_same_wait_for_one(server, slow):
    start(server)
    slow.hang("lookup", "f1")
    conns = [ask(server, "/slow/f1") for _ in range(20)]
    slow.wait("lookup", "f1")
    wait_for(lambda: disk_counts(server)["waiting"] == 20, "20 who wait")

    # The files that hang do not hold all threads, but one each.
    assert_serves(server, "/slow/f2")
    assert slow.count("lookup", "f1") == 1

    slow.release("lookup", "f1")
    for conn in conns:
        assert conn.response().body == SMALL


def test_the_last_thread_is_for_another_site(server, disk):
    other = server.scratch / "other"
    other.mkdir()
    slow, good = disk(), disk(other)
    start(server, server={"disk_threads": 3},
          **{"site:other": {"root": other, "hosts": "other"}})
    for n in range(6):
        slow.hang("open", f"f{n}")
    conns = [ask(server, f"/slow/f{n}") for n in range(6)]
    wait_for(lambda: disk_counts(server)["waiting"] == 6, "six who wait")

    assert_serves(server)
    for _ in range(3):
        answer = server.request("GET", "/small.txt", host="other")
        assert answer.body == SMALL
    assert good.count("open", "small.txt") == 3

    for n in range(6):
        slow.release("open", f"f{n}")
    for conn in conns:
        assert conn.response().body == SMALL


def test_clients_that_leave_take_their_requests_with_them(server, slow):
    start(server, server={"disk_threads": 1}, timeouts={"disk": "200ms"})
    server.expect_log("answered 503")
    slow.hang("open", "f0")
    conns = [ask(server, f"/slow/f{n}") for n in range(5)]
    for conn in conns:
        assert conn.response().status == 503
        conn.close()
    wait_for(lambda: disk_counts(server)["waiting"] == 0, "nobody waits")
    slow.release("open", "f0")

    wait_for(lambda: server.request("GET", "/slow/f7").status == 200,
             "the thread is back")
    # What nobody waited for any more was not begun.
    assert slow.count("open", "f4") == 0


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_does_not_wait_for_what_hangs(server, slow, signum):
    server.expect_log("threads behind", "does not leave in time",
                      "does not end although", "timeouts.drain")
    start(server, timeouts={"drain": "300ms", "drain_grace": "50ms"})
    slow.hang("open", "f0")
    conn = ask(server, "/slow/f0")
    slow.wait("open", "f0")

    server.send_signal(signum)

    assert server.wait_end() == 0
    conn.close()


def test_a_reload_does_not_wait_for_what_hangs(server, slow):
    server.expect_log("threads behind", "does not leave in time",
                      "does not end although", "timeouts.drain")
    start(server, timeouts={"drain": "300ms", "drain_grace": "50ms"})
    old = server.workers()
    slow.hang("open", "f0")
    conn = ask(server, "/slow/f0")
    slow.wait("open", "f0")

    server.send_signal(signal.SIGHUP)
    server.wait_log("left threads behind")

    assert_serves(server)
    slow.release("open", "f0")
    wait_for(lambda: not set(old) & set(server.workers()), "the old one ends")
    conn.close()


def test_errors_of_the_disk_are_named(server, slow):
    server.expect_log("answered 500", RESET)
    start(server)
    slow.fail("open", "f0", errno.EIO)
    slow.fail("read", "f1", errno.EIO)

    assert server.request("GET", "/slow/f0").status == 500
    server.wait_log(r'answered 500 to "/slow/f0": Input/output error')
    with pytest.raises(ConnectionResetError):
        ask(server, "/slow/f1").response()
    server.wait_log(rf'{RESET} "/slow/f1": Input/output error')
    assert disk_counts(server)["read_errors"] == 1
    assert_serves(server, "/slow/f2")


@cases("size, there",
       ("empty", 1000, 0),
       ("short", 1000, 999),
       ("short by far", 300000, 100))
def test_a_file_shorter_than_it_says_is_reset(server, slow, size, there):
    server.expect_log(RESET)
    slow.add("liar", b"x" * there, size)
    start(server)
    conn = ask(server, "/slow/liar")

    with pytest.raises(ConnectionResetError):
        conn.response()

    server.wait_log(rf'{RESET} "/slow/liar": the file became shorter')
    counts = disk_counts(server)
    assert (counts["short"], counts["read_errors"]) == (1, 0)


def test_a_file_that_grew_is_sent_as_long_as_it_was(server, slow):
    slow.add("log", b"line\n" * 10, 25)
    start(server)
    conn = server.connect()

    assert conn.request("GET", "/slow/log").body == b"line\n" * 5
    assert conn.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("threads", [0, 8])
def test_remote_files_are_opened_anew_and_read(server, slow, threads):
    start(server, server={"disk_threads": threads})
    conn = server.connect()
    for _ in range(3):
        assert conn.request("GET", "/slow/large.bin").body == BODY
    assert slow.count("open", "large.bin") == 3

    slow.nodes["large.bin"].data = BODY[::-1]
    assert conn.request("GET", "/slow/large.bin").body == BODY[::-1]
    part = conn.request("GET", "/slow/large.bin", "Range: bytes=5-300004")
    assert part.body == BODY[::-1][5:300005]
    assert conn.request("HEAD", "/slow/large.bin")["Content-Length"] == str(
        len(BODY))
    etag = part["ETag"]
    answer = conn.request("GET", "/slow/large.bin", f"If-None-Match: {etag}")
    assert answer.status == 304
    parts = conn.request("GET", "/slow/large.bin", "Range: bytes=0-9,100-49999")
    assert parts.status == 206
    assert BODY[::-1][100:50000] in parts.body
    assert conn.request("GET", "/slow/nothing").status == 404


def test_a_site_can_say_that_it_is_local(server, disk):
    slow = disk(server.root / "slow", cache_s=60)
    start(server, site={"root": server.root / "slow", "storage": "local"})
    assert server.request("GET", "/small.txt").body == SMALL
    before = slow.count("open", "small.txt")
    for _ in range(3):
        assert server.request("GET", "/large.bin").body == BODY
        assert server.request("GET", "/small.txt").body == SMALL

    assert slow.count("open", "small.txt") == before
    assert server.wait_log(r"is on fuse: .*as those of this machine")


def test_a_site_can_say_that_it_is_remote(server):
    start(server, site={"storage": "remote"})
    path = server.root / "large.bin"
    path.write_bytes(BODY)
    conn = server.connect()

    assert conn.request("GET", "/large.bin").body == BODY
    path.write_bytes(BODY[::-1])
    assert conn.request("GET", "/large.bin").body == BODY[::-1]
    assert conn.request("GET", "/docs/").body.startswith(b"<!doctype")
    assert conn.request("GET", "/docs").status == 301


def test_a_remote_root_is_named_once(server, disk):
    disk(server.root / "slow")
    server.configure(server={"workers": 2}, site={"root": server.root / "slow"})
    start(server)

    assert server.request("GET", "/small.txt").body == SMALL
    lines = server.wait_log(r"slow is on fuse: .*opened for each request")
    assert len(lines) == 1


def test_answers_keep_their_order_when_one_has_to_wait(server, slow):
    start(server)
    slow.hang("open", "f3")
    conn = server.connect()
    conn.send(head("GET", "/hello.txt") + head("GET", "/slow/f3")
              + head("GET", "/slow/large.bin") + head("GET", "/hello.txt"))
    assert conn.response().body == b"hello, world\n"
    slow.wait("open", "f3")
    slow.release("open", "f3")

    assert conn.response().body == SMALL
    assert conn.response().body == BODY
    assert conn.response().body == b"hello, world\n"


def test_an_error_page_and_an_index_may_have_to_wait_too(server, disk):
    slow = disk()
    for name in ("index.html", "404.html"):
        slow.add(name, name.encode())
    start(server, site={"root": server.root / "slow",
                        "try": "$uri $uri.html $uri/"},
          error_pages={"404": "/404.html"})

    before = slow.count("open", "404.html")
    assert server.request("GET", "/").body == b"index.html"
    answer = server.request("GET", "/nothing")
    assert (answer.status, answer.body) == (404, b"404.html")
    assert server.request("GET", "/404").body == b"404.html"
    # Each was asked for once, however often the request was decided.
    assert slow.count("open", "404.html") == before + 2


MAGICS = {"vboxsf": 0x786F4256, "9p": 0x01021997, "smb3": 0xFE534D42}

SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/vfs.h>
int fstatfs(int fd, struct statfs *fs)
{
	int (*real)(int, struct statfs *) =
	    (int (*)(int, struct statfs *))dlsym(RTLD_NEXT, "fstatfs");
	int rc = real(fd, fs);

	fs->f_type = %#x;
	return rc;
}
"""


@pytest.mark.parametrize("name", MAGICS)
def test_file_systems_that_lie_are_known(server, name):
    compiler = shutil.which("cc")
    assert compiler, "tests of this file need a C compiler"
    shim = server.scratch / "shim.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", shim, "-ldl"],
        input=SHIM % MAGICS[name], text=True, check=True)
    # The sanitizer wants to be the first; the shim is no trouble for it.
    server.environment = {"LD_PRELOAD": str(shim),
                          "ASAN_OPTIONS": "verify_asan_link_order=0"}
    start(server)
    path = server.root / "large.bin"
    path.write_bytes(BODY)

    assert server.request("GET", "/large.bin").body == BODY
    server.wait_log(rf"is on {name}: .*opened for each request")
    worker, = server.workers()
    links = [os.readlink(f"/proc/{worker}/fd/{fd}")
             for fd in os.listdir(f"/proc/{worker}/fd")]
    assert str(path) not in links


def make_cold(path):
    """Has the kernel forget a file; False where it cannot."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        try:
            os.preadv(file.fileno(), [bytearray(1)], 0, os.RWF_NOWAIT)
        except OSError as error:
            return error.errno == errno.EAGAIN
    return False


def test_what_is_not_in_memory_is_read_by_a_thread(server):
    path = server.root / "large.bin"
    path.write_bytes(BODY * 5)
    start(server)
    assert server.request("GET", "/large.bin").body == BODY * 5
    before = disk_counts(server)["waits"]
    assert server.request("GET", "/large.bin").body == BODY * 5
    assert disk_counts(server)["waits"] == before, "it is in memory"

    if not make_cold(path):
        pytest.skip(f"the file system of {path} keeps all in memory")
    # What was in memory a second ago is taken to be there still.
    time_over = time.monotonic() + 1.1
    wait_for(lambda: time.monotonic() > time_over, "a second")
    assert server.request("GET", "/large.bin").body == BODY * 5
    assert disk_counts(server)["waits"] > before
