# SPDX-License-Identifier: BSD-2-Clause
"""The try list, canonical paths and the fallback: from a path to a file."""

import gzip
import os
import re
import threading

import pytest

from client import cases, head
from server import Server

NAVIGATION = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"
DOCS_FILES = (
    "index.html", "guide.html", "guide/start.html", "api/index.html",
    "both.html", "both/index.html", "style.css", "LICENSE", "café.html",
    "plain/page.html", "odd.html/index.html", "dir.d/x.html", "q%.html",
    ".secret.html", ".git/index.html", "myindex.html", "-page.htm",
    "twin", "twin.html",
)


def write_tree(root, names):
    """Files whose text is their name."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


@pytest.fixture(name="docs", scope="module")
def fixture_docs(module_folder):
    """A documentation site: its pages in each of the ways to name them."""
    root = module_folder.path / "docs"
    write_tree(root, DOCS_FILES)
    (root / "guide.html.gz").write_bytes(gzip.compress(b"guide.html"))
    os.utime(root / "guide.html", (10 ** 9, 10 ** 9))
    (root / "inside.html").symlink_to("guide.html")
    (module_folder.path / "outside.html").write_text("outside")
    (root / "outside.html").symlink_to("../outside.html")
    tries = {"root": root, "try": "$uri $uri.html $uri/"}
    server = Server(module_folder.path, **{
        "site": {"root": root},
        "site:pretty": {**tries, "hosts": "pretty"},
        "site:bare": {**tries, "hosts": "bare", "canonical": "extensionless"},
        "site:slash": {**tries, "hosts": "slash", "canonical": "slash"},
        "site:folders": {"root": root, "hosts": "folders", "index": "none",
                         "try": "$uri $uri/ $uri.html $uri-page.htm",
                         "canonical": "extensionless"},
        "site:inplace": {"root": root, "hosts": "inplace",
                         "try": "$uri, $uri/index.html"},
        "site:order": {"root": root, "hosts": "order",
                       "try": "$uri/ $uri.html"},
    }).start()
    yield server
    try:
        server.stop()
    except BaseException:
        module_folder.failed = True
        raise
    finally:
        server.kill()


ANSWERS = cases(
    "host, target, status, where",
    ("default: a page by its name", "x", "/guide.html", 200, "guide.html"),
    ("default: no ending is added", "x", "/LICENSE.html", 404, None),
    ("default: a folder", "x", "/guide", 301, "/guide/"),
    ("default: a folder without an index", "x", "/guide/", 404, None),
    ("a page without its ending", "pretty", "/guide", 200, "guide.html"),
    ("a page that is encoded", "pretty", "/caf%C3%A9", 200, "café.html"),
    ("a percent sign is no escape twice", "pretty", "/q%25", 200, "q%.html"),
    ("the name itself comes first", "pretty", "/LICENSE", 200, "LICENSE"),
    ("a page by its name", "pretty", "/guide.html", 200, "guide.html"),
    ("an ending is added to any name", "pretty", "/dir.d/x", 200,
     "dir.d/x.html"),
    ("a page before a folder", "pretty", "/both", 200, "both.html"),
    ("a folder by its slash", "pretty", "/both/", 200, "both/index.html"),
    ("a folder without its slash", "pretty", "/api?q=1", 301, "/api/?q=1"),
    ("a folder that ends like a page", "pretty", "/odd", 404, None),
    ("the same with its ending", "pretty", "/odd.html", 301, "/odd.html/"),
    ("no page for a slash", "pretty", "/guide/", 404, None),
    ("nothing", "pretty", "/nowhere", 404, None),
    ("below a file", "pretty", "/LICENSE/x", 404, None),
    ("the root", "pretty", "/", 200, "index.html"),
    ("a folder first", "order", "/both", 301, "/both/"),
    ("a page that is no folder", "order", "/café", 400, None),
    ("files only with their ending", "order", "/style", 404, None),
    ("nothing but what the list says", "order", "/style.css", 404, None),
    ("an index without a redirect", "inplace", "/api", 200, "api/index.html"),
    ("an index with a slash", "inplace", "/api/", 200, "api/index.html"),
    ("a hidden file", "pretty", "/.secret", 404, None),
    ("a hidden file by a slash", "slash", "/.secret/", 404, None),
    ("a hidden folder", "inplace", "/.git", 404, None),
    ("a link that stays below", "pretty", "/inside", 200, "guide.html"),
    ("a link that leads out", "pretty", "/outside", 404, None),
    ("two dots", "pretty", "/guide/%2e%2e/guide", 200, "guide.html"),
    ("above the root", "pretty", "/%2e%2e/guide", 400, None),
    ("two slashes", "pretty", "//guide", 200, "guide.html"),
    ("canonical: what it should be", "bare", "/guide", 200, "guide.html"),
    ("canonical: the ending goes", "bare", "/guide.html?a=b", 301,
     "/guide?a=b"),
    ("canonical: the index goes", "bare", "/api/index.html", 301, "/api/"),
    ("canonical: the root's too", "bare", "/index.html", 301, "/"),
    ("canonical: without the ending too", "bare", "/api/index", 301, "/api/"),
    ("canonical: never another host", "bare", "//index.html", 301, "/"),
    ("canonical: a slash too many", "bare", "/guide/", 301, "/guide"),
    ("canonical: not for a folder", "bare", "/plain/", 404, None),
    ("canonical: two pages stay two", "bare", "/both/index.html", 301,
     "/both/"),
    ("canonical: two pages stay two, the other", "bare", "/both.html", 301,
     "/both"),
    ("canonical: assets stay", "bare", "/style.css", 200, "style.css"),
    ("canonical: encoded", "bare", "/caf%c3%a9.html", 301, "/caf%C3%A9"),
    ("canonical: a percent sign", "bare", "/q%25.html", 301, "/q%25"),
    ("canonical: hidden stays hidden", "bare", "/.secret.html", 404, None),
    ("canonical: a name that ends like an index", "bare", "/myindex.html",
     301, "/myindex"),
    ("canonical: the same without its ending", "bare", "/myindex", 200,
     "myindex.html"),
    ("canonical: the name of another file", "bare", "/twin.html", 200,
     "twin.html"),
    ("canonical: the name of a folder", "folders", "/both.html", 200,
     "both.html"),
    ("canonical: no name at all", "folders", "/-page.htm", 200,
     "-page.htm"),
    ("canonical: the root without an index", "folders", "/", 404, None),
    ("slash: what it should be", "slash", "/guide/", 200, "guide.html"),
    ("slash: the ending goes", "slash", "/guide.html?a", 301, "/guide/?a"),
    ("slash: the slash comes", "slash", "/guide", 301, "/guide/"),
    ("slash: the index goes", "slash", "/api/index.html", 301, "/api/"),
    ("slash: a folder", "slash", "/api/", 200, "api/index.html"),
    ("slash: by the list, the page", "slash", "/both/", 200, "both.html"),
    ("slash: what no slash leads to stays", "slash", "/both/index.html", 200,
     "both/index.html"),
    ("slash: a file without an ending", "slash", "/LICENSE/", 301,
     "/LICENSE"),
    ("slash: an asset", "slash", "/style.css", 200, "style.css"),
    ("slash: the root", "slash", "/", 200, "index.html"),
    ("slash: nothing", "slash", "/nowhere/", 404, None),
)


@ANSWERS
def test_a_path_leads_to_its_file(docs, host, target, status, where):
    raw = "é" in target
    with docs.connect() as conn:
        response = conn.request("GET", target, host=host)
        if not raw:
            head = conn.request("HEAD", target, host=host)
            assert head.status == status
            assert head["Location"] == response["Location"]
            assert head["Content-Length"] == response["Content-Length"]

    assert response.status == status, response
    if status == 200:
        assert response.body.decode() == where
    else:
        assert response["Location"] == where


def test_a_redirect_leads_to_a_page_and_never_in_a_circle(docs):
    for site in ("pretty", "bare", "slash", "inplace", "order"):
        for name in DOCS_FILES:
            stem = "/" + re.sub(r"(/?index)?\.html$", "", name)
            for target in ("/" + name, stem, stem + "/"):
                follow(docs, site, target.replace("%", "%25").replace(
                    "é", "%C3%A9"))


def follow(docs, site, target):
    """Goes where redirects lead; at most twice."""
    with docs.connect() as conn:
        for _ in range(3):
            response = conn.request("GET", target, host=site)
            if response.status != 301:
                return response
            target = response["Location"]
    raise AssertionError(f"redirected again and again: {site} {target}")


def test_a_found_page_is_as_good_as_one_that_was_named(docs):
    with docs.connect() as conn:
        named = conn.request("GET", "/guide.html", host="pretty")
        found = conn.request("GET", "/guide", host="pretty")
        tag = found["ETag"]
        part = conn.request("GET", "/guide", "Range: bytes=1-2",
                            host="pretty")
        same = conn.request("GET", "/guide", f"If-None-Match: {tag}",
                            host="pretty")
        packed = conn.request("GET", "/guide", "Accept-Encoding: gzip",
                              host="pretty")
    assert [f for f in found.fields if f[0] != "Date"] == [
        f for f in named.fields if f[0] != "Date"]
    assert (part.status, part.body) == (206, b"ui")
    assert same.status == 304
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == b"guide.html"
    assert packed["Content-Type"] == "text/html; charset=utf-8"


def test_a_page_comes_and_goes(start_server):
    server = start_server(site={"try": "$uri $uri.html $uri/"},
                          cache={"valid": "10ms"})
    assert server.request("GET", "/new").status == 404
    (server.root / "new.html").write_text("new")
    for _ in range(200):
        if server.request("GET", "/new").status == 200:
            break
    assert server.request("GET", "/new").body == b"new"
    (server.root / "new").mkdir()
    for _ in range(200):
        if server.request("GET", "/new/").status == 404:
            break
    assert server.request("GET", "/new").body == b"new"


def test_a_page_may_go_while_its_path_is_judged(start_server, scratch):
    """What has no better path, as there is a file "both", is looked up again."""
    root = scratch / "pages"
    write_tree(root, ["both", "both.html"])
    server = start_server(
        site={"root": root, "try": "$uri $uri.html",
              "canonical": "extensionless"}, cache={"files": 0})
    page = root / "both.html"
    done = threading.Event()

    def come_and_go():
        while not done.is_set():
            page.rename(root / "gone")
            (root / "gone").rename(page)

    mover = threading.Thread(target=come_and_go)
    mover.start()
    try:
        for _ in range(100):
            with server.connect() as conn:
                conn.send(50 * head(target="/both.html"))
                statuses = {conn.response().status for _ in range(50)}
                assert statuses <= {200, 404}
    finally:
        done.set()
        mover.join()


def test_a_section_has_a_list_of_its_own(start_server):
    server = start_server(**{
        "match:/docs/*": {"try": "$uri.html $uri"},
        "match:/docs/old/*": {"try": "$uri"},
        "match:*.html": {"set": "X-Page: yes"},
    })
    write_tree(server.root, ["docs/a.html", "docs/old/b.html", "c.html"])
    with server.connect() as conn:
        found = conn.request("GET", "/docs/a")
        assert (found.status, found["X-Page"]) == (200, "yes")
        assert conn.request("GET", "/docs/old/b").status == 404
        assert conn.request("GET", "/docs/old/b.html").status == 200
        assert conn.request("GET", "/c").status == 404


def test_a_path_that_is_nearly_too_long(docs):
    with docs.connect() as conn:
        for length in (250, 4000, 8100, 8180, 8190):
            response = conn.request("GET", "/" + "a" * length, host="slash")
            assert response.status in (404, 414)


#
# The fallback
#

APP_FILES = ("index.html", "assets/app-1f2e3d.js", "robots.txt")


@pytest.fixture(name="app", scope="module")
def fixture_app(module_folder):
    """An application that draws all its pages."""
    root = module_folder.path / "app"
    write_tree(root, APP_FILES)
    (root / "folder").mkdir()
    (root / "index.html.gz").write_bytes(gzip.compress(b"index.html"))
    server = Server(module_folder.path, name="app", **{
        "site": {"root": root, "fallback": "/index.html"},
        "site:rules": {"root": root, "hosts": "rules",
                       "fallback": "/index.html"},
        "site:gone": {"root": root, "hosts": "gone", "fallback": "/none"},
        "match:rules /api/*": {"fallback": "off"},
        "match:rules /index.html": {"set": ["X-A: 1",
                                            "Cache-Control: max-age=5"]},
        "match:rules /old/*": {"fallback": "/robots.txt"},
    }).start()
    yield server
    try:
        server.stop()
    except BaseException:
        module_folder.failed = True
        raise
    finally:
        server.kill()


@cases(
    "target, lines, status",
    ("a browser goes to a page", "/users/7", [NAVIGATION], 200),
    ("with a query", "/users?page=2", [NAVIGATION], 200),
    ("with a slash", "/users/", [NAVIGATION], 200),
    ("a dot in a folder", "/v1.2/users", [NAVIGATION], 200),
    ("encoded", "/caf%C3%A9", [NAVIGATION], 200),
    ("curl", "/users/7", ["Accept: */*"], 200),
    ("nothing is said", "/users/7", [], 200),
    ("navigate", "/users/7", ["Sec-Fetch-Mode: navigate", "Accept: */*"],
     200),
    ("a script asks for HTML", "/users/7",
     ["Sec-Fetch-Mode: cors", "Accept: text/html"], 200),
    ("a script asks for data", "/users/7",
     ["Sec-Fetch-Mode: cors", "Accept: */*"], 404),
    ("an image", "/avatar", ["Accept: image/avif,image/*,*/*;q=0.8"], 404),
    ("an image by mode", "/avatar", ["Sec-Fetch-Mode: no-cors"], 404),
    ("data", "/api/users", ["Accept: application/json"], 404),
    ("HTML is not wanted", "/x", ["Accept: text/html;q=0, */*"], 404),
    ("HTML in a second line", "/x",
     ["Accept: application/xhtml+xml", "Accept: text/html"], 200),
    ("a missing script", "/assets/app-000000.js", ["Accept: */*"], 404),
    ("a missing script that is gone to", "/assets/app-000000.js",
     [NAVIGATION, "Sec-Fetch-Mode: navigate"], 404),
    ("a hidden file", "/.env", [NAVIGATION], 404),
    ("a bad path", "/%00", [NAVIGATION], 400),
)
def test_the_fallback_is_for_navigations(app, target, lines, status):
    with app.connect() as conn:
        response = conn.request("GET", target, *lines)
        head = conn.request("HEAD", target, *lines)

    assert (response.status, head.status) == (status, status)
    assert head["Content-Length"] == response["Content-Length"]
    assert head["Vary"] == response["Vary"]
    if status == 200:
        assert response.body == b"index.html"
        assert response["Content-Type"] == "text/html; charset=utf-8"
        assert response["Cache-Control"] == "no-cache"
        assert response.values("Vary") == [
            "Accept-Encoding", "Accept, Sec-Fetch-Mode"]
    else:
        assert response["Cache-Control"] is None


def test_what_decides_is_in_vary_also_when_it_says_no(app):
    response = app.request("GET", "/api", "Accept: application/json")
    assert (response.status, response["Vary"]) == (
        404, "Accept, Sec-Fetch-Mode")
    assert app.request("GET", "/x.js")["Vary"] is None


def test_what_is_there_is_served_as_ever(app):
    with app.connect() as conn:
        for name in APP_FILES:
            response = conn.request("GET", "/" + name, NAVIGATION)
            assert response.body.decode() == name
            assert response["Cache-Control"] is None
        assert conn.request("GET", "/", NAVIGATION)["Cache-Control"] is None
        redirect = conn.request("GET", "/folder", NAVIGATION)
        assert (redirect.status, redirect["Location"]) == (301, "/folder/")
        folder = conn.request("GET", "/folder/", NAVIGATION)
        assert folder.body == b"index.html"


def test_the_fallback_is_a_file_like_any_other(app):
    with app.connect() as conn:
        tag = conn.request("GET", "/users")["ETag"]
        same = conn.request("GET", "/users", f"If-None-Match: {tag}")
        part = conn.request("GET", "/users", "Range: bytes=0-4")
        packed = conn.request("GET", "/users", "Accept-Encoding: gzip")
        failed = conn.request("GET", "/users", 'If-Match: "x"')
    assert (same.status, same["Cache-Control"]) == (304, "no-cache")
    assert (part.status, part.body) == (206, b"index")
    assert gzip.decompress(packed.body) == b"index.html"
    assert failed.status == 412


def test_a_folder_that_is_not_there_has_no_list_but_the_fallback(start_server):
    server = start_server(site={"listing": "on", "fallback": "/index.html"})
    (server.root / "plain").mkdir()
    (server.root / "plain/inside.txt").write_text("inside")
    page = server.request("GET", "/index.html").body
    for target in ("/users/7", "/users/7/", "/hello.txt/x/"):
        assert server.request("GET", target, NAVIGATION).body == page, target
    assert b"inside.txt" in server.request("GET", "/plain/", NAVIGATION).body
    answer = server.request("GET", "/users/7/", "Sec-Fetch-Mode: cors")
    assert (answer.status, answer.values("Vary")) == (
        404, ["Accept, Sec-Fetch-Mode"])
    result = server.command("explain", "-c", server.ini, "-H", NAVIGATION,
                            "http://localhost/users/7/")
    assert re.search(r"^listing +on .* but: not there$", result.stdout, re.M)
    assert re.search(r"^fallback +/index.html .*: there$", result.stdout, re.M)


def test_sections_say_more(app):
    with app.connect() as conn:
        page = conn.request("GET", "/x", host="rules")
        data = conn.request("GET", "/api/x", host="rules")
        old = conn.request("GET", "/old/x", host="rules")
    assert page["X-A"] == "1"
    assert page.values("Cache-Control") == ["max-age=5"]
    assert page.values("Vary")[-1] == "Accept, Sec-Fetch-Mode"
    assert (data.status, data["Vary"]) == (404, None)
    assert (old.body, old["Cache-Control"]) == (b"robots.txt", "no-cache")


def test_a_fallback_that_is_missing_is_a_404(app):
    response = app.request("GET", "/x", host="gone")
    assert response.status == 404
    assert response["Cache-Control"] is None


#
# What is said about it
#

@cases(
    "server_name, url, said",
    ("each try", "docs", "http://pretty/guide",
     [r"try +\$uri \(.*:\d+\): /guide: a folder",
      r"try +\$uri\.html \(.*\): /guide\.html: there", r"file .*guide\.html"]),
    ("a folder", "docs", "http://pretty/api",
     [r"try +\$uri\.html .*: not there", r"try +\$uri/ .*: a folder",
      r"file +.*redirected"]),
    ("an index", "docs", "http://pretty/api/",
     [r"try +\$uri .*says nothing", r"try +\$uri/ .*: an index file",
      r"index +index\.html: there"]),
    ("a canonical path", "docs", "http://bare/guide.html",
     [r"canonical +extensionless \(.*:\d+\): redirected to /guide$"]),
    ("a path that stays", "docs", "http://slash/guide/",
     [r"try +\$uri\.html .*: /guide\.html: there",
      r"canonical +slash .*: the path stays"]),
    ("a slash too many", "docs", "http://bare/guide/",
     [r"canonical .*redirected to /guide$"]),
    ("no fallback", "docs", "http://pretty/none",
     [r"fallback +off \(default\)"]),
    ("a fallback", "app", "/users",
     [r"fallback +/index\.html \(.*:\d+\): there", r"file .*/index\.html"]),
    ("a fallback that a section has", "app", "http://rules/old/x",
     [r"fallback +/robots\.txt \(.*:\d+\): there"]),
    ("a missing asset", "app", "/x.js",
     [r"fallback +/index\.html .*: not for this, as the last name has a dot"]),
    ("a fallback that is missing", "app", "http://gone/x",
     [r"fallback +/none .*: not there"]),
)
def test_explain(request, server_name, url, said):
    server = request.getfixturevalue(server_name)
    result = server.command("explain", "-c", server.ini, url)

    assert (result.returncode, result.stderr) == (0, "")
    at = 0
    for pattern in said:
        match = re.compile(pattern, re.M).search(result.stdout, at)
        assert match, (pattern, result.stdout)
        at = match.end()


def test_explain_tells_a_navigation_from_other_requests(app):
    result = app.command("explain", "-c", app.ini, "-H",
                         "Accept: application/json", "/users")
    assert "by Sec-Fetch-Mode and Accept nobody goes" in result.stdout
    assert "\nVary: Accept, Sec-Fetch-Mode\n" in result.stdout.replace(
        "  (the fallback is for some requests alone)", "")


@ANSWERS
def test_explain_answers_as_a_server_does(docs, host, target, status, where):
    result = docs.command("explain", "-c", docs.ini, f"http://{host}{target}")
    answer = result.stdout.partition("\n\n")[2]
    assert answer.startswith(f"HTTP/1.1 {status} ")
    if status == 301:
        assert f"\nLocation: {where}" in answer
