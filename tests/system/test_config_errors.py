# SPDX-License-Identifier: BSD-2-Clause
"""Mistakes in the configuration: all at once, each with file and line."""

import re
import socket

import pytest

from client import cases
from server import SANITIZER, Server, ini_text

GOOD = """\
[server]
allow_root = yes
[listen]
address = 127.0.0.1:0
[site]
root = {root}
"""
GOOD_LINES = GOOD.count("\n")


@pytest.fixture(name="check")
def fixture_check(scratch):
    """Writes an INI file and runs tined on it, with -t if not told else."""
    server = Server(scratch)

    def check(text, name="tined.ini", flag="-t"):
        data = text.replace("{root}", str(server.root))
        (scratch / name).write_bytes(data.encode("latin-1"))
        result = server.command(flag, "-c", name)
        assert not SANITIZER.search(result.stderr), result.stderr
        return result

    return check


def error_lines(result):
    """The lines that begin with file:line:."""
    return [line for line in result.stderr.splitlines()
            if re.match(r"\S*\.ini:\d+: ", line)]


def test_a_good_file_passes(check):
    result = check(GOOD)

    assert result.returncode == 0
    assert not error_lines(result)


# Lines behind GOOD, which of them is wrong, and what is said about it.
@cases(
    "lines, wrong, error",
    ("unknown key", "[server]\nworkres = 2", 2, r".*workres.*workers"),
    ("unknown section", "[sever]\nworkers = 2", 1, r".*sever.*server"),
    ("key of another section", "[server]\nkeepalive = 5",
     2, r".*keepalive.*timeouts"),
    ("a redirect to another host by slashes", "[redirect]\n/a* = //*", 2,
     r'redirect\./a\*: "//\*": '),
    ("an address without a port", "[listen:a]\naddress = 127.0.0.1", 2,
     r'listen\.address: "127\.0\.0\.1": no port; write it behind'),
    ("a path in quotes", '[site:b]\nhosts = b\nroot = "/srv"', 3,
     r"site\.root: .*: a value is written without quotes"),
    ("hosts with commas", "[site:b]\nroot = /\nhosts = b, c", 3,
     r'site\.hosts: "b,": host names are separated by spaces alone'),
    ("a URL for a host", "[site:b]\nroot = /\nhosts = http://b/", 3,
     r'site\.hosts: "http://b/": a host name alone, not a URL'),
    ("an index with commas", "[site:b]\nhosts = b\nroot = /\n"
     "index = index.html, index.htm", 4,
     r'site\.index: "index\.html,": a comma at its end'),
    ("a match without a glob", "[match]", 1,
     r"match: a section without GLOB; write \[match:GLOB\]"),
    ("a match of a site that is not there", "[site:blog]\nroot = /\n"
     "hosts = b\n[match:blgo /x]", 4,
     r'match: "blgo": no \[site\] has this name; did you mean "blog"\?'),
    ("a match of no path", "[match:x.css]", 1,
     r'match: "x.css": no path is like that; begin it with'),
    ("a match of two globs", "[match:blog /a /b]", 1,
     r"match: .*more than a site and a glob; .*paths = GLOB"),
    ("a field without a value", "[match:*]\nset = X-Frame-Options:", 2,
     r'match\.set: "X-Frame-Options:": a field without a value'),
    ("a field that is none", "[match:*]\nset = X Y: z", 2,
     r"match\.set: .*not NAME: VALUE"),
    ("bits behind a prefix", "[match:*]\nallow = ::1 10.1.2.3/8", 2,
     r'match\.allow: "10\.1\.2\.3/8": bits are set behind the first 8; '
     r"write 10\.0\.0\.0/8"),
    ("bits behind a prefix of IPv6", "[match:*]\ndeny = 2001:db8::1/32", 2,
     r"match\.deny: .*write 2001:db8::/32"),
    ("bits behind a prefix of a proxy", "[server]\n"
     "trusted_proxies = ::ffff:10.0.0.1/104", 2,
     r"server\.trusted_proxies: .*write 10\.0\.0\.0/8"),
    ("a name for an address", "[match:*]\nallow = example.com", 2,
     r"match\.allow: .*names are not looked up.*ADDRESS/BITS, unix:, all"),
    ("a block with a mask", "[match:*]\nallow = 10.0.0.0/255.0.0.0", 2,
     r"match\.allow: .*not a number of bits"),
    ("a block with too many bits", "[match:*]\nallow = 10.0.0.0/33", 2,
     r"match\.allow: .*32 or 128"),
    ("a block with a zone", "[match:*]\nallow = fe80::%lo/64", 2,
     r"match\.allow: .*zone"),
    ("an empty list of blocks", "[match:*]\nallow =", 2,
     r"match\.allow: .*empty"),
    ("a proxy that nobody may be",
     "[listen:p]\naddress = 127.0.0.1:8001\nproxy_protocol = require", 3,
     r"listen\.proxy_protocol: .*server\.trusted_proxies"),
    ("another word for a proxy", "[listen]\nproxy_protocol = yes", 2,
     r"listen\.proxy_protocol: .*allowed: off, require"),
    ("another word for a client", "[server]\nclient_address = forwarded", 2,
     r"server\.client_address: .*allowed: peer, x-forwarded-for"),
    ("a try that is no $uri", "[site:b]\nhosts = b\nroot = /\n"
     "try = $uri index.html", 4,
     r'site\.try: "index\.html": does not begin with \$uri; allowed: '
     r"\$uri, "),
    ("a try of a hidden name", "[match:*]\ntry = $uri/.git/x", 2,
     r"match\.try: .*begins with a dot is never served"),
    ("a try that climbs", "[match:*]\ntry = $uri/../x", 2,
     r"match\.try: .*begins with a dot is never served"),
    ("a try of two folders", "[match:*]\ntry = $uri/x/", 2,
     r"match\.try: .*of folders only \$uri/ is tried"),
    ("a try with two paths", "[match:*]\ntry = $uri$uri", 2,
     r"match\.try: .*only one \$uri"),
    ("too many tries", "[match:*]\ntry = $uri $uri $uri $uri\n"
     "try = $uri $uri $uri $uri\ntry = $uri", 4,
     r"match\.try: more than 8 words"),
    ("a fallback that is relative", "[match:*]\nfallback = index.html", 2,
     r'match\.fallback: "index\.html": not an absolute path'),
    ("a fallback that is a folder", "[match:*]\nfallback = /app/", 2,
     r'match\.fallback: "/app/": a folder; name a file'),
    ("a fallback that is hidden", "[match:*]\nfallback = /.git/HEAD", 2,
     r"match\.fallback: .*begins with a dot is never served"),
    ("no way of being canonical", "[site:b]\nhosts = b\nroot = /\n"
     "canonical = yes", 4,
     r"site\.canonical: .*allowed: off, extensionless, slash"),
    ("a redirect to nowhere", "[redirect]\n/a = b", 2,
     r'redirect\./a: "b": neither a path nor a URL with http:// or '
     r"https://; allowed: /PATH or https://HOST/PATH, 301"),
    ("a redirect with a bad status", "[redirect]\n/a = /b 304", 2,
     r"redirect\./a: .*neither a status nor noquery"),
    ("a redirect of no path", "[redirect]\na = /b", 2,
     r"redirect\.a: does not begin with a slash; allowed: /PATH"),
    ("a redirect to itself", "[redirect]\n/x = /y\n/a = /a 302", 3,
     r'redirect\./a: "/a 302": leads in a circle, as /a is'),
    ("a redirect that matches itself", "[redirect]\n/a/* = /a/b/*", 2,
     r'redirect\./a/\*: "/a/b/\*": leads in a circle'),
    ("a redirect whose path grows long", "[redirect]\n/a/* = /a/"
     + "b" * 160 + "/*", 2, r"redirect\./a/\*: .*leads in a circle"),
    ("a redirect to a place that it is for", "[redirect]\n/a/* = /a/?x#y", 2,
     r"redirect\./a/\*: .*leads in a circle, as /a/ is"),
    ("a redirect in an encoded circle", "[redirect]\n/%61 = /%61?x", 2,
     r"redirect\./%61: .*leads in a circle"),
    ("a path that is redirected twice", "[redirect]\n/a = /b\n/%61 = /c", 3,
     r"redirect\./%61: the same path as at .*:8"),
    ("a key that is there twice", "[redirect]\n/a = /b\n/a = /c", 3,
     r"redirect\./a: .*:8"),
    ("a redirect of a site that is not there", "[redirect:b]\n/a = /b", 1,
     r'redirect: "b": no \[site\] has this name'),
    ("a rewrite with a status", "[rewrite]\n/a = /b 301", 2,
     r"rewrite\./a: .*text behind the path.*; allowed: /PATH"),
    ("a rewrite to a hidden file", "[rewrite]\n/a = /.git/x", 2,
     r"rewrite\./a: .*begins with a dot is never served"),
    ("a path that is rewritten twice", "[rewrite]\n/a* = /b\n/%61* = /c", 3,
     r"rewrite\./%61\*: the same path"),
    ("redirected hosts without a host", "[site:b]\nhosts = b\nroot = /\n"
     "[site]\nredirect_hosts = www", 5,
     r'site\.redirect_hosts: "www": the site has no hosts to redirect to'),
    ("redirected hosts to a star", "[site:b]\nhosts = *.b\nroot = /\n"
     "redirect_hosts = www", 2,
     r'site\.hosts: "\*\.b": begins with a star, so that redirect_hosts'),
    ("a redirected host that a site has", "[site:b]\nhosts = b\nroot = /\n"
     "redirect_hosts = www b", 4,
     r'site\.redirect_hosts: "b": a site has this name already'),
    ("a core and a word", "[server]\npin = 0 off",
     2, r'server\.pin: "off": not together'),
    ("cores that go down", "[server]\npin = 3-1",
     2, r"server\.pin: .*3-1.*off, auto, cores, as in 0 2-5"),
    ("no core", "[server]\npin = first", 2, r"server\.pin: .*first"),
    ("no number", "[server]\nworkers = many", 2, r"server\.workers: .*many"),
    ("negative number", "[server]\nworkers = -1", 2, r"server\.workers"),
    ("number too large", "[server]\nworkers = 100000",
     2, r"server\.workers: .*256"),
    ("number beyond 64 bits",
     "[limits]\nrequests = 99999999999999999999", 2, r"limits\.requests"),
    ("number with text behind", "[limits]\nfields = 12x",
     2, r"limits\.fields"),
    ("size too small", "[limits]\nhead = 12", 2, r"limits\.head: .*1k"),
    ("size too large", "[limits]\nhead = 1g", 2, r"limits\.head: .*64k"),
    ("unknown unit of size", "[limits]\nhead = 16q", 2, r"limits\.head"),
    ("unknown unit of time", "[timeouts]\nhead = 5y", 2, r"timeouts\.head"),
    ("time too long", "[timeouts]\nhead = 90d", 2, r"timeouts\.head"),
    ("not yes or no", "[server]\ndaemon = maybe",
     2, r"server\.daemon: .*yes.*no"),
    ("unknown word", "[error_log]\nlevel = loud",
     2, r"error_log\.level: .*notice"),
    ("word with a slip", "[error_log]\nlevel = notcie",
     2, r"error_log\.level: .*notice"),
    ("empty number", "[server]\nworkers =", 2, r"server\.workers"),
    ("scalar twice", "[server]\nworkers = 1\nworkers = 2",
     3, r"server\.workers"),
    ("scalar twice in two sections",
     "[server]\nworkers = 1\n[limits]\n[server]\nworkers = 2",
     5, r"server\.workers"),
    ("bad address", "[listen:b]\naddress = example.org:80",
     2, r"listen\.address"),
    ("bad port", "[listen:b]\naddress = 127.0.0.1:70000",
     2, r"listen\.address"),
    ("IPv6 without brackets", "[listen:b]\naddress = ::1:80",
     2, r"listen\.address"),
    ("relative unix socket", "[listen:b]\naddress = unix:x.sock",
     2, r"listen\.address"),
    ("address twice",
     "[listen:b]\naddress = 127.0.0.1:8001 127.0.0.1:8001",
     2, r"listen\.address"),
    ("mode that is not octal", "[listen:b]\naddress = 1\nmode = 0888",
     3, r"listen\.mode"),
    ("unknown policy", "[site:b]\nroot = {root}\nsymlinks = sometimes",
     3, r"site\.symlinks: .*within"),
    ("site without a root", "[site:b]\nhosts = b.example",
     1, r"site.*root"),
    ("root that does not exist", "[site:b]\nroot = {root}/nowhere\nhosts = b",
     2, r"site\.root: .*nowhere"),
    ("root that is a file", "[site:b]\nroot = {root}/hello.txt\nhosts = b",
     2, r"site\.root"),
    ("host twice",
     "[site:b]\nroot = {root}\nhosts = b b", 3, r"site\.hosts"),
    ("host of two sites",
     "[site:b]\nroot = {root}\nhosts = x\n[site:c]\nroot = {root}\nhosts = X",
     6, r"site\.hosts"),
    ("index with a slash", "[site:b]\nroot = {root}\nhosts = b\nindex = a/b",
     4, r"site\.index"),
    ("unknown user", "[server]\nuser = no-such-user-here",
     2, r"server\.user: .*no-such-user-here"),
    ("unknown group", "[server]\ngroup = no-such-group-here",
     2, r"server\.group: .*no-such-group-here"),
    ("log in a folder that does not exist",
     "[access_log]\npath = {root}/nowhere/access.log",
     2, r"access_log\.path"),
    ("bad media type", "[mime]\nzzz = nonsense", 2, r"mime\.zzz"),
    ("no equals sign", "[server]\nworkers 2", 2, r""),
    ("no bracket", "[server\nworkers = 2", 1, r""),
    ("text behind a bracket", "[server] workers = 2", 1, r""),
    ("indented key", "[server]\n  workers = 2", 2, r""),
    ("value that goes on in the next line",
     "[site:b]\nroot = {root}\nhosts = b\n  c", 4, r""),
    ("line that is too long", "[site:b]\nroot = /" + "x" * 300, 2, r""),
    ("section name that is too long", "[site:" + "x" * 60 + "]", 1, r""),
    ("NUL in a line", "[server]\nuser = a\x00b", 2, r""),
    ("control byte in a line", "[server]\nuser = a\x1b[31m", 2, r""),
)
def test_mistake(check, lines, wrong, error):
    result = check(GOOD + lines + "\n")

    assert result.returncode != 0
    place = f"tined.ini:{GOOD_LINES + wrong}: "
    assert [line for line in error_lines(result) if line.startswith(place)
            and re.match(error, line.removeprefix(place))], result.stderr
    assert "\x1b" not in result.stderr


