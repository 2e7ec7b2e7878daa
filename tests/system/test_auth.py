# SPDX-License-Identifier: BSD-2-Clause
"""[auth] and [role]: passwords, API keys, who may see what."""

import json
import os
import pwd
import signal
import threading
from pathlib import Path

import pytest

from client import Connection, Load, cases, head
from guarded import (API_KEY, basic, bcrypt, run, sections, slow,
                     write_secrets)
from server import Orphan, children, is_alive, proc_status, wait_for

PAGE = "/docs/page.html"
ALICE = basic("alice", "wonder")


@pytest.fixture(name="start_guarded")
def fixture_start_guarded(start_server, scratch):
    """Starts servers whose /docs/ asks for a password or a key."""
    return lambda **more: start_server(**sections(scratch, **more))


@pytest.fixture(name="guarded", scope="module")
def fixture_guarded(server, module_folder):
    """The server of the file, with a guard."""
    server.stop()
    server.configure(**sections(module_folder.path))
    server.log_path.unlink()
    return server.start()


def verifier_of(pid):
    """The pid of the verifier of a master."""
    found = [child for child in children(pid) if "verifier" in
             Path(f"/proc/{child}/comm").read_text()]
    assert len(found) == 1, found
    return found[0]


#
# What is sent, and what comes back
#

def test_who_is_asked_hears_for_what(guarded):
    answer = guarded.request("GET", PAGE)
    assert answer.status == 401
    assert answer.values("WWW-Authenticate") == [
        'Basic realm="Staff", charset="UTF-8"', 'Bearer realm="Staff"']
    assert b"<h1><b>401</b>" in answer.body
    assert guarded.request("HEAD", PAGE).status == 401
    assert guarded.request("GET", "/hello.txt").status == 200


def test_a_file_that_is_not_there_is_not_told_apart(guarded):
    assert guarded.request("GET", "/docs/none").status == 401
    assert guarded.request("GET", "/docs/none", ALICE).status == 404


@cases("status, lines",
    ("a password", 200, [ALICE]),
    ("another user", 200, [basic("bob", "builder")]),
    ("a key", 200, [f"Authorization: Bearer {API_KEY}"]),
    ("a key in its own field", 200, [f"X-API-Key: {API_KEY}"]),
    ("the key of a field in lower case", 200, [f"x-api-key: {API_KEY}"]),
    ("a wrong password", 401, [basic("alice", "wander")]),
    ("no password", 401, [basic("alice", "")]),
    ("a user whom nobody knows", 401, [basic("eve", "wonder")]),
    ("no user", 401, [basic("", "wonder")]),
    ("the hash itself", 401, [basic("alice", "$2y$04$")]),
    ("a key as a password", 401, [basic("robot", API_KEY)]),
    ("a password as a key", 401, ["Authorization: Bearer wonder"]),
    ("a wrong key", 401, [f"X-API-Key: {API_KEY}0"]),
    ("a part of a key", 401, [f"X-API-Key: {API_KEY[:-1]}"]),
    ("the case of a key", 401, [f"X-API-Key: {API_KEY.upper()}"]),
    ("no base64", 401, ["Authorization: Basic :::"]),
    ("no colon", 401, ["Authorization: Basic YWxpY2U="]),
    ("a NUL", 401, ["Authorization: Basic YWxpY2UAOndvbmRlcg=="]),
    ("nothing behind the scheme", 401, ["Authorization: Basic"]),
    ("an empty field", 401, ["Authorization:"]),
    ("6 KiB of password", 401, [basic("alice", "x" * 6000)]),
    ("6 KiB of user", 401, [basic("x" * 6000, "wonder")]),
    ("more than a field may have", 431, [basic("alice", "x" * 8000)]),
    ("two passwords", 400, [ALICE, ALICE]),
    ("two keys", 400, [f"X-API-Key: {API_KEY}"] * 2),
    ("a wrong key beside a good password", 200, [ALICE, "X-API-Key: no"]),
)
def test_credentials(guarded, status, lines):
    answer = guarded.request("GET", PAGE, *lines)
    assert answer.status == status
    assert bool(answer.values("WWW-Authenticate")) == (status == 401)


