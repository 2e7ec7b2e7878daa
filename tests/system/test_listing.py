# SPDX-License-Identifier: BSD-2-Clause
"""Lists of folders: the page, JSON, what is hidden, how it is sent."""

import gc
import html
import html.parser
import json
import os
import re
import time
import urllib.parse
from pathlib import Path

import pytest

from client import cases, head
from server import Server, open_files, wait_for

SHOWN = ["a+b.txt", "what?.txt", "100%.txt", "with space.txt", "hello.txt"]
HIDDEN = ["SECRET", ".hidden", "link-up", "link-absolute", "link-loop",
          "link-broken", "fifo"]
# Names that somebody could hope to do harm with.
HOSTILE = [
    "<script>parent.hacked=1<", "\"><img src=x onerror=hacked=1>",
    "' onmouseover='hacked=1", "javascript:hacked=1", "data:text,x",
    "&lt;b&gt;", "a&b=c", "%2e%2e%2fpasswd", "100%", "?query#fragment",
    " leading and trailing ", "-->", "<!--@-->", "]]>", "{{x}}", "`$(id)`",
    "photo\u202egpj.exe", "\u2066isolate", "\u00fcml\u00e4ut \u2713 \U0001f600",
    "http:", "a:b", ";c", "=d", "con", "name.html'\"<>&",
]


class Page(html.parser.HTMLParser):
    """The links of a page with their texts, and what could do harm."""

    def __init__(self, text):
        super().__init__()
        self.links, self.harm, self.sorts, self.heads = [], [], [], []
        self.text, self.row = "", None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.harm += [tag for name in names if name.startswith("on")]
        # The icon is empty, so that nobody asks for /favicon.ico.
        if tag in ("img", "iframe", "object", "form", "link", "base") and \
                names != {"rel": "icon", "href": "data:,"}:
            self.harm.append(tag)
        if tag == "th":
            self.sorts.append(names.get("aria-sort"))
        if tag == "tr":
            self.row = names.get("class")
        if tag == "a":
            self.links.append([names["href"], "", self.row])

    def handle_endtag(self, tag):
        if tag == "table":
            self.row = None

    def handle_data(self, data):
        self.text += data
        if self.links and self.lasttag == "a":
            self.links[-1][1] += data

    def entries(self):
        """Links and texts of the rows, but for the one that leads up."""
        return [(link, text.removesuffix("\n")) for link, text, row
                in self.links if row not in (None, "u")]


def page_of(response):
    assert response.status == 200, response
    assert response["Content-Type"] == "text/html; charset=utf-8"
    page = Page(response.body.decode())
    assert not page.harm, page.harm
    return page


def names_of(response):
    return [entry["name"] for entry in json.loads(response.body)]


@pytest.fixture(name="server", scope="module")
def fixture_server(module_folder):
    """Everything in the root is listed but below /private/ and at /docs/."""
    root = module_folder.path / "root"
    (root / "index.html").unlink()
    for name in ("private", "private/shown", "empty", "hostile", "sorted"):
        (root / name).mkdir()
    for name in HOSTILE:
        (root / "hostile" / name).write_text(name)
    for i, name in enumerate(["b2", "B10", "a1", "c"]):
        (root / "sorted" / name).write_text("x" * (i * 1000))
        os.utime(root / "sorted" / name, (10**9 - i, 10**9 - i))
    (root / "sorted" / "z").mkdir()
    server = Server(
        module_folder.path, site={"listing": "on"},
        **{"match:/private/*": {"listing": "off"},
           "match:/private/shown/*": {"listing": "on",
                                      "set": "X-Section: shown"}}).start()
    yield server
    try:
        server.stop()
    except BaseException:
        module_folder.failed = True
        raise
    finally:
        server.kill()


def test_it_is_off_unless_somebody_wants_it(start_server):
    server = start_server(**{"match:/bare/": {"listing": "on"}})

    assert server.request("GET", "/...").status == 404
    (server.root / "index.html").unlink()
    assert server.request("GET", "/").status == 404
    assert server.request("GET", "/bare/").status == 200


