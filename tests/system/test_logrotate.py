# SPDX-License-Identifier: BSD-2-Clause
"""conf/logrotate/tined for real: no line is lost, and none is split."""

import gzip
import os
import re
import shutil
import stat
import subprocess

import pytest

from client import Load
from server import SOURCE, wait_for

OBSTACLE = ("needs root" if os.getuid() != 0 else
            None if shutil.which("logrotate") else "needs logrotate")
pytestmark = pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE))

LINE = re.compile(r'127\.0\.0\.1 - - \[\S+ \+0000\] '
                  r'"GET /hello\.txt HTTP/1\.1" 200 13')


@pytest.fixture(name="rotated")
def fixture_rotated(make_server, scratch):
    """A server with its logs in a folder, and its file for logrotate."""
    logs = scratch / "log"
    logs.mkdir(0o755)
    server = make_server(
        server={"workers": 2, "pid_file": scratch / "run" / "tined.pid"},
        error_log={"path": logs / "error.log"},
        access_log={"path": logs / "access.log", "flush": "20ms"})
    server.log_path = logs / "error.log"
    text = (SOURCE / "conf/logrotate/tined.in").read_text()
    for old, new in (
            ("@bindir@/tined", server.binary),
            ("@sysconfdir@/tined/tined.ini", server.ini),
            ("/run/tined/tined.pid", scratch / "run" / "tined.pid"),
            ("/var/log/tined/", f"{logs}/")):
        assert old in text
        text = text.replace(old, str(new))
    (scratch / "rotate.conf").write_text(text)
    return server


def rotate(server):
    """One rotation, as if a day had passed."""
    scratch = server.scratch
    done = subprocess.run(
        ["logrotate", "-f", "-s", scratch / "state", scratch / "rotate.conf"],
        text=True, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done


def lines_of(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="ascii") as file:
        text = file.read()
    assert text == "" or text.endswith("\n"), f"{path} ends within a line"
    return text.splitlines()


def test_rotations_under_load_lose_no_line(rotated, scratch):
    rotated.start()
    with Load(rotated.address) as load:
        for _ in range(4):
            before = load.answered
            wait_for(lambda b=before: load.answered > b + 200, "traffic")
            rotate(rotated)
    rotated.stop()

    assert load.failures == []
    files = sorted((scratch / "log").glob("access.log*"))
    assert [file.name for file in files] == [
        "access.log", "access.log.1", "access.log.2.gz", "access.log.3.gz",
        "access.log.4.gz"]
    lines = {file.name: lines_of(file) for file in files}
    assert all(lines[file.name] for file in files[1:])
    every = [line for part in lines.values() for line in part]
    assert not [line for line in every if not LINE.fullmatch(line)]
    assert len(every) == load.answered


def test_the_new_file_is_for_those_who_may_read_logs(rotated, scratch):
    rotated.start()
    rotated.request("GET", "/hello.txt")
    wait_for((scratch / "log" / "access.log").read_text, "a line")
    rotate(rotated)

    status = (scratch / "log" / "access.log").stat()
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert status.st_uid == 0
    assert "logs reopened" in rotated.log()


def test_without_a_server_there_is_nothing_to_tell(rotated, scratch):
    (scratch / "log" / "access.log").write_text("a line\n")
    rotate(rotated)

    assert (scratch / "log" / "access.log").read_text() == ""
    assert (scratch / "log" / "access.log.1").read_text() == "a line\n"
