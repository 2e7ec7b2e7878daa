# SPDX-License-Identifier: BSD-2-Clause
"""[redirect] and [rewrite]: paths that are somewhere else."""

import re
import signal

import pytest

from client import cases
from server import Server, wait_for

FILES = ("index.html", "new.html", "v3/index.html", "v3/guide/index.html",
         "v3/page.html", "secret/x.html", ".git/config", "docs/index.html",
         "plain/page.html", "café/x.html")


@pytest.fixture(name="site", scope="module")
def fixture_site(module_folder):
    root = module_folder.path / "site"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "link.html").symlink_to("/etc/passwd")
    server = Server(module_folder.path, **{
        "site": {"root": root},
        "site:b": {"root": root, "hosts": "b", "try": "$uri $uri.html $uri/",
                   "canonical": "extensionless"},
        "redirect": {
            "/old": "/new.html",
            "/old/deep": "/new.html 302",
            "/see": "/new.html 303",
            "/keep": "/new.html 307",
            "/moved": "/new.html 308",
            "/gone": "410",
            "/gone/*": "410",
            "/drop": "/new.html noquery",
            "/more": "/new.html?from=old 302",
            "/part": "/new.html#part",
            "/blog/*": "https://blog.example.com/* 302",
            "/blog/about": "/about",
            "/*.php": "/*.html",
            "/find/*": "/search?q=*",
            "/go*": "/*",
            "/a%20b": "/caf%C3%A9/x.html",
            "/docs/": "/docs",
            "/caf%C3%A9": "/café/x.html",
        },
        "rewrite:b": {"/alias": "/plain/page.html"},
        "redirect:b": {"/old": "https://b.example/ noquery",
                       "/plain/page": "/plain/page.html"},
        "rewrite": {
            "/latest/*": "/v3/*",
            "/start": "/v3/",
            "/one": "/v3/page.html",
            "/folder": "/v3/guide",
            "/hide/*": "/*",
            "/out": "/link.html",
            "/loop/*": "/loop/x/*",
        },
    }).start()
    yield server
    try:
        server.stop()
    except BaseException:
        module_folder.failed = True
        raise
    finally:
        server.kill()


REDIRECTS = cases(
    "host, target, status, location",
    ("exact", "x", "/old", 301, "/new.html"),
    ("exact, not below", "x", "/old/", 404, None),
    ("302", "x", "/old/deep", 302, "/new.html"),
    ("303", "x", "/see", 303, "/new.html"),
    ("307", "x", "/keep", 307, "/new.html"),
    ("308", "x", "/moved", 308, "/new.html"),
    ("410", "x", "/gone", 410, None),
    ("410 below", "x", "/gone/x/y", 410, None),
    ("the query is kept", "x", "/old?a=b&c=%20", 301, "/new.html?a=b&c=%20"),
    ("the query is dropped", "x", "/drop?a=b", 301, "/new.html"),
    ("the query is added", "x", "/more?a=b", 302, "/new.html?from=old&a=b"),
    ("the query is before the fragment", "x", "/part?a", 301,
     "/new.html?a#part"),
    ("a star", "x", "/blog/2026/x?y", 302,
     "https://blog.example.com/2026/x?y"),
    ("a star that stands for nothing", "x", "/blog/", 302,
     "https://blog.example.com/"),
    ("an exact path wins", "x", "/blog/about", 301, "/about"),
    ("a star before an ending", "x", "/a/b.php?x", 301, "/a/b.html?x"),
    ("a star into a query", "x", "/find/a+b%26c", 301,
     "/search?q=a%2Bb%26c"),
    ("what is encoded stays so", "x", "/blog/a%20b%3F%25%C3%BC", 302,
     "https://blog.example.com/a%20b%3F%25%C3%BC"),
    ("a path that is written encoded", "x", "/a%20b", 301,
     "/caf%C3%A9/x.html"),
    ("a path that is asked for otherwise", "x", "/%6fld", 301, "/new.html"),
    ("a target beyond ASCII", "x", "/caf%c3%a9", 301, "/caf%C3%A9/x.html"),
    ("never another host", "x", "/go/evil.example", 301, "/evil.example"),
    ("never another host: slashes", "x", "/go//evil.example//x", 301,
     "/evil.example/x"),
    ("never another host: dots", "x", "/go/x/..//evil.example", 301,
     "/evil.example"),
    ("never another line", "x", "/blog/a%0d%0aSet-Cookie:x", 400, None),
    ("never another line: a query", "x", "/old?a%0d%0ab", 301,
     "/new.html?a%0d%0ab"),
    ("the site's own first", "b", "/old?a", 301, "https://b.example/"),
    ("then those of all", "b", "/see", 303, "/new.html"),
    ("hidden stays hidden", "x", "/.git/config.php", 404, None),
    ("a folder whose slash is redirected", "x", "/docs", 200, None),
    ("the same with its slash", "x", "/docs/", 301, "/docs"),
    ("no circle with a canonical path", "b", "/plain/page.html", 200, None),
    ("a path that stands for another has none of its own", "b", "/alias", 200,
     None),
    ("no circle with a slash too many", "b", "/plain/page/", 404, None),
    ("no circle from the other side", "b", "/plain/page", 301,
     "/plain/page.html"),
    ("all others are served", "x", "/new.html", 200, None),
)