def test_a_page_shows_what_a_request_would_get(conn):
    page = page_of(conn.request("GET", "/"))
    texts = [text for _, text in page.entries()]

    assert set(SHOWN) <= set(texts)
    assert {"docs/", "bare/", "link-docs/", "link-inside.txt"} <= set(texts)
    assert not [name for name in HIDDEN if name in " ".join(texts)]
    folders = [text for text in texts if text.endswith("/")]
    assert texts[:len(folders)] == folders
    assert page.sorts == ["ascending", None, None]


def test_every_link_leads_to_its_file(server):
    with server.connect() as conn:
        page = page_of(conn.request("GET", "/hostile/"))
        assert len(page.entries()) == len(HOSTILE)
        found = []
        for link, _ in page.entries():
            target = urllib.parse.urljoin("http://x/hostile/", link)
            assert target.startswith("http://x/hostile/"), link
            response = conn.request("GET", target.removeprefix("http://x"))
            assert response.status == 200, (link, response)
            found.append(response.body.decode())
    assert sorted(found) == sorted(HOSTILE)


def test_names_are_text_and_nothing_else(conn):
    response = conn.request("GET", "/hostile/")
    page = page_of(response)
    body = response.body.decode()
    wanted = {re.sub("[\u202e\u2066]", "\ufffd", name) for name in HOSTILE}

    assert {text for _, text in page.entries()} == wanted
    assert body.count("<script>") == body.count("<style>") == 1
    assert "\u202e" not in body and "\u2066" not in body


def test_the_policy_allows_the_style_and_the_script_alone(conn):
    policy = conn.request("GET", "/")["Content-Security-Policy"]
    hashes = re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", policy)

    assert len(set(hashes)) == 2
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_the_manual_has_the_hashes(conn):
    policy = conn.request("GET", "/")["Content-Security-Policy"]
    manual = (Path(__file__).parents[2] / "man/tined.ini.5").read_text()

    for source in re.findall(r"'sha256-\S+'", policy):
        assert source in manual


@cases(
    "query, names",
    ("by default", "", ["a1", "b2", "B10", "c"]),
    ("by name", "?sort=name&order=asc", ["a1", "b2", "B10", "c"]),
    ("by name, turned round", "?order=desc", ["c", "B10", "b2", "a1"]),
    ("by size", "?sort=size", ["b2", "B10", "a1", "c"]),
    ("by size, turned round", "?sort=size&order=desc",
     ["c", "a1", "B10", "b2"]),
    ("by time", "?sort=time", ["c", "a1", "B10", "b2"]),
    ("by time, turned round", "?x=y&sort=time&order=desc",
     ["b2", "B10", "a1", "c"]),
)
def test_the_query_chooses_the_order(conn, query, names):
    page = page_of(conn.request("GET", "/sorted/" + query))
    assert [text for _, text in page.entries()] == ["z/", *names]

    query += ("&" if query else "?") + "format=json"
    assert names_of(conn.request("GET", "/sorted/" + query)) == ["z", *names]


def test_a_click_on_the_head_of_a_column_turns_the_order_round(conn):
    page = page_of(conn.request("GET", "/sorted/?sort=size"))
    links = [link for link, *_ in page.links if link.startswith("?")]

    assert page.sorts == [None, "ascending", None]
    assert links == ["?sort=name&order=asc", "?sort=size&order=desc",
                     "?sort=time&order=asc"]
    page = page_of(conn.request("GET", "/sorted/" + links[1]))
    assert page.sorts == [None, "descending", None]
    assert "?sort=size&order=asc" in [link for link, *_ in page.links]


def test_the_way_up(conn, server):
    deep = server.root / "way/<up>/again"
    deep.mkdir(parents=True, exist_ok=True)
    page = page_of(conn.request("GET", "/way/%3Cup%3E/again/"))

    assert [(link, text) for link, text, row in page.links
            if row in (None, "u") and not link.startswith("?")] == [
        ("../../../", "/"), ("../../", "way/"), ("../", "<up>/"),
        ("../", "..")]
    assert page_of(conn.request("GET", "/empty/")).entries() == []
    assert not [link for link, *_ in page_of(conn.request("GET", "/")).links
                if link.startswith("..")]


