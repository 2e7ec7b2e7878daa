# SPDX-License-Identifier: BSD-2-Clause
"""Links that are good for a while, and tined sign, which makes them."""

import base64
import hashlib
import hmac
import re
import time
from urllib.parse import urlsplit

import pytest

from client import cases
from guarded import write_secrets

KEYS = ("new:0123456789abcdef0123456789abcdef",
        "old:fedcba9876543210fedcba9876543210")


def sign(path, expires, key=KEYS[0]):
    """As the manual describes it; path is decoded."""
    text = f"{path}?expires={expires}".encode()
    digest = hmac.new(key.partition(":")[2].encode(), text, hashlib.sha256)
    signature = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
    return f"?expires={expires}&signature={signature}"


@pytest.fixture(name="signed", scope="module")
def fixture_signed(server, module_folder):
    """The server of the file; /docs/ is seen by signed links alone."""
    server.stop()
    write_secrets(module_folder.path, "links", *KEYS)
    server.configure(**{
        "auth:links": {"url_keys": module_folder.path / "links"},
        "match:/docs/*": {"auth": "links"},
        "match:/with*": {"auth": "links"},
    })
    server.log_path.unlink()
    return server.start()


SOON = int(time.time()) + 3600
PAST = int(time.time()) - 1


@cases("status, target",
    ("signed", 200, "/docs/page.html" + sign("/docs/page.html", SOON)),
    ("signed by the second key", 200,
     "/docs/page.html" + sign("/docs/page.html", SOON, KEYS[1])),
    ("other parameters", 200,
     "/docs/page.html" + sign("/docs/page.html", SOON) + "&x=y"),
    ("a folder", 200, "/docs/" + sign("/docs/", SOON)),
    ("an encoded path", 200, "/with%20space.txt" + sign("/with space.txt",
                                                        SOON)),
    ("a path encoded otherwise", 200,
     "/d%6fcs/./page.html" + sign("/docs/page.html", SOON)),
    ("unsigned", 403, "/docs/page.html"),
    ("expired", 410, "/docs/page.html" + sign("/docs/page.html", PAST)),
    ("expired, and of another path", 403,
     "/docs/page.html" + sign("/docs/", PAST)),
    ("of another path", 403, "/docs/page.html" + sign("/docs/", SOON)),
    ("with another time", 403, "/docs/page.html" + sign(
        "/docs/page.html", SOON).replace(str(SOON), str(SOON + 1))),
    ("without a signature", 403, f"/docs/page.html?expires={SOON}"),
    ("by a key that is not there", 403, "/docs/page.html" + sign(
        "/docs/page.html", SOON, "x:0123456789abcdefx")),
    ("twice", 403, "/docs/page.html" + sign("/docs/page.html", SOON)
     + f"&expires={SOON}"),
)
def test_links(signed, status, target):
    answer = signed.request("GET", target)
    assert answer.status == status
    assert answer.values("WWW-Authenticate") == []


def test_the_key_of_a_link_is_in_the_log(start_server, scratch):
    write_secrets(scratch, "links", *KEYS)
    server = start_server(**{
        "auth:links": {"url_keys": scratch / "links"},
        "match:/docs/*": {"auth": "links"}})
    target = "/docs/page.html" + sign("/docs/page.html", SOON, KEYS[1])
    assert server.request("GET", target).status == 200
    assert " - old [" in server.access_lines(1)[0]


@cases("url",
    ("a path", "/docs/page.html"),
    ("a URL", "http://localhost/docs/page.html"),
    ("a URL with a port", "https://localhost:443/docs/page.html"),
    ("a path that is encoded", "/with%20space.txt"),
    ("a query", "/docs/page.html?download"),
)
def test_the_command_makes_links_that_are_good(signed, url):
    done = signed.command("sign", "-c", "tined.ini", url)
    assert (done.returncode, done.stderr) == (0, "")
    link = done.stdout.strip()
    assert link.startswith(url)
    expires = int(re.search(r"expires=(\d+)", link)[1])
    assert abs(expires - time.time() - 3600) < 60
    parts = urlsplit(link)
    target = f"{parts.path}?{parts.query}"
    assert signed.request("GET", target).status == 200
    assert sign(parts.path.replace("%20", " "), expires)[1:] in link


