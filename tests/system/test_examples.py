# SPDX-License-Identifier: BSD-2-Clause
"""conf/examples: each is loaded, served, and does what it says."""

import json
import re

import pytest

from examples import FOLDER, NAMES, Example, adapt
from server import Server

OURS = b"PROXY TCP4 10.1.2.3 127.0.0.1 1234 80\r\n"
OTHERS = b"PROXY TCP4 203.0.113.9 127.0.0.1 1234 80\r\n"


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_known_and_no_line_is_too_long(scratch, name):
    server = Server(scratch, name=name)
    sites = re.findall(r"^\[site:?(.*)\]$",
                       (FOLDER / f"{name}.ini").read_text("utf-8"), re.M)
    server.ini.write_text(adapt(
        (FOLDER / f"{name}.ini").read_text("utf-8"), scratch,
        {site: scratch / "root" for site in sites}))
    result = server.command("-t", "-c", server.ini)
    assert result.returncode == 0, result.stderr


def test_a_single_page_app(scratch):
    root = write(scratch / "app", {
        "index.html": "<p>app", "assets/index-Bux4nitQ.js": "1"})
    with Example("single-page-app", scratch, root) as server:
        page = server.get("/users/alice", "Accept: text/html")
        assert page.status == 200 and page.body == b"<p>app"
        assert page.values("Cache-Control") == ["no-cache"]
        assert page["X-Content-Type-Options"] == "nosniff"
        asset = server.get("/assets/index-Bux4nitQ.js")
        assert asset["Cache-Control"] == "public, max-age=31536000, immutable"
        gone = server.get("/assets/index-AAAAAAAA.js")
        assert gone.status == 404
        assert "immutable" not in (gone["Cache-Control"] or "")


def test_documentation(scratch):
    root = write(scratch / "doc", {
        "index.html": "home", "guide/questions.html": "q", "404.html": "lost",
        "files/a.txt": "a"})
    with Example("documentation", scratch, root) as server:
        assert server.get("/guide/questions").body == b"q"
        moved = server.get("/guide/questions.html")
        assert (moved.status, moved["Location"]) == (301, "/guide/questions")
        assert server.get("/faq")["Location"] == "/guide/questions"
        assert server.get("/manual/a?b")["Location"] == "/guide/a?b"
        assert server.get("/v0/x").status == 410
        assert server.get("/none").body == b"lost"
        assert b"a.txt" in server.get("/files/").body
        assert server.get("/")["Cache-Control"] == "public, max-age=600"


def test_a_download_mirror(scratch):
    root = write(scratch / "mirror", {
        "pool/a.deb": "0123456789", "dists/Release": "r"})
    with Example("download-mirror", scratch, root) as server:
        part = server.get("/pool/a.deb", "Range: bytes=4-")
        assert (part.status, part.body) == (206, b"456789")
        assert part["Content-Type"] == "application/vnd.debian.binary-package"
        assert "immutable" in part["Cache-Control"]
        assert server.get("/dists/Release")["Cache-Control"] == "no-cache"
        assert b"a.deb" in server.get("/pool/").body
        statuses = [server.server.connect().request("GET", "/pool/").status
                    for _ in range(17)]
        assert statuses[-1] == 503 and statuses.count(200) in range(10, 17)
        log = (scratch / "access.log")
        server.server.stop()
        lines = log.read_text().splitlines()
    assert any(re.fullmatch(
        r'127\.0\.0\.1 - - \[.*\] "GET /pool/a\.deb HTTP/1\.1" '
        r'206 \d+ \d+ [-+X] "-"', line) for line in lines), lines


def test_several_hosts_behind_haproxy(scratch):
    roots = {name: write(scratch / name, {"index.html": name})
             for name in ("www", "docs", "intern")}
    with Example("behind-haproxy", scratch, **roots) as server:
        for name in roots:
            answer = server.get("/", before=OURS, host=f"{name}.example.com")
            assert answer.body == name.encode()
            assert answer["Strict-Transport-Security"] == "max-age=31536000"
        there = server.get("/x", before=OURS, host="example.com")
        assert there["Location"] == "https://www.example.com/x"
        other = server.get("/", before=OURS, host="evil.example")
        assert other.status == 421
        assert server.get("/", before=OTHERS,
                          host="intern.example.com").status == 403
        assert server.get("/readyz", before=OURS).status == 200
        server.server.send_signal(2)  # at once: stop_delay is 5 s
        assert server.server.wait_end() == 0
    assert "203.0.113.9" in (scratch / "intern.log").read_text()


def test_a_container(scratch):
    root = write(scratch / "www", {
        "index.html": "c", "app.0123456789abcdef.js": "1"})
    with Example("container", scratch, root) as server:
        assert server.get("/")["Cache-Control"] == "no-cache"
        assert "immutable" in server.get(
            "/app.0123456789abcdef.js")["Cache-Control"]
        server.server.send_signal(2)
        assert server.server.wait_end() == 0
        lines = [json.loads(line) for line in server.server.log().splitlines()
                 if line.startswith("{")]
    assert [line["status"] for line in lines] == [200, 200]


def test_they_are_in_the_manual_and_installed():
    text = (FOLDER.parents[1] / "man/tined.ini.5").read_text("utf-8")
    makefile = (FOLDER.parents[1] / "Makefile.am").read_text("utf-8")
    for name in NAMES:
        assert f"{name}.ini" in text and f"examples/{name}.ini" in makefile