def test_sizes_and_times_are_for_people_and_exact(conn):
    body = conn.request("GET", "/sorted/").body.decode()

    assert '<td title="3000 bytes">2.9 KiB<td>2001-09-09 01:46:37\n' in body
    assert '<td title="0 bytes">0 B<td>2001-09-09 01:46:40\n' in body
    assert "1 folder, 4 files with 5.9 KiB</p>" in body
    assert "This folder is empty.</p>" in \
        conn.request("GET", "/empty/").body.decode()


def test_json_is_stable(conn):
    response = conn.request("GET", "/sorted/", "Accept: application/json")
    entries = json.loads(response.body)

    assert response["Content-Type"] == "application/json"
    assert response["Content-Security-Policy"] is None
    assert [list(entry) for entry in entries] == [
        ["name", "type", "size", "mtime"]] * 5
    assert entries[0]["type"] == "directory" and entries[0]["size"] is None
    assert entries[1:3] == [
        {"name": "a1", "type": "file", "size": 2000,
         "mtime": "2001-09-09T01:46:38Z"},
        {"name": "b2", "type": "file", "size": 0,
         "mtime": "2001-09-09T01:46:40Z"}]
    assert sorted(names_of(conn.request("GET", "/hostile/?format=json"))) \
        == sorted(HOSTILE)
    assert conn.request("GET", "/empty/?format=json").body == b"[\n]\n"


@cases(
    "target, accept, media_type, varies",
    ("9110-12.5.1 a browser", "/", "text/html,*/*;q=0.8", "text/html", True),
    ("9110-12.5.1 curl", "/", "*/*", "text/html", True),
    ("9110-12.5.1 JSON", "/", "application/json", "application/json", True),
    ("9110-12.5.1 rather JSON", "/", "text/html;q=0.5, application/json",
     "application/json", True),
    ("the query says JSON", "/?format=json", "text/html", "application/json",
     False),
    ("the query says HTML", "/?format=html", "application/json",
     "text/html", False),
    ("the query says nonsense", "/?format=pdf", "*/*", "text/html", True),
)
def test_the_form_is_chosen(conn, target, accept, media_type, varies):
    response = conn.request("GET", target, f"Accept: {accept}")

    assert response["Content-Type"].startswith(media_type)
    assert response["Vary"] == ("Accept" if varies else None)


def test_a_name_that_is_not_utf8_is_shown_and_reached(server):
    folder = server.root / "bytes"
    folder.mkdir()
    with open(os.fsencode(folder) + b"/a\xff\xe2\x80.txt", "wb") as file:
        file.write(b"found")
    with server.connect() as conn:
        (link, text), = page_of(conn.request("GET", "/bytes/")).entries()
        assert (link, text) == ("a%FF%E2%80.txt", "a\ufffd\ufffd\ufffd.txt")
        assert conn.request("GET", "/bytes/" + link).body == b"found"
        assert names_of(conn.request("GET", "/bytes/?format=json")) == [text]


@cases(
    "target, status",
    ("off for its sections", "/private/", 404),
    ("on again further down", "/private/shown/", 200),
    ("a folder with an index", "/docs/", 200),
    ("a folder without its slash", "/bare", 301),
    ("no folder", "/hello.txt/", 404),
    ("nothing", "/nowhere/", 404),
    ("a dot folder", "/.git/", 404),
    ("well-known", "/.well-known/", 200),
    ("a link to a folder", "/link-docs/", 200),
    ("a link that leads out", "/link-absolute.txt/", 404),
)
def test_which_folders_are_listed(conn, target, status):
    assert conn.request("GET", target).status == status


def test_fields_of_sections_are_there(conn):
    assert conn.request("GET", "/private/shown/")["X-Section"] == "shown"


def test_an_index_takes_the_place_of_the_list(server):
    folder = server.root / "later"
    folder.mkdir()
    assert b"empty" in server.request("GET", "/later/").body
    (folder / "index.html").write_bytes(b"an index")
    wait_for(lambda: server.request("GET", "/later/").body == b"an index",
             "the index")


