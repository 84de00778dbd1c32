"""`make bench`: what is beyond its limit is told and fails, and a ratio is of its own round."""

from __future__ import annotations

import pytest
from bench.figures import Figure, interleave, ratio
from bench.run import BENCHES, ROOT, Result, main, markdown

KEPT = Figure("start.of_floor", 11.5, 14.0, "x", "told")
OVER = Figure("post_ai.requests", 2, 1)
TOLD = Figure("start.modules", 300)


def result(*figures: Figure, broken: tuple[str, ...] = ()) -> Result:
    is_kept = not broken and all(figure.is_kept for figure in figures)
    return Result("3.13.0", 9.0, is_kept, figures, broken)


@pytest.mark.parametrize(
    ("figure", "is_kept"), [(KEPT, True), (OVER, False), (TOLD, True), (Figure("a", 5, 5), True)]
)
def test_a_limit_is_the_most_that_is_allowed(figure: Figure, *, is_kept: bool) -> None:
    assert figure.is_kept is is_kept


def test_the_page_shows_every_figure_and_says_what_is_over() -> None:
    text = markdown(result(KEPT, OVER, TOLD))
    assert "Beyond their limits: post_ai.requests." in text
    assert "| `start.of_floor` | 11.5x | 14x | told |" in text
    assert "| `start.modules` | 300 |  |  |" in text
    assert "All 1 limits are kept." in markdown(result(KEPT, TOLD))
    assert "Broken: start." in markdown(result(KEPT, broken=("start",)))


def test_each_bench_is_there() -> None:
    assert all((ROOT / "bench" / f"{'/'.join(name.split('.'))}.py").is_file() for name in BENCHES)


def test_a_bench_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "There is no nothing." in capsys.readouterr().out


def test_works_take_turns_and_are_compared_round_by_round() -> None:
    order: list[str] = []
    busy = iter([9.0, 1.0, 10.0, 2.0])

    def mine() -> float:
        order.append("mine")
        return next(busy) * 2

    def theirs() -> float:
        order.append("theirs")
        return [1.0, 1.0, 10.0, 2.0][len(order) // 2 - 1]

    taken = interleave({"mine": mine, "theirs": theirs}, rounds=3)
    assert order == ["mine", "theirs"] * 4
    assert taken == {"mine": [2.0, 20.0, 4.0], "theirs": [1.0, 10.0, 2.0]}
    assert ratio(taken, "mine", "theirs") == 2.0
