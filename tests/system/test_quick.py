# SPDX-License-Identifier: BSD-2-Clause
"""Quick mode, tined DIR, and the single process, -X."""

import re
import signal

import pytest

from server import children, wait_for

URL = re.compile(r"http://127\.0\.0\.1:(\d+)/")


def start_quick(server, *args):
    server.start(*args, server.root, ports=1)
    wait_for(lambda: URL.search(server.log()), "a URL")
    return server


@pytest.fixture(name="quick")
def fixture_quick(make_server):
    """Starts tined in quick mode on the folder of the test."""
    return lambda *args: start_quick(make_server(), *args)


def test_a_folder_is_all_it_needs(quick):
    server = quick()

    assert server.request("GET", "/hello.txt").body == b"hello, world\n"
    assert server.port == int(URL.search(server.log())[1])
    assert server.address[0] == "127.0.0.1"


def test_the_next_port_is_taken_when_one_is_in_use(quick):
    first, second = quick(), quick()

    assert second.port > first.port
    assert first.request("GET", "/hello.txt").status == 200
    assert second.request("GET", "/hello.txt").status == 200


def test_a_port_that_was_asked_for_is_taken_or_nothing(quick, make_server):
    first = quick("-p", "0")
    second = make_server()
    result = second.command("-p", str(first.port), second.root)

    assert result.returncode != 0
    assert str(first.port) in result.stderr


def test_each_request_is_seen_at_once(quick):
    server = quick("-p", "0")
    server.request("GET", "/hello.txt")

    server.wait_log(r'"GET /hello\.txt HTTP/1\.1" 200')


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal(quick, signum):
    server = quick("-p", "0")
    assert server.request("GET", "/hello.txt").status == 200

    server.stop(signum)


def test_a_folder_that_does_not_exist(make_server):
    server = make_server()
    result = server.command("-p", "0", server.root / "nowhere")

    assert result.returncode != 0
    assert "nowhere" in result.stderr


def test_a_file_is_no_folder(make_server):
    server = make_server()
    result = server.command("-p", "0", server.root / "hello.txt")

    assert result.returncode != 0
    assert "hello.txt" in result.stderr


def test_a_relative_folder(make_server):
    server = make_server()
    server.start("-p", "0", "root", ports=1)

    assert server.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGQUIT,
                                    signal.SIGINT])
def test_single_process(quick, signum):
    """-X forks nothing; the sanitizer build proves that all is freed."""
    server = quick("-X", "-p", "0")
    conn = server.connect()
    for _ in range(10):
        assert conn.request("GET", "/hello.txt").status == 200
    assert children(server.pid) == []

    server.stop(signum)


def test_single_process_with_a_configuration(make_server):
    server = make_server(server={"workers": 4})
    server.start("-X", "-c", server.ini)

    assert server.request("GET", "/hello.txt").status == 200
    assert children(server.pid) == []
    server.stop()
    assert len(server.access_path.read_text().splitlines()) == 1


def test_single_process_finishes_what_it_began(make_server):
    server = make_server()
    server.start("-X", "-c", server.ini)
    conn = server.connect()
    conn.send(b"GET /hello.txt HTTP/1.1\r\n")
    assert server.request("GET", "/hello.txt").status == 200
    server.send_signal(signal.SIGTERM)
    conn.send(b"Host: a\r\n\r\n")

    assert conn.response().closes
    assert server.wait_end() == 0
