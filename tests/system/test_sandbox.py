# SPDX-License-Identifier: BSD-2-Clause
"""What a worker that somebody took over could do: nothing but serve."""

import ctypes
import errno
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import time

import pytest

from client import head
from server import Orphan, parse_address, proc_status, wait_for

NOBODY = pwd.getpwnam("nobody")
IS_ROOT = os.getuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="needs root")

# Who the workers are: nobody, where root can become that, root itself, or,
# without root, whoever runs this.
ROLES = ["nobody", "root"] if IS_ROOT else ["self"]


# What a worker may try; in which roles it succeeds when it is not kept in: "*"
# in all, "r" as root, "u" as anybody else, and "" where it depends on the
# machine.  {root} is the root of the site, {out} a folder beside it.
ATTEMPTS = [
    ("read", "/etc/passwd", "*"),
    ("read", "/etc/shadow", "r"),
    ("read", "{out}/file", "*"),
    ("read", "/proc/1/environ", ""),
    ("read", "/proc/{master}/environ", "r"),
    ("read-openat2", "/etc/passwd", "*"),
    ("read-openat2", "/proc/{master}/environ", "r"),
    ("climb", "/etc/passwd", "*"),
    ("climb-openat2", "/etc/passwd", "*"),
    ("write", "{root}/open.txt", "*"),
    ("write", "{out}/file", "*"),
    ("write", "/proc/self/mem", "r"),
    ("write", "/dev/null", "*"),
    ("write-openat2", "{root}/open.txt", "*"),
    ("truncate", "{root}/open.txt", "*"),
    ("create", "{root}/created", "*"),
    ("create", "{out}/created", "*"),
    ("mkdir", "{root}/made", "*"),
    ("symlink", "{root}/linked", "*"),
    ("rename", "{root}/created", "*"),
    ("unlink", "{root}/open.txt", "*"),
    ("chmod", "{root}/created.moved", "*"),
    ("fork", "", "*"),
    ("socket-inet", "", "*"),
    ("socket-unix", "", "*"),
    ("socket-netlink", "", "*"),
    ("socket-packet", "", "r"),
    ("socketpair", "", "*"),
    ("connect-tcp", "{port}", "*"),
    ("connect-unix", "{out}/socket", "*"),
    ("kill", "{master}", "r"),
    ("pidfd", "{master}", "*"),
    ("mmap-exec", "", "*"),
    ("mprotect-exec", "", "*"),
    ("memfd", "", "*"),
    ("undump", "", "*"),
    ("setuid", "0", "r"),
    ("bpf", "", ""),
    ("io-uring", "", ""),
    ("userfaultfd", "", ""),
    ("perf", "", ""),
    ("keyring", "", ""),
    ("mount", "{out}/folder", ""),
    ("unshare", "", ""),
    ("chroot", "{out}", "r"),
]

# These end the worker when it is kept in.
FATAL = [
    ("exec", "/bin/true"),
    ("execat", "/bin/true"),
    ("ptrace", "{master}"),
    ("vm-read", "{master}"),
]


class Intruder:
    """A server whose workers try what they are asked to."""

    def __init__(self, make_server, scratch, role, **keys):
        self.out = scratch / "out"
        self.make_outside()
        if role == "nobody":
            keys |= {"user": "nobody", "allow_root": None}
        self.server = make_server(server=keys)
        self.server.binary = (self.server.binary.parent /
                              "tests/system/breakout")
        assert self.server.binary.exists(), \
            "build it: make tests/system/breakout"
        self.make_open(self.server.root)
        self.server.start()

    def make_outside(self):
        """A folder that anybody may do anything with."""
        (self.out / "folder").mkdir(parents=True)
        (self.out / "file").write_bytes(b"SECRET")
        (self.out / "file").chmod(0o666)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.out / "socket"))
        self.listener.listen()
        (self.out / "socket").chmod(0o777)
        self.out.chmod(0o777)

    @staticmethod
    def make_open(root):
        (root / "open.txt").write_bytes(b"open")
        (root / "open.txt").chmod(0o666)
        root.chmod(0o777)

    def close(self):
        self.listener.close()

    def attempt(self, name, argument):
        """Makes a worker try that; how that went, None when it ended."""
        argument = argument.format(
            root=self.server.root, out=self.out, master=self.server.pid,
            port=self.server.port)
        before = len(self.server.log())
        mark = f"breakout {name} {argument}: "
        with self.server.connect() as conn:
            conn.send(head("GET", f"/breakout/{name}/{argument}",
                           "Connection: close"))
            try:
                while conn.receive():
                    pass
            except ConnectionResetError:
                pass
        found = [line.partition(mark)[2]
                 for line in self.server.log()[before:].splitlines()
                 if mark in line]
        assert found[:1] == ["trying"], (name, argument, found)
        return found[1] if len(found) > 1 else None

    def attempt_all(self):
        return {(name, argument): self.attempt(name, argument)
                for name, argument, _ in ATTEMPTS}


