# SPDX-License-Identifier: BSD-2-Clause
"""Keys that the command line and the environment set: -o and TINED_..."""

import re
import signal

import pytest

from client import cases
from server import wait_for


@pytest.fixture(name="over")
def fixture_over(make_server, scratch):
    """A server with a pidfile that is not started yet."""
    return make_server(server={"pid_file": scratch / "tined.pid"})


def wait_pidfile(server):
    path = server.scratch / "tined.pid"
    wait_for(lambda: path.exists() and path.read_text(), "a pidfile")


def test_no_file_is_needed(make_server):
    server = make_server()
    server.start("-c", "/dev/null", "-o", "listen.address=127.0.0.1:0",
                 "-o", f"site.root={server.root}", "-o",
                 "server.allow_root=yes", "-o", "server.workers=1", ports=1)

    assert server.request("GET", "/hello.txt").body == b"hello, world\n"
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    assert server.request("GET", "/hello.txt").status == 200


def test_the_environment_alone_is_enough(make_server):
    server = make_server()
    server.environment = {
        "TINED_LISTEN_ADDRESS": "127.0.0.1:0", "TINED_SITE_ROOT": server.root,
        "TINED_SERVER_ALLOW_ROOT": "yes", "TINED_SERVER_WORKERS": "1"}
    server.start("-c", "/dev/null", ports=1)

    assert server.request("GET", "/hello.txt").body == b"hello, world\n"
    assert len(server.workers()) == 1


def test_a_reload_keeps_what_was_said_at_the_start(over):
    over.environment = {"TINED_SITE_INDEX": "hello.txt"}
    over.start("-c", over.ini, "-o", "server.workers=2")
    wait_pidfile(over)
    over.configure(server={"workers": 1}, site={"index": "digits.bin"})
    over.environment = {}
    result = over.command("-c", over.ini, "-s", "reload")

    assert result.returncode == 0
    assert "2 workers" in result.stdout
    assert over.request("GET", "/").body == b"hello, world\n"


def test_a_command_finds_the_server_by_an_option(over, scratch):
    path = scratch / "other.pid"
    over.start("-c", over.ini, "-o", f"server.pid_file={path}")
    wait_for(lambda: path.exists() and path.read_text(), "a pidfile")

    assert over.command("-c", over.ini, "-s", "reload").returncode == 1
    result = over.command("-c", over.ini, "-o", f"server.pid_file={path}",
                          "-s", "reload")
    assert result.returncode == 0, result.stderr


def test_the_origin_of_each_value_is_shown(over):
    over.environment = {"TINED_SERVER_WORKERS": "3",
                        "TINED_LIMITS_FIELDS": "7"}
    shown = over.command("-T", "-c", over.ini, "-o", "limits.fields=8",
                         "-o", "site.index=a b", "-o", "site.index=c").stdout

    assert re.search(r"^workers = 3 ; TINED_SERVER_WORKERS$", shown, re.M)
    assert re.search(r"^fields = 8 ; -o$", shown, re.M)
    assert re.findall(r"^index = (\w) ; -o$", shown, re.M) == list("abc")
    over.ini.write_text(shown)
    over.environment = {}
    again = over.command("-T", "-c", over.ini).stdout
    assert "workers = 3 ; " + str(over.ini) in again


@cases(
    "option, said",
    ("unknown key", "server.workres=1",
     r"-o server\.workres: unknown key; .*did you mean \"workers\"\?"),
    ("unknown section", "sever.workers=1",
     r"-o \"sever\": unknown section; .*did you mean \"server\"\?"),
    ("bad value", "server.workers=many", r"-o server\.workers: \"many\": "),
    ("no value", "server.workers", r"-o \"server\.workers\": not SECTION"),
    ("folder that is not there", "site.root=/nowhere/at/all",
     r"-o site\.root: \"/nowhere/at/all\": No such file"),
)
def test_a_bad_option_stops_the_start(over, option, said):
    result = over.command("-c", over.ini, "-o", option)

    assert result.returncode == 1
    assert re.match(said, result.stderr), result.stderr


def test_a_bad_value_of_a_variable_stops_the_start(over):
    over.environment = {"TINED_SERVER_WORKERS": "many"}
    result = over.command("-c", over.ini)

    assert result.returncode == 1
    assert re.match(r"TINED_SERVER_WORKERS: server\.workers: \"many\": ",
                    result.stderr), result.stderr


def test_an_unknown_variable_is_a_warning(over):
    over.environment = {"TINED_SERVER_WORKRES": "3", "TINED_SERVICE_HOST": "a"}
    over.expect_log("TINED_SERVER_WORKRES")
    result = over.command("-t", "-c", over.ini)
    assert result.returncode == 0
    assert result.stderr == (
        "TINED_SERVER_WORKRES: warning: no key has this variable; "
        "did you mean \"TINED_SERVER_WORKERS\"?\n")

    over.start()
    over.wait_log("^TINED_SERVER_WORKRES: warning")
    over.send_signal(signal.SIGHUP)
    over.wait_log(" warn .*TINED_SERVER_WORKRES: warning")
    assert over.request("GET", "/hello.txt").status == 200


def test_quick_mode_takes_options(make_server):
    server = make_server()
    server.environment = {"TINED_SITE_ROOT": "/nowhere"}
    server.start("-o", "site.index=hello.txt", "-p", "0", server.root, ports=1)

    assert server.request("GET", "/").body == b"hello, world\n"


def test_quick_mode_listens_where_an_option_says(make_server):
    server = make_server()
    server.start("-o", "listen.address=127.0.0.2:0", server.root, ports=1)

    assert server.address[0] == "127.0.0.2"
    assert server.request("GET", "/hello.txt").status == 200
    second = make_server()
    result = second.command(
        "-o", f"listen.address=127.0.0.2:{server.port}", second.root)
    assert result.returncode == 1, "the next port is not what was asked for"


def test_the_file_in_force_may_not_be_endless(over):
    result = over.command("-t", "-c", "/dev/zero")

    assert result.returncode == 1
    assert "/dev/zero: not a regular file" in result.stderr
