# SPDX-License-Identifier: BSD-2-Clause
"""Access logs of sites of their own."""

import os
import shutil
import signal

import pytest

from server import Orphan, open_files, wait_for


def text_of(path):
    return path.read_text() if path.exists() else ""


class Logs:
    """A server with sites a, b, c; a and b have logs of their own."""

    def __init__(self, make_server, **sections):
        server = self.server = make_server(server={"workers": 2})
        self.all = server.access_path
        self.a = server.scratch / "a.log"
        self.b = server.scratch / "b.log"
        site = {"root": server.root}
        server.configure(**{
            "access_log": {"format": "all %v %U %s", "skip": "/empty.txt"},
            "site:a": {**site, "hosts": "a"},
            "site:b": {**site, "hosts": "b"},
            "site:c": {**site, "hosts": "c"},
            "access_log:a": {"path": self.a, "format": "a %U %s"},
            "access_log:b": {"path": self.b, "skip": "404"}})
        server.configure(**sections)

    def ask(self, host, target="/hello.txt", method="GET"):
        with self.server.connect() as conn:
            return conn.request(method, target, host=host).status

    def wait(self, path, *lines):
        """Waits until a log consists of these lines."""
        wait_for(lambda: text_of(path).splitlines() == list(lines),
                 f"{lines} in {path}, which has {text_of(path)!r}")


@pytest.fixture(name="logs")
def fixture_logs(make_server):
    logs = Logs(make_server)
    logs.server.start()
    return logs


def test_each_site_has_its_lines_in_its_form(logs):
    for host in ("a", "b", "c", "d"):
        logs.ask(host)
    logs.wait(logs.a, "a /hello.txt 200")
    logs.wait(logs.b, "all b /hello.txt 200")
    wait_for(lambda: sorted(text_of(logs.all).splitlines()) == [
        "all - /hello.txt 200", "all c /hello.txt 200"], "the others")


def test_what_a_site_does_not_say_is_as_for_all(logs):
    # b says what to skip, and so not what [access_log] does.
    for target in ("/empty.txt", "/none", "/hello.txt"):
        for host in ("a", "b"):
            logs.ask(host, target)
    wait_for(lambda: len(text_of(logs.a).splitlines()) == 2, "two lines")
    assert sorted(text_of(logs.a).splitlines()) == [
        "a /hello.txt 200", "a /none 404"]
    wait_for(lambda: sorted(text_of(logs.b).splitlines()) == [
        "all b /empty.txt 200", "all b /hello.txt 200"], "of b")
    result = logs.server.command("-T", "-c", logs.server.ini)
    section = result.stdout.partition("[access_log:a]")[2].partition("[")[0]
    assert "skip = /empty.txt ; " in section
    assert f"path = {logs.a} ; " in section


def test_a_location_that_is_too_long_is_in_the_log_of_its_site(make_server):
    logs = Logs(make_server)
    logs.server.configure(**{
        "access_log:a": {"path": logs.a, "format": "a %s"},
        "redirect:a": {"/old/*": "/new/*"},
        "match:a *": {
            "append": [f"X-Line: {i} {'x' * 150}" for i in range(49)]},
        "limits": {"head": "10k"}})
    logs.server.start()
    assert logs.ask("a", "/old/" + "y" * 7900) == 414
    logs.wait(logs.a, "a 414")


def test_what_has_no_site_is_in_the_log_of_all(logs):
    with logs.server.connect() as conn:
        conn.send(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        assert conn.response().status == 400
    wait_for(lambda: text_of(logs.all) == "all - / 400\n", "the line")
    assert logs.ask("a", "/", "POST") == 405
    logs.wait(logs.a, "a / 405")


def test_off_for_one_site_and_for_all_others(make_server):
    logs = Logs(make_server, **{"access_log:a": {"path": "off"}})
    server = logs.server
    server.start()
    logs.ask("a")
    logs.ask("c")
    wait_for(lambda: text_of(logs.all) == "all c /hello.txt 200\n", "c 200")
    assert not logs.a.exists()
    server.configure(access_log={"path": "off"},
                     **{"access_log:a": {"path": logs.a}})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    logs.ask("c")
    logs.ask("a")
    logs.wait(logs.a, "a /hello.txt 200")
    assert text_of(logs.all) == "all c /hello.txt 200\n"


def test_sampling_counts_for_each_site(make_server):
    logs = Logs(make_server, **{"access_log:b": {"sample": 3}})
    logs.server.configure(server={"workers": 1})
    logs.server.start()
    with logs.server.connect() as conn:
        for _ in range(6):
            for host in ("a", "b"):
                conn.request("GET", "/hello.txt", host=host)
    logs.wait(logs.a, *["a /hello.txt 200"] * 6)
    logs.wait(logs.b, *["all b /hello.txt 200"] * 2)


def test_two_sections_may_write_to_one_file(make_server):
    logs = Logs(make_server, **{"access_log:a": {"path": None}})
    logs.server.start()
    logs.ask("a")
    wait_for(lambda: text_of(logs.all) == "a /hello.txt 200\n", "a's form")
    logs.ask("c")
    wait_for(lambda: "all c /hello.txt 200\n" in text_of(logs.all), "c's")


def test_all_are_reopened_together(logs):
    server = logs.server
    paths = (logs.all, logs.a, logs.b)
    hosts = ("c", "a", "b")
    for host in hosts:
        logs.ask(host)
    for path in paths:
        wait_for(lambda p=path: text_of(p).count("\n") == 1, "first lines")
        path.rename(path.with_suffix(".1"))
    before = [open_files(pid) for pid in server.workers()]
    for n in range(3):
        server.send_signal(signal.SIGUSR1)
        server.wait_log("logs reopened", n + 1)
    for _ in range(8):  # both workers
        for host in hosts:
            logs.ask(host)
    for path in paths:
        wait_for(lambda p=path: text_of(p).count("\n") == 8, f"new {path}")
        assert text_of(path.with_suffix(".1")).count("\n") == 1
    assert [open_files(pid) for pid in server.workers()] == before


def test_a_reload_changes_paths_and_forms(logs):
    server = logs.server
    other = server.scratch / "other.log"
    logs.ask("a")
    logs.wait(logs.a, "a /hello.txt 200")
    server.configure(**{"access_log:a": {"path": other, "format": "new %s"},
                        "access_log:c": {"path": logs.a, "format": "c %s"}})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    logs.ask("a")
    logs.ask("c")
    logs.wait(other, "new 200")
    logs.wait(logs.a, "a /hello.txt 200", "c 200")


def test_logs_are_reopened_for_a_worker_that_drains(logs):
    """It has logs of before the reload, whose places were others."""
    server = logs.server
    server.configure(timeouts={"drain_grace": "20s"})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    conn = server.connect()
    conn.request("GET", "/hello.txt", host="b")
    server.configure(**{"access_log:a": None, "site:a": None})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 3")
    wait_for(lambda: text_of(logs.b).count("\n") == 1, "the line of b")
    logs.b.rename(logs.b.with_suffix(".1"))
    server.send_signal(signal.SIGUSR1)
    server.wait_log("logs reopened")
    # The old worker may not have read the message yet.
    wait_for(lambda: is_open_in_all(server, logs.b), "the new file")
    answer = conn.request("GET", "/hello.txt", host="b")
    assert answer["Connection"] == "close"
    logs.wait(logs.b, "all b /hello.txt 200")


def is_open_in_all(server, path):
    def opened(pid):
        folder = f"/proc/{pid}/fd"
        return {os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)}
    return all(str(path) in opened(pid) for pid in server.workers())


