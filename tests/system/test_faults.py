# SPDX-License-Identifier: BSD-2-Clause
"""
Calls that fail in turn: refused with a clear word, or done right, never a lie.

Some points of the many, from all over; scripts/check-faults tries each.
"""

import errno
import os
import resource
import signal

import pytest

from faults import ALWAYS, MASTER, Point, spread
from faulty import Faulty
from server import wait_for


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


@pytest.mark.parametrize("name", [
    "-c {ini} -t", "-c {ini} -T", "explain -c {ini} http://localhost/docs/"])
def test_a_command_whose_calls_fail_says_so(faulty, name):
    points = spread(faulty.command_points(name), 15)
    try_all(points, lambda point: faulty.command_point(name, point), 10)


def test_a_start_whose_calls_fail_is_refused_or_right(faulty):
    faulty.server.stop()
    try_all(spread(faulty.start_points(), 40), faulty.start_point, 25)


def test_a_reload_whose_calls_fail_is_refused_or_right(faulty):
    try_all(spread(faulty.reload_points(), 40), faulty.reload_point, 25)


def test_no_answer_is_wrong_whatever_fails(faulty):
    came = 0
    for exchange in faulty.exchanges:
        for point in spread(faulty.serve_points(exchange), 15):
            came += faulty.serve_point(exchange, point)
    assert came >= 60
    faulty.check_lent()


def test_a_limit_of_descriptors_that_is_too_low_is_refused(faulty):
    server = faulty.server
    server.stop()
    faulty.page.reset()
    faulty.page.arm(Point("setrlimit", errno.EPERM, 1, ALWAYS))
    server.log_path.unlink()
    with pytest.raises(AssertionError, match="tined ended"):
        server.start(preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (50, 50)))
    assert server.wait_end() == 1
    server.wait_log(r"the system allows 50 descriptors, and \d+ are the "
                    "least: raise ulimit -n")


def test_a_worker_that_cannot_be_forked_is_tried_again(faulty):
    server = faulty.server
    server.expect_log("was killed by signal 9", "cannot start worker")
    faulty.page.arm(Point("fork", errno.EAGAIN, 1, ALWAYS, MASTER))
    os.kill(max(server.workers()), signal.SIGKILL)
    server.wait_log("cannot start worker 0: the system allows no more "
                    "processes: raise ulimit -u, or pids.max", 2)
    faulty.page.disarm()
    wait_for(lambda: len(server.workers()) == 2, "another worker")
    faulty.wait_exact("kept")


def test_a_reload_that_cannot_fork_changes_nothing(faulty):
    before = faulty.in_force()
    old = faulty.pids()
    faulty.page.arm(Point("fork", errno.EAGAIN, 1, ALWAYS, MASTER))
    ok, text = faulty.reload()
    faulty.page.disarm()
    assert not ok
    assert "the system allows no more processes" in text
    assert "still serving the old configuration" in text
    assert faulty.in_force() == before
    assert faulty.pids() == old