def test_an_old_name_is_a_warning(check):
    result = check(GOOD + "[server]\nlog_level = info\n")

    assert result.returncode == 0
    assert re.match(rf"tined\.ini:{GOOD_LINES + 2}: warning: "
                    r"server\.log_level: .* error_log\.level now\n", result.stderr)
    assert "is ok" in result.stdout
    shown = check(GOOD + "[server]\nlog_level = info\n", flag="-T")
    assert re.search(rf"^level = info ; tined\.ini:{GOOD_LINES + 2}$",
                     shown.stdout, re.M)


@pytest.mark.parametrize("block", ["all", "0.0.0.0/0", "::/0"])
def test_trust_in_everybody_is_warned_of(check, block):
    result = check(GOOD + f"[server]\ntrusted_proxies = 10.0.0.1 {block}\n")

    assert result.returncode == 0
    assert re.match(
        rf"tined\.ini:{GOOD_LINES + 2}: warning: server\.trusted_proxies: "
        rf"{block}: everybody may say", result.stderr), result.stderr
    assert not error_lines(check(
        GOOD + "[server]\ntrusted_proxies = 10.0.0.0/8 unix:\n"))


def test_five_mistakes_are_five_lines(check):
    result = check(GOOD + "[server]\nworkres = 2\ndaemon = perhaps\n"
                   "[limits]\nfields = many\nhead = 1\n[nonsense]\n")

    assert result.returncode != 0
    places = [int(line.split(":")[1]) for line in error_lines(result)]
    assert places == [GOOD_LINES + n for n in (2, 3, 5, 6, 7)]


