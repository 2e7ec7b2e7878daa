# SPDX-License-Identifier: BSD-2-Clause
"""[match] sections: what answers for some paths have."""

import re

import pytest

from client import cases
from server import Server
from test_explain import answer_of, explain


def test_sections_add_up(start_server):
    server = start_server(**{
        "match:*": {"set": ["X-A: 1", "X-B: 1"], "errors": "yes"},
        "match:/assets/*": {"set": "X-A: 2", "append": "X-B: 2"},
    })
    (server.root / "assets").mkdir()
    (server.root / "assets/a.css").write_text("a{}")
    with server.connect() as conn:
        outside = conn.request("GET", "/hello.txt")
        inside = conn.request("GET", "/assets/a.css")
        missing = conn.request("GET", "/assets/b.css")
    assert outside.values("X-A") == ["1"] and outside.values("X-B") == ["1"]
    assert inside.values("X-A") == ["2"]
    assert inside.values("X-B") == ["1", "2"]
    assert missing.status == 404 and missing.values("X-A") == []
    assert missing.values("X-B") == ["1"]


def test_fields_are_on_every_answer_with_the_file(start_server):
    server = start_server(**{"match:*.txt": {"set": "X-A: 1"}})
    with server.connect() as conn:
        tag = conn.request("GET", "/hello.txt")["ETag"]
        answers = [
            conn.request("HEAD", "/hello.txt"),
            conn.request("GET", "/hello.txt", "Range: bytes=0-1"),
            conn.request("GET", "/hello.txt", "Range: bytes=0-1,3-4"),
            conn.request("GET", "/hello.txt", f"If-None-Match: {tag}"),
        ]
    assert [answer.status for answer in answers] == [200, 206, 206, 304]
    assert [answer.values("X-A") for answer in answers] == [["1"]] * 4


def test_the_path_of_the_index_file_counts_too(start_server):
    server = start_server(**{"match:*.html": {"set": "X-A: 1"}})
    with server.connect() as conn:
        assert conn.request("GET", "/").values("X-A") == ["1"]


def test_a_section_of_one_site_leaves_the_others_alone(start_server):
    server = start_server(**{
        "site:b": {"hosts": "b.example", "root": "/"},
        "match:b *": {"set": "X-A: 1"},
    })
    with server.connect() as conn:
        here = conn.request("GET", "/etc/passwd", host="b.example")
        there = conn.request("GET", "/hello.txt", host="a.example")
    assert here.values("X-A") == ["1"] and there.values("X-A") == []


def test_a_long_value_is_written_in_parts(start_server):
    policy = ["default-src 'self';", "img-src 'self' data:;",
              "script-src 'self' https://cdn.example.com"]
    server = start_server(**{"match:*": {
        "set": [f"Content-Security-Policy: {part}" for part in policy]}})
    with server.connect() as conn:
        answer = conn.request("GET", "/hello.txt")
    assert answer.values("Content-Security-Policy") == [" ".join(policy)]


def test_an_answer_is_explained_with_the_lines_that_set_fields(start_server):
    server = start_server(**{"match:/hello*": {"set": "X-A: 1"}})
    result = server.command("explain", "-c", "tined.ini", "/hello.txt")
    assert "match       [match:/hello*] (tined.ini:" in result.stdout
    assert "X-A: 1  (tined.ini:" in result.stdout


@pytest.fixture(name="refused")
def fixture_refused(scratch):
    """What is said of a configuration that is not good."""
    def refused(**sections):
        server = Server(scratch, **sections)
        result = server.command("-t", "-c", "tined.ini")
        assert result.returncode == 1, result
        return result.stderr

    return refused


# Methods and targets whose answer is decided before any file is looked for.
@cases(
    "method, target, status",
    ("a dotfile", "GET", "/.git/config", 404),
    ("what is not there", "GET", "/nowhere", 404),
    ("OPTIONS", "OPTIONS", "/hello.txt", 204),
    ("a method that is not answered", "POST", "/hello.txt", 405),
)
def test_answers_without_a_file_have_what_is_for_errors(
        start_server, method, target, status):
    server = start_server(**{
        "match:*": {"set": "X-A: 1", "errors": "yes"},
        "match:/*": {"set": "X-B: 1"},
        "match:/other/*": {"set": "X-C: 1", "errors": "yes"},
    })
    with server.connect() as conn:
        answer = conn.request(method, target)
    assert answer.status == status
    assert [answer.values(name) for name in ("X-A", "X-B", "X-C")] == [
        ["1"], [], []]


