# SPDX-License-Identifier: BSD-2-Clause
"""tined explain: the steps of a request, and the answer that a server gives.

What explain says that the answer will be is compared with what a server
answers, for all targets and fields of the other files of tests.
"""

import os
import pwd
import re
import subprocess

import pytest

import guarded
import test_conditional
import test_head
import test_index
import test_multirange
import test_paths
import test_precompressed
import test_range
import test_symlinks
from client import cases
from server import Server

IS_ROOT = os.geteuid() == 0
MODULES = (test_conditional, test_head, test_index, test_multirange,
           test_paths, test_precompressed, test_range, test_symlinks)
FILES_OF_FIELDS = {test_conditional: "/hello.txt",
                   test_multirange: "/digits.bin", test_range: "/digits.bin",
                   test_precompressed: "/app.js"}
HOSTS = ("other.example", *test_symlinks.POLICIES)


def rows_of(module):
    """The tables of a module, row by row, each as a dictionary."""
    for item in vars(module).values():
        for mark in getattr(item, "pytestmark", []):
            if mark.name != "parametrize":
                continue
            names = [name.strip() for name in mark.args[0].split(",")]
            for row in mark.args[1]:
                values = getattr(row, "values", [row])
                yield dict(zip(names, values))


def corpus():
    """Each target with its field lines, once, and the hosts to ask."""
    found = {}
    for module in MODULES:
        for row in rows_of(module):
            lines = row.get("lines", [])
            if "value" in row:
                value = row["value"]
                lines = ["Range: " + (value if "=" in value or module is
                                      test_range else "bytes=" + value)]
            target = row.get("target", FILES_OF_FIELDS.get(module))
            if isinstance(target, str) and isinstance(lines, list):
                found.setdefault((target, tuple(lines)), set()).update(
                    HOSTS if module is test_symlinks else HOSTS[:1])
    return [(*key, sorted(hosts)) for key, hosts in found.items()]


@pytest.fixture(name="server", scope="module")
def fixture_server(module_folder):
    """All that the other files ask for, in one root."""
    test_symlinks.make_links(module_folder.path)
    root = module_folder.path / "root"
    for name, *codings in (("app.js", "br", "zstd", "gzip"),
                           ("only-gz.css", "gzip"), ("lone.css",),
                           ("lib/index.html", "br", "gzip")):
        test_precompressed.make(root, name, *codings)
    sites = {f"site:{policy}": {"root": root, "hosts": policy,
                                "symlinks": policy}
             for policy in test_symlinks.POLICIES}
    server = Server(module_folder.path, **sites).start()
    yield server
    try:
        server.stop()
    except BaseException:
        module_folder.failed = True
        raise
    finally:
        server.kill()


def explain(server, url, *lines):
    """Runs explain; returns its steps, the status and the fields."""
    args = [arg for line in lines for arg in ("-H", line)]
    result = server.command("explain", "-c", server.ini, *args, url)
    assert (result.returncode, result.stderr) == (0, ""), result
    steps, _, answer = result.stdout.partition("\n\n")
    status_line, *fields = answer.splitlines()
    return steps, int(status_line.split()[1]), [
        re.sub(r"  \(.*\)$", "", field) for field in fields]


def answer_of(server, host, target, lines):
    """The same of a server."""
    with server.connect() as conn:
        response = conn.request("GET", target, *lines, host=host)
    return response.status, [f"{name}: {value}" for name, value
                             in response.fields if name != "Date"]


def without_boundary(fields):
    """Each process draws a boundary of its own."""
    return [re.sub(r"boundary=\S+", "boundary=", field) for field in fields]


def test_the_corpus_is_large():
    assert len(corpus()) > 250
    assert sum(target.startswith("/") for target, *_ in corpus()) > 200


def filled_in(server, target, lines):
    """The lines with the tags that they name: {tag}, {bare}, {gzip} ..."""
    if "{" not in "".join(lines):
        return list(lines)
    tag = server.request("GET", target)["ETag"]
    names = {str(coding): value for coding, value
             in test_precompressed.tags(server).items()}
    return [line.format_map({**names, "tag": tag, "bare": tag.strip('"')})
            for line in lines]


