# SPDX-License-Identifier: BSD-2-Clause
"""allow and deny of [match]: whose address may have a path.

Clients come from 127.0.0.1, a trusted proxy where a test says so, so that
X-Forwarded-For makes them anybody.
"""

import ipaddress
import json
import random
import re
import signal

import pytest
from client import cases, head

TRUSTING = {"trusted_proxies": "127.0.0.1"}
INSIDE, OUTSIDE = "10.1.2.3", "192.0.2.1"


def get(server, target, client=OUTSIDE, *lines, method="GET", host="x"):
    with server.connect() as conn:
        return conn.request(method, target, f"X-Forwarded-For: {client}",
                            *lines, host=host)


@pytest.fixture(name="guarded")
def fixture_guarded(start_server):
    """/docs/* and /hello.txt are for 10/8 alone."""
    return start_server(server=TRUSTING, **{"match:/docs/*": {
        "paths": "/hello.txt*", "allow": "10.0.0.0/8"}})


@cases(
    "target",
    ("as it is", "/hello.txt"),
    ("encoded", "/%68ello%2Etxt"),
    ("encoded in lower case", "/hello%2etxt"),
    ("two slashes", "//hello.txt"),
    ("many slashes", "////hello.txt"),
    ("dot segments", "/docs/../hello.txt"),
    ("encoded dot segments", "/bare/%2e%2E/hello.txt"),
    ("a dot segment", "/./hello.txt"),
    ("a query", "/hello.txt?x=/bare/file.txt"),
    ("an absolute target", "http://localhost/hello.txt"),
    ("an absolute target of another case", "HTTP://LOCALHOST/hello.txt"),
    ("a file in the folder", "/docs/page.html"),
    ("a file in the folder, doubled", "/docs//page.html"),
    ("the index of the folder", "/docs/"),
    ("the index by its name", "/docs/index.html"),
    ("the folder, which is redirected", "/docs"),
    ("what is not there", "/docs/nothing"),
    ("its compressed form", "/hello.txt.gz"),
    ("a folder of its name", "/hello.txt/"),
)
def test_no_form_of_a_path_leads_past_the_gate(guarded, target):
    denied = get(guarded, target)

    assert denied.status == 403, denied
    assert not set(denied.names()) & {"ETag", "Last-Modified", "Location",
                                      "Accept-Ranges", "Content-Encoding"}
    assert b"hello" not in denied.body and b"docs" not in denied.body
    assert get(guarded, target, INSIDE).status != 403


@cases(
    "method, lines, status",
    ("HEAD", "HEAD", [], 403),
    ("a range", "GET", ["Range: bytes=0-1"], 403),
    ("a range past the end", "GET", ["Range: bytes=9999-"], 403),
    ("a condition that any file meets", "GET", ["If-None-Match: *"], 403),
    ("a condition that none meets", "GET", ['If-Match: "x"'], 403),
    ("a date", "GET",
     ["If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"], 403),
    ("a coding", "GET", ["Accept-Encoding: gzip"], 403),
    ("OPTIONS", "OPTIONS", [], 204),
    ("POST", "POST", ["Content-Length: 0"], 405),
    ("TRACE", "TRACE", [], 405),
)
def test_no_kind_of_request_tells_of_the_file(guarded, method, lines, status):
    def answer(target):
        found = get(guarded, target, OUTSIDE, *lines, method=method)
        return (found.status, found.body,
                [field for field in found.fields if field[0] != "Date"])

    assert answer("/docs/page.html")[0] == status
    assert answer("/docs/page.html") == answer("/docs/nothing")


def test_no_file_is_looked_for(start_server, scratch):
    server = start_server(admin={"address": f"unix:{scratch}/admin"},
                          **{"match:*": {"deny": "all"}})
    for target in ("/hello.txt", "/docs/", "/docs", "/nothing"):
        assert server.request("GET", target).status == 403
    with server.connect(f"{scratch}/admin") as conn:
        totals = json.loads(conn.request("GET", "/status.json").body)["totals"]
    assert totals["answers"]["GET"]["4xx"] == 4
    assert (totals["cache"]["hits"], totals["cache"]["misses"]) == (0, 0)


