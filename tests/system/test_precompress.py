# SPDX-License-Identifier: BSD-2-Clause
"""tined precompress: what it writes, what it leaves, how it ends."""

import fcntl
import os
import pty
import random
import re
import shutil
import signal
import struct
import subprocess
import termios
import zlib
from pathlib import Path

import pytest

from client import cases
from server import SOURCE, Server, children, wait_for

IS_ROOT = os.geteuid() == 0
ENDINGS = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
TOOLS = {".br": ["brotli", "-dc"], ".zst": ["zstd", "-dcq"],
         ".gz": ["gzip", "-dc"]}
TEXT = b"all work and no play makes a dull file; " * 100
MTIME_NS = 1_700_000_000_123_456_789

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool[0]) is None for tool in TOOLS.values()),
    reason="needs the commands brotli, zstd and gzip")


@pytest.fixture(name="site")
def fixture_site(scratch):
    """A folder with real files: our own source and the sample site."""
    site = scratch / "site"
    shutil.copytree(SOURCE / "share/site", site)
    shutil.copytree(SOURCE / "src/http", site / "src")
    for path in site.rglob("*"):
        os.utime(path, ns=(MTIME_NS, MTIME_NS))
    return site


@pytest.fixture(name="tined")
def fixture_tined(scratch):
    """Runs a command, which must not say what it should not."""
    def run(*args, status=0):
        result = Server(scratch).command(*args)
        assert result.returncode == status, result
        assert "Sanitizer" not in result.stderr
        assert "runtime error" not in result.stderr
        return result
    return run


def write(path, data=TEXT, mtime_ns=MTIME_NS):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


def sidecar_of(path, ending):
    return path.with_name(path.name + ending)


def unpack(path):
    """What another program makes of a sidecar."""
    return subprocess.run([*TOOLS[path.suffix], path], check=True,
                          capture_output=True).stdout


def sidecars_in(folder):
    return sorted(path for path in folder.rglob("*")
                  if path.suffix in TOOLS)


def counts(stdout):
    """The numbers of the summary by ending: written, current, no gain ..."""
    return {row[0]: [int(n) for n in row[1:6]] for row in re.findall(
        r"^(\.\w+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) ", stdout, re.M)}


def hidden_in(folder):
    return [path for path in folder.rglob(".*") if path.is_file()]


def test_what_it_writes_is_what_others_read(tined, site):
    originals = {path: path.read_bytes() for path in site.rglob("*")
                 if path.suffix in (".html", ".css", ".svg", ".c", ".h")
                 and path.stat().st_size >= 256}
    (site / "style.css").chmod(0o640)
    result = tined("precompress", site)

    assert len(originals) > 20
    for path, data in originals.items():
        for ending in TOOLS:
            sidecar = sidecar_of(path, ending)
            assert unpack(sidecar) == data, sidecar
            stat, want = sidecar.stat(), path.stat()
            assert stat.st_mtime_ns == want.st_mtime_ns == MTIME_NS
            assert stat.st_mode == want.st_mode
            assert stat.st_size < want.st_size * 0.95
    assert not sidecar_of(site / "media/fork.png", ".br").exists()
    assert counts(result.stdout) == {
        ending: [len(originals), 0, 0, 0, 0] for ending in TOOLS}
    assert result.stderr == ""
    assert not hidden_in(site)
    tined("sidecars", site)


def test_zlib_reads_it_and_it_has_no_time(tined, site):
    tined("precompress", "-f", "gz", site)
    data = (site / "style.css.gz").read_bytes()

    assert zlib.decompress(data, 31) == (site / "style.css").read_bytes()
    assert data[:10] == b"\x1f\x8b\x08\0\0\0\0\0\x02\x03", "RFC 1952 2.3"
    assert sidecars_in(site) == sorted(site.rglob("*.gz"))


def test_equal_files_give_equal_bytes(tined, site, scratch):
    shutil.copytree(site, scratch / "again")
    tined("precompress", "-j", "1", site)
    for path in (scratch / "again").rglob("*"):
        os.utime(path)
    tined("precompress", "-j", "3", scratch / "again")

    assert sidecars_in(site)
    for sidecar in sidecars_in(site):
        twin = scratch / "again" / sidecar.relative_to(site)
        assert twin.read_bytes() == sidecar.read_bytes(), sidecar