def test_a_change_of_a_file_shows_at_once(conn, server):
    path = server.root / "bare/grows.txt"
    for size in (1, 22, 333):
        path.write_bytes(b"x" * size)
        entries = json.loads(conn.request("GET", "/bare/?format=json").body)
        assert [entry["size"] for entry in entries
                if entry["name"] == "grows.txt"] == [size]
    path.unlink()
    assert "grows.txt" not in names_of(
        conn.request("GET", "/bare/?format=json"))


def test_head_is_that_of_get(server):
    for line in ("Accept: */*", "Accept: application/json"):
        with server.connect() as conn:
            get = conn.request("GET", "/hostile/", line)
            response = conn.request("HEAD", "/hostile/", line)
            again = conn.request("GET", "/hello.txt")
        assert [field for field in response.fields if field[0] != "Date"] == \
            [field for field in get.fields if field[0] != "Date"]
        assert again.body == b"hello, world\n"


def test_the_tag_is_of_what_is_shown(conn, server):
    folder = server.root / "tagged"
    folder.mkdir()
    (folder / "a").write_bytes(b"a")
    first = conn.request("GET", "/tagged/")
    tag = first["ETag"]
    assert tag.startswith('W/"') and first["Last-Modified"] is None

    response = conn.request("GET", "/tagged/", f"If-None-Match: {tag}")
    assert (response.status, response["ETag"]) == (304, tag)
    assert response["Vary"] == "Accept"
    # A weak tag matches nothing strongly.
    assert conn.request("GET", "/tagged/", f"If-Match: {tag}").status == 412
    # Another order, another form: another list.
    tags = {conn.request("GET", "/tagged/" + query)["ETag"] for query in
            ("", "?order=desc", "?sort=size", "?sort=time", "?format=json")}
    assert len(tags) == 5

    # The time of the folder stays, and the list does not.
    before = (folder / "a").stat().st_mtime_ns, folder.stat().st_mtime_ns
    with open(folder / "a", "ab") as file:
        file.write(b"b")
    assert folder.stat().st_mtime_ns == before[1]
    response = conn.request("GET", "/tagged/", f"If-None-Match: {tag}")
    assert response.status == 200 and response["ETag"] != tag


def test_http_1_0_ends_with_the_connection(server):
    with server.connect() as conn:
        conn.send(head("GET", "/hostile/?format=json", "Connection: keep-alive",
                       version="1.0"))
        response = conn.response_head()
        body = conn.rest()
    assert response["Transfer-Encoding"] is None
    assert response["Content-Length"] is None
    assert response.closes
    assert len(json.loads(body)) == len(HOSTILE)


def test_lists_can_be_pipelined(conn):
    targets = ["/", "/hello.txt", "/hostile/", "/empty/", "/nowhere"] * 8
    conn.send(b"".join(head("GET", target) for target in targets))
    responses = [conn.response() for _ in targets]

    assert [response.status for response in responses] == [
        200, 200, 200, 200, 404] * 8
    for i in range(4):
        assert len({response.body for response in responses[i::5]}) == 1


def test_the_log_has_the_bytes_that_were_sent(start_server):
    server = start_server(site={"listing": "on"}, access_log={
        "format": r"%s %B %O %U"})
    with server.connect() as conn:
        conn.send(head("GET", "/bare/", "Connection: close"))
        answer = conn.rest()
    status, body, sent, path = server.access_lines(1)[0].split()

    assert (status, path) == ("200", "/bare/")
    assert int(sent) == len(answer)
    assert int(body) == len(answer.partition(b"\r\n\r\n")[2])


MANY = 20_000


@pytest.fixture(name="many", scope="module")
def fixture_many(module_folder):
    """A folder of many files and some folders."""
    folder = module_folder.path / "root/many"
    folder.mkdir()
    for i in range(MANY):
        os.close(os.open(folder / f"file-{i}.txt", os.O_CREAT, 0o644))
    for i in range(50):
        (folder / f"folder-{i}").mkdir()
    gc.collect()
    return folder


