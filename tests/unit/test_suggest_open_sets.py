"""How good the suggestions are on real lists, where those are present."""

from __future__ import annotations

import pytest

from tests.benchmarks import names

SETS = names.sets()


@pytest.mark.skipif(not SETS, reason=f"no name sets in {names.folder()}")
def test_the_open_sets() -> None:
    outcomes = [names.run(path) for path in SETS]
    guesses = [guess for one in outcomes for guess in one.guesses]
    pairs = sum(one.true_pairs for one in outcomes)
    sure = [guess for guess in guesses if guess.tier in names.SURE]
    assert sum(names.f1(one.proposed, one.true_pairs) for one in outcomes) / len(outcomes) >= 0.975
    assert all(guess.right for guess in sure)
    assert len(sure) / pairs >= 0.90
    assert names.recall_at(guesses, pairs, 0.99)[0] >= 0.96
    assert names.recall_at(guesses, pairs, 0.999)[0] >= 0.925


def test_recall_at_a_precision_counts_equal_scores_together() -> None:
    guesses = [
        names.Guess(1.0, "exact", True),
        names.Guess(0.5, "similar", True),
        names.Guess(0.5, "similar", False),
    ]
    assert names.recall_at(guesses, 2, 0.99) == (0.5, 0)
    assert names.recall_at(guesses, 2, 0.6) == (1.0, 1)