def test_a_refusal_shows_no_credentials(start_guarded):
    server = start_guarded(error_log={"level": "info"})
    for line in (ALICE, f"x-api-key: {API_KEY}", "COOKIE: wonder"):
        assert server.request("GET", "/%zz", line).status == 400
        assert server.request("GET", PAGE, line, "Host: b").status == 400
    lines = server.wait_log("refused (bad_path|duplicate_host)", 6)
    for line in lines:
        assert "GET /" in line and "Host: localhost" in line
        for secret in (ALICE.split()[-1], API_KEY, "wonder"):
            assert secret not in line


@cases("line",
    ("htpasswd", lambda: run("htpasswd", "-nbB", "u", "pass word")),
    ("bcrypt", lambda: "u:" + run("mkpasswd", "-m", "bcrypt", "pass word")),
    ("sha256", lambda: "u:" + run("mkpasswd", "-m", "sha-256", "pass word")),
    ("sha512", lambda: "u:" + run("openssl", "passwd", "-6", "pass word")),
    ("yescrypt", lambda: "u:" + run("mkpasswd", "-m", "yescrypt",
                                    "pass word")),
)
def test_hashes_of_other_programs(start_guarded, scratch, line):
    write_secrets(scratch, "users", line())
    server = start_guarded()
    assert server.request("GET", PAGE, basic("u", "pass word")).status == 200
    assert server.request("GET", PAGE, basic("u", "pass worD")).status == 401


def test_names_and_passwords_beyond_ascii(start_guarded, scratch):
    write_secrets(scratch, "users", bcrypt("zo\u00eb", "\u00fcmlaut"))
    server = start_guarded(access_log={"format": "combined"})
    assert server.request(
        "GET", PAGE, basic("zo\u00eb", "\u00fcmlaut")).status == 200
    assert r" - zo\xC3\xAB [" in server.access_lines(1)[0]


def test_answers_to_pipelined_requests_come_in_order(guarded):
    asked = (("/hello.txt", 200, ()),
             (PAGE, 200, (basic("bob", "builder"),)), ("/empty.txt", 200, ()),
             (PAGE, 401, (basic("bob", "other"),)),
             (PAGE, 401, (basic("bob", "third"),)), ("/hello.txt", 200, ()))
    with guarded.connect() as conn:
        conn.send(b"".join(head("GET", target, *lines)
                           for target, _, lines in asked))
        answers = [conn.response() for _ in asked]
    assert [answer.status for answer in answers] == [s for _, s, _ in asked]
    assert answers[-1].body == b"hello, world\n"


#
# Sections
#

def test_a_later_section_lets_everybody_in(start_guarded):
    server = start_guarded(**{"match:/docs/page*": {"auth": "none"}})
    assert server.request("GET", PAGE).status == 200
    assert server.request("GET", "/docs/").status == 401


def test_the_file_of_a_folder_counts_too(start_guarded):
    server = start_guarded(**{"match:/docs/*": None, "match:*.html": {
        "auth": "staff"}})
    assert server.request("GET", "/docs/").status == 401
    assert server.request("GET", "/docs/", ALICE).status == 200
    assert server.request("GET", "/hello.txt").status == 200


def test_that_a_folder_is_there_is_not_told(start_guarded):
    server = start_guarded(**{"match:/docs/*": None,
                              "match:/docs/": {"auth": "staff"}})
    assert server.request("GET", "/docs").status == 401
    assert server.request("GET", "/docs", ALICE)["Location"] == "/docs/"


def test_a_folder_that_is_open_shows_no_file_that_is_not(start_guarded):
    server = start_guarded(**{"match:/docs/*": None,
                              "match:*.html": {"auth": "staff"},
                              "match:/docs/": {"auth": "none"}})
    assert server.request("GET", "/docs/").status == 401
    assert server.request("GET", "/docs/", ALICE).status == 200


