"""Parallel jobs with clients of their own, over real sockets; `bench/matrix.py` runs more of them."""

from __future__ import annotations

from bench.matrix import play


def test_eight_parallel_jobs_leave_one_comment_with_eight_sections() -> None:
    played = play(8, speed=12.0)
    assert (played.comments, played.lost, played.doubled, played.failed_jobs) == (1, 0, 0, 0)