def test_what_is_current_is_left_alone(tined, site):
    tined("precompress", site)
    before = {path: path.stat().st_ino for path in sidecars_in(site)}
    first = counts(tined("precompress", site).stdout)

    assert {path: path.stat().st_ino for path in sidecars_in(site)} == before
    assert first == {ending: [0, len(before) // 3, 0, 0, 0]
                     for ending in TOOLS}


def test_a_file_that_changed_gets_new_ones(tined, scratch):
    path = write(scratch / "site/a.txt")
    other = write(scratch / "site/b.txt")
    tined("precompress", scratch / "site")
    inode = sidecar_of(other, ".br").stat().st_ino
    write(path, TEXT + b"more", MTIME_NS + 1)
    result = tined("precompress", "-v", scratch / "site")

    for ending in TOOLS:
        assert unpack(sidecar_of(path, ending)) == TEXT + b"more"
        assert f"a.txt{ending}: written, " in result.stdout
        assert f"b.txt{ending}: current, " in result.stdout
    assert sidecar_of(other, ".br").stat().st_ino == inode
    assert not hidden_in(scratch / "site")


@cases(
    "mtime_ns, sidecar_ns, same, kept",
    ("older, of the same content", MTIME_NS, MTIME_NS - 1, True, False),
    ("the very time", MTIME_NS, MTIME_NS, True, True),
    ("later, of the same content", MTIME_NS, MTIME_NS + 1, True, True),
    ("later, of other content", MTIME_NS, MTIME_NS + 1, False, False),
    ("a time of 0, of the same content", 0, 0, True, True),
    ("a time of 0, of other content", 0, 0, False, False),
    ("a time of 1 s, of other content", 10**9, 10**9, False, False),
)
def test_what_counts_as_current(tined, scratch, mtime_ns, sidecar_ns, same,
                                kept):
    path = write(scratch / "site/a.txt", TEXT, mtime_ns)
    tool = {".br": ["brotli", "-1c"], ".zst": ["zstd", "-1cq"],
            ".gz": ["gzip", "-1c"]}
    made = {}
    for ending, command in tool.items():
        data = subprocess.run(
            command, input=TEXT if same else TEXT[1:] + b"x", check=True,
            capture_output=True).stdout
        write(sidecar_of(path, ending), data, sidecar_ns)
        made[ending] = data
    result = tined("precompress", scratch / "site")

    for ending, data in made.items():
        sidecar = sidecar_of(path, ending)
        assert (sidecar.read_bytes() == data) == kept
        assert unpack(sidecar) == TEXT
        assert sidecar.stat().st_mtime_ns == (
            sidecar_ns if kept else mtime_ns)
        assert counts(result.stdout)[ending][:2] == [not kept, kept]


@pytest.mark.parametrize("flag, word", [(None, "of no use any more"),
                                        ("-r", "removed")])
def test_what_does_not_shrink(tined, scratch, flag, word):
    noise = random.Random(1).randbytes(5000)
    path = write(scratch / "site/a.txt")
    write(scratch / "site/new.txt", noise)
    tined("precompress", scratch / "site")
    assert not list((scratch / "site").glob("new.txt.*"))
    write(path, noise, MTIME_NS + 1)
    options = [flag, "-v"] if flag else []
    result = tined("precompress", *options, scratch / "site")

    for ending in TOOLS:
        assert f"a.txt{ending}: {word}" in result.stdout
        assert sidecar_of(path, ending).exists() == (flag is None)
        assert counts(result.stdout)[ending] == [0, 0, 2, flag is not None, 0]


def test_what_it_does_not_touch(tined, scratch):
    site = scratch / "site"
    outside = write(scratch / "outside/o.txt")
    for name in (".hidden.txt", ".git/x.txt", "in/.deep/x.txt", "small.txt",
                 "a\nb.txt", "back\\slash.txt", "photo.jpg", "archive.gz",
                 "noending"):
        write(site / name, TEXT[:255] if name == "small.txt" else TEXT)
    write(site / "empty.txt", b"")
    (site / "link.txt").symlink_to("in/real.txt")
    (site / "linked").symlink_to(outside.parent)
    os.mkfifo(site / "fifo.txt")
    write(site / "in/real.txt")
    write(site / ".well-known/known.txt")
    tined("precompress", site)

    made = {path.relative_to(site) for path in sidecars_in(site)}
    assert made == {Path(name + ending) for ending in TOOLS for name in (
        "in/real.txt", ".well-known/known.txt")} | {Path("archive.gz")}
    assert os.listdir(outside.parent) == ["o.txt"]


def test_all_files(tined, scratch):
    names = ["small.txt", "noending", "photo.jpg", "x.tar.gz", "y.js.br"]
    for name in names:
        write(scratch / "site" / name, b"a" * 200)
    tined("precompress", "-a", "-f", "gz", scratch / "site")

    made = {path.name for path in sidecars_in(scratch / "site")}
    assert made == {"small.txt.gz", "noending.gz", "photo.jpg.gz",
                    "x.tar.gz", "y.js.br"}


def test_the_folder_may_be_a_link(tined, scratch):
    write(scratch / "site/a.txt")
    (scratch / "current").symlink_to("site")
    tined("precompress", scratch / "current")

    assert len(sidecars_in(scratch / "site")) == 3


def test_dry_run_writes_nothing(tined, site):
    dry = tined("precompress", "-nv", site).stdout
    assert not sidecars_in(site)
    assert "style.css.br: would be written, " in dry
    wet = tined("precompress", site).stdout

    assert counts(dry) == counts(wet)
    sizes = r"^(\.\w+) .* (\d.*%)$"
    assert re.findall(sizes, dry, re.M) == re.findall(sizes, wet, re.M)


def test_what_is_in_the_way(tined, scratch):
    path = write(scratch / "site/a.txt")
    victim = write(scratch / "victim", b"precious")
    sidecar_of(path, ".br").symlink_to(victim)
    sidecar_of(path, ".zst").mkdir()
    result = tined("precompress", scratch / "site", status=1)

    assert "a.txt: its .br is a folder, a symbolic link" in result.stderr
    assert "a.txt: its .zst is a folder" in result.stderr
    assert unpack(sidecar_of(path, ".gz")) == TEXT
    assert victim.read_bytes() == b"precious"
    assert sidecar_of(path, ".br").is_symlink()


def as_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def test_a_folder_that_may_not_be_written(scratch):
    site = scratch / "site"
    for number in range(30):
        write(site / f"{number}.txt")
    site.chmod(0o555)
    result = subprocess.run(
        [Server(scratch).binary, "precompress", site], text=True,
        preexec_fn=as_nobody if IS_ROOT else None,
        capture_output=True, check=False)
    site.chmod(0o755)

    assert result.returncode == 1
    assert "0.txt: its .br cannot be written: permission" in result.stderr
    assert "and 70 more like these" in result.stderr
    assert len(result.stderr.splitlines()) == 21
    assert not sidecars_in(site) and not hidden_in(site)
    assert counts(result.stdout)[".gz"] == [0, 0, 0, 0, 30]


@pytest.mark.skipif(not IS_ROOT, reason="only root reads what it may not")
def test_a_file_that_may_not_be_read(scratch):
    site = scratch / "site"
    write(site / "open.txt")
    write(site / "secret.txt").chmod(0o600)
    (site / "closed").mkdir(mode=0o700)
    site.chmod(0o777)
    result = subprocess.run(
        [Server(scratch).binary, "precompress", site], text=True,
        preexec_fn=as_nobody, capture_output=True, check=False)

    assert result.returncode == 1
    assert "secret.txt: cannot be read: permission denied" in result.stderr
    assert "closed: permission denied" in result.stderr
    assert len(sidecars_in(site)) == 3


@pytest.mark.skipif(not IS_ROOT, reason="only root gives files away")
def test_the_owner_of_the_file_owns_the_sidecar(tined, scratch):
    path = write(scratch / "site/a.txt")
    os.chown(path, 65534, 65534)
    tined("precompress", scratch / "site")

    for ending in TOOLS:
        stat = sidecar_of(path, ending).stat()
        assert (stat.st_uid, stat.st_gid) == (65534, 65534)


@pytest.fixture(name="small_disk")
def fixture_small_disk(scratch):
    """A file system with room for a few sidecars."""
    disk = scratch / "disk"
    disk.mkdir()
    if not IS_ROOT or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk],
            capture_output=True, check=False).returncode != 0:
        pytest.skip("needs to mount a small file system")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk(tined, small_disk):
    numbers = random.Random(2)
    for number in range(10):
        write(small_disk / f"{number}.txt", numbers.randbytes(15000).hex()
              .encode())
    result = tined("precompress", "-j", "1", small_disk, status=1)

    assert "cannot be written: no space left on the disk; make room" in (
        result.stderr)
    assert re.search(r"stopped: \d+ sidecars are still to be made; what was "
                     r"written is whole", result.stderr)
    assert not hidden_in(small_disk)
    left = sidecars_in(small_disk)
    assert left
    for sidecar in left:
        assert unpack(sidecar) == sidecar.with_suffix("").read_bytes()