def test_many_entries_come_in_order(many, conn):
    names = names_of(conn.request("GET", "/many/?format=json"))

    assert many.is_dir()
    assert names == [f"folder-{i}" for i in range(50)] + [
        f"file-{i}.txt" for i in range(MANY)]
    response = conn.request("GET", "/many/?order=desc")
    assert response["ETag"] is None
    assert len(page_of(response).entries()) == MANY + 50
    assert b"There are more entries" not in response.body


def test_too_many_come_in_parts(many, start_server):
    server = start_server(site={"root": many.parent, "listing": "on"},
                          limits={"listing": "256k"})
    with server.connect() as conn:
        names = names_of(conn.request("GET", "/many/?format=json"))
        page = conn.request("GET", "/many/")

    assert len(names) == MANY + 50 == len(set(names))
    assert b"There are more entries" in page.body
    # In order, but for where a part begins.
    numbers = [int(re.search(r"\d+", name)[0]) for name in names]
    breaks = sum(b < a for a, b in zip(numbers, numbers[1:]))
    assert 1 <= breaks < 20


def test_others_are_served_between_slices(many, server):
    """While nobody reads the list, and while it is read."""
    assert many.is_dir()
    with server.connect(rcvbuf=4096) as slow, server.connect() as other:
        slow.send(head("GET", "/many/"))
        slow.response_head()
        for _ in range(50):
            assert other.request("GET", "/hello.txt").status == 200
        body = b"".join(slow.chunks())
    assert body.count(b"<tr class=t>") == MANY


def test_who_leaves_gives_all_back(many, server):
    worker, = server.workers()
    assert many.is_dir()
    server.request("GET", "/hello.txt")
    before = open_files(worker)
    for lines in ([], ["Accept: application/json"]) * 10:
        with server.connect(rcvbuf=4096) as conn:
            conn.send(head("GET", "/many/", *lines))
            conn.response_head()
    # More than can be under way at a time: those before are over.
    wait_for(lambda: open_files(worker) <= before, "descriptors")
    assert len(names_of(server.request("GET", "/many/?format=json"))) == \
        MANY + 50


def ask_for_one_more(server, slow):
    """Eight readers, then another request; None when that took too long."""
    begin = time.monotonic()
    for _ in range(8):
        slow.append(server.connect(rcvbuf=4096))
        slow[-1].send(head("GET", "/many/"))
        assert slow[-1].response_head().status == 200
    response = server.request("GET", "/many/")
    if time.monotonic() - begin < 2:
        return response
    # The first has had its turn, on a busy machine: see test_slow_clients.py.
    while slow:
        slow.pop().close()
    return None


def test_one_more_than_there_can_be_is_put_off(many, start_server):
    (many.parent / "empty").mkdir(exist_ok=True)
    server = start_server(site={"root": many.parent, "listing": "on"},
                          error_pages={"503": "/hello.txt"})
    slow = []
    response = wait_for(lambda: ask_for_one_more(server, slow),
                        "nine requests in two seconds", 60)

    assert (response.status, response["Retry-After"]) == (503, "1")
    assert response.body == server.request("GET", "/hello.txt").body
    assert server.request("GET", "/hello.txt").status == 200
    slow.pop().close()
    wait_for(lambda: server.request("GET", "/empty/").status == 200,
             "a listing that is free")


def test_a_folder_may_change_while_it_is_listed(start_server):
    """Every line is one of a file that is there, or was."""
    server = start_server(site={"listing": "on"}, limits={"listing": "256k"})
    folder = server.root / "changes"
    folder.mkdir()
    for i in range(8000):
        os.close(os.open(folder / f"old-{i}", os.O_CREAT, 0o644))
    with server.connect(rcvbuf=4096) as conn:
        conn.send(head("GET", "/changes/?format=json"))
        conn.response_head()
        chunks = conn.chunks()
        body = next(chunks)
        for i in range(8000):
            (folder / f"old-{i}").unlink()
            if i % 4 == 0:
                os.close(os.open(folder / f"new-{i}", os.O_CREAT, 0o644))
        body += b"".join(chunks)
    names = [entry["name"] for entry in json.loads(body)]
    assert all(re.fullmatch(r"(old|new)-\d+", name) for name in names)
    assert len([name for name in names if name.startswith("old")]) == len(
        {name for name in names if name.startswith("old")})