def test_a_target_without_a_path_has_no_sections(start_server):
    server = start_server(**{"match:*": {"set": "X-A: 1", "errors": "yes"}})
    with server.connect() as conn:
        assert conn.request("OPTIONS", "*").values("X-A") == []
        assert conn.request("GET", "/%zz").values("X-A") == []


def test_vary_of_a_section_stands_beside_our_own(start_server):
    server = start_server(**{"match:*": {"set": "Vary: Save-Data"}})
    (server.root / "hello.txt.gz").write_bytes(b"x")
    with server.connect() as conn:
        answer = conn.request("GET", "/hello.txt")
        tag = answer["ETag"]
        current = conn.request("GET", "/hello.txt", f"If-None-Match: {tag}")
    assert current.status == 304
    for each in answer, current:
        assert each.values("Vary") == ["Accept-Encoding", "Save-Data"]


@cases(
    "key, value, advice",
    ("a type", "set", "content-type: text/plain", "write type = "),
    ("a length", "set", "Content-Length: 3", "where the answer ends"),
    ("a connection", "append", "Connection: close", "where the answer ends"),
    ("a tag", "unset", "ETag", "follows from the file"),
    ("an origin", "set", "Access-Control-Allow-Origin: *", "write cors = "),
    ("the server", "set", "Server: nginx", "see server.server_header"),
)
def test_what_the_server_writes_cannot_be_set(refused, key, value, advice):
    said = refused(**{"match:*": {key: value}})
    name = value.partition(":")[0]
    assert re.search(rf"tined\.ini:\d+: match\.{key}: "
                     rf'"{name}": the server itself says .*{advice}', said)


def test_more_fields_than_an_answer_has_room_for_are_refused(refused):
    value = "x" * 150
    said = refused(**{
        "site:b": {"hosts": "b.example", "root": "/"},
        "match:b *": {"set": [f"X-{i}: {value}" for i in range(60)]},
    })
    assert re.search(r"tined\.ini:\d+: site: the \[match\] sections of "
                     r"\[site:b\] can add 9470 bytes .* room for 8192", said)


def test_lines_that_exclude_each_other_count_once(start_server):
    value = "x" * 150
    fields = [f"X-{i}: {value}" for i in range(50)]
    server = start_server(**{
        f"match:{glob}": {"set": fields, "errors": "yes"}
        for glob in ("*", "/hello*", "*.txt")})
    with server.connect() as conn:
        answers = [conn.request("GET", "/hello.txt"),
                   conn.request("GET", "/" + "y" * 2000),
                   conn.request("GET", "/hello.txt")]
    for answer in answers:
        assert answer.values("X-49") == [value]


YEAR = "public, max-age=31536000, immutable"


def make_assets(server):
    """A small file of each kind."""
    (server.root / "assets").mkdir()
    for name in "app-3f2a9c1b.js", "app.js", "index.html":
        (server.root / "assets" / name).write_text("x")


# The value of cache, and what answers say.
@cases(
    "cache, said",
    ("a time", "1h", "public, max-age=3600"),
    ("no time", "0", "public, max-age=0"),
    ("a year", "365d", "public, max-age=31536000"),
    ("off", "off", "no-store"),
    ("revalidate", "revalidate", "no-cache"),
    ("immutable", "immutable", YEAR),
    ("hashed", "hashed", "no-cache"),
)
def test_cache_says_how_long_an_answer_may_be_kept(start_server, cache, said):
    server = start_server(**{"match:*": {"cache": cache}})
    make_assets(server)
    with server.connect() as conn:
        whole = conn.request("GET", "/assets/app.js")
        answers = [
            whole,
            conn.request("HEAD", "/assets/app.js"),
            conn.request("GET", "/assets/app.js", "Range: bytes=0-0"),
            conn.request("GET", "/assets/app.js",
                         f"If-None-Match: {whole['ETag']}"),
            conn.request("GET", "/assets"),
            conn.request("GET", "/assets/"),
        ]
    assert [answer.status for answer in answers] == [
        200, 200, 206, 304, 301, 200]
    assert [answer.values("Cache-Control")
            for answer in answers] == [[said]] * len(answers)


