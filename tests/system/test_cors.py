# SPDX-License-Identifier: BSD-2-Clause
"""match.cors: which pages of other origins may read what is served."""

import re

import pytest

from client import cases
from server import Server

APP, OTHER = "https://app.example.com", "http://localhost:5173"
METHODS = "GET, HEAD, OPTIONS"
SECTIONS = {
    "match:*": {"cors": [APP, "HTTP://LocalHost:5173 https://[2001:db8::1]"],
                "cors_headers": ["X-Requested-With", "Range"],
                "cors_expose": "ETag Content-Range",
                "cors_max_age": "1h"},
    "match:/docs/*": {"cors": "*"},
    "match:/docs/sub/*": {"cors": "off"},
    "match:/users/*": {"cors": APP, "cors_credentials": "yes"},
}


@pytest.fixture(name="server")
def fixture_server(start_server):
    server = start_server(**SECTIONS)
    (server.root / "users").mkdir()
    (server.root / "plain").mkdir()
    (server.root / "users/a.json").write_text("{}")
    return server


def cors_fields(answer):
    """What the answer says to browsers about origins, sorted."""
    return sorted(f"{name}: {value}" for name, value in answer.fields
                  if name.startswith("Access-Control-")
                  or (name, value) == ("Vary", "Origin"))


def ask(server, method, target, *lines):
    with server.connect() as conn:
        return conn.request(method, target, *lines)


EXPOSE = "Access-Control-Expose-Headers: ETag, Content-Range"


@cases(
    "origin, said",
    ("one of the list", APP,
     [f"Access-Control-Allow-Origin: {APP}", EXPOSE, "Vary: Origin"]),
    ("another one, of which the list has capitals", OTHER,
     [f"Access-Control-Allow-Origin: {OTHER}", EXPOSE, "Vary: Origin"]),
    ("an IPv6 address", "https://[2001:db8::1]",
     ["Access-Control-Allow-Origin: https://[2001:db8::1]", EXPOSE,
      "Vary: Origin"]),
    ("none", None, ["Vary: Origin"]),
    ("an empty one", "", ["Vary: Origin"]),
    ("another host", "https://evil.example", ["Vary: Origin"]),
    ("another scheme", "http://app.example.com", ["Vary: Origin"]),
    ("another port", "https://app.example.com:444", ["Vary: Origin"]),
    ("a longer host", "https://app.example.com.evil", ["Vary: Origin"]),
    ("a shorter host", "https://app.example.co", ["Vary: Origin"]),
    ("a host inside", "https://xapp.example.com", ["Vary: Origin"]),
    ("capitals, which no browser sends", APP.upper(), ["Vary: Origin"]),
    ("null", "null", ["Vary: Origin"]),
    ("a star", "*", ["Vary: Origin"]),
)
def test_the_origin_is_told_if_it_is_in_the_list(server, origin, said):
    lines = [] if origin is None else [f"Origin: {origin}"]
    tag = ask(server, "GET", "/hello.txt")["ETag"]
    for status, method, target, *more in (
            (200, "GET", "/hello.txt"), (200, "HEAD", "/hello.txt"),
            (206, "GET", "/hello.txt", "Range: bytes=0-1"),
            (304, "GET", "/hello.txt", f"If-None-Match: {tag}"),
            (301, "GET", "/plain?q"), (404, "GET", "/nowhere"),
            (404, "GET", "/.git"), (416, "GET", "/hello.txt",
                                    "Range: bytes=100-"),
            (405, "POST", "/hello.txt"), (204, "OPTIONS", "/hello.txt")):
        answer = ask(server, method, target, *lines, *more)
        assert answer.status == status and cors_fields(answer) == said


def test_the_first_of_several_origins_counts(server):
    answer = ask(server, "GET", "/hello.txt", "Origin: null",
                 f"Origin: {APP}")
    assert cors_fields(answer) == ["Vary: Origin"]


def test_a_star_is_for_all_and_says_so_to_all(server):
    for lines in [], [f"Origin: {APP}"], ["Origin: null"]:
        answer = ask(server, "GET", "/docs/page.html", *lines)
        assert cors_fields(answer) == ["Access-Control-Allow-Origin: *"]


def test_a_redirect_has_what_its_own_path_has(server):
    answer = ask(server, "GET", "/docs", "Origin: null")
    assert answer.status == 301
    assert cors_fields(answer) == ["Vary: Origin"]


def test_off_takes_back_what_earlier_sections_say(server):
    answer = ask(server, "GET", "/docs/sub/x", f"Origin: {APP}")
    assert answer.status == 404 and not cors_fields(answer)


def test_credentials_are_for_the_section_that_has_them(server):
    answer = ask(server, "GET", "/users/a.json", f"Origin: {APP}")
    assert cors_fields(answer) == [
        "Access-Control-Allow-Credentials: true",
        f"Access-Control-Allow-Origin: {APP}", "Vary: Origin"]
    answer = ask(server, "GET", "/users/a.json", f"Origin: {OTHER}")
    assert cors_fields(answer) == ["Vary: Origin"]


