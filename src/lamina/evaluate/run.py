"""A run: every recipe on the same data over the same vectors, question by question.

Each recipe gets a memory of its own for each group, through the adapter; vectors come from one cache by text and
model, so that recipes differ in nothing else and a second run is quick. Prints nothing: `on_progress` is told.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from lamina import EncoderId
from lamina.core.errors import InvalidArgument
from lamina.evaluate.adapter import Handle, System, names_of, system
from lamina.evaluate.machine import Code, Machine, peak_memory_bytes, this_code, this_machine
from lamina.evaluate.metrics import judge, packed_at
from lamina.evaluate.plan import Plan, cache_of
from lamina.evaluate.schema import Dataset, Haystack, Level, Question, judged, read_dataset

#: How deep rankings are asked for, and how much deeper where documents are rolled up to sessions.
DEPTH = 20
ROLLUP_FACTOR = 10
#: Told (what is being done, groups done, groups in all).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as one recipe answered it."""

    id: str
    category: str
    group: str
    gold: tuple[str, ...]
    #: The first `DEPTH` of what was ranked.
    ranked: tuple[str, ...]
    #: How far the search went: see `Hits.level`.
    reached: int
    metrics: dict[str, float]
    #: Time of the search alone, in milliseconds; encoding the question included where no cache holds it.
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeRun:
    """All questions of a dataset at one level, by one recipe."""

    recipe: str
    level: Level
    asked: tuple[Asked, ...]
    build_s: float
    encoder: EncoderId
    #: The settings of the memories.
    settings: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRun:
    """All recipes on one dataset."""

    dataset: str
    digest: str
    #: Documents in all, and in the largest memory (the pool that a question is asked of).
    docs: int
    largest_pool: int
    depth: int
    runs: tuple[RecipeRun, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a plan gave, and on what."""

    plan: Plan
    started_at: datetime
    wall_s: float
    machine: Machine
    code: Code
    peak_memory_bytes: int | None
    datasets: tuple[DatasetRun, ...]


@dataclass(slots=True)
class _Gathering:
    """What one recipe has answered so far."""

    asked: dict[Level, list[Asked]]
    build_s: float = 0.0
    encoder: EncoderId | None = None
    settings: dict[str, object] = field(default_factory=dict)


def run_plan(plan: Plan, *, on_progress: Progress | None = None) -> Run:
    """Run every recipe of `plan` on every folder.

    Raises:
        InvalidArgument: a folder that is not of the schema, or holds no question that can be judged.
        UnknownEncoder: the plan or the settings name an encoder that is not installed.
    """
    started_at, clock = datetime.now(UTC), time.perf_counter()
    datasets = [read_dataset(folder, gold_field=plan.gold_field) for folder in plan.folders]
    runs = tuple(_run_dataset(dataset, plan, on_progress or _say_nothing) for dataset in datasets)
    return Run(
        plan=plan,
        started_at=started_at,
        wall_s=time.perf_counter() - clock,
        machine=this_machine(),
        code=this_code(),
        peak_memory_bytes=peak_memory_bytes(),
        datasets=runs,
    )


def _run_dataset(dataset: Dataset, plan: Plan, on_progress: Progress) -> DatasetRun:
    haystacks = [held for held in dataset.haystacks if any(judged(held, level) for level in plan.levels)]
    if not haystacks:
        raise InvalidArgument("folder", f"{dataset.name} holds no question with evidence", "check `gold` and `group`")
    gathered = [
        _gather(
            recipe,
            haystacks,
            plan,
            partial(_tell_group, on_progress, f"{dataset.name} {recipe}", len(haystacks)),
        )
        for recipe in plan.recipes
    ]
    return DatasetRun(
        dataset=dataset.name,
        digest=dataset.digest,
        docs=sum(len(held.docs) for held in haystacks),
        largest_pool=max(len(held.docs) for held in haystacks),
        depth=DEPTH,
        runs=tuple(run for runs in gathered for run in runs),
    )


def _tell_group(on_progress: Progress, what: str, of: int, done: int) -> None:
    on_progress(what, done, of)


def _gather(recipe: str, haystacks: Sequence[Haystack], plan: Plan, on_group: Callable[[int], None]) -> list[RecipeRun]:
    options = {} if plan.encoder is None else {"encoder": plan.encoder}
    built = system(recipe=recipe, vector_cache=cache_of(plan), **options)
    gathering = _Gathering(asked={level: [] for level in plan.levels})
    for done, haystack in enumerate(haystacks):
        on_group(done)
        _ask_haystack(built, haystack, plan, gathering)
    on_group(len(haystacks))
    if gathering.encoder is None:
        raise InvalidArgument("folder", "holds no memory", "check `group`")
    return [
        RecipeRun(
            recipe=recipe,
            level=level,
            asked=tuple(asked),
            build_s=gathering.build_s,
            encoder=gathering.encoder,
            settings=gathering.settings,
        )
        for level, asked in gathering.asked.items()
    ]


def _ask_haystack(built: System, haystack: Haystack, plan: Plan, gathering: _Gathering) -> None:
    clock = time.perf_counter()
    handle = built.build([doc.row() for doc in haystack.docs])
    gathering.build_s += time.perf_counter() - clock
    # The first search loads the index; what is timed is the searches after it.
    handle.query("anything at all", 1)
    gathering.encoder = handle.memory.stats().encoder
    gathering.settings = handle.memory.settings.model_dump(mode="json")
    for level in plan.levels:
        for question in judged(haystack, level):
            asked = _ask(handle, question, haystack, level=level)
            if level == "turn" and plan.budgets:
                asked = replace(asked, metrics=asked.metrics | _packed(handle, question, haystack, plan.budgets))
            gathering.asked[level].append(asked)
    handle.close()


def _ask(handle: Handle, question: Question, haystack: Haystack, *, level: Level) -> Asked:
    k = DEPTH * ROLLUP_FACTOR if level == "rollup" else DEPTH
    clock = time.perf_counter()
    hits = handle.search(question.text, k, ts=question.ts)
    ms = 1000 * (time.perf_counter() - clock)
    ranked = names_of(hits)
    if level == "rollup":
        session_of = {doc.id: doc.session for doc in haystack.docs}
        ranked = list(dict.fromkeys(session_of[name] for name in ranked))
    return Asked(
        id=question.id,
        category=question.category,
        group=haystack.group,
        gold=question.gold,
        ranked=tuple(ranked[:DEPTH]),
        reached=hits.level,
        metrics=judge(ranked, question.gold, question.stale),
        ms=ms,
    )


def _packed(handle: Handle, question: Question, haystack: Haystack, budgets: Sequence[int]) -> dict[str, float]:
    wanted = set(question.gold)
    evidence = [doc.text for doc in haystack.docs if doc.id in wanted]
    return {
        f"packed@{budget}": packed_at(handle.pack(question.text, budget, ts=question.ts), evidence, budget)
        for budget in budgets
    }


def _say_nothing(what: str, done: int, of: int) -> None:
    """Take the place of a caller who wants no progress."""