@pytest.fixture(name="intrude")
def fixture_intrude(make_server, scratch):
    made = []

    def intrude(role, **keys):
        made.append(Intruder(make_server, scratch, role, **keys))
        return made[-1]

    yield intrude
    for intruder in made:
        intruder.close()


@pytest.mark.parametrize("role", ROLES)
def test_without_a_sandbox_a_worker_does_as_its_user_may(intrude, role):
    """So that those that are refused below are refused by the sandbox."""
    intruder = intrude(role, sandbox="off")
    kind = "r" if role == "root" else "u"

    results = intruder.attempt_all()

    assert [(name, argument, results[name, argument])
            for name, argument, works in ATTEMPTS
            if works in ("*", kind) and
            results[name, argument] != "done"] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_worker_that_somebody_took_over_can_do_nothing(intrude, role):
    intruder = intrude(role, sandbox="require")

    results = intruder.attempt_all()

    assert {key: value for key, value in results.items()
            if value in ("done", None)} == {}
    assert set(results.values()) <= {"ENOSYS", "EACCES", "EPERM", "EXDEV"}
    # Nobody died of it, and nothing was written.
    assert intruder.server.request("GET", "/hello.txt").status == 200
    assert (intruder.server.root / "open.txt").read_bytes() == b"open"
    assert sorted(path.name for path in intruder.out.iterdir()) == \
        ["file", "folder", "socket"]


@pytest.mark.parametrize("name,argument", FATAL)
def test_what_only_an_intruder_does_ends_the_worker(intrude, name, argument):
    intruder = intrude(ROLES[0], sandbox="auto")
    server = intruder.server
    server.expect_log("worker")
    victim = server.workers()[0]

    assert intruder.attempt(name, argument) is None
    server.wait_log(rf"\[{victim}\].* was killed by signal {signal.SIGSYS:d} ")
    wait_for(lambda: server.workers() not in ([], [victim]), "another worker")
    assert server.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("name,argument", FATAL)
def test_without_a_sandbox_it_does_not(intrude, name, argument):
    intruder = intrude(ROLES[-1], sandbox="off")
    intruder.server.expect_log("worker")
    result = intruder.attempt(name, argument)

    if name.startswith("exec"):
        assert result is None
        intruder.server.wait_log("exited with status 0")
    elif IS_ROOT:
        assert result == "done"
    else:
        assert result is not None


PARTS = {"no_new_privs", "no_capabilities", "landlock_files", "seccomp"}


def in_force(server):
    """What the status says; the server needs a pid_file."""
    result = server.command("-c", server.ini, "-s", "status")
    assert result.returncode == 0, result.stderr
    line = re.search(r"^Sandbox +([a-z_, ]+?)(?: \(Landlock ABI \d+\))?$",
                     result.stdout, re.M)
    return set(line[1].split(", "))


@pytest.mark.parametrize("mode", ["auto", "require"])
def test_the_status_says_what_is_in_force(start_server, scratch, mode):
    admin = str(scratch / "admin")
    server = start_server(server={"sandbox": mode,
                                  "pid_file": scratch / "pid"},
                          admin={"address": f"unix:{admin}"})

    assert PARTS <= in_force(server)
    assert not in_force(server) & {"chroot", "reads_all"}
    with server.connect(admin) as conn:
        found = json.loads(conn.request("GET", "/status.json").body)["sandbox"]
        lines = conn.request("GET", "/metrics").body.decode().splitlines()
    assert found.pop("landlock_abi") > 0
    assert {name for name in found if found[name]} == in_force(server)
    for name, value in found.items():
        assert f'tined_sandbox{{part="{name}"}} {value:d}' in lines
    worker = server.workers()[0]
    assert proc_status(worker, "Seccomp") == ["2"]
    for field in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(proc_status(worker, field)[0], 16) == 0


def test_without_a_sandbox_the_status_says_so(start_server, scratch):
    server = start_server(server={"sandbox": "off",
                                  "pid_file": scratch / "pid"})

    assert in_force(server) == {"no_new_privs"}
    assert proc_status(server.workers()[0], "Seccomp") == ["0"]