def test_hashed_is_immutable_for_files_with_a_hash(start_server):
    server = start_server(**{"match:*": {"cache": "hashed"}})
    make_assets(server)
    with server.connect() as conn:
        hashed = conn.request("GET", "/assets/app-3f2a9c1b.js")
        current = conn.request("GET", "/assets/app-3f2a9c1b.js",
                               f"If-None-Match: {hashed['ETag']}")
        missing = conn.request("GET", "/assets/app-3f2a9c1d.js")
        plain = conn.request("GET", "/assets/app.js")
    assert current.status == 304 and missing.status == 404
    assert [each["Cache-Control"] for each in (
        hashed, current, missing, plain)] == [
            YEAR, YEAR, "no-store", "no-cache"]


@cases(
    "keys, method, target, status, said",
    ("missing", {}, "GET", "/nowhere", 404, ["no-store"]),
    ("hidden", {}, "GET", "/.git", 404, ["no-store"]),
    ("errors", {"errors": "yes"}, "GET", "/nowhere", 404, ["no-store"]),
    ("missing for a time", {"cache_missing": "10s"}, "GET", "/nowhere", 404,
     ["public, max-age=10"]),
    ("another error", {"cache_missing": "10s"}, "POST", "/", 405,
     ["no-store"]),
    ("OPTIONS", {"errors": "yes"}, "OPTIONS", "/", 204, []),
)
def test_errors_are_not_kept_unless_that_is_asked_for(
        start_server, keys, method, target, status, said):
    server = start_server(**{"match:*": {"cache": "1h", **keys}})
    with server.connect() as conn:
        answer = conn.request(method, target)
    assert answer.status == status and answer.values("Cache-Control") == said


def test_the_last_section_that_says_it_counts(start_server):
    server = start_server(**{
        "match:*": {"cache": "1h"},
        "match:/assets/*": {"set": "X-A: 1"},
        "match:*.js": {"cache": "1d", "append":
                       "Cache-Control: stale-while-revalidate=60"},
        "match:*/index.html": {"set": "Cache-Control: private"},
        "match:/hello*": {"unset": "cache-control"},
    })
    make_assets(server)

    def said(target):
        with server.connect() as conn:
            return conn.request("GET", target).values("Cache-Control")

    assert said("/assets/app.js") == [
        "public, max-age=86400", "stale-while-revalidate=60"]
    assert said("/assets/") == ["private"]
    assert said("/hello.txt") == []
    assert said("/docs/page.html") == ["public, max-age=3600"]


def test_what_some_may_have_is_not_for_shared_caches(start_server):
    server = start_server(**{
        "match:*": {"cache": "1h", "cache_missing": "1m"},
        "match:/assets/*": {"cache": "hashed"},
        "match:/docs/*": {"deny": "192.0.2.0/24"},
        "match:/*s/app*": {"allow": "127.0.0.0/8"},
        "match:/b*": {"allow": "127.0.0.0/8"},
    })
    make_assets(server)

    def said(target):
        return server.request("GET", target).values("Cache-Control")

    assert said("/assets/app-3f2a9c1b.js") == [YEAR.replace(
        "public", "private")]
    assert said("/assets/app.js") == ["no-cache"]
    assert said("/bare/") == ["private, max-age=60"]
    assert said("/docs/page.html") == ["public, max-age=3600"]


def test_more_fields_than_can_be_compared_are_refused(refused):
    said = refused(**{"match:*": {"unset": ["A B C D E F G H"] * 600}})
    assert re.search(r"tined\.ini:\d+: site: the \[match\] sections of "
                     r"\[site\] set, append or unset 4800 fields", said)


@cases(
    "keys, error",
    ("no value", {"cache": "soon"},
     r'match\.cache: "soon": neither one of the words nor a duration; '
     r"allowed: off, revalidate, immutable, hashed, a duration"),
    ("less than a second", {"cache": "1500ms"}, "not whole seconds"),
    ("too long", {"cache": "366d"}, "out of range; the most is 365d"),
    ("said twice", {"cache": "1h", "set": "cache-control: private"},
     r"match\.set: Cache-Control: said by cache already, at tined\.ini:\d+"),
    ("missing alone", {"cache_missing": "1m"},
     r"match\.cache_missing: means nothing in a section without cache; "),
    ("missing for less", {"cache": "1h", "cache_missing": "1ms"},
     r"match\.cache_missing: not whole seconds"),
)
def test_what_cache_cannot_be(refused, keys, error):
    assert re.search(rf"tined\.ini:\d+: .*{error}", refused(
        **{"match:*": keys}))


