# SPDX-License-Identifier: BSD-2-Clause
"""tined manifest, and what a server makes of it: ETag, Repr-Digest."""

import base64
import gzip
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from client import cases
from server import Server, wait_for
from test_precompress import IS_ROOT, MTIME_NS, TEXT, as_nobody, write

NAME = ".tined-manifest"
ZIPPED = gzip.compress(TEXT, mtime=0)
AE = "Accept-Encoding: gzip"


def sha256(data):
    return hashlib.sha256(data).digest()


def etag(data, coding=""):
    return f'"{sha256(data).hex()[:32]}{coding and "-" + coding}"'


def digest(data):
    return f"sha-256=:{base64.b64encode(sha256(data)).decode()}:"


def make_manifest(server, *args, status=0):
    result = server.command("manifest", *args, server.root)
    assert result.returncode == status, result
    assert "Sanitizer" not in result.stderr
    return result


def add_app(server, mtime_ns=MTIME_NS, data=TEXT):
    """A file and its sidecar, which is real."""
    write(server.root / "app.js", data, mtime_ns)
    write(server.root / "app.js.gz", gzip.compress(data, mtime=0), mtime_ns)


@pytest.fixture(name="serve")
def fixture_serve(make_server):
    """A server whose root has a manifest; manifest is that of the site."""
    def serve(manifest="etag", mtime_ns=MTIME_NS, start=True):
        server = make_server(site={"manifest": manifest})
        add_app(server, mtime_ns)
        make_manifest(server)
        return server.start() if start else server
    return serve


def shown_files(root):
    """What is served below a folder, as the sample site has it."""
    return sorted(
        os.fsencode(path.relative_to(root)) for path in root.rglob("*")
        if path.is_file() and not any(
            part.startswith(".") for part in path.relative_to(root).parts
            if part != ".well-known")
        and not any(parent.is_symlink() for parent in (path, *path.parents)
                    if parent != root.parent))


def test_what_is_written(make_server):
    server = make_server()
    add_app(server)
    result = make_manifest(server)
    first, *lines = (server.root / NAME).read_bytes().splitlines()
    names = shown_files(server.root)

    assert len(names) > 10
    assert first == b"tined-manifest 1 sha256 %d" % len(names)
    assert [line.split(b" ", 3)[3] for line in lines] == names
    for line in lines:
        found, size, mtime_ns, name = line.split(b" ", 3)
        path = server.root / os.fsdecode(name)
        assert found.decode() == sha256(path.read_bytes()).hex()
        assert int(size) == path.stat().st_size
        assert int(mtime_ns) == path.stat().st_mtime_ns
    assert re.fullmatch(rf"{len(names)} files, [\d.]+ k?B, 0\.\d s\n",
                        result.stdout)
    assert (server.root / NAME).stat().st_mode & 0o777 == 0o644


def test_it_is_written_again_in_one_step(make_server):
    server = make_server()
    make_manifest(server)
    before = (server.root / NAME).stat().st_ino
    write(server.root / "new.txt")
    result = make_manifest(server, "-q")

    assert result.stdout == ""
    assert (server.root / NAME).stat().st_ino != before
    assert b" new.txt\n" in (server.root / NAME).read_bytes()
    assert [path.name for path in server.root.glob(".tined*")] == [NAME]


@pytest.mark.parametrize("option", ["-c", "--check"])
def test_check_when_all_is_true(make_server, option):
    server = make_server()
    make_manifest(server)
    result = make_manifest(server, option)

    assert re.fullmatch(r"\d+ files, 0 different\n", result.stdout)