def test_a_link_to_a_folder_lists_no_file_that_needs_another(
        start_server, scratch):
    write_secrets(scratch, "links", *KEYS)
    server = start_server(**{
        "site": {"listing": "on"},
        "auth:links": {"url_keys": scratch / "links"},
        "match:/bare/*": {"auth": "links"},
        "match:/bare/open*": {"auth": "none"}})
    (server.root / "bare/open.txt").write_text("open")
    answer = server.request("GET", "/bare/" + sign("/bare/", SOON),
                            "Accept: application/json")
    assert answer.status == 200
    assert b"open.txt" in answer.body and b"file.txt" not in answer.body


def test_who_may_come_from_where_does_not_count(make_server, scratch):
    write_secrets(scratch, "links", *KEYS)
    server = make_server(**{
        "auth:links": {"url_keys": scratch / "links"},
        "match:/docs/*": {"auth": "links", "allow": "192.0.2.1"}})
    done = server.command("sign", "-c", "tined.ini", "/docs/")
    assert done.returncode == 0 and "signature=" in done.stdout


@pytest.mark.parametrize("option", ["-e", "--expires"])
def test_a_link_lasts_as_long_as_it_is_asked_to(signed, option):
    done = signed.command("sign", "-c", "tined.ini", option, "7d",
                          "/docs/page.html")
    expires = int(re.search(r"expires=(\d+)", done.stdout)[1])
    assert abs(expires - time.time() - 7 * 86400) < 60


@cases("status, arguments, message",
    ("an open path", 1, ["/hello.txt"], "everybody may see it"),
    ("a path out of the site", 1, ["/../x"], "no such path is served"),
    ("no path", 2, ["http://localhost"], "URL has no path"),
    ("no URL", 2, ["localhost/docs/"], "URL begins with"),
    ("a fragment", 2, ["/docs/#a"], "URL has a fragment"),
    ("signed already", 2, ["/docs/?expires=1"], "signed already"),
    ("no duration", 2, ["-e", "soon", "/docs/"], "not a duration"),
    ("no time", 2, ["-e", "0", "/docs/"], "not a duration of a second"),
    ("nothing", 2, [], "usage: tined sign"),
    ("two", 2, ["/docs/", "/docs/"], "usage: tined sign"),
)
def test_what_cannot_be_signed_is_told(signed, status, arguments, message):
    done = signed.command("sign", "-c", "tined.ini", *arguments)
    assert done.returncode == status and done.stdout == ""
    assert message in done.stderr


def test_who_may_not_read_the_keys_is_told(make_server, scratch):
    server = make_server(**{
        "auth:links": {"url_keys": scratch / "none"},
        "match:/docs/*": {"auth": "links"}})
    done = server.command("sign", "-c", "tined.ini", "/docs/")
    assert done.returncode == 1
    assert "auth.url_keys: " in done.stderr
    assert "No such file or directory" in done.stderr


def test_keys_are_rotated_by_reloads(start_server, scratch):
    write_secrets(scratch, "links", KEYS[1])
    server = start_server(**{
        "server": {"pid_file": scratch / "pid"},
        "auth:links": {"url_keys": scratch / "links"},
        "match:/docs/*": {"auth": "links"}})

    def make():
        return server.command(
            "sign", "-c", "tined.ini", "/docs/").stdout.strip()

    def use(*keys):
        write_secrets(scratch, "links", *keys)
        done = server.command("-c", "tined.ini", "-s", "reload")
        assert done.returncode == 0

    old = make()
    use(*KEYS)
    new = make()
    assert old != new
    assert server.request("GET", old).status == 200
    assert server.request("GET", new).status == 200
    use(KEYS[0])
    assert server.request("GET", old).status == 403
    assert server.request("GET", new).status == 200


def test_a_link_and_its_state_are_explained(signed):
    def explain(target):
        done = signed.command("explain", "-c", "tined.ini", target)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    page = "/docs/page.html"
    assert "new, by the key of a signed link" in explain(
        page + sign(page, SOON))
    assert "the time of the link is over" in explain(page + sign(page, PAST))
    assert "the signature is not right" in explain(page + sign("/x", SOON))
    assert KEYS[0].partition(":")[2] not in explain(page + sign(page, SOON))