def test_a_list_shows_what_its_own_guard_lets_see(start_guarded, scratch):
    server = start_guarded(**{"site": {"listing": "on"}})
    for folder in (scratch / "root", scratch / "root/docs"):
        (folder / "index.html").unlink()
    assert b'"docs"' not in server.request("GET", "/?format=json").body
    listed = server.request("GET", "/docs/?format=json", ALICE)
    assert listed.status == 200 and b'"page.html"' in listed.body
    assert server.request("GET", "/docs/?format=json").status == 401


def test_what_is_guarded_is_not_for_shared_caches(start_guarded):
    server = start_guarded(**{"match:*": {"cache": "1h"},
                              "match:*/page.html": {"auth": "none"}})

    def said(target, *lines):
        return server.request("GET", target, *lines).values("Cache-Control")

    assert said("/docs/") == ["no-store"]
    assert said("/docs/", ALICE) == ["private, max-age=3600"]
    # The safe side: another section of the path has a guard.
    assert said(PAGE) == ["private, max-age=3600"]
    assert said("/hello.txt", ALICE) == ["public, max-age=3600"]


@cases("target, more",
    ("a rewrite", "/new/page.html", {"rewrite": {"/new/*": "/docs/*"}}),
    ("a try list", "/docs/page", {"site": {"try": "$uri $uri.html"},
                                  "match:/docs/*": None,
                                  "match:*.html": {"auth": "staff"}}),
    ("a fallback", "/nowhere", {"site": {"fallback": "/docs/page.html"}}),
    ("a rewrite to a folder", "/new", {"rewrite": {"/new": "/docs"}}),
)
def test_no_other_path_leads_around_a_guard(start_guarded, target, more):
    server = start_guarded(**more)
    page = "Accept: text/html"
    answer = server.request("GET", target, page)
    assert answer.status == 401 and answer.values("WWW-Authenticate")
    assert server.request("GET", target, page, basic("a", "b")).status == 401
    assert server.request("GET", target, page, ALICE).status in (200, 301)


def test_a_redirect_is_behind_the_guard(start_guarded):
    server = start_guarded(redirect={"/docs/old": "/docs/page.html"})
    assert server.request("GET", "/docs/old").status == 401
    assert server.request("GET", "/docs/old", ALICE).status == 301


def test_a_list_shows_what_can_be_had(start_guarded):
    server = start_guarded(**{
        "site": {"listing": "on", "index": "none.html"},
        "role:editors": {"users": "alice"},
        "match:/bare/*": {"auth": "staff"},
        "match:/bare/open.txt": {"auth": "none"},
        "match:/bare/edit.txt": {"roles": "editors"}})
    for name in ("open.txt", "edit.txt"):
        (server.root / "bare" / name).write_text(name)

    def names(target, *lines):
        answer = server.request("GET", target, "Accept: application/json",
                                *lines)
        assert answer.status == 200, answer
        return answer.body

    everybody = names("/")
    assert b"hello.txt" in everybody
    assert b'"docs"' not in everybody and b'"bare"' not in everybody
    assert server.request("GET", "/bare/").status == 401
    alice = names("/bare/", ALICE)
    assert b"file.txt" in alice and b"open.txt" in alice
    assert b"edit.txt" not in alice


def test_shared_caches_keep_nothing_that_is_protected(start_guarded):
    server = start_guarded(**{"match:*": {"cache": "1h"}})
    assert "public" in server.request("GET", "/hello.txt")["Cache-Control"]
    answer = server.request("GET", PAGE, ALICE)
    assert answer["Cache-Control"].startswith("private")


def test_addresses_count_before_passwords(start_guarded):
    server = start_guarded(**{"match:/docs/*": {
        "auth": "staff", "deny": "127.0.0.1"}})
    answer = server.request("GET", PAGE, ALICE)
    assert answer.status == 403 and not answer.values("WWW-Authenticate")


def test_a_page_for_401_still_asks(start_guarded, scratch):
    server = start_guarded(**{"error_pages": {"4xx": "/hello.txt"}})
    answer = server.request("GET", PAGE)
    assert answer.status == 401 and answer.body == b"hello, world\n"
    assert len(answer.values("WWW-Authenticate")) == 2