def test_check_finds_what_has_changed(make_server):
    server = make_server()
    for name in ("a", "b", "c", "d"):
        write(server.root / f"{name}.txt")
    make_manifest(server)
    write(server.root / "a.txt", TEXT[1:] + b"x")
    os.utime(server.root / "b.txt")
    (server.root / "c.txt").unlink()
    write(server.root / "new.txt")
    result = make_manifest(server, "-c", status=1)

    assert result.stdout.splitlines()[:-1] == [
        "a.txt: changed: its content",
        "b.txt: time: its content is right, but not its time of change",
        "new.txt: new: not in the manifest",
        "c.txt: gone: in the manifest, but not there"]
    assert make_manifest(server, "-cq", status=1).stdout == ""


def test_check_without_a_manifest(make_server):
    result = make_manifest(make_server(), "-c", status=2)

    assert f"has no {NAME}; tined manifest" in result.stderr


DAMAGES = [
    ("empty", b"", 1),
    ("something else", b"hello\n", 1),
    ("of another version", b"tined-manifest 2 sha256 0\n", 1),
    ("a number that is none", b"tined-manifest 1 sha256 x\n", 1),
    ("fewer lines than it says", b"tined-manifest 1 sha256 2\n"
     + b"0" * 64 + b" 1 1 a\n", 3),
    ("more lines than it says", b"tined-manifest 1 sha256 0\n"
     + b"0" * 64 + b" 1 1 a\n", 3),
    ("a line without an end", b"tined-manifest 1 sha256 1\n"
     + b"0" * 64 + b" 1 1 a", 2),
    ("a hash that is too short", b"tined-manifest 1 sha256 1\n"
     + b"0" * 63 + b" 1 1 a\n", 2),
    ("a hash in upper case", b"tined-manifest 1 sha256 1\n"
     + b"A" * 64 + b" 1 1 a\n", 2),
    ("a size that is none", b"tined-manifest 1 sha256 1\n"
     + b"0" * 64 + b" -1 1 a\n", 2),
    ("a time that is none", b"tined-manifest 1 sha256 1\n"
     + b"0" * 64 + b" 1 1.5 a\n", 2),
    ("no path", b"tined-manifest 1 sha256 1\n" + b"0" * 64 + b" 1 1 \n", 2),
    ("an empty line", b"tined-manifest 1 sha256 1\n\n", 2),
    ("not in order", b"tined-manifest 1 sha256 2\n"
     + b"0" * 64 + b" 1 1 b\n" + b"0" * 64 + b" 1 1 a\n", 3),
    ("a path twice", b"tined-manifest 1 sha256 2\n"
     + b"0" * 64 + b" 1 1 a\n" + b"0" * 64 + b" 1 1 a\n", 3),
]


@cases("text, line", *DAMAGES)
def test_a_damaged_one_is_told(make_server, text, line):
    server = make_server()
    (server.root / NAME).write_bytes(text)
    result = make_manifest(server, "-c", status=2)

    assert f"{NAME}:{line}: no manifest, or damaged; tined" in result.stderr


@cases("text, line", *DAMAGES[::4])
def test_a_server_does_without_a_damaged_one(serve, text, line):
    server = serve(start=False)
    (server.root / NAME).write_bytes(text)
    server.expect_log(rf"{NAME} is not used: it is no manifest, or damaged; "
                      r"run tined manifest, then tined -s reload")
    server.start()
    response = server.request("GET", "/app.js")

    assert (response.status, response.body) == (200, TEXT)
    assert response["ETag"].count("-") == 1, "of time and size"
    assert len(server.wait_log(r" warn worker 0.* is not used")) == 1


def test_without_one_there_is_a_warning(make_server):
    server = make_server(site={"manifest": "etag"})
    result = server.command("-t", "-c", server.ini)
    assert result.returncode == 0
    assert re.search(rf"tined\.ini:\d+: warning: site\.manifest: .*/{NAME}: "
                     r"No such file or directory; run tined manifest /",
                     result.stderr)
    server.expect_log(rf"{NAME} is not used: No such file or directory")
    server.start()

    assert server.request("GET", "/hello.txt").status == 200


