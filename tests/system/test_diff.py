# SPDX-License-Identifier: BSD-2-Clause
"""tined diff: what a reload would change, and what a reload then changes."""

import re
import signal
import socket

import pytest

from server import open_files, wait_for


@pytest.fixture(name="running")
def fixture_running(make_server, scratch):
    """A server with a pidfile."""
    server = make_server(server={"pid_file": scratch / "tined.pid"})
    server.start()
    wait_pidfile(server)
    return server


def wait_pidfile(server):
    path = server.scratch / "tined.pid"
    wait_for(lambda: path.exists() and path.read_text(), "a pidfile")


def diff(server, *args):
    return server.command("diff", "-c", server.ini, *args)


def test_nothing_would_change(running):
    result = diff(running)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "nothing would change\n"


def test_each_difference_is_told_with_its_place(running):
    running.configure(server={"workers": 3}, limits={"fields": 7},
                      site={"index": "a b"},
                      **{"site:new": {"root": running.root, "hosts": "new"},
                         "listen:new": {"address": "127.0.0.2:0"}})
    result = diff(running)

    assert (result.returncode, result.stderr) == (1, "")
    ini = re.escape(str(running.ini))
    for line in (rf"server\.workers: 1 -> 3 \({ini}:2\)",
                 rf"limits\.fields: 100 -> 7 \({ini}:\d+\)",
                 rf"site\.index: index\.html -> a b \({ini}:\d+\)",
                 rf"\[site:new\] comes \({ini}:\d+\)",
                 rf"    hosts = new \({ini}:\d+\)",
                 r"socket 127\.0\.0\.2:0 opens",
                 r"workers: 1 -> 3"):
        assert re.search(f"^{line}$", result.stdout, re.M), (line, result)
    assert "closes" not in result.stdout


def test_after_the_reload_nothing_would_change(running):
    running.configure(server={"workers": 2}, site={"index": "hello.txt"})
    assert diff(running).returncode == 1
    running.send_signal(signal.SIGHUP)
    running.wait_log("reloaded, generation 2")

    assert diff(running).stdout == "nothing would change\n"


def test_what_needs_a_restart_is_told(running, scratch):
    running.configure(server={"daemon": "yes"})
    running.expect_log("needs a restart")
    result = diff(running)
    assert result.returncode == 1
    assert "server.daemon needs a restart\n" in result.stdout

    running.send_signal(signal.SIGHUP)
    running.wait_log(r"server\.daemon changed: that needs a restart")


def test_mistakes_are_told_like_by_a_test(running):
    running.configure(server={"workers": "many"}, limits={"fields": "few"})
    result = diff(running)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == running.command("-t", "-c", running.ini).stderr
    assert "server.workers" in result.stderr


def test_what_only_this_machine_can_tell_is_a_mistake_too(running):
    running.configure(site={"root": "/nowhere/at/all"})
    result = diff(running)

    assert (result.returncode, result.stdout) == (2, "")
    assert "/nowhere/at/all" in result.stderr


def test_warnings_are_told(running):
    running.configure(server={"log_level": "notice"})
    result = diff(running)

    assert result.returncode == 0
    assert result.stderr.count("an old name") == 1


def test_a_reload_heeds_what_the_server_was_started_with(make_server, scratch):
    """So the options and variables of the server count, not those of diff."""
    server = make_server(server={"pid_file": scratch / "tined.pid"})
    server.environment = {"TINED_SITE_INDEX": "hello.txt"}
    server.start("-c", server.ini, "-o", "limits.fields=7")
    wait_pidfile(server)
    server.environment = {"TINED_LIMITS_FIELD": "1k"}
    assert diff(server, "-o", "limits.fields=8").returncode == 0

    server.configure(limits={"fields": 9, "field": "2k"})
    result = diff(server)
    assert result.returncode == 1
    assert re.fullmatch(r"limits\.field: 8k -> 2k \(\S+\)\n", result.stdout)