def test_a_reload_puts_it_in_force_and_out(start_server, scratch):
    server = start_server(server={"sandbox": "off",
                                  "pid_file": scratch / "pid"})
    for mode, wanted in (("require", True), ("off", False), ("auto", True)):
        server.configure(server={"sandbox": mode})
        assert server.command("-c", server.ini, "-s", "reload").returncode == 0
        assert ("seccomp" in in_force(server)) == wanted
        assert server.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("policy,inside,outside", [
    ("within", 200, 404), ("owner", 200, 200), ("follow", 200, 200)])
def test_links_lead_where_the_site_lets_them(
        start_server, scratch, policy, inside, outside):
    server = start_server(site={"symlinks": policy},
                          server={"pid_file": scratch / "pid"})
    server.expect_log("answered 403")

    assert server.request("GET", "/link-inside.txt").status == inside
    assert server.request("GET", "/link-absolute.txt").status == outside
    assert ("reads_all" in in_force(server)) == (policy != "within")


def test_alone_it_cannot_be_required(make_server):
    server = make_server(server={"sandbox": "require"})
    result = server.command("-X", "-c", server.ini)

    assert result.returncode != 0
    assert "server.sandbox = require: not with -X" in result.stderr


def test_a_worker_that_fails_an_assertion_leaves_by_sigabrt(start_server):
    """abort(3) needs system calls too."""
    server = start_server()
    server.expect_log("worker")
    victim = server.workers()[0]
    os.kill(victim, signal.SIGABRT)

    server.wait_log(rf"\[{victim}\].* was killed by signal {signal.SIGABRT:d} ")


@needs_root
def test_a_pipe_of_somebody_else_gets_the_logs(make_server, scratch):
    """It cannot be opened anew, and so it is written to in another way."""
    for path in (scratch, *scratch.rglob("*")):
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)
    server = make_server(server={"sandbox": "require", "allow_root": None},
                         error_log={"level": "info"},
                         access_log={"path": "stdout"})
    pipe, end = os.pipe()
    os.set_blocking(pipe, False)
    with subprocess.Popen(
            [server.binary, "-c", server.ini], user=NOBODY.pw_uid,
            group=NOBODY.pw_gid, extra_groups=[], stdout=end, stderr=end,
            stdin=subprocess.DEVNULL) as process, open(pipe, "rb") as reader:
        os.close(end)
        said = bytearray()

        def wait_said(pattern):
            def look():
                said.extend(reader.read() or b"")
                return re.search(pattern, said.decode())
            return wait_for(look, pattern)

        try:
            server.addresses = [
                parse_address(wait_said(r"listening on (.*)\n")[1])]
            assert server.request("GET", "/hello.txt").status == 200
            process.terminate()
            wait_said("GET /hello.txt")
            wait_said("leaving: 1 connections")
            assert process.wait(20) == 0
        finally:
            process.kill()


#
# Kernels that lack a part
#

def without_calls(*names, error):
    """To be run in a new process: these system calls are not there."""
    def deny():
        library = ctypes.CDLL("libseccomp.so.2")
        library.seccomp_init.restype = ctypes.c_void_p
        rules = ctypes.c_void_p(library.seccomp_init(0x7fff0000))  # allow
        for name in names:
            number = library.seccomp_syscall_resolve_name(name.encode())
            assert library.seccomp_rule_add(
                rules, 0x00050000 | error, number, 0) == 0
        assert library.seccomp_load(rules) == 0
    return deny


LANDLOCK = "landlock_create_ruleset"


@pytest.mark.parametrize("error", [errno.ENOSYS, errno.EOPNOTSUPP,
                                   errno.EPERM])
def test_without_landlock_auto_goes_on_and_says_so(
        make_server, scratch, error):
    server = make_server(server={"pid_file": scratch / "pid"})
    server.start(preexec_fn=without_calls(LANDLOCK, error=error))

    server.wait_log(r"notice .*server.sandbox = auto: without Landlock: "
                    + os.strerror(error))
    assert server.request("GET", "/hello.txt").status == 200
    found = in_force(server)
    assert "seccomp" in found
    assert not {"landlock_files", "landlock_net", "landlock_scope"} & found