def test_the_tag_is_of_the_content(serve):
    server = serve()
    plain = server.request("GET", "/app.js")
    zipped = server.request("GET", "/app.js", AE)

    assert plain["ETag"] == etag(TEXT)
    assert zipped["ETag"] == etag(ZIPPED, "gzip")
    for response in (plain, zipped):
        assert response["Vary"] == "Accept-Encoding"
        assert response["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
        assert response["Repr-Digest"] is None
    server_of_old = server.request("GET", "/hello.txt")
    assert server_of_old["ETag"] == etag(b"hello, world\n")


def test_two_codings_of_the_same_bytes_have_two_tags(serve):
    """RFC 9110 8.8.3.3"""
    server = serve(start=False)
    for suffix in ("", ".br", ".gz"):
        write(server.root / f"twin.js{suffix}", b"same")
    make_manifest(server)
    server.start()
    found = {server.request("GET", "/twin.js", f"Accept-Encoding: {coding}")
             ["ETag"] for coding in ("identity", "br", "gzip")}

    assert found == {etag(b"same"), etag(b"same", "br"),
                     etag(b"same", "gzip")}


@cases(
    "lines, status",
    ("9110-13.1.2 its own tag", [f"If-None-Match: {etag(TEXT)}"], 304),
    ("9110-13.1.2 another coding's", [
        f"If-None-Match: {etag(ZIPPED, 'gzip')}"], 200),
    ("9110-13.1.1 its own tag", [f"If-Match: {etag(TEXT)}"], 200),
    ("9110-13.1.1 another", ['If-Match: "0"'], 412),
    ("9110-13.1.5 its own tag", [f"If-Range: {etag(TEXT)}",
                                 "Range: bytes=0-3"], 206),
    ("9110-13.1.5 another", ['If-Range: "0"', "Range: bytes=0-3"], 200),
)
@pytest.mark.parametrize("mtime_ns", [MTIME_NS, 0, 10**9])
def test_preconditions(serve, mtime_ns, lines, status):
    server = serve("digest", mtime_ns)
    response = server.request("GET", "/app.js", *lines)

    assert response.status == status
    if status != 412:
        assert response["ETag"] == etag(TEXT)
    # RFC 9530 3.1: of all of it, also with a part of it.
    assert response["Repr-Digest"] == (
        digest(TEXT) if status in (200, 206) else None)


def test_digests(serve):
    server = serve("digest")
    head = server.request("HEAD", "/app.js", AE)

    assert head["Repr-Digest"] == digest(ZIPPED)
    assert server.request("GET", "/app.js")["Repr-Digest"] == digest(TEXT)
    assert server.request("GET", "/empty.txt")["Repr-Digest"] == digest(b"")
    assert server.request("GET", "/nothing")["Repr-Digest"] is None
    several = server.request("GET", "/app.js", "Range: bytes=0-1,5-6")
    assert (several.status, several["Repr-Digest"]) == (206, digest(TEXT))


@pytest.mark.parametrize("mtime_ns", [0, 1, 10**9, 10**9 + 5])
def test_times_that_mean_nothing(serve, mtime_ns):
    """No Last-Modified, but a tag, also if the times came afterwards."""
    server = serve("digest", start=False)
    for path in server.root.glob("app.js*"):
        os.utime(path, ns=(mtime_ns, mtime_ns))
    server.start()
    response = server.request("GET", "/app.js", AE)

    assert response["ETag"] == etag(ZIPPED, "gzip")
    assert response["Repr-Digest"] == digest(ZIPPED)
    assert response["Last-Modified"] is None
    again = server.request("GET", "/app.js", AE,
                           f"If-None-Match: {response['ETag']}")
    assert again.status == 304


def test_off_by_default(start_server):
    server = start_server()
    add_app(server)
    make_manifest(server)

    assert server.request("GET", "/app.js")["ETag"] != etag(TEXT)


@cases(
    "change",
    ("another time", lambda path: os.utime(path)),
    ("another size", lambda path: write(path, TEXT + b"x")),
    ("another size, at a time of 0", lambda path: write(path, b"x", 0)),
)
def test_a_file_that_has_changed_is_told(serve, change):
    server = serve("digest")
    change(server.root / "app.js")
    server.expect_log(r"the manifest of /.*/root knows another size or time "
                      r"of change of \"/app\.js\", and is not used for it")
    with server.connect() as conn:
        for _ in range(3):
            response = conn.request("GET", "/app.js")
            assert response.status == 200
            assert response["ETag"] != etag(TEXT)
            assert response["Repr-Digest"] is None

    assert len(server.wait_log("knows another size")) == 1


def test_a_file_that_the_manifest_does_not_know(serve):
    server = serve("digest")
    write(server.root / "new.txt")
    response = server.request("GET", "/new.txt")

    assert response["ETag"].count("-") == 1
    assert response["Repr-Digest"] is None


def test_paths_over_links_are_as_without(serve):
    server = serve()
    response = server.request("GET", "/link-inside.txt")

    assert response.status == 200
    assert response["ETag"] != etag(b"hello, world\n")


def test_it_is_never_served(serve):
    assert serve().request("GET", f"/{NAME}").status == 404


def test_a_reload_reads_it_anew(serve):
    server = serve()
    assert server.request("GET", "/app.js")["ETag"] == etag(TEXT)
    server.expect_log("knows another size")
    add_app(server, MTIME_NS + 1, TEXT + b"2")
    assert server.request("GET", "/app.js")["ETag"] != etag(TEXT + b"2")
    make_manifest(server)
    server.send_signal(1)
    server.wait_log(r"generation 2|reloaded")

    wait_for(lambda: server.request("GET", "/app.js")["ETag"]
             == etag(TEXT + b"2"), "the tag of the new manifest")


def test_a_root_that_is_switched_brings_its_own(make_server):
    server = make_server(site={"manifest": "etag"})
    for number in (1, 2):
        root = server.scratch / f"release{number}"
        write(root / "a.txt", TEXT + str(number).encode(), 10**9)
        assert server.command("manifest", root).returncode == 0
    link = server.scratch / "current"
    link.symlink_to("release1")
    server.configure(site={"root": link})
    server.start()
    assert server.request("GET", "/a.txt")["ETag"] == etag(TEXT + b"1")
    (server.scratch / "next").symlink_to("release2")
    os.replace(server.scratch / "next", link)

    wait_for(lambda: server.request("GET", "/a.txt")["ETag"]
             == etag(TEXT + b"2"), "the new root")


def test_each_site_has_its_own(make_server):
    other = "site:other"
    server = make_server(site={"manifest": "etag"})
    root = server.scratch / "other"
    write(root / "app.js", b"other")
    server.configure(**{other: {"root": root, "hosts": "other",
                                "manifest": "digest"}})
    add_app(server)
    make_manifest(server)
    assert server.command("manifest", root).returncode == 0
    server.start()

    assert server.request("GET", "/app.js")["ETag"] == etag(TEXT)
    response = server.request("GET", "/app.js", host="other")
    assert response["ETag"] == etag(b"other")
    assert response["Repr-Digest"] == digest(b"other")


def explain(server, *args):
    result = server.command("explain", "-c", server.ini, *args)
    assert result.returncode == 0, result
    return result.stdout


def test_explain_says_where_the_tag_comes_from(serve):
    server = serve("digest")
    write(server.root / "new.txt")
    shown = explain(server, "-H", AE, "/app.js")

    assert re.search(rf"^manifest +{NAME} \(.*tined\.ini:\d+\): it vouches "
                     "for the content$", shown, re.M)
    assert (f"ETag: {etag(ZIPPED, 'gzip')}  (from the content, as the "
            "manifest has it)\n") in shown
    assert re.search(rf"^Repr-Digest: {re.escape(digest(ZIPPED))}  "
                     r"\(.*tined\.ini:\d+\)$", shown, re.M)
    response = server.request("GET", "/app.js", AE)
    for name, value in response.fields:
        assert name == "Date" or f"\n{name}: {value}" in shown
    shown = explain(server, "/new.txt")
    assert re.search("^manifest .*the file is not in it$", shown, re.M)
    assert "(from the time of change and the size)" in shown
    os.utime(server.root / "app.js")
    assert re.search("^manifest .*it knows another size or time of change",
                     explain(server, "/app.js"), re.M)
    (server.root / NAME).write_bytes(b"x")
    assert re.search("^manifest .*not used: it is no manifest, or damaged; "
                     "run tined manifest", explain(server, "/app.js"), re.M)


def test_explain_says_nothing_of_what_is_off(make_server):
    assert "manifest" not in explain(make_server(), "/hello.txt")


def test_ten_thousand_files_are_found(make_server):
    server = make_server(site={"manifest": "etag"})
    for number in range(10_000):
        path = server.root / f"{number % 100:02d}" / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"%d" % number)
        os.utime(path, (1, 1))
    make_manifest(server)
    server.start()
    with server.connect() as conn:
        for number in range(0, 10_000, 77):
            response = conn.request(
                "GET", f"/{number % 100:02d}/{number}.txt")
            assert response["ETag"] == etag(b"%d" % number)
    make_manifest(server, "-c")