def test_the_rest_of_the_site_is_for_everybody(guarded):
    assert get(guarded, "/").status == 200
    assert get(guarded, "/digits.bin").status == 200
    assert get(guarded, "/nothing").status == 404
    assert get(guarded, "/.hidden").status == 404


def test_one_connection_asks_for_many(guarded):
    """Nothing of a request is left for the next, pipelined or kept."""
    clients = [OUTSIDE, INSIDE, "unknown", INSIDE, OUTSIDE, None]
    with guarded.connect() as conn:
        for _ in range(2):
            conn.send(b"".join(
                head("GET", "/hello.txt", *(
                    [f"X-Forwarded-For: {who}"] if who else []))
                for who in clients))
            assert [conn.response().status for _ in clients] == [
                403, 200, 403, 200, 403, 403]


def test_the_answer_can_have_fields_and_a_log_line(start_server):
    server = start_server(server=TRUSTING, **{
        "match:*": {"set": "X-A: 1", "errors": "yes", "deny": OUTSIDE}})
    assert get(server, "/hello.txt").values("X-A") == ["1"]
    assert re.match(rf"{OUTSIDE} .*\" 403 ", server.access_lines(1)[0])


def test_the_smallest_block_wins_and_deny_among_equals(start_server):
    server = start_server(server=TRUSTING, **{"match:*": {
        "allow": ["10.0.0.0/8 10.1.2.0/24", "2001:db8::/32", "192.0.2.9"],
        "deny": ["10.1.0.0/16", "2001:db8:1::/48 192.0.2.9"]}})
    status = {who: get(server, "/hello.txt", who).status for who in (
        "10.0.0.1", "10.1.0.1", "10.1.2.1", "11.0.0.1", "2001:db8::1",
        "2001:db8:1::1", "2001:db9::1", "::ffff:10.0.0.1", "192.0.2.9")}
    assert [who for who, code in status.items() if code == 200] == [
        "10.0.0.1", "10.1.2.1", "2001:db8::1", "::ffff:10.0.0.1"]


def test_a_later_section_takes_the_place_of_an_earlier(start_server):
    server = start_server(server=TRUSTING, **{
        "match:/docs/*": {"allow": "10.0.0.0/8"},
        "match:*.html": {"deny": "10.9.0.0/16"}})
    assert get(server, "/docs/page.html", OUTSIDE).status == 200
    assert get(server, "/docs/page.html", "10.9.0.1").status == 403
    assert get(server, "/docs/nothing", OUTSIDE).status == 403


def test_the_path_of_the_index_is_judged_too(start_server):
    server = start_server(server=TRUSTING, **{
        "match:*/index.html": {"allow": "10.0.0.0/8"}})
    for target in ("/", "/docs/", "/docs/index.html"):
        assert get(server, target).status == 403
        assert get(server, target, INSIDE).status == 200
    # Only what is served can be judged, and here nothing is.
    assert get(server, "/bare/").status == 404


def test_both_paths_must_be_allowed(start_server):
    server = start_server(server=TRUSTING, **{
        "match:/docs/": {"deny": INSIDE},
        "match:*.html": {"allow": "all"}})
    assert get(server, "/docs/index.html", INSIDE).status == 200
    assert get(server, "/docs/", INSIDE).status == 403


# What a path can lead to, who guards that, and what leads there.
@cases(
    "sections, guarded_glob, target, lines",
    ("a try", {"site": {"try": "$uri $uri.html $uri/"}}, "*.html",
     "/docs/page", []),
    ("a try that is the index", {"site": {"try": "$uri $uri.html $uri/"}},
     "*.html", "/docs/", []),
    ("a rewrite", {"rewrite": {"/old/*": "/docs/*"}}, "/docs/*",
     "/old/page.html", []),
    ("a rewrite to what is not there", {"rewrite": {"/old/*": "/docs/*"}},
     "/docs/*", "/old/nothing", []),
    ("a rewrite to a folder", {"rewrite": {"/old/*": "/docs/*"}},
     "/docs/index.html", "/old/", []),
    ("a rewrite and a try", {"site": {"try": "$uri $uri.html"},
                             "rewrite": {"/old/*": "/docs/*"}},
     "/docs/page.html", "/old/page", []),
    ("a fallback", {"site": {"fallback": "/index.html"}}, "/index.html",
     "/users/7", ["Accept: text/html"]),
    ("a page by its path with a slash", {"site": {
        "try": "$uri $uri.html $uri/", "canonical": "extensionless"}},
     "/docs/page", "/docs/page/", []),
    ("a listing", {"site": {"listing": "on"}}, "/bare/*", "/bare/", []),
    ("a listing without its slash", {"site": {"listing": "on"}}, "/bare/*",
     "/bare", []),
)
def test_whatever_a_path_leads_to_is_judged(
        start_server, sections, guarded_glob, target, lines):
    server = start_server(server=TRUSTING, **sections, **{
        f"match:{guarded_glob}": {"allow": "10.0.0.0/8"}})
    denied = get(server, target, OUTSIDE, *lines)

    assert (denied.status, denied["Location"]) == (403, None)
    assert get(server, target, INSIDE, *lines).status in (
        404 if target.endswith("nothing") else 200, 301)
    assert get(server, "/digits.bin").status == 200