def test_the_answer_is_that_of_a_server(server):
    statuses, differing = set(), []
    for target, lines, hosts in corpus():
        if not target.startswith("/") or "#" in target:
            continue  # a client sends something else for these
        lines = filled_in(server, target, lines)
        for host in hosts:
            _, status, fields = explain(
                server, f"http://{host}{target}", *lines)
            fields = without_boundary(fields)
            want, want_fields = answer_of(server, host, target, lines)
            if (status, fields) != (want,
                                    without_boundary(want_fields)):
                differing.append((host, target, lines, status, want,
                                  fields, want_fields))
            statuses.add(status)

    assert not differing, differing[:3]
    assert statuses >= {200, 206, 301, 304, 400, 404, 412, 416}


def says(server, url, lines, said):
    """Fails unless the steps have these lines, in this order."""
    steps, _, _ = explain(server, url, *lines)
    rest = steps.splitlines()
    for pattern in said:
        matching = [i for i, line in enumerate(rest)
                    if re.match(pattern, line)]
        assert matching, (pattern, steps)
        rest = rest[matching[0] + 1:]


# A target, fields, and what the steps must say, in this order.
@cases(
    "url, lines, said",
    ("a file", "http://other.example/hello.txt", [],
     [r"request +GET /hello\.txt HTTP/1\.1",
      r"site +\[site\] .*the default site, as none has the host "
      r"other\.example", r"path +/hello\.txt",
      r"symlinks +within \(default\): there is no link",
      r"file +/.*/hello\.txt: 13 bytes"]),
    ("a host and its site", "http://Deny:8080/hello.txt", [],
     [r"site +\[site:deny\] \(.*tined\.ini:\d+\): it has the host Deny"]),
    ("a path alone", "/hello.txt", [],
     [r"site +.*none has the host localhost"]),
    ("a URL without a path", "https://x?q#f", [],
     [r"request +GET /\?q HTTP", r"path +/ \(the query is not looked at\)",
      r"index +index\.html: there"]),
    ("a host in a field", "/hello.txt", ["Host: deny"],
     [r"site +\[site:deny\]"]),
    ("dot segments", "/docs/x/../%2e/page.html", [],
     [r"request +GET /docs/x/", r"path +/docs/page\.html"]),
    ("a dotfile", "/.git/config", [], [r"dotfiles +hidden"]),
    ("well-known", "/.well-known/security.txt", [], [r"dotfiles +shown"]),
    ("a path that does not decode", "/a%2fb", [], [r"refused +bad_path: "]),
    ("a request line that is none", "/a b", [],
     [r"refused +bad_request_line: "]),
    ("a field that is none", "/", ["no colon"], [r"refused +bad_field_name"]),
    ("two hosts", "/", ["Host: a", "Host: b"], [r"refused +duplicate_host"]),
    ("a link that is followed", "/link-inside.txt", [],
     [r"link +/link-inside\.txt -> hello\.txt",
      r"symlinks +within \(default\): followed"]),
    ("a link that leads out", "/link-up.txt", [],
     [r"link +/link-up\.txt -> \.\./outside\.txt",
      r"symlinks +within \(default\): refused: it leads out",
      r"file +.*link-up\.txt: "]),
    ("a link by a strict policy", "http://deny/folder/file.txt", [],
     [r"link +/folder -> in$",
      r"symlinks +deny \(.*tined\.ini:\d+\): refused: no link"]),
    ("a link in a link", "/link-docs/page.html", [], [r"link +/link-docs -> "]),
    ("a link to nothing", "/link-broken", [],
     [r"symlinks +.*it leads to nothing"]),
    ("a link to itself", "/link-loop", [], [r"symlinks +.*a circle"]),
    ("a folder without its slash", "/docs", [], [r"file +.*redirected"]),
    ("a folder without an index", "/bare/", [],
     [r"index +index\.html: not there"]),
    ("a FIFO", "/fifo", [], [r"file +.*no regular file but a FIFO"]),
    ("nothing", "/nowhere/x", [], [r"file +.*: not there"]),
    ("sidecars", "/app.js", ["Accept-Encoding: gzip, zstd"],
     [r"sidecar +\.br: \d+ bytes", r"sidecar +\.zst: \d+ bytes",
      r"sidecar +\.gz: \d+ bytes",
      r"coding +zstd, of Accept-Encoding: gzip, zstd"]),
    ("sidecars that nobody wants", "/app.js", [],
     [r"coding +none, the file as it is: there is no Accept-Encoding"]),
    ("sidecars that are not there", "/only-gz.css", [],
     [r"sidecar +\.br: not there", r"sidecar +\.gz: \d+ bytes"]),
    ("a precondition", "/hello.txt", ["If-None-Match: *"],
     [r"condition +If-None-Match: \*", r"conditions +.*304"]),
    ("a precondition that fails", "/hello.txt", ['If-Match: "x"'],
     [r"conditions +not met: 412"]),
    ("a precondition that is met", "/hello.txt", ["If-Match: *"],
     [r"conditions +let the file be sent"]),
    ("a precondition of nothing", "/nowhere", ["If-Match: *"],
     [r"conditions +not looked at"]),
    ("a range", "/digits.bin", ["Range: bytes=0-1"],
     [r"range +bytes=0-1: sent"]),
    ("a range past the end", "/digits.bin", ["Range: bytes=9999-"],
     [r"range +bytes=9999-: past the end of the file: 416"]),
    ("a range that is none", "/digits.bin", ["Range: lines=1"],
     [r"range +lines=1: the whole file: it is malformed"]),
    ("a range of another version", "/digits.bin",
     ["Range: bytes=0-1", 'If-Range: "x"'],
     [r"range +bytes=0-1: the whole file: If-Range does not match"]),
    ("a range of nothing", "/nowhere", ["Range: bytes=0-1"],
     [r"range +bytes=0-1: not looked at"]),
)
def test_the_steps_say_why(server, url, lines, said):
    says(server, url, lines, said)