def test_type_is_that_of_the_file_at_the_path(start_server):
    server = start_server(**{
        "mime": {"js": "text/x-mime"},
        "match:*": {"cache": "off"},
        "match:/assets/*": {"type": "text/x-all"},
        "match:*.js": {"type": "text/javascript; charset=latin1"},
        "match:*.html": {"type": "application/xhtml+xml"},
        "match:/": {"type": "text/x-folder"},
    })
    make_assets(server)
    (server.root / "assets/app.js.gz").write_bytes(b"x")

    def said(target, *lines, status=200):
        with server.connect() as conn:
            answer = conn.request("GET", target, *lines)
        assert answer.status == status
        return answer.values("Content-Type")

    assert said("/assets/app.js") == ["text/javascript; charset=latin1"]
    assert said("/assets/app.js", "Accept-Encoding: gzip") == [
        "text/javascript; charset=latin1"]
    assert said("/assets/app.js", "Range: bytes=0-0", status=206) == [
        "text/javascript; charset=latin1"]
    assert said("/assets/app.js.gz") == ["text/x-all"]
    assert said("/") == said("/assets/") == ["application/xhtml+xml"]
    assert said("/hello.txt") == ["text/plain; charset=utf-8"]
    assert said("/assets/none.js", status=404) == ["text/html; charset=utf-8"]


def test_a_type_is_explained_with_its_line(start_server):
    server = start_server(**{"match:/hello*": {"type": "text/x-a"}})
    result = server.command("explain", "-c", "tined.ini", "/hello.txt")
    assert re.search(r"^Content-Type: text/x-a  \(tined\.ini:\d+\)$",
                     result.stdout, re.M)


@cases(
    "value, error",
    ("a word", "html", "not a media type"),
    ("a parameter", "text/html; charset", "a parameter that is not"),
    ("too long", "text/" + "x" * 300, "longer than 196 bytes"),
)
@pytest.mark.parametrize("key", ["match:*.type", "mime.txt"])
def test_a_type_that_is_none_is_refused(start_server, key, value, error):
    server = start_server()
    result = server.command("-t", "-c", "tined.ini", "-o", f"{key}={value}")
    assert result.returncode == 1 and error in result.stderr


@cases(
    "target, lines, status",
    ("a file", "/assets/app-3f2a9c1b.js", [], 200),
    ("an origin", "/assets/app.js", ["Origin: https://a.example"], 200),
    ("another origin", "/assets/app.js", ["Origin: https://b.example"], 200),
    ("a range", "/hello.txt", ["Range: bytes=0-1"], 206),
    ("current", "/hello.txt", ["If-None-Match: *"], 304),
    ("an index file", "/assets/", [], 200),
    ("a folder", "/assets", [], 301),
    ("a dotfile", "/.git/config", [], 404),
    ("what is not there", "/assets/none.js", ["Origin: null"], 404),
    ("no path", "/%zz", [], 400),
)
def test_what_is_explained_is_what_is_answered(
        start_server, target, lines, status):
    server = start_server(**{
        "server": {"server_header": "full"},
        "match:*": {"cache": "1h", "security": "strict", "errors": "yes",
                    "set": "X-A: 1", "cors": "https://a.example"},
        "match:/assets/*": {"cache": "hashed", "type": "text/x-a",
                            "append": "Vary: X-B", "cache_missing": "1m"},
        "match:*.html": {"cors": "*", "unset": "X-A"},
    })
    make_assets(server)
    steps, *explained = explain(server, target, *lines)
    assert explained == list(
        answer_of(server, "localhost", target, lines))
    assert explained[0] == status
    assert ("match       [match:*] (" in steps) == (status != 400)


def test_what_is_in_force_can_be_read_back(make_server):
    server = make_server(**{"match:*": {"set": "X-A: 1"}})
    dump = server.command("-T", "-c", server.ini)
    server.ini.write_text(dump.stdout)
    again = server.command("-T", "-c", server.ini)
    assert again.returncode == 0, again.stderr
    assert "match:*" in again.stdout