def start(scratch, *args, **kwargs):
    return subprocess.Popen(
        [Server(scratch).binary, "precompress", *args], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)


@pytest.fixture(name="slow_site")
def fixture_slow_site(scratch):
    """A folder that takes a while: brotli is at a large file at once."""
    numbers = random.Random(3)
    words = [numbers.randbytes(4).hex() for _ in range(3000)]
    big = " ".join(numbers.choices(words, k=250_000)).encode()
    write(scratch / "site/big.txt", big)
    for number in range(300):
        write(scratch / f"site/{number}.txt", TEXT + str(number).encode())
    return scratch / "site"


def is_whole(tined, site):
    """All that is there is good, and nothing else is."""
    tined("sidecars", site)
    return not hidden_in(site)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM,
                                    signal.SIGHUP])
def test_a_signal_leaves_no_part_of_a_file(tined, scratch, slow_site, signum):
    def obey():  # what runs the tests may ignore it
        signal.signal(signum, signal.SIG_DFL)

    # The second process comes to the small ones while brotli is busy.
    process = start(scratch, "-j", "2", "-f", "br,gz", slow_site,
                    preexec_fn=obey)
    wait_for(lambda: sidecars_in(slow_site), "the first sidecar", 60)
    process.send_signal(signum)
    _, stderr = process.communicate(timeout=60)

    assert process.returncode == -signum
    assert "still to be made; what was written is whole" in stderr
    assert not sidecar_of(slow_site / "big.txt", ".br").exists()
    assert is_whole(tined, slow_site)


