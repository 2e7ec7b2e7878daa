# SPDX-License-Identifier: BSD-2-Clause
"""tined sidecars: what it finds, and what it does not complain of."""

import gzip
import os
import resource
import shutil
import subprocess

import pytest

from client import cases
from server import Server
from test_precompress import (IS_ROOT, MTIME_NS, TEXT, TOOLS, as_nobody,
                              pytestmark, sidecar_of, write)

__all__ = ["pytestmark"]

MAKERS = {".br": ["brotli", "-c"], ".zst": ["zstd", "-cq"],
          ".gz": ["gzip", "-c"]}


def pack(ending, data, *options):
    return subprocess.run([*MAKERS[ending], *options], input=data, check=True,
                          capture_output=True).stdout


@pytest.fixture(name="look")
def fixture_look(scratch):
    """Runs the command on the folder; returns its lines but the last."""
    def run(*args, status=0, stderr=""):
        result = Server(scratch).command("sidecars", *args, scratch / "site")
        assert (result.returncode, result.stderr) == (status, stderr), result
        return result.stdout.splitlines()[:-1]
    return run


@pytest.fixture(name="page")
def fixture_page(scratch):
    return write(scratch / "site/app.js")


def cpu_of_children_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


ENDINGS = pytest.mark.parametrize("ending", list(TOOLS))


@ENDINGS
def test_good_ones(look, page, ending):
    write(sidecar_of(page, ending), pack(ending, TEXT))
    assert look() == []


