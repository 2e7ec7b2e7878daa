# SPDX-License-Identifier: BSD-2-Clause
"""Folders: the redirect to the slash, and the index file."""

from client import cases


@cases(
    "target, location",
    ("9110-10.2.2 folder", "/docs", "/docs/"),
    ("9110-10.2.2 folder without an index", "/bare", "/bare/"),
    ("9110-10.2.2 the query is kept", "/docs?a=b&c=%20",
     "/docs/?a=b&c=%20"),
    ("9110-10.2.2 a query with a slash", "/docs?/x", "/docs/?/x"),
    ("9110-10.2.2 linked folder", "/link-docs", "/link-docs/"),
    ("9110-10.2.2 dot segments are gone", "/bare/../docs", "/docs/"),
    ("9110-10.2.2 absolute form", "http://other.example/docs", "/docs/"),
    ("9110-17.4 never another host: two slashes", "//docs", "/docs/"),
    ("9110-17.4 never another host: many slashes", "/////docs", "/docs/"),
    ("9110-17.4 never another host: slash and dots", "//other/../docs",
     "/docs/"),
    ("3986-2.1 encoded again", "/sp%20ace%20%C3%BC", "/sp%20ace%20%C3%BC/"),
    ("3986-2.1 needless encoding is gone", "/%64ocs", "/docs/"),
)
def test_a_folder_is_redirected_to_its_slash(conn, target, location):
    response = conn.request("GET", target, host="other.example")

    assert response.status in (301, 308)
    assert response["Location"] == location
    assert conn.request("GET", "/hello.txt").status == 200


@cases(
    "target, status, body",
    ("root", "/", 200, b"home"),
    ("folder", "/docs/", 200, b"docs"),
    ("folder with a query", "/docs/?a=b", 200, b"docs"),
    ("linked folder", "/link-docs/", 200, b"docs"),
    ("folder by dot segment", "/docs/.", 200, b"docs"),
    ("folder by double dot", "/docs/x/..", 200, b"docs"),
    ("encoded name", "/sp%20ace%20%C3%BC/", 200, b"ue"),
    ("the index file by name", "/docs/index.html", 200, b"docs"),
    ("no index", "/bare/", 404, b""),
    ("no folder", "/nowhere/", 404, b""),
)
def test_index(conn, target, status, body):
    response = conn.request("GET", target)

    assert response.status == status
    assert body in response.body
    assert response["Location"] is None


def test_the_index_has_the_type_of_its_file(conn):
    response = conn.request("GET", "/docs/")

    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["ETag"] == conn.request("GET", "/docs/index.html")["ETag"]


def test_the_first_index_that_exists_is_served(start_server):
    server = start_server(site={"index": "first.html second.txt"})
    folder = server.root / "order"
    folder.mkdir()
    (folder / "index.html").write_bytes(b"not in the list")

    assert server.request("GET", "/order/").status == 404
    (folder / "second.txt").write_bytes(b"second")
    response = server.request("GET", "/order/")
    assert response.body == b"second"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    (folder / "first.html").write_bytes(b"first")
    assert server.request("GET", "/order/").body == b"first"


def test_an_index_that_is_a_folder_is_passed_over(start_server):
    server = start_server(site={"index": "docs hello.txt"})

    assert server.request("GET", "/").body == b"hello, world\n"


def test_a_long_query_survives_the_redirect(conn):
    query = "?" + "q" * 4000

    assert conn.request("GET", "/docs" + query)["Location"] == "/docs/" + query