@cases(
    "text, key",
    ("no site", "[listen]\naddress = 127.0.0.1:0\n", "site"),
    ("no listener", "[site]\nroot = {root}\n", "listen"),
    ("nothing", "", "site"),
)
def test_what_is_missing_is_named(check, text, key):
    result = check(text)

    assert result.returncode != 0
    assert key in result.stderr


def test_a_slip_in_a_key_brings_a_suggestion(check):
    result = check(GOOD + "[timeouts]\nkeep_alive = 5s\n")

    assert "keepalive" in error_lines(result)[0]


def test_a_long_line_is_not_taken_for_two(check):
    """inih would read the tail as a line of its own."""
    filler = "; " + "x" * 192
    result = check(GOOD + filler + "workers = evil\n[server]\nworkers = x\n")

    place, = (line.split(":")[1] for line in error_lines(result))
    assert int(place) == GOOD_LINES + 3


@cases(
    "text",
    ("comments", "; a\n# b\n" + GOOD + "[server]\nworkers = 2 ; two\n"),
    ("CR LF", GOOD.replace("\n", "\r\n")),
    ("byte order mark", "\xef\xbb\xbf" + GOOD),
    ("no newline at the end", GOOD + "[server]\nworkers = 2"),
    ("white space round the equals sign", GOOD + "[server]\nworkers=2\n"),
    ("empty section", GOOD + "[server]\n[limits]\n"),
    ("a section that is continued",
     GOOD + "[server]\nworkers = 2\n[limits]\n[server]\ndaemon = no\n"),
    ("lists on several lines",
     GOOD + "index = index.html\nindex = index.htm other.html\n"),
    ("units", GOOD + "[limits]\nhead = 16K\nbody = 1m\n"
     "[timeouts]\nhead = 1500ms\nbody = 1m\nsend = 5\n"),
    ("unit of days", GOOD + "[timeouts]\nkeepalive = 1d\n"),
    ("media types", GOOD + "[mime]\ntar.gz = application/gzip\n"),
)
def test_what_is_allowed(check, text):
    result = check(text)

    assert result.returncode == 0, result.stderr