@ENDINGS
@cases(
    "change, word",
    ("a byte changed in the middle",
     lambda data: data[:30] + bytes([data[30] ^ 0xff]) + data[31:], None),
    ("a piece is missing at the end", lambda data: data[:-3], "corrupt"),
    ("half is missing", lambda data: data[:len(data) // 2], "corrupt"),
    ("it is empty", lambda data: b"", "corrupt"),
    ("something is behind it", lambda data: data + b"garbage", "corrupt"),
    ("no compression at all", lambda data: TEXT[:1000], "corrupt"),
)
def test_damaged_ones(look, page, ending, change, word):
    write(sidecar_of(page, ending), change(pack(ending, TEXT)))
    lines = look(status=1)

    assert len(lines) == 1
    # What a changed byte does depends on which one it is.
    assert lines[0].startswith(f"app.js{ending}: {word or ''}")
    assert lines[0].split(": ")[1] in ("corrupt", "differs", "window")
    assert "remove it, then run tined precompress" in lines[0]


@ENDINGS
@cases(
    "data",
    ("another byte", TEXT[:-1] + b"x"),
    ("shorter", TEXT[:-1]),
    ("longer", TEXT + b"x"),
    ("empty", b""),
    ("of another length altogether", TEXT * 3),
)
def test_other_content(look, page, ending, data):
    write(sidecar_of(page, ending), pack(ending, data))
    lines = look(status=1)

    assert lines == [f"app.js{ending}: differs: it holds something else than "
                     "the file; remove it, then run tined precompress"]


@ENDINGS
def test_stale_ones(look, page, ending):
    write(sidecar_of(page, ending), pack(ending, TEXT), MTIME_NS - 1)

    assert look(status=1)[0].startswith(f"app.js{ending}: stale: older")


@ENDINGS
def test_larger_ones(look, scratch, ending):
    path = write(scratch / "site/tiny.css", b"x")
    write(sidecar_of(path, ending), pack(ending, b"x"))

    assert look(status=1)[0].startswith(f"tiny.css{ending}: larger: ")


def test_orphans(look, scratch):
    for name in ("gone.js", "gone.html", "gone.css", "gone.svg", "x.json"):
        write(scratch / "site" / f"{name}.gz", pack(".gz", TEXT))
    # These are offered for themselves.
    for name in ("a.tar.gz", "dump.sql.zst", "log.txt.gz", "disk.img.gz",
                 "README.gz", ".hidden.js.gz"):
        write(scratch / "site" / name, pack(".gz", TEXT))
    lines = look(status=1)

    assert [line.partition(": ")[0] for line in lines] == [
        "gone.css.gz", "gone.html.gz", "gone.js.gz", "gone.svg.gz",
        "x.json.gz"]
    assert all(": orphan: " in line for line in lines)


def test_a_window_that_browsers_refuse(look, page):
    """RFC 9659 3; a size that is not known leaves the window as it is."""
    write(sidecar_of(page, ".zst"), pack(".zst", TEXT, "--long=27"))

    assert look(status=1)[0].startswith("app.js.zst: window: browsers refuse")


def test_several_streams_behind_each_other(look, page):
    for ending in (".gz", ".zst"):
        write(sidecar_of(page, ending),
              pack(ending, TEXT[:1000]) + pack(ending, TEXT[1000:]))

    assert look() == []


@ENDINGS
def test_a_bomb_costs_nothing(look, page, ending):
    """A gigabyte of zeros, of which no more is made than the file has."""
    command = {".gz": "gzip -1c", ".br": "brotli -q 1 -c",
               ".zst": "zstd -1cq"}[ending]
    with open(sidecar_of(page, ending), "wb") as bomb:
        subprocess.run(f"head -c 1G /dev/zero | {command}", shell=True,
                       stdout=bomb, check=True)
    write(page, b"\0" * 1000)
    os.utime(sidecar_of(page, ending), ns=(MTIME_NS, MTIME_NS))
    before = cpu_of_children_s()
    lines = look(status=1)

    assert lines[0].startswith(f"app.js{ending}: differs")
    assert cpu_of_children_s() - before < 0.5


def test_missing_ones(look, page):
    write(page.with_name("small.js"), b"x" * 255)
    write(page.with_name("photo.jpg"))
    write(sidecar_of(page, ".gz"), pack(".gz", TEXT))

    assert look() == []
    assert look("-m", status=1) == [
        "app.js.br: missing: run tined precompress",
        "app.js.zst: missing: run tined precompress"]
    assert look("-m", "-f", "gz") == []


def test_a_format_alone(look, page):
    write(sidecar_of(page, ".gz"), b"bad")
    write(sidecar_of(page, ".br"), pack(".br", TEXT))

    assert look("-f", "br") == []
    assert len(look("-f", "gz", status=1)) == 1


def test_what_a_killed_command_left(scratch, look, page):
    write(page.with_name(".tined-new-0123456789abcdef"))

    assert look(status=1) == ["1 files .tined-new-* were left behind by a "
                              "command that was killed; remove them"]


def test_quiet(scratch, page):
    server = Server(scratch)
    good = server.command("sidecars", "-q", scratch / "site")
    write(sidecar_of(page, ".gz"), b"bad")
    bad = server.command("sidecars", "-q", scratch / "site")

    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    assert (bad.returncode, bad.stdout, bad.stderr) == (1, "", "")


def test_the_last_line_counts(scratch, page):
    write(sidecar_of(page, ".br"), pack(".br", TEXT))
    write(sidecar_of(page, ".gz"), b"bad")
    result = Server(scratch).command("sidecars", scratch / "site")

    assert result.stdout.splitlines()[-1] == "2 sidecars: 1 good, 1 wrong"


@pytest.mark.skipif(not IS_ROOT, reason="only root reads what it may not")
def test_one_that_may_not_be_read(scratch, page):
    write(sidecar_of(page, ".gz"), pack(".gz", TEXT)).chmod(0o600)
    result = subprocess.run(
        [Server(scratch).binary, "sidecars", scratch / "site"], text=True,
        preexec_fn=as_nobody, capture_output=True, check=False)

    assert result.returncode == 2
    assert "app.js.gz: permission denied" in result.stderr
    assert result.stdout == "1 sidecars: 0 good, 0 wrong\n"


@cases(
    "args, said",
    ("no folder", [], "usage: tined sidecars"),
    ("an unknown option", ["-n", "."], "usage: tined sidecars"),
    ("a folder that is not there", ["nowhere"], "nowhere: No such file"),
)
def test_trouble(scratch, args, said):
    result = Server(scratch).command("sidecars", *args)

    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr


def test_what_is_no_sidecar_does_not_count_among_them(scratch, page):
    """A folder too deep to be looked at is a problem, but no sidecar."""
    write(sidecar_of(page, ".gz"), pack(".gz", TEXT))
    (scratch / "site" / "/".join(["d"] * 514)).mkdir(parents=True)
    result = Server(scratch).command("sidecars", scratch / "site")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert result.stdout == "1 sidecars: 1 good, 0 wrong\n"


def test_what_precompress_makes_is_good(scratch, look, page):
    shutil.copy(page, page.with_name("b.css"))
    Server(scratch).command("precompress", scratch / "site")
    write(page, TEXT + b"new", MTIME_NS + 10**9)
    assert [line.split(": ")[1] for line in look(status=1)] == ["stale"] * 3
    Server(scratch).command("precompress", scratch / "site")

    assert look() == []
    assert gzip.decompress((page.parent / "app.js.gz").read_bytes()) == (
        TEXT + b"new")
