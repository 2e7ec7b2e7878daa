# SPDX-License-Identifier: BSD-2-Clause
"""What the documents show works: every configuration in them loads."""

import grp
import pwd
import re

import pytest

from guarded import write_secrets
from server import SOURCE, Server

NOBODY = pwd.getpwnam("nobody")
MISSING = [
    ("server", "user", NOBODY.pw_name),
    ("listen", "address", "127.0.0.1:0"),
    ("site", "root", "{scratch}/root"),
]

# A line as htpasswd -B writes it.
USER = "alice:$2y$04$yWOfcDsjYWcFFqn81.I32.AXba4XgW.4fnOz2x5wUsckMY9tjCH66"


def with_stand_ins(block, scratch):
    """The example with what a test machine has in the place of its names."""
    values = {
        "root": scratch / "root",
        "path": scratch / "access.log",
        "pid_file": scratch / "tined.pid",
        "user": NOBODY.pw_name,
        "group": grp.getgrgid(NOBODY.pw_gid).gr_name,
        "include": scratch / "conf.d/*.ini",
        "htpasswd": scratch / "users",
        "api_keys": scratch / "keys",
        "url_keys": scratch / "keys",
    }
    lines = []
    for line in block.splitlines():
        key, _, value = (part.strip() for part in line.partition("="))
        if value.startswith("unix:/"):
            line = f"{key} = unix:{scratch}/tined.sock"
        elif key in values:
            line = f"{key} = {values[key]}"
        lines.append(line + "\n")
    # A part of a file is shown without what the rest of it would say.
    for section, key, value in MISSING:
        if not re.search(rf"^\s*{key}\s*=", block, re.M):
            lines.append(f"[{section}]\n{key} = {value}\n")
    return "".join(lines).replace("{scratch}", str(scratch))


def blocks_of_markdown(text):
    """The indented blocks of a page."""
    block = []
    for line in [*text.splitlines(), "end"]:
        if line.startswith(("\t", "    ")):
            block.append(line.strip())
        elif line or not block:
            if block:
                yield "\n".join(block) + "\n"
            block = []


def blocks_of_mdoc(text):
    """The literal displays of a manual, without mdoc's escapes."""
    for match in re.finditer(r"^\.Bd .*\n((?:.*\n)*?)\.Ed$", text, re.M):
        yield match[1].replace(r"\&", "").replace(r"\e", "\\")


def examples():
    """Each block of README, the manuals and HACKING that is an INI file."""
    found = []
    for name in ("README.md", "HACKING.md", "man/tined.8",
                 "man/tined.ini.5"):
        path = SOURCE / name
        if not path.exists():
            continue
        blocks = (blocks_of_markdown if name.endswith(".md")
                  else blocks_of_mdoc)(path.read_text())
        found += [pytest.param(block, id=f"{name}-{i}")
                  for i, block in enumerate(blocks)
                  if re.search(r"^\[(listen|match|site)\b.*\]$", block, re.M)]
    return found


@pytest.mark.parametrize("block", examples())
def test_an_example_loads(scratch, block):
    server = Server(scratch)
    (scratch / "conf.d").mkdir()
    write_secrets(scratch, "users", USER)
    write_secrets(scratch, "keys", "name:0123456789abcdef")
    server.ini.write_text(with_stand_ins(block, scratch))
    result = server.command("-t", "-c", server.ini)

    if "built without nettle" in result.stderr:
        assert "[auth:" in block
    else:
        assert result.returncode == 0, result.stderr


def test_there_is_an_example_in_the_readme():
    assert any("README.md" in param.id for param in examples())


def test_the_sample_file_loads(scratch):
    server = Server(scratch)
    sample = (SOURCE / "conf/tined.ini").read_text()
    server.ini.write_text(with_stand_ins(sample, scratch))
    result = server.command("-t", "-c", server.ini)

    assert result.returncode == 0, result.stderr


def test_the_readme_names_files_that_exist():
    text = (SOURCE / "README.md").read_text()
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    scripts = re.findall(r"\bscripts/[\w-]+", text)

    missing = [name for name in {*linked, *scripts}
               if not (SOURCE / name).exists()]
    assert not missing


def test_the_manual_names_every_option(scratch):
    usage = Server(scratch).command("-h").stdout
    options = set(re.findall(r"-([A-Za-z])\b", usage))
    manual = (SOURCE / "man/tined.8").read_text()

    assert options
    assert not {o for o in options if not re.search(rf"Fl [^\n]*\b{o}\b",
                                                    manual)}


def test_the_table_of_parity_is_whole_and_names_keys_that_exist(scratch):
    text = (SOURCE / "man/tined-parity.7").read_text(encoding="utf-8")
    assert re.findall(r"^\.It HH-(\d+)", text, re.M) == [
        f"{n:02}" for n in range(1, 69)]
    sample = (SOURCE / "conf/tined.ini").read_text(encoding="utf-8")
    known, section = set(), ""
    for line in sample.splitlines():
        if match := re.match(r";?\[(\w+)", line):
            section = match[1]
        elif match := re.match(r";?(\w+) =", line):
            known.add(f"{section}.{match[1]}")
    named = set(re.findall(r"^\.Ql (\w+\.\w+)(?: |$)", text, re.M))
    assert len(named) >= 20 and named <= known, named - known