def test_a_listing_leaves_out_what_the_client_may_not_have(start_server):
    server = start_server(server=TRUSTING, site={"listing": "on"}, **{
        "match:/bare/file.txt": {"allow": "10.0.0.0/8"}})
    (server.root / "bare/other.txt").write_bytes(b"x")
    shown = {who: get(server, "/bare/", who).body
             for who in (INSIDE, OUTSIDE)}
    assert all(b"other.txt" in body for body in shown.values())
    assert b"file.txt" in shown[INSIDE] and b"file.txt" not in shown[OUTSIDE]


def test_a_site_has_its_own_rules_whatever_the_case_of_its_name(start_server):
    server = start_server(server=TRUSTING, **{
        "site:b": {"hosts": "b.example", "root": "/etc"},
        "match:b *": {"allow": "10.0.0.0/8"}})
    for host in ("b.example", "B.Example", "b.example:80", "B.EXAMPLE:8080"):
        assert get(server, "/passwd", host=host).status == 403
        assert get(server, "/passwd", INSIDE, host=host).status == 200
    assert get(server, "/hello.txt", host="a.example").status == 200


def test_a_compressed_form_that_is_chosen_is_that_of_its_file(start_server):
    server = start_server(server=TRUSTING, **{
        "match:*.gz": {"allow": "10.0.0.0/8"}})
    (server.root / "hello.txt.gz").write_bytes(b"\x1f\x8bpacked")
    chosen = get(server, "/hello.txt", OUTSIDE, "Accept-Encoding: gzip")
    assert (chosen.status, chosen["Content-Encoding"]) == (200, "gzip")
    assert get(server, "/hello.txt.gz").status == 403


def test_a_client_of_a_unix_socket(make_server, scratch):
    server = make_server(
        listen={"address": f"unix:{scratch}/sock"}, **{
            "match:/docs/*": {"deny": "unix:"},
            "match:/hello.txt": {"allow": "unix:"},
            "match:/digits.bin": {"allow": "0.0.0.0/0 ::/0"}})
    server.start()
    with server.connect() as conn:
        assert conn.request("GET", "/docs/").status == 403
        assert conn.request("GET", "/hello.txt").status == 200
        assert conn.request("GET", "/digits.bin").status == 403


def test_an_ipv4_client_of_a_socket_for_both(make_server):
    server = make_server(
        listen={"address": "[::]:0", "v6only": "no"},
        **{"match:/docs/*": {"deny": "127.0.0.0/8"},
           "match:/hello.txt": {"deny": "::/0"}})
    server.start()
    with server.connect(("127.0.0.1", server.port)) as conn:
        assert conn.request("GET", "/docs/").status == 403
        assert conn.request("GET", "/hello.txt").status == 200
    with server.connect(("::1", server.port)) as conn:
        assert conn.request("GET", "/docs/").status == 200
        assert conn.request("GET", "/hello.txt").status == 403


def test_probes_are_answered_to_everybody(start_server):
    server = start_server(server={"health": "yes"},
                          **{"match:*": {"deny": "all"}})
    assert server.request("GET", "/healthz").status == 200
    assert server.request("GET", "/").status == 403


