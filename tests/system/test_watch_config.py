# SPDX-License-Identifier: BSD-2-Clause
"""server.watch_config: a reload when the files of the configuration change."""

import os
import re
import signal

import pytest

from client import Load
from server import ini_text

RELOADED = r"reloaded, generation {}\b"


@pytest.fixture(name="watching")
def fixture_watching(start_server):
    return start_server(server={"watch_config": "yes"})


def replace(path, text):
    """As editors do: another file gets the name."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def test_a_file_that_was_written(watching):
    watching.configure(site={"index": "hello.txt"})

    watching.wait_log("notice .*the configuration has changed, "
                      + re.escape(str(watching.ini)))
    watching.wait_log(RELOADED.format(2))
    assert watching.request("GET", "/").body == b"hello, world\n"


def test_a_file_that_was_replaced_loses_no_request(watching):
    with Load(watching.address) as load:
        for generation, index in ((2, "hello.txt"), (3, "digits.bin")):
            watching.configure(site={"index": index})
            text = watching.ini.read_text()
            replace(watching.ini, text)
            watching.wait_log(RELOADED.format(generation))
    assert load.failures == []
    assert watching.request("GET", "/").body == b"0123456789" * 100


def test_mistakes_keep_the_old_generation_and_are_told_once(watching):
    watching.expect_log(r"tined\.ini:\d+", "reload failed")
    good = watching.ini.read_text()
    watching.ini.write_text(good + "[limits]\nfields = many\n")
    watching.wait_log("reload failed, still serving")
    assert watching.request("GET", "/hello.txt").status == 200

    # Nothing is tried again until the file changes: the next reload is good.
    replace(watching.ini, good + "[site]\nindex = hello.txt\n")
    watching.wait_log(RELOADED.format(r"\d+"))
    assert watching.log().count("the configuration has changed") == 2
    assert watching.log().count("limits.fields") == 1
    assert watching.request("GET", "/").body == b"hello, world\n"


def test_a_file_that_is_gone_for_a_while(watching, scratch):
    watching.expect_log("No such file", "reload failed")
    watching.ini.rename(scratch / "away.ini")
    watching.wait_log("reload failed, still serving")
    assert watching.request("GET", "/hello.txt").status == 200
    (scratch / "away.ini").rename(watching.ini)

    watching.wait_log(RELOADED.format(r"\d+"))


def test_included_files_and_new_ones(start_server, scratch):
    (scratch / "conf.d").mkdir()
    first = scratch / "conf.d/first.ini"
    first.write_text(ini_text({"timeouts": {"keepalive": "1s"}}))
    server = start_server(server={"watch_config": "yes"})
    server.ini.write_text("include = conf.d/*.ini\n" + server.ini.read_text())
    server.wait_log(RELOADED.format(2))

    (scratch / "conf.d/second.ini").write_text(
        ini_text({"mime": {"txt": "text/x-second"}}))
    server.wait_log(RELOADED.format(3))
    assert "text/x-second" in server.request(
        "GET", "/hello.txt")["Content-Type"]
    replace(first, ini_text({"limits": {"target": "64"}}))
    server.wait_log(RELOADED.format(4))
    assert server.request("GET", "/" + "a" * 100).status == 414


def test_a_mounted_configuration_that_is_switched(make_server, scratch):
    """As Kubernetes does it: tined.ini -> ..data/tined.ini, ..data -> N."""
    server = make_server(server={"watch_config": "yes"})
    for n, index in ((1, "index.html"), (2, "hello.txt")):
        (scratch / f"..{n}").mkdir()
        server.configure(site={"index": index})
        (scratch / f"..{n}/tined.ini").write_text(server.ini.read_text())
    server.ini.unlink()
    (scratch / "..data").symlink_to("..1")
    server.ini.symlink_to("..data/tined.ini")
    server.start()
    assert b"home" in server.request("GET", "/").body
    (scratch / "..next").symlink_to("..2")
    (scratch / "..next").rename(scratch / "..data")

    server.wait_log(RELOADED.format(2))
    assert server.request("GET", "/").body == b"hello, world\n"


def test_a_reload_by_hand_is_not_followed_by_another(watching):
    watching.configure(site={"index": "hello.txt"})
    watching.send_signal(signal.SIGHUP)
    watching.wait_log(RELOADED.format(2))
    # A later change shows that there was time for one.
    watching.configure(site={"index": "digits.bin"})
    watching.wait_log(RELOADED.format(3))

    assert watching.log().count("the configuration has changed") <= 1


def test_it_is_off_by_default(make_server):
    """Of two servers with one file, the one that is told to sees a change."""
    quiet, watching = make_server(), make_server()
    watching.start("-c", quiet.ini, "-o", "server.watch_config=yes")
    quiet.start()
    quiet.configure(site={"index": "hello.txt"})
    watching.wait_log(RELOADED.format(2))

    assert "reload" not in quiet.log()
    assert b"home" in quiet.request("GET", "/").body


def test_a_reload_switches_it_on_and_off(start_server):
    server = start_server()
    server.configure(server={"watch_config": "yes"})
    server.send_signal(signal.SIGHUP)
    server.wait_log(RELOADED.format(2))
    server.configure(server={"watch_config": "no"})
    server.wait_log(RELOADED.format(3))

    assert server.log().count("the configuration has changed") == 1


def test_a_pipe_is_read_once(make_server, scratch):
    """There is nothing to look at, and nobody waits for another writer."""
    server = make_server(server={"watch_config": "yes"})
    text = server.ini.read_text()
    fifo = scratch / "fifo.ini"
    os.mkfifo(fifo)
    pid = os.fork()
    if pid == 0:
        fifo.write_text(text)
        os._exit(0)
    server.start("-c", fifo)
    os.waitpid(pid, 0)

    assert server.request("GET", "/hello.txt").status == 200