def test_without_seccomp_auto_goes_on_and_says_so(make_server, scratch):
    server = make_server(server={"pid_file": scratch / "pid"})
    server.start(preexec_fn=without_calls("seccomp", error=errno.ENOSYS))

    server.wait_log(r"notice .*server.sandbox = auto: without seccomp: the "
                    r"kernel has no seccomp filters; it needs 4.14")
    assert server.request("GET", "/hello.txt").status == 200
    found = in_force(server)
    assert "landlock_files" in found and "seccomp" not in found


@pytest.mark.parametrize("call,words", [
    (LANDLOCK, "this kernel has no Landlock; boot one from 5.13 on"),
    ("seccomp", "the kernel has no seccomp filters")])
@pytest.mark.parametrize("args", [["-t"], []])
def test_what_is_required_and_missing_is_an_error(
        make_server, args, call, words):
    server = make_server(server={"sandbox": "require"})
    result = subprocess.run(
        [server.binary, *args, "-c", server.ini], text=True, timeout=20,
        capture_output=True, check=False,
        preexec_fn=without_calls(call, error=errno.ENOSYS))

    assert result.returncode != 0
    assert re.search(rf"tined.ini:\d+: server.sandbox: .*{words}",
                     result.stderr), result.stderr
    assert "or set auto" in result.stderr


def test_a_worker_that_cannot_do_what_is_required_does_not_serve(make_server):
    """It looked well, and then the kernel refused."""
    server = make_server(server={"sandbox": "require"})
    result = subprocess.run(
        [server.binary, "-c", server.ini], text=True, timeout=20,
        capture_output=True, check=False, preexec_fn=without_calls(
            "landlock_restrict_self", error=errno.E2BIG))

    assert result.returncode != 0
    assert "server.sandbox = require: Landlock: " in result.stderr


def test_a_worker_that_cannot_do_what_is_wanted_warns(make_server, scratch):
    server = make_server(server={"pid_file": scratch / "pid"})
    server.expect_log("goes on without: Landlock")
    server.start(preexec_fn=without_calls(
        "landlock_restrict_self", error=errno.E2BIG))

    server.wait_log("warn .*goes on without: Landlock: Argument list too long")
    assert server.request("GET", "/hello.txt").status == 200


#
# chroot
#

@pytest.fixture(name="jailed")
def fixture_jailed(make_server, scratch):
    """A server whose workers have an empty root folder."""
    (scratch / "empty").mkdir()
    return make_server(server={"user": "nobody", "allow_root": None,
                               "chroot": scratch / "empty",
                               "pid_file": scratch / "pid"})


def root_of(pid):
    return os.readlink(f"/proc/{pid}/root")


def reload(server):
    result = server.command("-c", server.ini, "-s", "reload")
    assert result.returncode == 0, result.stderr


@needs_root
def test_workers_in_an_empty_folder_serve(jailed, scratch):
    jailed.configure(error_pages={"404": "/docs/page.html"},
                     site={"listing": "on"})
    jailed.start()
    worker = jailed.workers()[0]

    assert root_of(worker) == str(scratch / "empty")
    assert root_of(jailed.pid) == "/"
    assert {"chroot", *PARTS} <= in_force(jailed)
    assert jailed.request("GET", "/hello.txt").body == b"hello, world\n"
    assert jailed.request("GET", "/docs/").status == 200
    assert jailed.request("GET", "/link-inside.txt").status == 200
    assert b"file.txt" in jailed.request("GET", "/bare/").body
    missing = jailed.request("GET", "/nothing")
    assert missing.status == 404 and b"page" in missing.body
    assert len(jailed.access_lines(5)) == 5


@needs_root
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_change_of_a_file_is_seen_without_proc(jailed, scratch, mode):
    """Not by looking again after cache.valid, which is a day here."""
    (scratch / "empty").chmod(mode)
    jailed.configure(cache={"valid": "24h"})
    jailed.start()
    path = jailed.root / "hello.txt"
    assert jailed.request("GET", "/hello.txt").body == b"hello, world\n"
    path.write_bytes(b"changed\n")

    wait_for(lambda: jailed.request("GET", "/hello.txt").body == b"changed\n",
             "the new content")