def test_another_file_is_compared_with_a_note(running, scratch):
    other = scratch / "other.ini"
    other.write_text(running.ini.read_text() + "[timeouts]\nhead = 1s\n")
    result = running.command("diff", "-c", other)

    assert result.returncode == 1
    assert "timeouts.head: 15s -> 1s" in result.stdout
    assert str(running.ini) in result.stderr and str(other) in result.stderr


def test_nobody_there(make_server, scratch):
    server = make_server(server={"pid_file": scratch / "tined.pid"})
    result = diff(server)
    assert (result.returncode, result.stdout) == (2, "")
    assert "not running" in result.stderr

    server.configure(server={"pid_file": None})
    result = diff(server)
    assert (result.returncode, result.stdout) == (2, "")
    assert "pid_file" in result.stderr


def test_a_folder_has_nothing_to_reload(make_server, scratch):
    path = scratch / "tined.pid"
    server = make_server()
    server.start("-p", "0", "-o", f"server.pid_file={path}", server.root,
                 ports=1)
    wait_pidfile(server)
    result = diff(server, "-o", f"server.pid_file={path}")

    assert (result.returncode, result.stdout) == (2, "")
    assert "folder" in result.stderr


def test_a_large_configuration_has_room(make_server, scratch):
    sites = {f"site:{n}": {"root": scratch / "root", "hosts": f"h{n}"}
             for n in range(500)}
    server = make_server(server={"pid_file": scratch / "tined.pid"}, **sites)
    server.start()
    wait_pidfile(server)
    server.configure(**{"site:499": {"index": "x"}})

    assert re.fullmatch(r"site:499\.index: index\.html -> x \(\S+\)\n",
                        diff(server).stdout)


def test_nobody_makes_the_master_wait(running, scratch):
    """Clients that ask and do not listen; no descriptor is left behind."""
    before = open_files(running.pid)
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(scratch / "tined.pid.sock"))
            sock.sendall(b"values\n")
    assert diff(running).returncode == 0

    wait_for(lambda: open_files(running.pid) == before, "closed descriptors")


def test_usage(running):
    for args in (["diff", "folder"], ["diff", "-z"], ["diff", "-c"],
                 ["-c", running.ini, "diff"]):
        result = running.command(*args)
        assert (result.returncode, result.stdout) == (2, ""), args
        assert "usage: tined" in result.stderr
    result = running.command("diff", "-h")
    assert result.returncode == 0
    assert result.stdout.startswith("usage: tined diff ")
    assert running.command("-c", running.ini, "-s", "values").returncode == 2


def test_a_slip_in_the_word_brings_a_suggestion(running):
    result = running.command("dif")
    assert (result.returncode, result.stdout) == (1, "")
    assert "did you mean the command diff?" in result.stderr
    assert "did you mean" not in running.command("nowhere").stderr


def test_a_folder_of_that_name_is_served_by_its_path(make_server):
    server = make_server()
    (server.root / "diff").mkdir()
    (server.root / "diff/x.txt").write_bytes(b"x")
    server.scratch = server.root  # where ./diff is
    server.start("-p", "0", "./diff", ports=1)

    assert server.request("GET", "/x.txt").body == b"x"


def test_the_order_of_sections_counts(make_server, scratch):
    server = make_server(server={"pid_file": scratch / "tined.pid"},
                         **{"match:*": {"cache": "1h"},
                            "match:*.txt": {"cache": "off"}}).start()
    wait_for((scratch / "tined.pid").exists, "a pidfile")
    text = server.ini.read_text()
    first = text.index("[match:*]")
    second = text.index("[match:*.txt]")
    server.ini.write_text(text[:first] + text[second:] + "\n"
                          + text[first:second])
    result = server.command("diff", "-c", server.ini)
    assert result.returncode == 1
    assert re.search(r"^\[match:\*\.txt\] comes before \[match:\*\] now",
                     result.stdout, re.M), result.stdout
    server.stop()