def test_an_upgrade_keeps_all_logs(make_server, scratch):
    Orphan.expect()
    logs = Logs(make_server)
    server = logs.server
    server.configure(server={"pid_file": scratch / "pid"})
    shutil.copy2(server.binary, scratch / "program")
    server.binary = scratch / "program"
    server.start()
    logs.ask("a")
    logs.wait(logs.a, "a /hello.txt 200")
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert (done.returncode, done.stderr) == (0, ""), done
    old = server.follow(int((scratch / "pid").read_text()))
    logs.ask("a")
    logs.ask("b")
    logs.wait(logs.a, *["a /hello.txt 200"] * 2)
    logs.wait(logs.b, "all b /hello.txt 200")
    assert old.wait(20) == 0
    logs.a.rename(logs.a.with_suffix(".1"))
    done = server.command("-c", server.ini, "-s", "reopen")
    assert done.returncode == 0, done
    for _ in range(4):
        logs.ask("a")
    logs.wait(logs.a, *["a /hello.txt 200"] * 4)


def test_a_hundred_logs(make_server):
    """More than fit into one message from the master."""
    server = make_server(server={"workers": 1})
    names = [f"s{i}" for i in range(100)]
    paths = {name: server.scratch / f"{name}.log" for name in names}
    server.configure(**{f"site:{name}": {"root": server.root, "hosts": name}
                        for name in names})
    server.configure(**{f"access_log:{name}": {"path": paths[name],
                                               "format": f"{name} %s"}
                        for name in names})
    server.start()
    for round_ in range(2):
        with server.connect() as conn:
            for name in names:
                conn.request("GET", "/hello.txt", host=name)
        for name in names:
            wait_for(lambda p=paths[name]: text_of(p) != "", name)
            assert text_of(paths[name]) == f"{name} 200\n"
            paths[name].rename(server.scratch / f"{name}.{round_}")
        server.send_signal(signal.SIGUSR1)
        server.wait_log("logs reopened", round_ + 1)
        wait_for(lambda: is_open_in_all(server, paths["s99"]), "the last")


def test_a_log_that_cannot_be_written_is_told_by_its_path(logs):
    server = logs.server
    server.expect_log("access log /dev/full")
    server.configure(**{"access_log:a": {"path": "/dev/full"}})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    logs.ask("a")
    server.wait_log("access log /dev/full: No space left on device")
    logs.ask("b")
    logs.wait(logs.b, "all b /hello.txt 200")


def test_mistakes_have_their_place(make_server):
    logs = Logs(make_server, **{
        "access_log:a": {"path": "/no/such/folder/x", "format": "%"},
        "access_log:x": {"path": "off"}})
    server = logs.server
    result = server.command("-t", "-c", server.ini)
    assert result.returncode == 1
    assert ': access_log.format: "%": ' in result.stderr
    assert ': access_log: "x": no [site] has this name' in result.stderr
    server.configure(**{"access_log:a": {"format": "%s"},
                        "access_log:x": None})
    result = server.command("-t", "-c", server.ini)
    line = server.ini.read_text().splitlines().index(
        "path = /no/such/folder/x") + 1
    assert f"{server.ini}:{line}: access_log.path: " in result.stderr
    assert result.stderr.count("access_log.path") == 1


def test_alone_without_a_master(make_server):
    logs = Logs(make_server)
    server = logs.server
    server.start("-X", "-c", server.ini)
    logs.ask("a")
    logs.ask("c")
    logs.wait(logs.a, "a /hello.txt 200")
    logs.wait(logs.all, "all c /hello.txt 200")