@REDIRECTS
def test_a_redirect(site, host, target, status, location):
    with site.connect() as conn:
        response = conn.request("GET", target, host=host)
        head = conn.request("HEAD", target, host=host)

    assert (response.status, response["Location"]) == (status, location)
    assert (head.status, head["Location"]) == (status, location)
    assert head["Content-Length"] == response["Content-Length"]


REWRITES = cases(
    "target, status, body",
    ("exact", "/one", 200, "v3/page.html"),
    ("exact to a folder", "/start", 200, "v3/index.html"),
    ("a star", "/latest/page.html?x", 200, "v3/page.html"),
    ("a star to a folder", "/latest/", 200, "v3/index.html"),
    ("a folder without its slash", "/latest/guide?a", 301,
     "/latest/guide/?a"),
    ("a folder that has no slash here", "/folder", 200,
     "v3/guide/index.html"),
    ("nothing there", "/latest/none", 404, None),
    ("hidden files stay hidden", "/hide/.git/config", 404, None),
    ("links that lead out stay closed", "/out", 404, None),
    ("once and no more", "/loop/a", 404, None),
    ("what is rewritten can be asked for as ever", "/v3/page.html", 200,
     "v3/page.html"),
)


@REWRITES
def test_a_rewrite(site, target, status, body):
    with site.connect() as conn:
        response = conn.request("GET", target)
        head = conn.request("HEAD", target)

    assert (response.status, head.status) == (status, status)
    if status == 200:
        assert response.body.decode() == body
        assert response["Location"] is None
    else:
        assert response["Location"] == body


def test_no_path_of_a_hidden_name_is_made(start_server):
    server = start_server(rewrite={"/a*": "/x/*", "/dot*": "/*",
                                   "/well/*": "/.well-known/*"})
    (server.root / "x/.git").mkdir(parents=True)
    (server.root / "x/.git/config").write_text("secret")
    (server.root / ".well-known").mkdir(exist_ok=True)
    (server.root / ".well-known/.x").write_text("secret")
    (server.root / ".well-known/y").write_text("open")
    with server.connect() as conn:
        for target in ("/a.git/config", "/a/.git/config", "/dot.git/config",
                       "/dot../etc/passwd", "/dot.", "/dot..", "/well/.x",
                       "/a..", "/a../x"):
            assert conn.request("GET", target).status == 404, target
        assert conn.request("GET", "/well/y").body == b"open"


def test_a_path_that_grows_too_long(start_server):
    name = "x" * 180
    server = start_server(
        rewrite={"/a/*": f"/{name}/*"},
        redirect={"/r/*": f"/{name}/*"})
    with server.connect() as conn:
        assert conn.request("GET", "/a/" + "y" * 8100).status == 414
        assert conn.request("GET", "/a/" + "y" * 7900).status == 404
        response = conn.request("GET", "/r/" + "y" * 8100)
        assert (response.status, len(response["Location"])) == (301, 8282)
        response = conn.request("GET", "/r/" + "%C3%BC" * 1300)
        assert (response.status, len(response["Location"])) == (301, 7982)


def test_a_redirect_and_its_rules(start_server):
    server = start_server(**{
        "redirect": {"/old": "/new"},
        "match:/old": {"set": "Cache-Control: max-age=60"},
        "rewrite": {"/app": "/hello.txt"},
        "match:/hello*": {"set": "X-A: 1"},
    })
    with server.connect() as conn:
        assert conn.request("GET", "/old")["Cache-Control"] == "max-age=60"
        assert conn.request("GET", "/app")["X-A"] == "1"
        assert conn.request("OPTIONS", "/old").status == 204
        assert conn.request("POST", "/old", "Content-Length: 0").status == 405


def test_the_order_is_redirect_rewrite_try_fallback(start_server):
    server = start_server(
        site={"fallback": "/hello.txt", "try": "$uri $uri.txt"},
        redirect={"/hello": "/other"},
        rewrite={"/hello": "/digits.bin", "/greet": "/hello",
                 "/none": "/nothing"})
    with server.connect() as conn:
        assert conn.request("GET", "/hello")["Location"] == "/other"
        assert conn.request("GET", "/greet").body == b"hello, world\n"
        assert conn.request("GET", "/none")["Cache-Control"] == "no-cache"


def test_a_reload_brings_other_rules(start_server):
    server = start_server(redirect={"/a": "/b"})
    assert server.request("GET", "/a")["Location"] == "/b"
    server.configure(redirect={"/a": "/c"})
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: server.request("GET", "/a")["Location"] == "/c",
             "the new rule")


