# SPDX-License-Identifier: BSD-2-Clause
"""Starting: what is opened, what is said, what is refused."""

import os
import re
import signal
import socket
import stat

import pytest

from client import Connection
from server import Server, is_alive, wait_for


def run_refused(server):
    """Runs a server that must not start; returns what it says."""
    result = server.command("-c", server.ini)
    assert result.returncode != 0
    assert result.stderr.count("\n") <= 5
    return result.stderr


def test_the_log_names_the_address(start_server):
    server = start_server()

    assert server.address[0] == "127.0.0.1"
    assert 0 < server.port < 65536
    assert server.request("GET", "/hello.txt").status == 200


def test_several_addresses_and_sections(start_server):
    server = start_server(
        listen={"address": ["127.0.0.1:0", "127.0.0.2:0"]},
        **{"listen:more": {"address": "127.0.0.3:0"}})

    hosts = {address[0] for address in server.addresses}
    assert hosts == {"127.0.0.1", "127.0.0.2", "127.0.0.3"}
    for address in server.addresses:
        with Connection(address) as conn:
            assert conn.request("GET", "/hello.txt").status == 200


def test_ipv6(start_server):
    server = start_server(listen={"address": "[::1]:0"})

    assert server.address[0] == "::1"
    assert server.request("GET", "/hello.txt").status == 200
    assert server.access_lines(1)[0].startswith("::1 ")


def test_one_ipv6_socket_for_both_families(start_server):
    server = start_server(listen={"address": "[::]:0", "v6only": "no"})
    for host in ("::1", "127.0.0.1"):
        with Connection((host, server.port)) as conn:
            assert conn.request("GET", "/hello.txt").status == 200

    assert server.access_lines(2)[1].startswith("127.0.0.1 ")


def test_both_families_on_one_port(start_server):
    first = start_server(listen={"address": "[::]:0", "v6only": "yes"})
    with pytest.raises(ConnectionRefusedError):
        Connection(("127.0.0.1", first.port))


def test_a_unix_socket(start_server, scratch):
    path = scratch / "tined.sock"
    server = start_server(
        listen={"address": f"unix:{path}", "mode": "0600"})

    assert server.address == str(path)
    assert server.request("GET", "/hello.txt").status == 200
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert server.access_lines(1)[0].startswith("unix:")
    server.stop()
    assert not path.exists()


def test_a_stale_unix_socket_is_replaced(start_server, scratch):
    path = scratch / "tined.sock"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
        sock.listen()
    assert path.exists()

    server = start_server(listen={"address": f"unix:{path}"})

    assert server.request("GET", "/hello.txt").status == 200


def test_a_unix_socket_in_use_is_left_alone(
        start_server, make_server, scratch):
    path = scratch / "tined.sock"
    first = start_server(listen={"address": f"unix:{path}"})
    second = make_server(listen={"address": f"unix:{path}"})

    assert str(path) in run_refused(second)
    assert first.request("GET", "/hello.txt").status == 200


def test_a_file_in_the_place_of_a_unix_socket_stays(make_server, scratch):
    path = scratch / "precious"
    path.write_text("data")
    server = make_server(listen={"address": f"unix:{path}"})

    assert str(path) in run_refused(server)
    assert path.read_text() == "data"


def test_a_second_server_on_the_address_is_refused(start_server, make_server):
    first = start_server(server={"workers": 2})
    second = make_server(listen={"address": f"127.0.0.1:{first.port}"})

    said = run_refused(second)

    assert f"127.0.0.1:{first.port}" in said
    assert "another process" in said
    for _ in range(20):
        assert first.request("GET", "/hello.txt").status == 200


def test_an_address_that_is_not_ours_is_refused(make_server):
    server = make_server(listen={"address": "192.0.2.1:0"})

    assert "192.0.2.1:0" in run_refused(server)


def test_the_pidfile_has_the_master_and_goes_with_it(start_server, scratch):
    path = scratch / "tined.pid"
    server = start_server(server={"pid_file": path})

    wait_for(lambda: path.exists() and path.read_text(), "a pidfile")
    assert path.read_text() == f"{server.pid}\n"
    server.stop()
    assert not path.exists()


def test_a_stale_pidfile_is_taken_over(start_server, scratch):
    path = scratch / "tined.pid"
    path.write_text("1\n")

    server = start_server(server={"pid_file": path})

    wait_for(lambda: path.read_text() == f"{server.pid}\n", "the pid")


