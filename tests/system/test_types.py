# SPDX-License-Identifier: BSD-2-Clause
"""server.mime_types: media types from a file."""

import os
import re

import pytest

from client import cases
from server import Server, wait_for

TYPES = """\
# a comment
text/x-first\t\tqqq one
text/x-second QQQ two\t three # and another
application/x-js  js
text/x-charset
image/x-mine  png\r
font/x-none

"""


@pytest.fixture(name="types")
def fixture_types(scratch):
    path = scratch / "mime.types"
    path.write_text(TYPES)
    return path


def type_of(server, name):
    (server.root / name).write_text("x")
    with server.connect() as conn:
        return conn.request("GET", f"/{name}")["Content-Type"]


def test_the_file_stands_between_the_mime_section_and_what_is_built_in(
        start_server, types):
    server = start_server(server={"mime_types": types},
                          mime={"two": "text/x-mime"})
    assert type_of(server, "a.qqq") == "text/x-second; charset=utf-8"
    assert type_of(server, "a.one") == "text/x-first; charset=utf-8"
    assert type_of(server, "a.Three") == "text/x-second; charset=utf-8"
    assert type_of(server, "a.two") == "text/x-mime"
    assert type_of(server, "a.js") == "application/x-js"
    assert type_of(server, "a.png") == "image/x-mine"
    assert type_of(server, "a.css") == "text/css; charset=utf-8"
    assert type_of(server, "a.four") == "application/octet-stream"


def test_it_is_explained_with_the_line_that_names_it(start_server, types):
    server = start_server(server={"mime_types": types})
    (server.root / "a.one").write_text("x")
    result = server.command("explain", "-c", "tined.ini", "/a.one")
    assert re.search(r"^Content-Type: text/x-first; charset=utf-8  "
                     r"\(tined\.ini:\d+\)$", result.stdout, re.M)


@pytest.mark.skipif(not os.path.exists("/etc/mime.types"),
                    reason="no /etc/mime.types")
def test_the_file_of_the_system_can_be_read(start_server):
    server = start_server(server={"mime_types": "/etc/mime.types"})
    assert type_of(server, "a.html") == "text/html; charset=utf-8"
    assert type_of(server, "a.odt") == (
        "application/vnd.oasis.opendocument.text")


def test_a_change_of_the_file_is_a_change_of_the_configuration(
        start_server, types):
    server = start_server(
        server={"mime_types": types, "watch_config": "yes"})
    assert type_of(server, "a.four") == "application/octet-stream"
    types.write_text("text/x-new four\n")
    wait_for(lambda: type_of(server, "a.four") ==
             "text/x-new; charset=utf-8", "the new type")


@cases(
    "text, error",
    ("no type", "text/x-a a\nhtml html\n",
     r'mime\.types:2: "html": not a media type; a line is TYPE/SUBTYPE'),
    ("nginx's form", "types {\n",
     r'mime\.types:1: "types": not a media type'),
    ("a dot", "text/x-a .a\n", r'mime\.types:1: "\.a": not an ending'),
    ("a slash", "text/x-a a/b\n", r'mime\.types:1: "a/b": not an ending'),
    ("a long ending", "text/x-a " + "x" * 65,
     r"mime\.types:1: .* more than 64 bytes"),
    ("a long type", "text/" + "x" * 200 + " a\n",
     r"mime\.types:1: .*longer than 196 bytes"),
    ("a zero byte", "text/x-a\0b a\n", r"mime\.types:1: .*not in ASCII"),
    ("no file", None, r"tined\.ini:\d+: server\.mime_types: "
     r"/\S*/mime\.types: No such file or directory; name a file like "),
)
def test_a_file_that_is_none_is_refused(scratch, text, error):
    path = scratch / "mime.types"
    if text is not None:
        path.write_text(text)
    server = Server(scratch, server={"mime_types": path})
    result = server.command("-t", "-c", "tined.ini")
    assert result.returncode == 1 and re.search(error, result.stderr)


def test_a_folder_a_fifo_and_a_huge_file_are_refused(scratch):
    os.mkfifo(scratch / "fifo")
    with open(scratch / "huge", "wb") as huge:
        huge.truncate(5 << 20)
    for path, said in ((scratch, "not a regular file"),
                       (scratch / "fifo", "not a regular file"),
                       (scratch / "huge", "larger than 4 MiB")):
        server = Server(scratch, server={"mime_types": path})
        result = server.command("-t", "-c", "tined.ini")
        assert result.returncode == 1 and said in result.stderr
