"""A stack alone writes fast, several share with care: no interleaving of the two loses a report."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.integration.publish.test_matrix import HEAD, Matrix, stack, table

from upshot.inputs.choices import CommentMode
from upshot.model import PullRequest, Section
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.plan import Draft, Share
from upshot.publish.comment.publish import publish_comment
from upshot.publish.comment.thread import read_thread

SEEDS = range(30)


def draft_of(section: Section) -> Draft:
    return Draft(section.text, build_marker("all", section), share=Share(section, table))


def job(
    matrix: Matrix,
    section: Section,
    n: int,
    *,
    asks_s: float,
    mode: CommentMode = CommentMode.UPDATE,
) -> Callable[[], None]:
    """A job as the action runs it: it reads the thread, asks an AI for a while, then publishes."""

    def run() -> None:
        github = matrix.github(n)
        thread = read_thread(github, 7, key="all")
        matrix.simulation.sleep(asks_s)
        pull = PullRequest(7, head_sha=HEAD)
        draft = draft_of(section)
        matrix.receipts.append(publish_comment(github, pull, draft, mode=mode, thread=thread))

    return run


def run_jobs(matrix: Matrix, jobs: list[tuple[float, Callable[[], None]]]) -> None:
    begin = matrix.simulation.now_s
    matrix.simulation.run([(begin + start_s, each) for start_s, each in jobs])


@pytest.mark.parametrize("before", [(), (0,), (0, 1)], ids=["none", "lone", "shared"])
@pytest.mark.parametrize("seed", SEEDS)
def test_jobs_that_wait_for_an_ai_lose_nothing(seed: int, before: tuple[int, ...]) -> None:
    matrix, chance = Matrix(seed), random.Random(seed)
    for n in before:
        matrix.run([stack(n, run=90)])
    matrix.simulation.sleep(chance.choice([0.0, 60.0]))
    stacks = chance.randint(2, 7)
    runs = [stack(n, run=100) for n in range(stacks)]
    # A second run of the first stack, which may well believe that it is alone.
    runs.append(replace(stack(0, run=100), run="101", started=101, digest="again"))
    jobs = [
        (chance.uniform(0, 12), job(matrix, section, n, asks_s=chance.uniform(0, 8)))
        for n, section in enumerate(runs)
    ]
    run_jobs(matrix, jobs)
    expected = sorted({section.stack for section in runs} | {stack(n).stack for n in before})
    assert [section.stack for section in matrix.sections] == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_jobs_that_find_no_comment_in_any_mode_leave_one(seed: int) -> None:
    matrix, chance = Matrix(seed), random.Random(seed)
    mode = chance.choice([CommentMode.RECREATE, CommentMode.HIDE_AND_NEW, CommentMode.UPDATE])
    jobs = [
        (chance.uniform(0, 4), job(matrix, stack(n), n, asks_s=chance.uniform(0, 8), mode=mode))
        for n in range(6)
    ]
    run_jobs(matrix, jobs)
    assert len(matrix.sections) == 6


@pytest.mark.parametrize("seed", SEEDS)
def test_old_and_new_commits_at_once_leave_the_new_ones(seed: int) -> None:
    matrix, chance = Matrix(seed), random.Random(seed)
    matrix.run([stack(n, run=80, sha="c" * 40) for n in range(4)])
    matrix.simulation.sleep(60.0)
    old = [stack(n, run=90, sha="b" * 40) for n in range(4)]
    new = [stack(n, run=100) for n in range(4)]
    jobs = [
        (chance.uniform(0, 5), job(matrix, section, n, asks_s=chance.uniform(0, 8)))
        for n, section in enumerate(chance.sample(old + new, 8))
    ]
    run_jobs(matrix, jobs)
    assert {section.run for section in matrix.sections} == {"100"}
    assert len(matrix.sections) == 4


def test_a_third_stack_watches_as_long_as_the_second() -> None:
    """The lone job read before both came, and writes after the third would have gone."""
    matrix = Matrix()
    matrix.run([stack(0, run=90)])
    again = replace(stack(0, run=100), digest="again")
    jobs = [
        (0.0, job(matrix, again, 0, asks_s=4.6)),
        (0.4, job(matrix, stack(1), 1, asks_s=0.0)),
        (1.2, job(matrix, stack(2), 2, asks_s=0.0)),
    ]
    run_jobs(matrix, jobs)
    assert len(matrix.sections) == 3


def test_a_job_whose_commit_is_no_longer_the_head_reads_again_before_it_writes() -> None:
    matrix = Matrix()
    matrix.run([stack(0, run=90, sha="b" * 40)])
    matrix.conversation.sent.clear()
    behind = job(matrix, stack(0, run=95, sha="c" * 40), 0, asks_s=3.0)
    head = job(matrix, stack(0, run=100), 1, asks_s=0.0)
    run_jobs(matrix, [(0.0, behind), (1.0, head)])
    assert [section.run for section in matrix.sections] == ["100"]
    assert matrix.conversation.sent.count("READ") == 3
