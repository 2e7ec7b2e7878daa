# SPDX-License-Identifier: BSD-2-Clause
"""conf/init.d/tined for real: every action, and the exit status of the LSB."""

import os
import shutil
import signal
import subprocess
import threading
import time

import pytest

from client import Connection, head
from server import LISTENING, SOURCE, Orphan, is_alive, parse_address, wait_for

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root")

BUSYBOX = shutil.which("busybox")
PATH_LINE = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
             ":/sbin:/bin\n")
LSB = "/lib/lsb/init-functions"


class Script:
    """
    The script in a scratch prefix, and the server that it starts.

    kind is "lsb": with all that Debian has; "busybox": with nothing else; or
    "bare": without start-stop-daemon as well.
    """

    def __init__(self, server, kind):
        self.server, self.scratch = server, server.scratch
        self.path = self.scratch / "init.d" / "tined"
        self.defaults = self.scratch / "etc" / "default" / "tined"
        self.pid_file = self.scratch / "run" / "tined.pid"
        self.daemon = self.scratch / "bin" / "tined"
        for path in (self.path, self.defaults, self.daemon):
            path.parent.mkdir(parents=True)
        self.daemon.symlink_to(server.binary)
        server.ini = self.scratch / "etc" / "tined" / "tined.ini"
        server.ini.parent.mkdir()
        server.configure(server={"pid_file": self.pid_file},
                         error_log={"path": server.log_path})
        self.defaults.write_text(f"PIDFILE={self.pid_file}\n")
        text = (SOURCE / "conf/init.d/tined.in").read_text()
        self.shell = ["sh"]
        if kind != "lsb":
            text = self.strip(text)
        if kind == "bare":
            (self.scratch / "busybox" / "start-stop-daemon").unlink()
        self.path.write_text(
            text.replace("@bindir@", str(self.daemon.parent))
            .replace("@sysconfdir@", str(self.scratch / "etc")))
        self.path.chmod(0o755)

    def strip(self, text):
        """As on a machine where all tools are busybox's."""
        tools = self.scratch / "busybox"
        tools.mkdir()
        subprocess.run([BUSYBOX, "--install", "-s", tools], check=True)
        self.shell = [BUSYBOX, "sh"]
        assert PATH_LINE in text and LSB in text
        return text.replace(PATH_LINE, f"PATH={tools}\n").replace(
            LSB, "/nowhere")

    def run(self, *args, **kwargs):
        """One action; it ends, and nothing keeps its output open."""
        return subprocess.run(
            [*self.shell, self.path, *args], cwd="/", text=True,
            capture_output=True, timeout=60, check=False, **kwargs)

    def expect(self, status, *actions):
        """Runs actions that all end with status; the last one's words."""
        for action in actions:
            done = self.run(action)
            assert done.returncode == status, (action, done)
        return done.stdout + done.stderr

    @property
    def pid(self):
        return int(self.pid_file.read_text())

    def serves(self):
        """Asks the server that was started last, which must be ready."""
        self.server.addresses = [
            parse_address(LISTENING.findall(self.server.log())[-1])]
        with Connection(self.server.address) as conn:
            assert conn.request("GET", "/hello.txt").status == 200

    def end(self):
        """Whatever the test left."""
        try:
            pid = self.pid
            if os.readlink(f"/proc/{pid}/exe") == str(self.server.binary):
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass  # nothing is left


@pytest.fixture(name="script", params=["lsb", "busybox"])
def fixture_script(request, make_server):
    if request.param != "lsb" and BUSYBOX is None:
        pytest.skip("needs busybox")
    script = Script(make_server(), request.param)
    yield script
    try:
        if script.pid_file.exists():
            script.run("stop")
        if script.server.log_path.exists():
            script.server.check_log()
    finally:
        script.end()


@pytest.mark.parametrize("script", ["lsb", "busybox", "bare"], indirect=True)
def test_a_life(script):
    assert "not running" in script.expect(3, "status")
    script.expect(0, "stop", "configtest")
    script.expect(7, "reload", "force-reload")
    script.expect(0, "start")
    script.serves()
    first = script.pid
    assert f"running, process {first}" in script.expect(0, "status")
    assert f"already running, process {first}" in script.expect(0, "start")
    assert "reloaded, generation 2" in script.expect(0, "reload")
    assert "reloaded, generation 3" in script.expect(0, "force-reload")
    assert script.pid == first
    script.expect(0, "restart")
    script.serves()
    assert script.pid != first and not is_alive(first)
    second = script.pid
    script.expect(0, "stop")
    assert not is_alive(second)
    assert not script.pid_file.exists()
    script.expect(3, "status")
    script.expect(0, "restart")
    script.serves()


@pytest.mark.parametrize("args", [[], ["dance"], ["START"], [""]], ids=str)
def test_what_is_no_action_is_a_usage_error(script, args):
    done = script.run(*args)

    assert (done.returncode, done.stdout) == (2, "")
    assert "start|stop|restart|reload|force-reload|status|configtest" in (
        done.stderr)