@pytest.fixture(name="odd_root")
def fixture_odd_root(scratch):
    """What makes a file, an index, a sidecar or an error page of no use."""
    root = scratch / "root"
    for name in ("deep/index.html", "404/index.html"):
        (root / name).mkdir(parents=True)
    (root / "500").mkdir()
    (root / "500/index.html").write_text("five hundred")
    os.mkfifo(root / "hello.txt.br")
    (root / "self").symlink_to(".")
    os.utime(root / "empty.txt", (2 ** 32, 2 ** 32))


TO_404 = {"error_pages": {"404": "/digits.bin"}}
LONG = {"target": "32k", "head": "64k"}


# Sections, a target, fields, and what the steps must say, in this order.
@cases(
    "sections, url, lines, said",
    ("a proxy whose word does not count",
     {"server": {"trusted_proxies": "127.0.0.1", "client_address": "peer"}},
     "/hello.txt", ["X-Forwarded-For: 192.0.2.1"],
     [r"client +127\.0\.0\.1: a trusted proxy, but server\.client_address"]),
    ("a control byte", {}, "/a\x01b", [],
     [r"request +GET /a", r"refused +bad_request_line"]),
    ("a target that is too long", {}, "/" + "x" * 9000, [],
     [r"request ", r"refused +target_too_long"]),
    ("no site at all", {"server": {"unmatched": "421"},
                        "site": {"hosts": "a.example"}},
     "http://b.example/", [], [r"site +none has the host b\.example"]),
    ("no error page for this status", {"error_pages": {"503": "/hello.txt"}},
     "/nowhere", [],
     [r"error page +the one that is built in \(as \[error_pages\] has none"]),
    ("an error page", TO_404, "/nowhere", [],
     [r"error page +/digits\.bin \(.*tined\.ini:\d+\)$"]),
    ("no condition of an error page", TO_404, "/nowhere", ["If-Match: *"],
     [r"conditions +not looked at: the answer is an error"]),
    ("an error page that is not there", {"error_pages": {"404": "/none"}},
     "/nowhere", [],
     [r"error page +the one that is built in, as /none \(.*\) cannot be sent"]),
    ("the built-in page", {"error_pages": {"404": "built-in"}}, "/nowhere", [],
     [r"error page +the one that is built in \(.*tined\.ini:\d+\)$"]),
    ("a folder of an error page that is none",
     {"error_pages": {"folders": "yes"}}, "/nowhere", [],
     [r"error page +the one that is built in, as /STATUS/index\.html "
      r"\(.*tined\.ini:\d+\) cannot be sent"]),
    ("no folder of that name", {"error_pages": {"folders": "yes"}},
     "/hello.txt", ['If-Match: "x"'],
     [r"error page +the one that is built in \(as no folder"]),
    ("an index that is a folder", {}, "/deep/", [],
     [r"index +index\.html: "]),
    ("a sidecar that is no file", {}, "/hello.txt",
     ["Accept-Encoding: br"], [r"sidecar +\.br: no regular file"]),
    ("no sidecars", {"site": {"precompressed": "none"}}, "/hello.txt", [],
     [r"sidecars +none \(.*tined\.ini:\d+\)"]),
    ("more links than are told", {}, "/self" * 41 + "/hello.txt", [],
     [r"link +/self -> \.$", r"symlinks +.*refused: too many links"]),
    ("a time to come", {}, "/empty.txt", [],
     [r"file +.*, a time that proves nothing$"]),
    ("a redirect whose target is too long",
     {"limits": LONG, "redirect": {"/go/*": "https://example.com/*"}},
     "/go/" + "%ff" * 8150 + "?" + "q" * 200, [],
     [r"redirect +/go/\* = https://example\.com/\* .*the Location is too lo"]),
    ("a rewrite whose target is too long",
     {"limits": LONG, "rewrite": {"/r/*": "/a/long/name/*"}},
     "/r/" + "x" * 8185, [], [r"rewrite +/r/\* = .*: too long$"]),
    ("a rewrite that leads to what is hidden",
     {"rewrite": {"/h*": "/*"}}, "/h.git/config", [],
     [r"rewrite +/h\* = /\* .*: /\.git/config", r"dotfiles +hidden: "]),
    ("a folder that leaves no room for an index", {"limits": LONG},
     "/" + "x/" * 4095, [], [r"listing +off"]),
)
def test_the_steps_say_why_by_the_configuration(
        make_server, odd_root, sections, url, lines, said):
    says(make_server(**sections), url, lines, said)