def test_the_folder_of_the_pidfile_is_made(start_server, scratch):
    path = scratch / "run" / "tined.pid"
    server = start_server(server={"pid_file": path})
    wait_for(lambda: path.exists() and path.read_text(), "a pidfile")

    assert stat.S_IMODE(path.parent.stat().st_mode) & ~0o755 == 0
    assert server.command("-c", server.ini, "-s", "stop").returncode == 0
    assert list(path.parent.iterdir()) == []


def test_a_folder_below_a_missing_one_is_not_made(make_server, scratch):
    path = scratch / "a" / "b" / "tined.pid"
    server = make_server(server={"pid_file": path})

    assert "its folder cannot be written: No such file" in run_refused(server)


def test_a_pidfile_in_use_is_refused(start_server, make_server, scratch):
    path = scratch / "tined.pid"
    first = start_server(server={"pid_file": path})
    wait_for(lambda: path.exists() and path.read_text(), "a pidfile")
    second = make_server(server={"pid_file": path})

    said = run_refused(second)
    assert f"already running: process {first.pid} holds {path}" in said
    assert "-s reload" in said and "-s stop" in said
    assert path.read_text() == f"{first.pid}\n"
    assert first.request("GET", "/hello.txt").status == 200


def test_daemon_returns_when_it_is_ready(make_server, scratch):
    pid_file = scratch / "tined.pid"
    server = make_server(server={"daemon": "yes", "pid_file": pid_file},
                         error_log={"path": scratch / "tined.log"})
    result = server.command("-c", server.ini)
    pid = int(pid_file.read_text())
    try:
        assert result.returncode == 0
        assert pid != os.getpid()
        port = int(server.wait_log("listening on")[0].rpartition(":")[2])
        with Connection(("127.0.0.1", port)) as conn:
            assert conn.request("GET", "/hello.txt").status == 200
        assert os.getsid(pid) != os.getsid(0)
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not is_alive(pid), "its end", 20)
    assert not pid_file.exists()
    server.check_log()


def test_daemon_that_cannot_start_says_so(start_server, make_server, scratch):
    first = start_server()
    second = make_server(
        server={"daemon": "yes"}, error_log={"path": scratch / "second.log"},
        listen={"address": f"127.0.0.1:{first.port}"})
    result = second.command("-c", second.ini)

    assert result.returncode == 1
    said = result.stderr
    if (scratch / "second.log").exists():
        said += (scratch / "second.log").read_text()
    assert f"127.0.0.1:{first.port}" in said


def test_restart_on_the_same_port_at_once(start_server):
    first = start_server()
    conn = first.connect()
    assert conn.request("GET", "/", "Connection: close").status == 200
    first.stop()

    for _ in range(3):
        again = start_server(listen={"address": f"127.0.0.1:{first.port}"})
        assert again.request("GET", "/hello.txt").status == 200
        again.stop()


def test_standard_streams_may_be_closed(make_server, scratch):
    """A descriptor 0 to 2 must not become a socket or a log."""
    server = make_server(error_log={"path": scratch / "tined.log"})

    def close_standard():
        os.close(0)
        os.close(1)

    server.start(preexec_fn=close_standard)
    assert server.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("args", [
    ["--nonsense"], ["-z"], ["-c"], ["-p", "http", "."], ["-p", "70000", "."],
    ["a", "b"], ["-s", "dance"],
], ids=" ".join)
def test_usage_errors(scratch, args):
    result = Server(scratch).command(*args)

    assert result.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert result.stderr
    assert not result.stdout


@pytest.mark.parametrize("args", [
    ["-d", "-f"], ["-X", "-d"], ["-q"], ["-p", "80"], ["-t", "-T"],
    ["-t", "-s", "stop"], ["-T", "-s", "stop"], ["-f", "-s", "stop"],
    ["-d", "-s", "stop"], ["-X", "-s", "stop"],
], ids=" ".join)
def test_options_that_do_not_go_together(start_server, scratch, args):
    """Whatever was meant, nothing is done."""
    server = start_server(server={"pid_file": scratch / "pid"})
    result = server.command("-c", server.ini, *args)

    assert (result.returncode, result.stdout) == (2, "")
    assert re.match(r"tined: -\w .*\nusage: tined ", result.stderr)
    assert server.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("flag, words", [
    ("-h", ["usage", "-c", "-t", "-X"]), ("-V", ["tined", "0."]),
])
def test_help_and_version_go_to_standard_output(scratch, flag, words):
    result = Server(scratch).command(flag)

    assert result.returncode == 0
    for word in words:
        assert word in result.stdout.lower() or word in result.stdout
    assert not result.stderr


def test_a_missing_configuration_is_named(scratch):
    result = Server(scratch).command("-c", scratch / "nowhere.ini")

    assert result.returncode != 0
    assert "nowhere.ini" in result.stderr