def test_ten_thousand_redirects(start_server):
    server = start_server(redirect={
        **{f"/old/{i}": f"/new/{i} 302" for i in range(10000)},
        **{f"/more/{i}/*": f"/new/{i}/*" for i in range(100)}})
    with server.connect() as conn:
        for i in (0, 5000, 9999):
            response = conn.request("GET", f"/old/{i}?q")
            assert response["Location"] == f"/new/{i}?q"
        assert conn.request("GET", "/more/99/x")["Location"] == "/new/99/x"
        assert conn.request("GET", "/old/10000").status == 404


#
# Hosts
#

@pytest.fixture(name="hosts", scope="module")
def fixture_hosts(module_folder):
    server = Server(module_folder.path, name="hosts", **{
        "site:main": {"root": module_folder.path / "root",
                      "hosts": "example.com other.example",
                      "redirect_hosts": "www.example.com *.old.example"},
        "site:tls": {"root": module_folder.path / "root", "hosts": "s.example",
                     "redirect_hosts": "www.s.example", "scheme": "https"},
        "site": {"root": module_folder.path / "root"},
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
    "host, target, location",
    ("the first host", "example.com", "/hello.txt", None),
    ("another host", "other.example", "/hello.txt", None),
    ("redirected", "www.example.com", "/hello.txt",
     "http://example.com/hello.txt"),
    ("with its query", "www.example.com", "/a%20b?c=%20",
     "http://example.com/a%20b?c=%20"),
    ("with its port", "WWW.Example.com:8080", "/x",
     "http://example.com:8080/x"),
    ("with an empty port", "www.example.com:", "/", "http://example.com/"),
    ("whatever is there", "www.example.com", "/none",
     "http://example.com/none"),
    ("a star", "a.b.old.example", "/x", "http://example.com/x"),
    ("https", "www.s.example", "/x?y", "https://s.example/x?y"),
    ("never another host", "www.example.com", "//evil.example",
     "http://example.com//evil.example"),
    ("in a target", "www.example.com:80", "http://www.example.com:80/x",
     "http://example.com:80/x"),
    ("all others", "none.example", "/hello.txt", None),
)
def test_a_host_is_redirected(hosts, host, target, location):
    with hosts.connect() as conn:
        response = conn.request("GET", target, host=host)
        head = conn.request("HEAD", target, host=host)
    assert response["Location"] == head["Location"] == location
    assert response.status == head.status == (301 if location else 200)


@cases(
    "method, target, status",
    ("RFC 9110 9.3.7 of the server", "OPTIONS", "*", 204),
    ("of a path", "OPTIONS", "/x", 204),
    ("a method that we lack", "POST", "/x", 405),
)
def test_what_wants_no_file_is_not_redirected(hosts, method, target, status):
    with hosts.connect() as conn:
        response = conn.request(method, target, host="www.example.com")
    assert (response.status, response["Location"]) == (status, None)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_a_redirected_host_is_explained(hosts):
    result = hosts.command("explain", "-c", hosts.ini,
                           "http://www.example.com/x")
    assert re.search(r"^site .*redirect_hosts has the host www\.example\.com$",
                     result.stdout, re.M)
    assert re.search(r"^host +redirected to example\.com \(.*:\d+\)$",
                     result.stdout, re.M)
    assert "\nLocation: http://example.com/x" in result.stdout


#
# What is said about it
#

@cases(
    "url, said",
    ("a redirect", "/blog/x?y",
     [r"redirect +/blog/\* = https://blog\.example\.com/\* 302 \(.*:\d+\): "
      r"https://blog\.example\.com/x\?y$"]),
    ("what is gone", "/gone", [r"redirect +/gone = 410 \(.*\): it is gone$"]),
    ("one of the site's own", "http://b/old",
     [r"redirect +/old = https://b\.example/ noquery \(.*\): "]),
    ("a rewrite", "/latest/page.html",
     [r"rewrite +/latest/\* = /v3/\* \(.*:\d+\): /v3/page\.html$",
      r"try +\$uri \(default\): /v3/page\.html: there", r"file .*/v3/page"]),
    ("a rewrite to what is hidden", "/hide/.gitx", [r"dotfiles +hidden"]),
    ("a folder whose slash is redirected", "/docs",
     [r"folder +served as it is", r"index +index\.html: there"]),
)
def test_explain(site, url, said):
    result = site.command("explain", "-c", site.ini, url)

    assert (result.returncode, result.stderr) == (0, "")
    at = 0
    for pattern in said:
        match = re.compile(pattern, re.M).search(result.stdout, at)
        assert match, (pattern, result.stdout)
        at = match.end()


@REDIRECTS
def test_explain_answers_as_a_server_does(site, host, target, status,
                                          location):
    result = site.command("explain", "-c", site.ini, f"http://{host}{target}")
    answer = result.stdout.partition("\n\n")[2]
    assert answer.startswith(f"HTTP/1.1 {status} "), result.stdout
    if location is not None:
        assert f"\nLocation: {location}  (" in answer


@REWRITES
def test_explain_rewrites_as_a_server_does(site, target, status, body):
    result = site.command("explain", "-c", site.ini, f"http://x{target}")
    answer = result.stdout.partition("\n\n")[2]
    assert answer.startswith(f"HTTP/1.1 {status} "), result.stdout