def arena_kib(pid):
    """What is in memory of the address space for lists, 8 times 8 MiB."""
    maps = re.findall(r"^Size: +(\d+) kB$.*?^Rss: +(\d+) kB$",
                      Path(f"/proc/{pid}/smaps").read_text(), re.M | re.S)
    return sum(int(rss) for size, rss in maps if 65536 <= int(size) < 70000)


def test_memory_is_taken_for_a_list_and_given_back(many, start_server):
    server = start_server(site={"root": many.parent, "listing": "on"})
    worker, = server.workers()
    assert arena_kib(worker) == 0
    with server.connect(rcvbuf=4096) as conn:
        conn.send(head("GET", "/many/"))
        next(conn.chunks() if conn.response_head() else None)
        wait_for(lambda: arena_kib(worker) > MANY * 40 // 1024, "the names")
        assert arena_kib(worker) < 8192
    wait_for(lambda: arena_kib(worker) < 512, "the end of the list")


def test_a_reload_lets_a_list_finish(many, start_server):
    server = start_server(site={"root": many.parent, "listing": "on"})
    with server.connect(rcvbuf=4096) as conn:
        conn.send(head("GET", "/many/"))
        conn.response_head()
        server.configure(site={"listing": "off"})
        server.send_signal(1)
        server.wait_log("reloaded|generation 2|configuration")
        assert sum(chunk.count(b"<tr class=t>")
                   for chunk in conn.chunks()) == MANY


@cases(
    "target, lines, said",
    ("as a page", "/bare/", [],
     [r"index +index\.html: not there",
      r"listing +on \(.*tined\.ini:\d+\): as a page, by name$"]),
    ("as JSON", "/bare/?sort=size&order=desc", ["Accept: application/json"],
     [r"path +/bare/ \(the query is for lists of folders\)",
      r"listing +on .*: as JSON, by size, turned round$"]),
    ("off in a section", "/private/", [],
     [r"listing +off \(.*tined\.ini:\d+\): as if the folder"]),
    ("on in a section", "/private/shown/", [],
     [r"listing +on \(.*tined\.ini:\d+\): as a page"]),
    ("nothing there", "/nowhere/", [], [r"listing +on \(.*\), but: not there"]),
)
def test_explain_tells_of_it(server, target, lines, said):
    args = [arg for line in lines for arg in ("-H", line)]
    result = server.command("explain", "-c", server.ini, *args, target)
    assert (result.returncode, result.stderr) == (0, ""), result
    steps, _, answer = result.stdout.partition("\n\n")
    for pattern in said:
        assert re.search("^" + pattern, steps, re.M), (pattern, steps)

    with server.connect() as conn:
        want = conn.request("GET", target, *lines)
    status_line, *fields = answer.splitlines()
    assert int(status_line.split()[1]) == want.status
    assert [re.sub(r"  \(.*\)$", "", field) for field in fields] == [
        f"{name}: {value}" for name, value in want.fields if name != "Date"]


def test_quick_mode_lists_unless_told_otherwise(make_server):
    server = make_server()
    (server.root / "index.html").unlink()
    server.start("-p", "0", server.root, ports=1)
    assert "bare/" in page_of(server.request("GET", "/")).text

    other = make_server()
    other.start("-p", "0", "-o", "site.listing=off", server.root, ports=1)
    assert other.request("GET", "/").status == 404


@cases(
    "section, key, value, pattern",
    ("no word of the site", "site", "listing", "yes",
     r'listing: "yes": .*off, on'),
    ("a site inherits nothing", "site", "listing", "inherit",
     r'listing: "inherit"'),
    ("no word of a section", "match:/x", "listing", "maybe",
     r'listing: "maybe": .*off, on, inherit'),
    ("less memory than a name needs", "limits", "listing", "1k",
     r"listing: .*256k to 1g"),
)
def test_mistakes_are_told(make_server, section, key, value, pattern):
    server = make_server(**{section: {key: value}})
    result = server.command("-t", "-c", server.ini)

    assert result.returncode != 0
    assert re.search(pattern, result.stderr), result.stderr
