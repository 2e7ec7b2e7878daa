# SPDX-License-Identifier: BSD-2-Clause
"""Which site answers a host."""

import pytest

from client import cases, head
from server import Server, wait_for


def site_of(server, name, hosts):
    root = server.scratch / name
    root.mkdir()
    (root / "index.html").write_text(name)
    return {"root": root, "hosts": hosts}


@pytest.fixture(name="server", scope="module")
def fixture_sites(server):
    server.stop()
    server.configure(**{
        "site:exact": site_of(server, "exact", "www.example.com 127.0.0.1"),
        "site:star": site_of(server, "star", ["*.example.com", "example.com"]),
        "site:long": site_of(server, "long", "*.deep.example.com [::1]"),
        "access_log": {"format": "%v %s"},
    })
    server.log_path.unlink()
    return server.start()


HOSTS = cases(
    "host, site",
    ("exact", "www.example.com", "exact"),
    ("port", "www.example.com:8080", "exact"),
    ("case", "WWW.example.COM", "exact"),
    ("dot behind", "www.example.com.", "exact"),
    ("dot and port", "www.example.com.:80", "exact"),
    ("address", "127.0.0.1", "exact"),
    ("IPv6 address", "[::1]:80", "long"),
    ("star", "other.example.com", "star"),
    ("star of several labels", "a.b.example.com", "star"),
    ("star with a dot behind", "a.example.com.", "star"),
    ("punycode", "xn--bcher-kva.example.com", "star"),
    ("without its label", "example.com", "star"),
    ("longest star", "a.deep.example.com", "long"),
    ("name of a star itself", "deep.example.com", "star"),
    ("unknown", "example.org", None),
    ("end that is no label", "notexample.com", None),
)


@HOSTS
def test_a_host_leads_to_its_site(conn, host, site):
    response = conn.request("GET", "/", host=host)
    assert response.status == 200
    assert response.body.decode() == (
        site or "<!doctype html><title>home</title><p>home</p>\n")


def test_a_target_with_a_host_wins_over_the_field(conn):
    response = conn.request("GET", "http://a.example.com/", host="example.org")
    assert response.body == b"star"


@HOSTS
def test_explain_knows_why(server, host, site):
    result = server.command("explain", "-c", "tined.ini", "-H",
                            f"Host: {host}", "/")
    assert result.returncode == 0
    line = next(line for line in result.stdout.splitlines()
                if line.startswith("site "))
    assert line.startswith(f"site        [site:{site}] (" if site
                           else "site        [site] (")
    bare = host.removesuffix(":8080").removesuffix(":80")
    assert line.endswith(bare)
    if site is None:
        assert "the default site, as none has the host" in line
    elif bare in ("a.deep.example.com",):
        assert "it has *.deep.example.com, the longest for" in line


def test_a_method_that_is_not_allowed_has_a_site_in_the_log(server, conn):
    conn.request("POST", "/", host="x.example.com")
    assert server.access_lines(1)[-1] != ""

    def logged():
        return "star 405" in server.access_path.read_text()
    wait_for(logged, "the line of the POST")


@pytest.fixture(name="strict", scope="module")
def fixture_strict(module_folder):
    server = Server(module_folder.path, "strict", server={"unmatched": "421"},
                    site={"hosts": "a.example *.b.example"}).start()
    yield server
    server.stop()


@cases(
    "host, status",
    ("known", "a.example", 200),
    ("star", "x.b.example", 200),
    ("unknown", "c.example", 421),
    ("name of the star", "b.example", 421),
    ("address", "127.0.0.1", 421),
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_421_where_no_other_host_is_answered(strict, method, host, status):
    with strict.connect() as conn:
        response = conn.request(method, "/hello.txt", host=host)
        if status == 421:
            assert response.status == 421
            assert b"hello" not in response.body
            if method != "HEAD":
                assert b"no such site" in response.body
        else:
            assert response.status != 421
        # The connection is good for another host.
        assert conn.request("GET", "/hello.txt", host="a.example").status == 200


def test_421_for_a_request_without_a_host(strict):
    with strict.connect() as conn:
        conn.send(head("GET", "/", version="1.0", host=None))
        assert conn.response("GET").status == 421


def test_421_is_explained(strict):
    result = strict.command("explain", "-c", "strict.ini",
                            "http://c.example/hello.txt")
    assert ("site        none has the host c.example, and server.unmatched "
            "is 421 (strict.ini:") in result.stdout
    assert "HTTP/1.1 421 Misdirected Request" in result.stdout
    assert "root" not in result.stdout.partition("\n\n")[0]


def test_a_thousand_sites(make_server):
    server = make_server()
    server.configure(access_log={"format": "%v"}, **{
        f"site:s{i}": {"root": server.root,
                       "hosts": f"*.s{i}.example" if i % 2 else
                                f"s{i}.example"}
        for i in range(1000)})
    server.start()
    with server.connect() as conn:
        for host in ("s0.example", "x.s999.example", "s998.example",
                     "s999.example", "a.b.s1.example"):
            assert conn.request("GET", "/hello.txt", host=host).status == 200
    assert server.access_lines(5) == ["s0", "s999", "s998", "-", "s1"]