def test_not_installed(script):
    script.daemon.unlink()

    said = script.expect(5, "restart", "reload", "configtest", "start")
    assert f"not installed: no program {script.daemon}" in said
    script.expect(0, "stop")
    script.expect(3, "status")


def test_not_configured(script):
    script.server.ini.unlink()

    said = script.expect(6, "restart", "reload", "configtest", "start")
    assert f"not configured: no file {script.server.ini}" in said
    script.expect(0, "stop")
    script.expect(3, "status")


@pytest.mark.parametrize("other", ["another", None], ids=["other", "none"])
def test_a_pidfile_that_the_script_does_not_know(script, other):
    """It would never find the server again."""
    configured = None if other is None else script.scratch / other
    script.server.configure(server={"pid_file": configured})

    said = script.expect(6, "start", "restart")
    assert f"set server.pid_file = {script.pid_file} in" in said
    assert f"or PIDFILE='{configured or ''}' in {script.defaults}" in said


def test_a_bad_configuration_is_shown_and_changes_nothing(script):
    script.server.expect_log(r"tined\.ini", "reload")
    script.expect(0, "start")
    first, good = script.pid, script.server.ini.read_text()
    script.server.configure(limits={"fields": "many"})

    for action in ("configtest", "reload", "force-reload", "restart"):
        said = script.expect(1, action)
        assert "limits.fields" in said and "tined.ini:" in said
        assert script.pid == first
        script.serves()
    script.expect(0, "status", "start", "stop")
    assert "limits.fields" in script.expect(1, "start")
    script.expect(3, "status")
    script.server.ini.write_text(good)
    script.expect(0, "start")
    script.serves()


def test_a_port_that_is_taken(script, start_server):
    other = start_server()
    script.server.expect_log("cannot listen")
    script.server.configure(
        listen={"address": f"127.0.0.1:{other.port}"})

    assert "another process listens there" in script.expect(1, "start")
    script.expect(3, "status")
    assert other.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("pid", ["dead", "ours", "nonsense"])
def test_a_stale_pidfile(script, pid):
    """The process it names is gone, or another program by now."""
    text = {"dead": "4194303", "ours": os.getpid(), "nonsense": "no number"}
    script.pid_file.parent.mkdir()
    script.pid_file.write_text(f"{text[pid]}\n")

    assert "dead, but there is" in script.expect(1, "status")
    script.expect(7, "reload")
    script.expect(0, "stop", "start")
    script.serves()
    assert script.pid != os.getpid()
    script.expect(0, "status", "stop")


def test_a_master_that_was_killed_can_be_started_again(script):
    script.server.expect_log("the master is gone")
    script.expect(0, "start")
    first = script.pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: not is_alive(first), "its end")
    script.expect(1, "status")

    script.expect(0, "start")
    script.serves()
    assert script.pid != first
    script.expect(0, "status")


def test_a_stop_waits_until_what_is_open_has_ended(script):
    script.server.configure(timeouts={"drain": "1500ms", "drain_grace": "0"})
    script.server.expect_log("timeouts.drain")
    script.expect(0, "start")
    script.serves()
    with open(script.server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    with Connection(script.server.address, rcvbuf=16384) as conn:
        conn.send(head("GET", "/large.bin"))
        assert conn.response_head().status == 200
        pid, begin = script.pid, time.monotonic()
        script.expect(0, "stop")

    assert time.monotonic() - begin >= 1.5
    assert not is_alive(pid)


def test_a_master_that_does_not_answer_is_killed(script):
    with open(script.defaults, "a", encoding="ascii") as file:
        file.write("STOP_SECONDS=1\n")
    script.server.expect_log("the master is gone")
    script.expect(0, "start")
    pid = script.pid
    os.kill(pid, signal.SIGSTOP)

    assert "did not end in 1 s: killed" in script.expect(0, "stop")
    assert not is_alive(pid)


def test_who_is_not_root_may_only_look(script):
    script.scratch.chmod(0o755)
    script.expect(0, "start")
    pid = script.pid
    for action in ("start", "stop", "restart", "reload", "force-reload"):
        assert script.run(action, user="nobody").returncode == 4
    done = script.run("status", user="nobody")

    assert (done.returncode, done.stderr) == (0, "")
    assert script.pid == pid


def test_arguments_for_the_program_reach_it(script):
    """OPTIONS is for whatever tined(8) takes."""
    other = script.scratch / "other.ini"
    other.write_text(script.server.ini.read_text())
    script.server.configure(limits={"fields": "many"})
    with open(script.defaults, "a", encoding="ascii") as file:
        file.write(f'OPTIONS="-c {other}"\n')

    script.expect(0, "configtest", "start", "reload", "restart")
    script.serves()


def test_an_upgraded_server_is_found(script):
    Orphan.expect()
    script.expect(0, "start")
    first = script.pid
    done = script.server.command("-c", script.server.ini, "-s", "upgrade")
    assert done.returncode == 0, done
    Orphan(first).wait()

    assert script.pid != first
    assert f"process {script.pid}" in script.expect(0, "status")
    script.serves()
    # It is our child by now: somebody must reap it.
    reaper = threading.Thread(target=Orphan(script.pid).wait)
    reaper.start()
    script.expect(0, "stop")
    reaper.join()