def test_a_file_that_cannot_be_read_leaves_the_old_one(make_server):
    if not IS_ROOT:
        pytest.skip("only root can make a file that somebody else has")
    server = make_server()
    make_manifest(server)
    before = (server.root / NAME).read_bytes()
    (server.root / "hello.txt").chmod(0o600)
    server.root.chmod(0o777)
    result = subprocess.run(
        [server.binary, "manifest", server.root], text=True,
        preexec_fn=as_nobody, capture_output=True, check=False)

    assert (result.returncode, result.stdout) == (2, "")
    assert "hello.txt: cannot be read: permission denied" in result.stderr
    assert f"{NAME} was not written; it is as it was" in result.stderr
    assert (server.root / NAME).read_bytes() == before


def test_a_folder_that_may_not_be_written(make_server):
    server = make_server()
    server.root.chmod(0o555)
    result = subprocess.run(
        [server.binary, "manifest", server.root], text=True,
        preexec_fn=as_nobody if IS_ROOT else None,
        capture_output=True, check=False)
    server.root.chmod(0o755)

    assert result.returncode == 2
    assert f"{NAME} cannot be written: permission denied" in result.stderr
    assert not (server.root / NAME).exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root gives files away")
def test_it_belongs_to_the_owner_of_the_folder(make_server):
    server = make_server()
    shutil.chown(server.root, 65534, 65534)
    make_manifest(server)
    stat = (server.root / NAME).stat()

    assert (stat.st_uid, stat.st_gid) == (65534, 65534)


@cases(
    "args, said",
    ("no folder", [], "usage: tined manifest"),
    ("an unknown option", ["-n", "."], "usage: tined manifest"),
    ("an unknown word", ["--chek", "."], "usage: tined manifest"),
    ("a folder that is not there", ["nowhere"], "nowhere: No such file"),
)
def test_trouble(scratch, args, said):
    result = Server(scratch).command("manifest", *args)

    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr


def test_other_programs_can_check_it(make_server):
    """HASH and PATH are what sha256sum -c reads."""
    server = make_server()
    make_manifest(server)
    lines = (server.root / NAME).read_bytes().splitlines()[1:]
    sums = b"".join(
        b"%s  %s\n" % (line.split(b" ", 3)[0], line.split(b" ", 3)[3])
        for line in lines)
    subprocess.run(["sha256sum", "-c", "--quiet", "-"], input=sums,
                   cwd=server.root, check=True)
    assert Path(server.root / NAME).is_file()