def test_a_path_and_its_file_can_ask_two_guards(start_guarded, scratch):
    write_secrets(scratch, "others", bcrypt("alice", "wonder"))
    server = start_guarded(**{
        "auth:others": {"htpasswd": scratch / "others"},
        "match:*/index.html": {"auth": "others"}})
    assert server.request("GET", "/docs/", ALICE).status == 200
    assert server.request(
        "GET", "/docs/", basic("bob", "builder")).status == 401


@pytest.fixture(name="with_roles")
def fixture_with_roles(start_guarded):
    return start_guarded(**{
        "role:editors": {"users": "alice"},
        "role:robots": {"users": "robot"},
        "match:/docs/page*": {"roles": "editors robots"}})


def test_roles(with_roles):
    def status(target, *lines):
        return with_roles.request("GET", target, *lines).status

    assert status(PAGE) == 401
    assert status(PAGE, ALICE) == 200
    assert status(PAGE, f"X-API-Key: {API_KEY}") == 200
    assert status(PAGE, basic("bob", "builder")) == 403
    assert status(PAGE, basic("bob", "wrong")) == 401
    assert status("/docs/", basic("bob", "builder")) == 200


def test_the_error_log_has_who_was_kept_out(start_guarded):
    server = start_guarded(**{"error_log": {"level": "info"},
                              "match:/bare/*": {"deny": "all"}})
    server.request("GET", PAGE)
    server.request("GET", PAGE, basic("alice", "no"))
    server.request("GET", PAGE, basic("eve\u202e", "no"))
    server.request("GET", "/bare/file.txt")
    server.wait_log(r'info .*answered 401 to "/docs/page\.html" from '
                    r'127\.0\.0\.1: a wrong password or API key of "alice"$')
    server.wait_log(r'answered 401 .*of "eve\\x[Ee]2')
    server.wait_log(r'answered 403 to "/bare/file\.txt" from 127\.0\.0\.1: an '
                    "address that match.deny or match.allow keeps out")
    assert server.log().count("answered 401") == 2
    assert "no\"" not in server.log()


def test_the_log_has_who_asked(start_guarded):
    server = start_guarded(access_log={"format": "json"})
    with server.connect() as conn:
        for lines in ([ALICE], [f"X-API-Key: {API_KEY}"],
                      [basic("alice", "wrong")], []):
            conn.request("GET", PAGE, *lines)
        conn.request("GET", "/hello.txt", ALICE)
    users = [json.loads(line)["user"] for line in server.access_lines(5)]
    assert users == ["alice", "robot", None, None, None]


def test_explain_says_who_and_why_but_no_secret(with_roles, scratch):
    def explain(*lines):
        fields = [word for line in lines for word in ("-H", line)]
        done = with_roles.command("explain", "-c", "tined.ini", *fields, PAGE)
        assert done.returncode == 0 and done.stderr == ""
        text = done.stdout
        for secret in ("wonder", "builder", "wrong", "$2y$", API_KEY,
                       *(line.split()[-1] for line in lines)):
            assert secret not in text
        status = with_roles.request("GET", PAGE, *lines).status
        assert f"\nHTTP/1.1 {status} " in text
        return text

    assert "staff (tined.ini:" in explain(ALICE)
    assert ": alice, by a password\n" in explain(ALICE)
    assert ": robot, by an API key\n" in explain(f"X-API-Key: {API_KEY}")
    assert "none of them: 403" in explain(basic("bob", "builder"))
    assert ": nobody: the password or key" in explain(basic("bob", "wrong"))
    assert ": nobody: nothing was sent" in explain()
    (scratch / "users").unlink()
    done = with_roles.command("explain", "-c", "tined.ini", PAGE)
    assert done.returncode == 0
    assert "auth.htpasswd: " in done.stderr
    assert "its files cannot be read here" in done.stdout


