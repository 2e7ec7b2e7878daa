# SPDX-License-Identifier: BSD-2-Clause
"""Completion for bash offers what tined -h lists, and nothing else."""

import re
import subprocess

import pytest

from server import SOURCE, Server

COMPLETION = SOURCE / "conf/completions/tined"
SCRIPT = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_tined
((${#COMPREPLY[@]} == 0)) || printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(name="help_text")
def fixture_help_text(scratch):
    return Server(scratch).command("-h").stdout


@pytest.fixture(name="complete")
def fixture_complete(scratch):
    """What is offered for the last of some words."""
    def complete(*words):
        result = subprocess.run(
            ["bash", "--norc", "-c", SCRIPT, "bash", COMPLETION, "tined",
             *words], cwd=scratch, capture_output=True, text=True, check=True)
        assert not result.stderr
        return result.stdout.splitlines()
    return complete


def commands_of(help_text):
    return re.findall(r"^       tined ([a-z]+) ", help_text, re.M)


def test_there_is_something_to_offer(help_text):
    assert {"diff", "explain"} <= set(commands_of(help_text))


def test_options(help_text, complete):
    listed = re.findall(r"^  (-[A-Za-z])\b", help_text, re.M)

    assert listed
    assert sorted(complete("-")) == sorted(listed)
    assert complete("-X", "-") == complete("-")
    assert complete("-t") == ["-t"]


def test_commands_and_folders(help_text, complete, scratch):
    (scratch / "dive").mkdir()

    assert set(commands_of(help_text)) < set(complete(""))
    assert {"root", "dive"} <= set(complete(""))
    assert sorted(complete("di")) == ["diff", "dive"]
    assert complete("-X", "di") == ["dive"]


def test_words_for_the_running_server(help_text, complete):
    words = re.search(r"-s ([a-z| ]+)$", help_text, re.M)[1].split(" | ")

    assert "reload" in words
    assert complete("-s", "") == words
    assert complete("-c", "x.ini", "-s", "re") == [
        word for word in words if word.startswith("re")]


def test_options_of_each_command(help_text, complete, scratch):
    for command in commands_of(help_text):
        usage = Server(scratch).command(command, "-h").stdout
        listed = ["-h", *(f"-{letter}" for letters in re.findall(
            r"\[-([A-Za-z]+)[] ]", usage) for letter in letters)]

        assert sorted(complete(command, "-")) == sorted(listed), command


def test_arguments_of_options(complete, scratch):
    (scratch / "site.ini").write_text("")

    assert complete("-c", "si") == ["site.ini"]
    assert complete("diff", "-c", "si") == ["site.ini"]
    for option in ("-p", "-o"):
        assert complete(option, "") == []
    assert complete("explain", "-H", "") == []
    for command in ("precompress", "sidecars"):
        assert complete(command, "-f", "") == ["br", "gz", "zst"]
        assert complete(command, "-j", "") == []
        assert complete(command, "ro") == ["root"]
    assert complete("manifest", "-c", "ro") == ["root"]
