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
    run = run_plan(Plan(folders=(FOLDER,), recipes=("default", "convex"), vector_cache=vectors))
    return {summary.recipe: summary for summary in summarise(run)}


def test_the_convex_recipe_is_within_a_point_of_the_published_baseline(summaries: dict[str, Summary]) -> None:
    scores = summaries["convex"].scores[ALL]
    for metric, published in (("recall@5", 53.7), ("all@5", 49.9), ("ndcg@10", 47.0)):
        assert abs(100 * scores[metric].mean - published) <= 1, metric


def test_the_default_is_well_above_it(summaries: dict[str, Summary]) -> None:
    difference = summaries["default"].differences["recall@5"]
    assert difference.low > 0.1
    assert summaries["default"].scores[ALL]["recall@5"].mean > 0.68


def test_it_declines_few_of_its_own_questions_and_most_of_another_conversations(vectors: Path) -> None:
    rates = abstention_rates(read_dataset(FOLDER), system(vector_cache=vectors))
    assert rates.own.mean <= 0.10
    assert rates.foreign is not None
    assert rates.foreign.mean >= 0.50