@cases("more, message",
    ("no such auth", {"match:/x": {"auth": "stafff"}},
     'match.auth: "stafff": no such section; did you mean "staff"?'),
    ("no such role", {"match:/x": {"auth": "staff", "roles": "editor"},
                      "role:editors": {"users": "alice"}},
     'match.roles: "editor": no such section; did you mean "editors"?'),
    ("nothing to know by", {"auth:empty": {"realm": "x"}},
     "auth: nobody can be known; set htpasswd, api_keys or url_keys"),
    ("a taken name", {"auth:none": {"api_keys": "/none"}},
     "auth: the name none is taken"),
    ("a realm that browsers could not show",
     {"auth:staff": {"realm": "\u00fc"}}, "auth.realm: not in ASCII"),
    ("roles where nobody is known", {
        "match:/docs/*": {"auth": None, "roles": "editors"},
        "role:editors": {"users": "alice"}},
     "match.roles: no section of this site sets auth"),
    ("a role of nobody", {"role:editors": {}},
     "role: nobody has it; write users = NAME"),
)
def test_mistakes_are_told_with_their_line(make_server, scratch, more,
                                           message):
    server = make_server(**sections(scratch))
    server.configure(**more)
    done = server.command("-t", "-c", "tined.ini")
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.startswith("tined.ini:")


#
# The verifier
#

def test_workers_have_no_hashes(start_guarded, scratch):
    write_secrets(scratch, "users", bcrypt("alice", "wonder"))
    needle = (scratch / "users").read_text().strip().partition(":")[2].encode()
    server = start_guarded(server={"workers": 2})
    assert server.request("GET", PAGE, ALICE).status == 200

    def count(pid):
        found = 0
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                first, last = (int(n, 16) for n in
                               line.split()[0].split("-"))
                if line.split()[1][:2] != "rw" or last - first > 1 << 28:
                    continue
                try:
                    memory.seek(first)
                    found += memory.read(last - first).count(needle)
                except (OSError, OverflowError):
                    continue
        return found

    verifier = verifier_of(server.pid)
    workers = [pid for pid in server.workers() if pid != verifier]
    assert len(workers) == 2
    assert count(verifier) == 1
    assert [count(pid) for pid in workers] == [0, 0]


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_the_verifier_is_nobody_and_nice(start_guarded):
    server = start_guarded(server={"user": "nobody", "allow_root": None})
    assert server.request("GET", PAGE, ALICE).status == 200
    pid = verifier_of(server.pid)
    uid = str(pwd.getpwnam("nobody").pw_uid)
    assert set(proc_status(pid, "Uid")) == {uid}
    assert proc_status(pid, "NoNewPrivs") == ["1"]
    assert (os.getpriority(os.PRIO_PROCESS, pid)
            == os.getpriority(os.PRIO_PROCESS, server.pid) + 5)
    sockets = [os.readlink(path) for path in
               Path(f"/proc/{pid}/fd").iterdir()]
    # The master's channel, one worker.
    assert sum(name.startswith("socket:") for name in sockets) == 2


def test_many_wrong_passwords_keep_nobody_else_waiting(start_guarded,
                                                       scratch):
    write_secrets(scratch, "users", slow("slow", "x"))
    server = start_guarded(timeouts={"verify": "2s"})
    server.expect_log("answered 503", "more lines like these")
    known = f"X-API-Key: {API_KEY}"
    waiting = [server.connect() for _ in range(200)]
    for number, conn in enumerate(waiting):
        conn.send(head("GET", PAGE, basic("slow", f"guess {number}")))
    with server.connect() as conn:
        for _ in range(100):
            assert conn.request("GET", "/hello.txt").status == 200
            assert conn.request("GET", PAGE, known).status == 200
    for conn in waiting:
        conn.sock.setblocking(False)
    still = 0
    for conn in waiting:
        try:
            conn.receive()
        except BlockingIOError:
            still += 1
        conn.sock.settimeout(20)
    assert still > 0, "all were answered before 200 others: hashes too fast"
    answers = [conn.response() for conn in waiting]
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {401, 503}
    # The queue of a worker is 32 long.
    assert statuses.count(503) >= 200 - 32
    assert {answer["Retry-After"] for answer in answers
            if answer.status == 503} == {"5"}


def test_one_password_is_judged_once_for_all_who_wait(start_guarded,
                                                      scratch):
    write_secrets(scratch, "users", slow("slow", "right"))
    server = start_guarded()
    waiting = [server.connect() for _ in range(100)]
    for conn in waiting:
        conn.send(head("GET", PAGE, basic("slow", "right")))
    assert [conn.response().status for conn in waiting] == [200] * 100


