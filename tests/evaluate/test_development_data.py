"""What the README says of recall, on the dialogue set of the development data, where it is there."""

from pathlib import Path

import pytest

from lamina.evaluate.abstention import abstention_rates
from lamina.evaluate.adapter import system
from lamina.evaluate.plan import Plan
from lamina.evaluate.report import ALL, Summary, summarise
from lamina.evaluate.run import run_plan
from lamina.evaluate.schema import read_dataset

FOLDER = Path(__file__).parents[3] / "shared/data/locomo_dev"
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the development data are not at {FOLDER}"),
    pytest.mark.xdist_group("development data"),
]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vectors")


@pytest.fixture(scope="module")
def summaries(vectors: Path) -> dict[str, Summary]:
    run = run_plan(Plan(folders=(FOLDER,), recipes=("default", "hier", "convex"), vector_cache=vectors))
    return {summary.recipe: summary for summary in summarise(run)}


@pytest.mark.parametrize(
    ("recipe", "published"),
    [
        ("convex", {"recall@5": 53.7, "all@5": 49.9, "ndcg@10": 47.0}),
        ("hier", {"recall@5": 65.0, "all@5": 61.2, "ndcg@10": 53.8}),
    ],
)
def test_a_baseline_is_within_a_point_of_what_is_published(
    summaries: dict[str, Summary], recipe: str, published: dict[str, float]
) -> None:
    scores = summaries[recipe].scores[ALL]
    for metric, value in published.items():
        assert abs(100 * scores[metric].mean - value) <= 1, metric


def test_the_default_is_well_above_them(summaries: dict[str, Summary]) -> None:
    assert summaries["default"].differences["recall@5"].low > 0
    assert summaries["default"].scores[ALL]["recall@5"].mean > 0.79


def test_it_declines_few_of_its_own_questions_and_most_of_another_conversations(vectors: Path) -> None:
    rates = abstention_rates(read_dataset(FOLDER), system(vector_cache=vectors))
    assert rates.own.mean <= 0.10
    assert rates.foreign is not None
    assert rates.foreign.mean >= 0.50