def test_an_open_folder_and_a_field_that_is_none_are_told(
        make_server, scratch):
    server = make_server(**guarded.sections(
        scratch, **{"match:/docs/page.html": {"auth": "none"}}))

    says(server, "/docs/page.html", [],
         [r"auth +none \(.*tined\.ini:\d+\): everybody$"])
    says(server, "/docs/", ["Authorization: Basic :::"],
         [r"auth +staff .*what Authorization has cannot be read$"])


@cases(
    "sections, lines",
    ("no kept connection", {"timeouts": {"keepalive": 0}}, []),
    ("one request a connection", {"limits": {"requests": 1}}, []),
    ("a client that wants the end", {}, ["Connection: close"]),
    ("a client that waits", {}, ["Expect: 100-continue",
                                 "Content-Length: 1"]),
    ("a body that is too large", {}, ["Content-Length: 999999999"]),
    ("a head that is too large", {}, ["X: " + "x" * 8000] * 3),
)
def test_the_end_of_the_connection_is_told(start_server, sections, lines):
    server = start_server(**sections)
    _, status, fields = explain(server, "/hello.txt", *lines)

    assert (status, fields) == answer_of(server, "localhost", "/hello.txt",
                                         lines)
    assert "Connection: close" in fields


def test_what_set_a_field_is_told(server):
    server.configure(mime={"xyz": "text/xyz"})
    (server.root / "a.xyz").write_bytes(b"x")
    shown = server.command("explain", "-c", server.ini, "/a.xyz").stdout

    assert re.search(r"^Content-Type: text/xyz  \(.*tined\.ini:\d+\)$",
                     shown, re.M)
    shown = server.command("explain", "-c", server.ini, "/hello.txt").stdout
    assert re.search(r"^Content-Type: .*  \(built in\)$", shown, re.M)