def test_a_reload_brings_other_rules(start_server):
    server = start_server(**{"match:*": {"deny": "127.0.0.1"}})
    assert server.request("GET", "/hello.txt").status == 403
    server.configure(**{"match:*": {"deny": "127.0.0.2"}})
    server.send_signal(signal.SIGHUP)
    server.wait_log("reloaded, generation 2")
    assert server.request("GET", "/hello.txt").status == 200


# Who asks, by which field, for what; and what is said, in this order.
@cases(
    "who, lines, target, said",
    ("allowed", INSIDE, [], "/docs/page.html",
     [rf"client +{INSIDE}: no trusted proxy, so only its own address counts",
      rf"access +/docs/page\.html: {INSIDE} is allowed by allow = 10\.0\.0\.0/8 "
      r"\(.*\.ini:\d+\)", r"file +"]),
    ("denied", "10.66.0.1", [], "/docs/page.html",
     [r"access +/docs/page\.html: 10\.66\.0\.1 is denied by "
      r"deny = 10\.66\.0\.0/16 \(.*\.ini:\d+\)"]),
    ("in no list", OUTSIDE, [], "/docs/",
     [rf"access +/docs/: {OUTSIDE} is denied, as no allow holds it, in "
      r"\[match:/docs/\*\] \(.*\.ini:\d+\)"]),
    ("in no list of deny", OUTSIDE, [], "/hello.txt",
     [rf"access +/hello\.txt: {OUTSIDE} is allowed, as no deny holds it, in "]),
    ("the index", "198.51.100.1", [], "/",
     [r"index +index\.html: there", r"access +/index\.html: 198\.51\.100\.1 "
      r"is denied by deny = 198\.51\.100\.0/24"]),
    ("a redirect", OUTSIDE, [], "/docs",
     [r"file +.*redirected", rf"access +/docs/: {OUTSIDE} is denied"]),
    ("no rule", OUTSIDE, [], "/digits.bin", [r"client +", r"file +"]),
    ("a proxy", None, ["X-Forwarded-For: 6.6.6.6, 10.66.0.1"], "/docs/",
     [r"client +10\.66\.0\.1: of X-Forwarded-For, .*; 127\.0\.0\.1 is "
      r"trusted as 127\.0\.0\.0/8 \(.*\.ini:\d+\)",
      r"access +/docs/: 10\.66\.0\.1 is denied by deny"]),
    ("a proxy that says nothing", None, [], "/hello.txt",
     [r"client +127\.0\.0\.1: of X-Forwarded-For"]),
    ("a proxy that cannot be understood", None,
     ["X-Forwarded-For: 10.1.1.1, unknown"], "/docs/",
     [r"client +127\.0\.0\.1: what X-Forwarded-For says next is no address",
      r"access +/docs/: 127\.0\.0\.1 is denied, as no allow"]),
    ("a unix socket", "unix:", [], "/docs/",
     [r"client +unix:: no trusted proxy", r"access +/docs/: unix: is denied"]),
)
def test_explain_says_who_may(make_server, who, lines, target, said):
    server = make_server(server={"trusted_proxies": "127.0.0.0/8"}, **{
        "match:/docs/*": {"allow": "10.0.0.0/8", "deny": "10.66.0.0/16"},
        "match:/hello.txt": {"deny": "10.0.0.0/8"},
        "match:/index.html": {"deny": "198.51.100.0/24"}})
    args = [] if who is None else ["-a", who]
    for line in lines:
        args += ["-H", line]
    result = server.command("explain", "-c", server.ini, *args, target)
    rest = result.stdout.splitlines()
    for pattern in said:
        found = [i for i, line in enumerate(rest) if re.match(pattern, line)]
        assert found, (pattern, result)
        rest = rest[found[0] + 1:]
    if "denied" in said[-1]:
        assert "HTTP/1.1 403 Forbidden" in rest
        # Who may not have the path itself is told nothing of files.
        assert ("symlinks" in result.stdout) == (target in ("/", "/docs"))


def test_explain_says_what_a_server_answers(guarded):
    for who in (INSIDE, OUTSIDE, "127.0.0.1"):
        for target in ("/hello.txt", "/docs/", "/docs", "/docs/x", "/"):
            result = guarded.command("explain", "-c", guarded.ini, "-H",
                                     f"X-Forwarded-For: {who}", target)
            status = get(guarded, target, who).status
            assert f"HTTP/1.1 {status} " in result.stdout