def test_who_leaves_while_it_waits_harms_nobody(start_guarded, scratch):
    write_secrets(scratch, "users", slow("slow", "right"))
    server = start_guarded()
    stay = server.connect()
    stay.send(head("GET", PAGE, basic("slow", "right")))
    for _ in range(10):
        with server.connect() as conn:
            conn.send(head("GET", PAGE, basic("slow", "right"))
                      + head("GET", PAGE, basic("slow", "wrong")))
    assert stay.response().status == 200
    assert stay.request("GET", PAGE, basic("slow", "right")).status == 200


def test_who_waits_is_answered_before_the_server_leaves(start_guarded,
                                                        scratch):
    write_secrets(scratch, "users", slow("slow", "right"))
    server = start_guarded()
    conn = server.connect()
    conn.send(head("GET", PAGE, basic("slow", "right")))
    other = server.connect()
    other.request("GET", "/hello.txt")
    server.send_signal(signal.SIGTERM)
    answer = conn.response()
    assert answer.status == 200 and answer.closes
    verifier = children(server.pid)
    server.stop()
    wait_for(lambda: not any(map(is_alive, verifier)), "the end of all")


def test_who_waits_too_long_is_told_to_come_again(start_guarded, scratch):
    write_secrets(scratch, "users", slow("slow", "right"))
    server = start_guarded(timeouts={"verify": "1ms"})
    line = basic("slow", "right")
    with server.connect() as conn:
        answer = conn.request("GET", PAGE, line)
        assert answer.status == 503 and answer["Retry-After"] == "5"
        # What was asked is answered nevertheless, and then known.
        wait_for(lambda: conn.request("GET", PAGE, line).status == 200,
                 "a verdict")


def test_the_verifier_is_kept_in(start_guarded):
    server = start_guarded(server={"sandbox": "require"})
    pid = verifier_of(server.pid)

    assert proc_status(pid, "NoNewPrivs") == ["1"]
    wait_for(lambda: proc_status(pid, "Seccomp") == ["2"], "the filter")
    for field in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(proc_status(pid, field)[0], 16) == 0
    # Root's, so that nobody else can read the hashes there.
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0
    assert server.request("GET", PAGE, ALICE).status == 200


def test_another_verifier_takes_the_place_of_one_that_died(start_guarded,
                                                           scratch):
    write_secrets(scratch, "users", slow("slow", "right"),
                  bcrypt("alice", "wonder"))
    server = start_guarded(server={"workers": 2})
    server.expect_log(r"verifier\[\d+\] was killed by signal 9",
                      "answered 503")
    first = verifier_of(server.pid)
    assert server.request("GET", PAGE, ALICE).status == 200
    conn = server.connect()
    conn.send(head("GET", PAGE, basic("slow", "right")))
    os.kill(first, signal.SIGKILL)
    assert conn.response().status == 503
    server.wait_log(r"error .*verifier\[\d+\] was killed.*another")
    wait_for(lambda: len(server.workers()) == 3, "another verifier")
    wait_for(lambda: server.request(
        "GET", PAGE, basic("alice", "wonder")).status == 200, "an answer")
    assert conn.request("GET", PAGE, basic("slow", "right")).status == 200
    assert verifier_of(server.pid) != first


def test_a_worker_that_replaces_another_can_ask(start_guarded):
    server = start_guarded()
    server.expect_log(r"worker 0\[\d+\] was killed")
    verifier = verifier_of(server.pid)
    [worker] = set(server.workers()) - {verifier}
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: worker not in server.workers()
             and len(server.workers()) == 2, "another worker")
    assert server.request("GET", PAGE, ALICE).status == 200
    assert verifier_of(server.pid) == verifier


def test_one_process_alone_can_ask_too(make_server, scratch):
    server = make_server(**sections(scratch)).start("-X", "-c", "tined.ini")
    assert server.request("GET", PAGE, ALICE).status == 200
    assert server.request("GET", PAGE, basic("alice", "no")).status == 401
    left = server.workers()
    assert len(left) == 1
    server.stop()
    wait_for(lambda: not any(map(is_alive, left)), "the end of the verifier")