def test_included_files_have_lines_of_their_own(check, scratch):
    (scratch / "conf.d").mkdir()
    (scratch / "conf.d/b.ini").write_text("[limits]\nfields = many\n")
    (scratch / "conf.d/a.ini").write_text("[server]\nworkers = some\n")
    result = check("include = conf.d/*.ini\n" + GOOD)

    assert result.returncode != 0
    lines = error_lines(result)
    assert len(lines) == 2
    assert "conf.d/a.ini:2: server.workers" in lines[0]
    assert "conf.d/b.ini:2: limits.fields" in lines[1]


def test_an_include_is_read(check, scratch):
    (scratch / "conf.d").mkdir()
    (scratch / "conf.d/site.ini").write_text(
        ini_text({"site": {"root": scratch / "root"}}))
    result = check("include = conf.d/*.ini\n"
                   + GOOD.replace("[site]\nroot = {root}\n", ""))

    assert result.returncode == 0, result.stderr


@cases(
    "include",
    ("itself", "include = tined.ini\n"),
    ("a file that does not exist", "include = nowhere.ini\n"),
)
def test_a_bad_include(check, include):
    result = check(include + GOOD)

    assert result.returncode != 0
    assert re.match(r"tined\.ini:1: ", result.stderr), result.stderr


def test_checking_never_binds(check):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        result = check(GOOD.replace(":0", f":{port}"))

    assert result.returncode == 0, result.stderr