def test_overrides_count(server):
    steps, _, _ = explain(server, "/docs/")
    assert "index.html: there" in steps
    result = server.command("explain", "-c", server.ini, "-o",
                            "site.index=page.html", "/docs/")
    assert "page.html: there" in result.stdout


def test_no_byte_of_a_name_reaches_the_terminal(server):
    (server.root / "odd").symlink_to("a\x1b[31m\xff")
    result = server.command("explain", "-c", server.ini, "/odd")

    assert result.returncode == 0
    assert "\x1b" not in result.stdout
    assert r"/odd -> a\x1B[31m" in result.stdout


def test_an_old_sidecar_is_passed_over(server):
    test_precompressed.make(server.root, "old.js", "gzip")
    os.utime(server.root / "old.js.gz", (1, 1))
    steps, _, fields = explain(server, "/old.js", "Accept-Encoding: gzip")

    assert re.search(r"sidecar +\.gz: older than the file", steps)
    assert "Vary: Accept-Encoding" not in fields


@pytest.mark.skipif(not IS_ROOT, reason="only root becomes another user")
def test_root_looks_with_the_rights_of_a_worker(server):
    path = server.root / "secret.txt"
    path.write_bytes(b"x")
    path.chmod(0o600)
    _, status, _ = explain(server, "/secret.txt")
    assert status == 200, "the server of this test serves as root"
    result = server.command("explain", "-c", server.ini, "-o",
                            "server.user=nobody", "/secret.txt")

    assert re.match(r"user +nobody, as the workers\n", result.stdout)
    assert "no permission" in result.stdout
    assert "HTTP/1.1 403" in result.stdout


@pytest.mark.skipif(not IS_ROOT, reason="a test of another user needs root")
def test_somebody_else_is_told_that_rights_may_differ(server):
    nobody = pwd.getpwnam("nobody")

    def become_nobody():
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)

    result = subprocess.run(
        [server.binary, "explain", "-c", server.ini, "-o",
         "server.user=daemon", "/hello.txt"], preexec_fn=become_nobody,
        cwd=server.scratch, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert re.match(rf"user +user id {nobody.pw_uid}; the workers are daemon",
                    result.stdout)


def test_no_server_is_needed(make_server):
    assert explain(make_server(), "/hello.txt")[1] == 200


def test_mistakes_are_told_like_by_a_test(server, scratch):
    bad = scratch / "bad.ini"
    bad.write_text("[server]\nworkers = many\n")
    result = server.command("explain", "-c", bad, "/")

    assert (result.returncode, result.stdout) == (1, "")
    assert "server.workers" in result.stderr


def test_a_root_that_is_not_there(server):
    result = server.command("explain", "-c", server.ini, "-o",
                            "site.root=/nowhere/at/all", "/")

    assert (result.returncode, result.stdout) == (1, "")
    assert "/nowhere/at/all" in result.stderr


@pytest.mark.parametrize("args", [
    [], ["/a", "/b"], ["-z", "/"], ["ftp://x/"], ["hello.txt"], ["-H"],
    ["-H", "X: a\r\nY: b", "/"], ["/a\nb"], [""],
], ids=repr)
def test_usage(server, args):
    result = server.command("explain", "-c", server.ini, *args)

    assert (result.returncode, result.stdout) == (2, "")
    assert "usage: tined explain" in result.stderr