#
# Changes
#

def reload(server):
    return server.command("-c", server.ini, "-s", "reload")


def test_a_reload_forgets_old_passwords(start_guarded, scratch):
    server = start_guarded(server={"workers": 2, "pid_file": scratch / "pid"})
    assert server.request("GET", PAGE, ALICE).status == 200
    write_secrets(scratch, "users", bcrypt("alice", "new"))
    assert server.request("GET", PAGE, ALICE).status == 200
    assert server.request("GET", PAGE, basic("alice", "new")).status == 401
    assert reload(server).returncode == 0
    assert server.request("GET", PAGE, ALICE).status == 401
    assert server.request("GET", PAGE, basic("alice", "new")).status == 200
    wait_for(lambda: len(server.workers()) == 3, "the end of the old ones")


def test_a_reload_with_a_bad_file_changes_nothing(start_guarded, scratch):
    server = start_guarded(server={"pid_file": scratch / "pid"})
    server.expect_log("auth.htpasswd", "reload failed")
    write_secrets(scratch, "users", bcrypt("alice", "new"), "bob:plain")
    done = reload(server)
    assert done.returncode == 1
    assert (f"{scratch}/users:2: auth.htpasswd: no hash that we know, perhaps "
            "plain text; write the line with htpasswd -B") in done.stderr
    assert "plain;" not in done.stderr
    assert server.request("GET", PAGE, ALICE).status == 200


def test_reloads_lose_no_request_under_load(start_guarded, scratch):
    server = start_guarded(server={"workers": 2, "pid_file": scratch / "pid"})
    failures, stop = [], threading.Event()

    def ask():
        number = 0
        while not stop.is_set():
            number += 1
            try:
                with Connection(server.address) as conn:
                    good = conn.request("GET", PAGE, ALICE)
                    assert good.status == 200, good
                    if not good.closes:
                        bad = conn.request(
                            "GET", PAGE, basic("alice", f"{number}"))
                        assert bad.status == 401, bad
            except (OSError, AssertionError) as error:
                failures.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    with Load(server.address, 1, 1) as load:
        for thread in threads:
            thread.start()
        for _ in range(3):
            assert reload(server).returncode == 0
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == [] and load.failures == []


def test_a_file_of_passwords_is_watched(start_guarded, scratch):
    server = start_guarded(server={"watch_config": "yes"})
    assert server.request("GET", PAGE, ALICE).status == 200
    write_secrets(scratch, "new", bcrypt("alice", "new"))
    (scratch / "new").rename(scratch / "users")
    server.wait_log("the configuration has changed, .*/users")
    server.wait_log(r"reloaded, generation 2\b")
    assert server.request("GET", PAGE, basic("alice", "new")).status == 200


def test_another_program_asks_for_passwords_too(make_server, scratch):
    Orphan.expect()
    server = make_server(**sections(
        scratch, server={"workers": 2, "pid_file": scratch / "pid"})).start()
    assert server.request("GET", PAGE, ALICE).status == 200
    done = server.command("-c", server.ini, "-s", "upgrade")
    assert done.returncode == 0, done
    old = server.follow(int((scratch / "pid").read_text()))
    assert old.wait(20) == 0
    assert server.request("GET", PAGE, ALICE).status == 200
    assert server.request("GET", PAGE, basic("alice", "no")).status == 401
    verifier_of(server.pid)


def test_logs_that_are_reopened_are_the_verifiers_too(make_server, scratch):
    server = make_server(**sections(
        scratch, server={"pid_file": scratch / "pid"},
        error_log={"path": scratch / "error.log"}))
    server.log_path = scratch / "error.log"
    server.start()
    verifier = verifier_of(server.pid)
    (scratch / "error.log").rename(scratch / "error.log.1")
    done = server.command("-c", server.ini, "-s", "reopen")
    assert done.returncode == 0
    wait_for(lambda: str(scratch / "error.log") in [
        os.readlink(path) for path in Path(f"/proc/{verifier}/fd").iterdir()],
        "the new log")