def test_checking_leaves_nothing_behind(check, scratch):
    text = GOOD.replace("127.0.0.1:0", f"unix:{scratch}/t.sock")
    before = {path.name for path in scratch.iterdir()} | {"tined.ini"}
    result = check(text + f"[server]\npid_file = {scratch}/t.pid\n"
                   f"[error_log]\npath = {scratch}/e.log\n"
                   f"[access_log]\npath = {scratch}/a.log\n")

    assert result.returncode == 0, result.stderr
    assert {path.name for path in scratch.iterdir()} == before


def test_mistakes_stop_the_start(scratch):
    server = Server(scratch, server={"workers": "many"})
    result = server.command("-c", "tined.ini")

    assert result.returncode != 0
    assert error_lines(result)


def test_the_values_in_force_are_a_file_again(check):
    def values(text):
        return [line.split(";")[0].strip() for line in text.splitlines()
                if line and line[0] not in ";#"]

    text = GOOD + ("[server]\nworkers = 3\n[mime]\nzzz = text/x-zzz\n"
                   "[timeouts]\nhead = 1500ms\n")
    first = check(text, flag="-T").stdout
    assert re.search(r"^workers = 3\b", first, re.M)
    assert re.search(r"^\[timeouts\]", first, re.M)
    again = check(first, "again.ini")
    assert again.returncode == 0, again.stderr

    assert values(first) == values(check(first, "again.ini", "-T").stdout)


def test_the_origin_of_each_value_is_shown(check):
    shown = check(GOOD + "[server]\nworkers = 3\n", flag="-T").stdout

    assert f"tined.ini:{GOOD_LINES + 2}" in shown
    assert "default" in shown


def test_redirects_in_a_circle_are_told_each(check):
    result = check(GOOD + "[redirect]\n/a = /b\n/b = /c?x\n/c = /a 302\n"
                   "/d = /a\n/e = https://example.com/e\n")

    lines = error_lines(result)
    assert result.returncode == 1
    assert [re.search(r"redirect\./(\w): .*in a circle", line)[1]
            for line in lines] == ["a", "b", "c", "d"]


def test_a_value_that_ends_before_it_was_meant_to_is_warned_of(check):
    result = check(GOOD + "[match:*]\nset = Content-Security-Policy: "
                   "default-src 'self' ; script-src 'none'\n")

    assert result.returncode == 0
    assert re.search(rf"tined\.ini:{GOOD_LINES + 2}: warning: match\.set: what "
                     "is behind the semicolon is a comment", result.stderr)