@cases(
    "target, origin, said",
    ("an origin of the list", "/hello.txt", APP,
     ["Access-Control-Allow-Headers: X-Requested-With, Range",
      f"Access-Control-Allow-Methods: {METHODS}",
      f"Access-Control-Allow-Origin: {APP}",
      "Access-Control-Max-Age: 3600", "Vary: Origin"]),
    ("another origin", "/hello.txt", "https://evil.example",
     ["Vary: Origin"]),
    ("any origin", "/docs/page.html", "null",
     [f"Access-Control-Allow-Methods: {METHODS}",
      "Access-Control-Allow-Origin: *", "Access-Control-Max-Age: 600"]),
    ("credentials, a path without a file", "/users/none", APP,
     ["Access-Control-Allow-Credentials: true",
      f"Access-Control-Allow-Methods: {METHODS}",
      f"Access-Control-Allow-Origin: {APP}",
      "Access-Control-Max-Age: 600", "Vary: Origin"]),
    ("no cors", "/docs/sub/x", APP, []),
)
def test_a_preflight_request_is_answered(server, target, origin, said):
    answer = ask(server, "OPTIONS", target, f"Origin: {origin}",
                 "Access-Control-Request-Method: PUT",
                 "Access-Control-Request-Headers: x-requested-with")
    assert answer.status == 204 and answer.body == b""
    assert answer.values("Allow") == [METHODS]
    assert cors_fields(answer) == said


def test_vary_stands_beside_that_of_compressed_forms(server):
    (server.root / "hello.txt.gz").write_bytes(b"x")
    answer = ask(server, "GET", "/hello.txt")
    assert answer.values("Vary") == ["Accept-Encoding", "Origin"]


@cases(
    "lines, step, field",
    ("in the list", [f"Origin: {APP}"], f"{APP} may read this",
     f"Access-Control-Allow-Origin: {APP}"),
    ("not in it", ["Origin: https://x"],
     "https://x may not read this: it is not in the list", "Vary: Origin"),
    ("none", [], "every origin is treated alike: the request names none",
     "Vary: Origin"),
)
def test_it_is_explained(server, lines, step, field):
    args = [arg for line in lines for arg in ("-H", line)]
    result = server.command("explain", "-c", "tined.ini", *args, "/hello.txt")
    place = r"\(tined\.ini:\d+\)"
    assert re.search(rf"^cors +{re.escape(step)} {place}$", result.stdout,
                     re.M)
    assert re.search(rf"^{re.escape(field)}  {place}$", result.stdout, re.M)


@cases(
    "keys, error",
    ("a host", {"cors": "app.example.com"},
     r'match\.cors: "app\.example\.com": not SCHEME://HOST or .*; allowed: '
     r"off, \*, SCHEME://HOST, SCHEME://HOST:PORT"),
    ("a slash", {"cors": "https://a.example/"}, "ends with its host or port"),
    ("a path", {"cors": "https://a.example/x"}, "ends with its host or port"),
    ("no host", {"cors": "https://"}, "not SCHEME://HOST"),
    ("a wildcard", {"cors": "https://*.example"}, "not a host name"),
    ("null", {"cors": "null"}, "not SCHEME://HOST"),
    ("the usual port", {"cors": "https://a.example:443"},
     "browsers leave the usual port out"),
    ("no port", {"cors": "https://a.example:"}, "not a port"),
    ("port 0", {"cors": "https://a.example:0"}, "not a port"),
    ("a port too large", {"cors": "https://a.example:65536"},
     "not SCHEME://HOST"),
    ("a user", {"cors": "https://me@a.example"}, "not "),
    ("a star and more", {"cors": ["*", "https://a.example"]},
     r'match\.cors: "\*": not together with others'),
    ("off and more", {"cors": "https://a.example off"},
     r'match\.cors: "off": not together with others'),
    ("credentials for all", {"cors": "*", "cors_credentials": "yes"},
     r"match\.cors_credentials: not for all origins"),
    ("all fields with credentials",
     {"cors": APP, "cors_credentials": "yes", "cors_headers": "*"},
     r'match\.cors_credentials: with it, "\*" is the name of a field'),
    ("details alone", {"cors_expose": "ETag"},
     r"match\.cors_expose: means nothing in a section without cors"),
    ("half a second", {"cors": APP, "cors_max_age": "1500ms"},
     r"match\.cors_max_age: not whole seconds"),
    ("no name of a field", {"cors": APP, "cors_headers": "a:b"},
     "not the name of a field"),
)
def test_what_cors_cannot_be(scratch, keys, error):
    server = Server(scratch, **{"match:*": keys})
    result = server.command("-t", "-c", "tined.ini")
    assert result.returncode == 1
    assert re.search(rf"tined\.ini:\d+: .*{error}", result.stderr)


def test_the_fields_of_cors_count_for_the_limit(scratch):
    server = Server(scratch, **{"match:*": {
        "cors": APP, "cors_headers": ["x" * 150 + str(i)
                                      for i in range(100, 160)]}})
    result = server.command("-t", "-c", "tined.ini")
    assert re.search(r"can add 9\d\d\d bytes of fields", result.stderr)