def test_a_signal_that_is_ignored_stays_so(scratch):
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    path = write(scratch / "site/a.txt", TEXT * 2000)
    process = start(scratch, "-f", "br", scratch / "site", preexec_fn=ignore)
    wait_for(lambda: children(process.pid), "a worker")
    process.send_signal(signal.SIGHUP)

    assert process.wait(60) == 0
    assert unpack(sidecar_of(path, ".br")) == TEXT * 2000


def test_killed_without_a_warning(tined, scratch, slow_site):
    process = start(scratch, "-j", "2", "-f", "br,gz", slow_site)
    wait_for(lambda: sidecars_in(slow_site), "the first sidecar", 60)
    workers = children(process.pid)
    process.kill()
    process.communicate(timeout=60)
    wait_for(lambda: not any(Path(f"/proc/{pid}/exe").exists()
                             for pid in workers), "the end of the workers")

    assert is_whole(tined, slow_site)


def opened_by(pid):
    try:
        return [os.readlink(path) for path in
                Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


def at_work_on(process, path):
    """The worker that has a file open."""
    return [pid for pid in children(process.pid)
            if str(path) in opened_by(pid)]


def test_a_worker_that_is_killed_loses_one_file(tined, scratch, slow_site):
    big = slow_site / "big.txt"
    process = start(scratch, "-j", "1", "-f", "br,gz", slow_site)
    wait_for(lambda: at_work_on(process, big), "brotli at work")
    os.kill(at_work_on(process, big)[0], signal.SIGKILL)
    _, stderr = process.communicate(timeout=60)

    assert process.returncode == 1
    assert re.search(r"big\.txt: its \.br was not finished: a process .*"
                     r"(9|[Kk]illed).*; if memory is short", stderr), stderr
    assert "601 sidecars are still to be made" in stderr
    assert is_whole(tined, slow_site)


def test_a_file_that_changes_meanwhile(scratch, slow_site):
    big = slow_site / "big.txt"
    process = start(scratch, "-j", "1", "-f", "br", slow_site)
    wait_for(lambda: at_work_on(process, big), "brotli at work")
    with open(big, "ab") as file:
        file.write(b"more")
    _, stderr = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "big.txt: changed while it was read; run again" in stderr
    assert not sidecar_of(big, ".br").exists()
    assert len(sidecars_in(slow_site)) == 300


def test_two_at_once_are_refused(tined, site):
    fd = os.open(site, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    result = tined("precompress", site, status=1)
    os.close(fd)

    assert "another tined precompress is at work" in result.stderr
    assert not sidecars_in(site)
    tined("precompress", site)


def on_terminal(scratch, columns, *args):
    """What a command writes to a terminal of that width, and its status."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([Server(scratch).binary, *args], stdout=theirs,
                          stderr=theirs) as process:
        os.close(theirs)
        text = b""
        try:
            while data := os.read(ours, 4096):
                text += data
        except OSError:  # EIO: nobody has the other end any more
            pass
        os.close(ours)
    assert process.returncode == 0
    return text.decode()


@pytest.mark.parametrize("columns", [30, 50, 80, 200])
def test_a_bar_on_a_terminal(scratch, slow_site, columns):
    text = on_terminal(scratch, columns, "precompress", "-f", "zst",
                       slow_site)
    drawn = re.findall(r"\r([^\r\x1b]+)\x1b\[K", text)

    assert drawn, text
    assert all(len(line) < columns for line in drawn)
    assert all(re.search(r" \d+ %", " " + line) for line in drawn)
    if columns >= 50:
        assert all(re.match(r"precompress \[#*-*\] ", line)
                   for line in drawn)
    assert "\r\x1b[K" in text[text.rfind(drawn[-1]):], "it is taken away"


def test_no_bar_where_nobody_looks(tined, site):
    result = tined("precompress", site)

    assert result.stderr == ""
    assert "\r" not in result.stdout


@cases(
    "args, said",
    ("no folder", [], "usage: tined precompress"),
    ("two folders", ["a", "b"], "usage: tined precompress"),
    ("an unknown option", ["-z", "."], "usage: tined precompress"),
    ("an unknown format", ["-f", "gz,lz4", "."], '"lz4": not a format'),
    ("no format", ["-f", "", "."], "no format"),
    ("no process", ["-j", "0", "."], "allowed: 1 to 256"),
    ("a word for a number", ["-j", "all", "."], '"all": not a number'),
)
def test_usage(tined, args, said):
    result = tined("precompress", *args, status=2)

    assert said in result.stderr
    assert result.stdout == ""


@cases(
    "name, said",
    ("a folder that is not there", "nowhere", "nowhere: No such file"),
    ("a file", "a.txt", "a.txt: Not a directory"),
)
def test_no_folder(tined, scratch, name, said):
    write(scratch / "a.txt")

    assert said in tined("precompress", scratch / name, status=1).stderr


def test_an_empty_folder(tined, scratch):
    (scratch / "site").mkdir()
    result = tined("precompress", scratch / "site")

    assert "0 of 0 files" in result.stdout


def test_no_byte_of_a_name_reaches_the_terminal(tined, scratch):
    path = write(scratch / os.fsdecode(b"site/a\xc2\x9b31m\xff.txt"))
    sidecar_of(path, ".gz").mkdir()
    result = tined("precompress", "-v", scratch / "site", status=1)

    assert r"a\xC2\x9B31m\xFF.txt" in result.stderr
    assert r"a\xC2\x9B31m\xFF.txt" in result.stdout


def test_ten_thousand_files(tined, scratch):
    site = scratch / "site"
    for number in range(10_000):
        folder = site / f"{number % 100:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.html").write_bytes(
            b"<p>%d</p>" % number * 40)
    result = tined("precompress", "-f", "gz", site)

    assert counts(result.stdout) == {".gz": [10_000, 0, 0, 0, 0]}
    assert "10000 of 10000 files" in result.stdout
    assert unpack(site / "07/9907.html.gz") == b"<p>9907</p>" * 40
    assert "10000 sidecars: 10000 good, 0 wrong" in tined(
        "sidecars", site).stdout


def test_it_is_served_in_each_coding(start_server, tined):
    server = start_server()
    write(server.root / "app.js")
    tined("precompress", server.root)

    tags = set()
    for coding, ending in ENDINGS.items():
        response = server.request("GET", "/app.js",
                                  f"Accept-Encoding: {coding}")
        assert response.status == 200
        assert response["Content-Encoding"] == coding
        assert response["Vary"] == "Accept-Encoding"
        (server.scratch / f"got{ending}").write_bytes(response.body)
        assert unpack(server.scratch / f"got{ending}") == TEXT
        tags.add(response["ETag"])
    assert len(tags) == 3


def test_the_window_of_zstd_is_one_that_browsers_take(tined, scratch):
    """RFC 9659 3: at most 8 MiB, however large the file is."""
    write(scratch / "site/a.txt", TEXT * ((20 << 20) // len(TEXT)))
    tined("precompress", "-f", "zst", scratch / "site")
    shown = subprocess.run(
        ["zstd", "-lv", scratch / "site/a.txt.zst"], check=True,
        capture_output=True, text=True).stdout

    window = re.search(r"Window Size: .*\((\d+) B\)", shown)
    assert int(window[1]) <= 8 << 20
