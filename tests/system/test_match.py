# SPDX-License-Identifier: BSD-2-Clause
"""[match] sections: what answers for some paths have."""


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
