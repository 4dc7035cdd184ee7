import json
from pathlib import Path

import pytest

from lamina.core.errors import InvalidArgument
from lamina.evaluate.abstention import abstention_rates
from lamina.evaluate.adapter import system
from lamina.evaluate.baselines import IndependentBm25
from lamina.evaluate.plan import RECIPES, Plan
from lamina.evaluate.report import ALL, summarise, table, to_json
from lamina.evaluate.run import Run, run_plan
from lamina.evaluate.schema import judged, read_dataset

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vector cache that the runs of this file share."""
    return tmp_path_factory.mktemp("vectors")


@pytest.fixture(scope="module")
def run(vectors: Path) -> Run:
    """Every recipe on the hand-made data, turns and sessions, with packed contexts."""
    folders = (DATA / "harbour", DATA / "shared_sessions")
    return run_plan(Plan(folders=folders, levels=("turn", "rollup"), budgets=(40, 400), vector_cache=vectors))


def test_every_recipe_answers_every_question_with_evidence_at_every_level(run: Run) -> None:
    assert [(held.dataset, held.docs, held.largest_pool) for held in run.datasets] == [
        ("harbour", 10, 6),
        ("shared_sessions", 6, 3),
    ]
    for held, asked in zip(run.datasets, (["q1", "q2", "q3", "q5", "q6"], ["p1", "p2"]), strict=True):
        assert [(one.recipe, one.level) for one in held.runs] == [
            (recipe, level) for recipe in RECIPES for level in ("turn", "rollup")
        ]
        assert all([answer.id for answer in one.asked] == asked for one in held.runs)


def test_the_recipes_differ_and_the_encoder_does_not(run: Run) -> None:
    runs = run.datasets[0].runs
    assert {one.settings["recipe"] for one in runs} == set(RECIPES)
    assert len({one.encoder.model for one in runs}) == 1


def test_rolled_up_rankings_are_sessions(run: Run) -> None:
    ranked = {
        name for one in run.datasets[0].runs if one.level == "rollup" for asked in one.asked for name in asked.ranked
    }
    assert ranked <= {"h1", "h2", "h3", "g1", "g2", "g3"}


def test_easy_questions_are_answered_and_their_evidence_is_packed(run: Run) -> None:
    first = run.datasets[0].runs[0]
    easy = {asked.id: asked.metrics for asked in first.asked}
    assert easy["q2"]["recall@1"] == 1.0
    assert easy["q2"]["packed@400"] == 1.0
    assert "packed@40" not in run.datasets[0].runs[1].asked[0].metrics


def test_a_second_run_encodes_nothing_anew_and_ranks_the_same(run: Run, vectors: Path) -> None:
    kept = sorted((path.name, path.stat().st_size) for path in vectors.glob("*.vectors"))
    again = run_plan(Plan(folders=(DATA / "harbour",), levels=("turn",), recipes=("default",), vector_cache=vectors))
    assert [one.ranked for one in again.datasets[0].runs[0].asked] == [
        one.ranked for one in run.datasets[0].runs[0].asked
    ]
    assert sorted((path.name, path.stat().st_size) for path in vectors.glob("*.vectors")) == kept


def test_sums_hold_intervals_by_category_and_paired_differences(run: Run) -> None:
    summaries = summarise(run)
    default = summaries[0]
    assert (default.recipe, default.level) == ("default", "turn")
    assert list(default.scores) == [ALL, "single", "joined"]
    assert default.scores[ALL]["recall@5"].n == 5
    assert default.scores["joined"]["recall@5"].n == 2
    assert "recall@5" in default.differences
    assert next(one for one in summaries if one.recipe == "hier").differences == {}
    assert default.p50_ms <= default.p95_ms


def test_the_json_holds_all_that_a_figure_depends_on(run: Run) -> None:
    document = json.loads(to_json(run))
    assert {"plan", "machine", "code", "started_at", "wall_s", "peak_memory_bytes", "summaries", "datasets"} <= set(
        document
    )
    assert len(document["datasets"][0]["digest"]) == 64
    assert document["datasets"][0]["runs"][0]["asked"][0]["ranked"]
    assert document["datasets"][0]["runs"][0]["encoder"]["model"]
    assert document["machine"]["cores"] >= 1


def test_the_table_shows_pool_depth_and_every_recipe(run: Run) -> None:
    lines = table(run)
    assert "questions 5" in lines[0]
    assert "largest pool 6" in lines[0]
    assert "k 20" in lines[0]
    for recipe in RECIPES:
        assert any(line.startswith(recipe) for line in lines)
    assert any(line.startswith("default against hier:") for line in lines)


def test_progress_is_told_by_group(vectors: Path) -> None:
    told: list[tuple[str, int, int]] = []
    plan = Plan(folders=(DATA / "harbour",), recipes=("bm25",), vector_cache=vectors)
    run_plan(plan, on_progress=lambda what, done, of: told.append((what, done, of)))
    assert told == [("harbour bm25", 0, 2), ("harbour bm25", 1, 2), ("harbour bm25", 2, 2)]


def test_data_without_evidence_are_refused(tmp_path: Path) -> None:
    (tmp_path / "docs.jsonl").write_text('{"id": "a", "text": "a", "group": "g"}\n', encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text('{"id": "q", "text": "q", "group": "g", "gold": []}\n', encoding="utf-8")
    with pytest.raises(InvalidArgument, match="no question with evidence"):
        run_plan(Plan(folders=(tmp_path,)))


def test_abstention_is_measured_against_the_other_memory(vectors: Path) -> None:
    rates = abstention_rates(read_dataset(DATA / "harbour"), system(vector_cache=vectors))
    assert rates.own.n == 5
    assert rates.foreign is not None
    assert rates.foreign.n == 6
    assert rates.foreign.mean > rates.own.mean


@pytest.mark.timeout(300)
def test_the_engines_bm25_is_no_worse_than_an_independent_one(shared_data: Path, vectors: Path) -> None:
    """On one real conversation: other code, other words; the engine's stems and stops, so it may only be better."""
    haystack = read_dataset(shared_data / "locomo_dev").haystacks[1]
    rows = [doc.row() for doc in haystack.docs]
    engine, other = system(recipe="bm25", vector_cache=vectors).build(rows), IndependentBm25().build(rows)
    asked = judged(haystack, "turn")
    found = [sum(bool(set(one.query(q.text, 5)) & set(q.gold)) for q in asked) for one in (engine, other)]
    assert found[0] >= found[1]
    engine.close()


def test_how_far_searches_went_stands_beside_quality(run: Run) -> None:
    reached = {one.recipe: one.mean_level for one in summarise(run) if one.level == "turn"}
    assert (reached["default"], reached["hier"], reached["bm25"]) == (4.0, 2.0, 1.0)
    assert any(line.startswith("default: mean level 4.00, p50") for line in table(run))


def test_the_ladder_stops_early_for_some_and_says_for_how_many(vectors: Path) -> None:
    plan = Plan(folders=(DATA / "harbour",), recipes=("ladder", "default"), reference="default", vector_cache=vectors)
    told = run_plan(plan)
    ladder, default = summarise(told)
    levels = [asked.reached for asked in told.datasets[0].runs[0].asked]
    assert ladder.mean_level == sum(levels) / len(levels)
    assert ladder.mean_level < default.mean_level == 4
    assert sum(ladder.levels_reached.values()) == pytest.approx(1)
    (line,) = [line for line in table(told) if line.startswith("ladder: mean level")]
    assert all(f"{level}: " in line for level in set(levels))
