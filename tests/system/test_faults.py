# SPDX-License-Identifier: BSD-2-Clause
"""
Calls that fail in turn: refused with a clear word, or done right, never a lie.

Some points of the many, from all over; scripts/check-faults tries each.
"""

import pytest

from faults import spread
from faulty import Faulty


@pytest.fixture(name="faulty")
def fixture_faulty(folder):
    """A server that ran once, so that it is known what is right."""
    faulty = Faulty(folder.path)
    faulty.start()
    try:
        faulty.learn()
        yield faulty
    finally:
        faulty.server.kill()


def try_all(points, run, least):
    """Runs each; enough of them must have come to pass."""
    came = sum(run(point) for point in points)
    assert came >= least, f"only {came} of {len(points)} points"


@pytest.mark.parametrize("args", [("-T",), ("-t",)], ids=" ".join)
def test_a_command_whose_calls_fail_says_so(faulty, args):
    args = ("-c", faulty.server.ini, *args)
    points = spread(faulty.command_points(*args), 20)
    try_all(points, lambda point: faulty.command_point(point, *args), 15)


def test_a_start_whose_calls_fail_is_refused_or_right(faulty):
    faulty.server.stop()
    try_all(spread(faulty.start_points(), 60), faulty.start_point, 40)


def test_a_reload_whose_calls_fail_is_refused_or_right(faulty):
    try_all(spread(faulty.reload_points(), 60), faulty.reload_point, 40)


def test_no_answer_is_wrong_whatever_fails(faulty):
    came = 0
    for exchange in faulty.exchanges:
        for point in spread(faulty.serve_points(exchange), 15):
            came += faulty.serve_point(exchange, point)
    assert came >= 60
    faulty.check_lent()
