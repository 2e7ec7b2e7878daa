# SPDX-License-Identifier: BSD-2-Clause
"""Who the processes are; as root, the workers become nobody."""

import os
import pwd
import signal

import pytest

from server import proc_status, wait_for

NOBODY = pwd.getpwnam("nobody")
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root")


@pytest.fixture(name="dropped")
def fixture_dropped(make_server):
    """A server whose workers are nobody."""
    return make_server(server={"user": "nobody", "allow_root": None,
                               "workers": 2})


def ids(pid):
    return {field: set(map(int, proc_status(pid, field)))
            for field in ("Uid", "Gid", "Groups")}


@needs_root
def test_workers_become_the_user(dropped):
    dropped.start()
    assert dropped.request("GET", "/hello.txt").status == 200

    for pid in dropped.workers():
        assert ids(pid) == {"Uid": {NOBODY.pw_uid}, "Gid": {NOBODY.pw_gid},
                            "Groups": {NOBODY.pw_gid}}
        assert proc_status(pid, "NoNewPrivs") == ["1"]
        assert int(proc_status(pid, "CapEff")[0], 16) == 0
        assert int(proc_status(pid, "CapPrm")[0], 16) == 0
        assert int(proc_status(pid, "CapBnd")[0], 16) == 0
    assert ids(dropped.pid)["Uid"] == {0}


@needs_root
def test_workers_become_the_group(dropped):
    dropped.configure(server={"group": "daemon"})
    dropped.start()
    assert dropped.request("GET", "/hello.txt").status == 200

    for pid in dropped.workers():
        assert len(ids(pid)["Gid"]) == 1
        assert NOBODY.pw_gid not in ids(pid)["Gid"]


@needs_root
def test_replaced_workers_become_the_user_too(dropped):
    dropped.start()
    dropped.expect_log("worker")
    victim = dropped.workers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in dropped.workers()
             and len(dropped.workers()) == 2, "a replacement", 20)
    assert dropped.request("GET", "/hello.txt").status == 200

    for pid in dropped.workers():
        assert ids(pid)["Uid"] == {NOBODY.pw_uid}


@needs_root
def test_a_reload_keeps_the_user(dropped):
    dropped.start()
    old = set(dropped.workers())
    dropped.send_signal(signal.SIGHUP)
    wait_for(lambda: len(dropped.workers()) == 2
             and not old & set(dropped.workers()), "a new generation", 20)

    for pid in dropped.workers():
        assert ids(pid)["Uid"] == {NOBODY.pw_uid}
    assert dropped.request("GET", "/hello.txt").status == 200


@needs_root
def test_logs_of_root_are_reopened_for_the_user(dropped, scratch):
    dropped.start()
    assert dropped.request("GET", "/hello.txt").status == 200
    dropped.access_lines(1)
    dropped.access_path.chmod(0o600)
    dropped.access_path.rename(scratch / "old.log")
    dropped.send_signal(signal.SIGUSR1)
    wait_for(dropped.access_path.exists, "a new access log")
    for _ in range(10):
        assert dropped.request("GET", "/docs/").status == 200

    assert dropped.access_lines(1)


@needs_root
def test_a_root_behind_a_private_folder_is_served(dropped, scratch):
    """The root is opened before the privileges go."""
    private = scratch / "private"
    private.mkdir(mode=0o700)
    dropped.root.rename(private / "root")
    dropped.configure(site={"root": private / "root"})
    dropped.start()

    assert dropped.request("GET", "/hello.txt").status == 200
    assert dropped.request("GET", "/docs/").status == 200


@needs_root
def test_what_the_user_may_not_read_is_403(dropped):
    (dropped.root / "secret.txt").write_bytes(b"SECRET")
    (dropped.root / "secret.txt").chmod(0o600)
    (dropped.root / "private").mkdir(mode=0o700)
    (dropped.root / "private/index.html").write_bytes(b"SECRET")
    (dropped.root / "closed").mkdir()
    (dropped.root / "closed/index.html").write_bytes(b"SECRET")
    (dropped.root / "closed/index.html").chmod(0)
    dropped.expect_log("answered 403")
    dropped.start()

    for target in ("/secret.txt", "/private/index.html", "/private/",
                   "/closed/"):
        response = dropped.request("GET", target)
        assert response.status == 403, target
        assert b"SECRET" not in response.body
    dropped.wait_log("answered 403.*secret")


@needs_root
def test_serving_as_root_is_refused(make_server):
    server = make_server(server={"allow_root": None})
    result = server.command("-c", server.ini)

    assert result.returncode != 0
    assert "allow_root" in result.stderr
    assert "user" in result.stderr


@needs_root
def test_serving_as_root_can_be_allowed(start_server):
    server = start_server(server={"allow_root": "yes"})

    assert server.request("GET", "/hello.txt").status == 200
    assert ids(server.workers()[0])["Uid"] == {0}


@needs_root
def test_a_port_below_1024_is_bound_by_the_master(dropped):
    dropped.configure(listen={"address": "127.0.0.77:777"})
    dropped.start()

    assert dropped.request("GET", "/hello.txt").status == 200


@needs_root
def test_whoever_is_not_root_needs_no_user(make_server, scratch):
    for path in (scratch, *scratch.rglob("*")):
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)
    server = make_server(server={"allow_root": None})

    def become_nobody():
        os.setgroups([])
        os.setresgid(*[NOBODY.pw_gid] * 3)
        os.setresuid(*[NOBODY.pw_uid] * 3)

    server.start(preexec_fn=become_nobody)

    assert server.request("GET", "/hello.txt").status == 200
    assert ids(server.pid)["Uid"] == {NOBODY.pw_uid}
    assert proc_status(server.workers()[0], "NoNewPrivs") == ["1"]


@needs_root
def test_the_owner_of_the_unix_socket_does_not_keep_the_user_out(
        dropped, scratch):
    path = scratch / "tined.sock"
    dropped.configure(listen={"address": f"unix:{path}"})
    dropped.start()

    for _ in range(4):
        assert dropped.request("GET", "/hello.txt").status == 200