@needs_root
@pytest.mark.parametrize("mode", ["off", "auto"])
def test_reload_reopen_and_a_new_worker_in_an_empty_folder(
        jailed, scratch, mode):
    jailed.configure(server={"sandbox": mode})
    jailed.start()
    old = jailed.workers()
    (jailed.root / "index.html").write_bytes(b"new\n")
    reload(jailed)
    wait_for(lambda: not set(old) & set(jailed.workers()), "the old to leave")
    assert root_of(jailed.workers()[0]) == str(scratch / "empty")
    assert jailed.request("GET", "/").body == b"new\n"

    jailed.access_lines(1)
    jailed.access_path.rename(scratch / "old.log")
    result = jailed.command("-c", jailed.ini, "-s", "reopen")
    assert result.returncode == 0, result.stderr
    assert jailed.request("GET", "/").status == 200
    assert len(jailed.access_lines(1)) == 1

    jailed.expect_log("worker")
    victim = jailed.workers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: jailed.workers() not in ([], [victim]), "a worker")
    assert jailed.request("GET", "/").status == 200
    assert root_of(jailed.workers()[0]) == str(scratch / "empty")


@needs_root
def test_a_root_that_leads_elsewhere_is_followed(jailed, scratch):
    (scratch / "v1").mkdir()
    (scratch / "v2").mkdir()
    (scratch / "v1/index.html").write_bytes(b"one\n")
    (scratch / "v2/index.html").write_bytes(b"two\n")
    (scratch / "live").symlink_to("v1")
    jailed.configure(site={"root": scratch / "live"})
    jailed.start()
    assert jailed.request("GET", "/").body == b"one\n"
    (scratch / "next").symlink_to("v2")
    (scratch / "next").rename(scratch / "live")

    wait_for(lambda: jailed.request("GET", "/").body == b"two\n", "v2", 20)


@needs_root
def test_an_upgrade_does_not_need_the_folder(jailed, scratch):
    Orphan.expect()
    jailed.start()
    old = jailed.pid
    result = jailed.command("-c", jailed.ini, "-s", "upgrade")
    assert result.returncode == 0, result.stderr
    jailed.follow(int((scratch / "pid").read_text()))

    assert jailed.pid != old
    assert jailed.request("GET", "/hello.txt").status == 200
    assert root_of(jailed.workers()[0]) == str(scratch / "empty")


@needs_root
def test_links_to_elsewhere_lead_into_the_folder(jailed, scratch):
    """An absolute one begins there, and what is outside cannot be read."""
    (scratch / "empty/inside.txt").write_bytes(b"inside\n")
    (jailed.root / "link-jail.txt").symlink_to("/inside.txt")
    jailed.configure(site={"symlinks": "follow"})
    jailed.expect_log("answered 40[34]")
    jailed.start()

    assert jailed.request("GET", "/link-jail.txt").body == b"inside\n"
    assert jailed.request("GET", "/link-absolute.txt").status == 404
    assert jailed.request("GET", "/link-up.txt").status == 403


@needs_root
def test_syslogd_that_begins_anew_is_found_after_a_reopen(jailed, scratch):
    """Its socket is a path, which leads nowhere in an empty folder."""
    path = scratch / "log"

    def listen():
        path.unlink(missing_ok=True)
        found = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        found.bind(str(path))
        path.chmod(0o666)
        found.settimeout(10)
        return found

    def next_line(found, word):
        while word not in (line := found.recv(4096)):
            pass
        return line

    with listen() as first:
        jailed.configure(server={"syslog_socket": path},
                         access_log={"path": "syslog", "flush": "50ms"})
        jailed.start()
        jailed.request("GET", "/hello.txt")
        line = next_line(first, b"GET /hello.txt")
        # Local time, which the worker learned before it was shut in.
        hour = time.strftime("%b %e %H:").encode()
        assert hour[:3] in line
    with listen() as second:
        result = jailed.command("-c", jailed.ini, "-s", "reopen")
        assert result.returncode == 0, result.stderr
        jailed.request("GET", "/docs/page.html")
        assert next_line(second, b"GET /docs/page.html")


@pytest.mark.skipif(IS_ROOT, reason="root may")
def test_chroot_without_root_is_an_error(make_server, scratch):
    server = make_server(server={"chroot": scratch})
    result = server.command("-t", "-c", server.ini)

    assert result.returncode != 0
    assert "only root can change its root folder" in result.stderr


def test_a_chroot_that_is_not_there_is_an_error(make_server, scratch):
    server = make_server(server={"chroot": scratch / "nowhere"})
    result = server.command("-t", "-c", server.ini)

    assert result.returncode != 0
    assert re.search(r"tined.ini:\d+: server.chroot: .*nowhere", result.stderr)
    assert "create a folder there" in result.stderr


@needs_root
def test_alone_there_is_no_chroot(make_server, scratch):
    server = make_server(server={"chroot": scratch})
    result = server.command("-X", "-c", server.ini)

    assert result.returncode != 0
    assert "server.chroot: not with -X" in result.stderr