@pytest.mark.parametrize("who", ["", "x", "10.0.0.0/8", "[::1]", "1.2.3.4:5"])
def test_explain_takes_an_address(guarded, who):
    result = guarded.command("explain", "-c", guarded.ini, "-a", who, "/")
    assert result.returncode == 2
    assert "-a takes an address" in result.stderr


def draw_network(rng):
    """Networks that lie in each other, and at the edges."""
    version = rng.choice((4, 6))
    bits, make = ((32, ipaddress.IPv4Network) if version == 4 else
                  (128, ipaddress.IPv6Network))
    number = int.from_bytes(bytes(
        rng.choice((0, 0, 1, 127, 128, 255)) for _ in range(bits // 8)), "big")
    prefix = rng.choice((0, 1, 7, 8, 9, 15, 16, 23, 24, 31, 32) if bits == 32
                        else (0, 1, 8, 16, 32, 48, 63, 64, 65, 127, 128))
    return make((number >> (bits - prefix) << (bits - prefix), prefix))


def edge_addresses(network):
    """Addresses just inside and just outside of a network."""
    make = type(network.network_address)
    first, last = int(network[0]), int(network[-1])
    for number in (first - 1, first, last, last + 1):
        if 0 <= number < 1 << network.max_prefixlen:
            yield make(number)


def expected(allow, deny, address):
    """As the manual says it, by Python's ipaddress."""
    holding = [(network.prefixlen, network in deny)
               for network in allow + deny
               if network.version == address.version and address in network]
    if not holding:
        return not allow
    return not max(holding)[1]


@pytest.mark.parametrize("seed", range(6))
def test_any_lists_mean_what_python_says(start_server, seed):
    rng = random.Random(seed)
    networks = [draw_network(rng) for _ in range(rng.choice((3, 30, 90)))]
    deny = [net for net in networks if rng.random() < (0.5, 0, 1)[seed % 3]]
    allow = [net for net in networks if net not in deny]
    allow += [net for net in deny if rng.random() < 0.1 and seed % 3 == 0]
    addresses = [address for net in networks for address in
                 edge_addresses(net)]
    addresses = [a for a in addresses if a.version == 4 or not a.ipv4_mapped]
    rng.shuffle(addresses)
    server = start_server(
        server=TRUSTING, limits={"requests": 0},
        **{"match:*": {"allow": [str(net) for net in allow],
                       "deny": [str(net) for net in deny]}})
    with server.connect() as conn:
        for address in addresses:
            answer = conn.request("GET", "/empty.txt",
                                  f"X-Forwarded-For: {address}")
            assert (answer.status == 200) == expected(
                allow, deny, address), (address, allow, deny)


def test_a_list_that_differs_is_not_for_shared_caches(start_server):
    server = start_server(**{
        "site": {"listing": "on"},
        "match:*": {"cache": "1h"},
        "match:/bare/inner*": {"allow": "10.0.0.0/8"}})
    answer = server.request("GET", "/bare/")
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert server.request("GET", "/hello.txt")["Cache-Control"].startswith(
        "public")


def test_no_redirect_tells_of_a_page_that_is_refused(start_server):
    server = start_server(**{
        "site": {"try": "$uri $uri.html $uri/", "canonical": "extensionless"},
        "match:/docs/page.html": {"deny": "all"}})
    assert server.request("GET", "/docs/page/").status == 403
    assert server.request("GET", "/docs/page").status == 403


def test_no_slash_is_added_where_the_folder_is_refused(start_server):
    server = start_server(**{
        "rewrite": {"/latest/*": "/docs/*"},
        "match:/latest/sub/*": {"deny": "all"}})
    (server.root / "docs/sub").mkdir()
    assert server.request("GET", "/latest/sub").status == 403


def test_a_list_of_a_folder_shows_nothing_that_is_refused(start_server):
    server = start_server(**{
        "site": {"listing": "on"},
        "match:/docs/*": {"deny": "all"},
        "match:*.bin": {"deny": "127.0.0.0/8"}})
    (server.root / "index.html").unlink()
    listed = server.request("GET", "/?format=json").body.decode()
    assert '"hello.txt"' in listed and '"bare"' in listed
    assert '"docs"' not in listed and "digits.bin" not in listed
    assert server.request("GET", "/docs/").status == 403
