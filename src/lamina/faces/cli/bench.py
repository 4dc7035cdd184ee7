"""The command `bench`: recipes side by side on folders of questions with evidence."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.faces.cli.options import Json, load


def bench(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="FOLDER…", help="docs.jsonl, queries.jsonl, groups.jsonl")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file that declares the run.")] = None,
    recipe: Annotated[list[str] | None, typer.Option("--recipe", help="A recipe; again for more.")] = None,
    level: Annotated[list[str] | None, typer.Option("--level", help="turn, rollup.")] = None,
    budget: Annotated[list[int] | None, typer.Option("--budget", help="Judge contexts of that many tokens.")] = None,
    vector_cache: Annotated[Path | None, typer.Option("--vector-cache", help="A folder that keeps vectors.")] = None,
    questions: Annotated[
        bool, typer.Option("--questions/--no-questions", help="In JSON: every question as it was answered.")
    ] = True,
    publish: Annotated[
        Path | None,
        typer.Option("--publish", help="Keep the figures in that file; refused where code differs from its commit."),
    ] = None,
    plots: Annotated[Path | None, typer.Option("--plots", help="A folder for plots, as SVG files.")] = None,
    abstention: Annotated[
        bool, typer.Option("--abstention", help="Instead: how often own and foreign questions are declined.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure recall: per category, with intervals, every recipe in the same run over the same vectors."""
    plan_module, run_module, report_module = (load(f"lamina.evaluate.{name}") for name in ("plan", "run", "report"))
    show = load("lamina.faces.cli.show")
    if config is not None:
        plan = plan_module.read_plan(config)
    else:
        given = {
            "recipes": tuple(recipe or ()),
            "levels": tuple(level or ()),
            "budgets": tuple(budget or ()),
            "vector_cache": vector_cache,
        }
        plan = plan_module.Plan(folders=tuple(folders or ()), **{key: value for key, value in given.items() if value})
    if publish is not None:
        machine = load("lamina.evaluate.machine")
        machine.check_publishable(machine.this_code())
    if plots is not None:
        load("lamina.evaluate.plots").check_plots()
    if abstention:
        _print_abstention(plan, cache=plan_module.cache_of(plan), show=show, as_json=as_json)
        return
    with show.progress("bench", None) as advance:

        def tell(what: str, done: int, of: int) -> None:
            del what
            advance(done, of)

        run = run_module.run_plan(plan, on_progress=tell)
    if publish is not None:
        publish.write_text(report_module.to_json(run, with_questions=questions) + "\n", encoding="utf-8")
    if plots is not None:
        for path in load("lamina.evaluate.plots").draw(run, plots):
            typer.echo(f"drawn: {path}", err=True)
    if as_json:
        typer.echo(report_module.to_json(run, with_questions=questions))
    else:
        typer.echo("\n".join(report_module.table(run)))


def _print_abstention(plan: Any, *, cache: Path | None, show: Any, as_json: bool) -> None:
    """Ask each memory its own questions, and the other memories' with the names of the speakers replaced."""
    module, schema, adapter = (load(f"lamina.evaluate.{name}") for name in ("abstention", "schema", "adapter"))
    with show.progress("bench", None) as advance:
        rates = {
            str(folder): module.abstention_rates(
                schema.read_dataset(folder), adapter.system(vector_cache=cache), on_progress=advance
            )
            for folder in plan.folders
        }
    if as_json:
        show.print_json(rates)
        return
    for folder, rate in rates.items():
        foreign = "no foreign ones" if rate.foreign is None else f"{100 * rate.foreign.mean:.1f} % of foreign ones"
        typer.echo(f"{folder}: declines {100 * rate.own.mean:.1f} % of its own questions, {foreign}")
        if rate.separation is not None:
            told = rate.separation
            typer.echo(f"  AUROC {told.mean:.3f} [{told.low:.3f}, {told.high:.3f}]")
        for at in rate.at:
            others = "" if at.foreign is None else f", {100 * at.foreign.mean:.1f} % of foreign ones"
            typer.echo(f"  below {at.threshold:.2f}: {100 * at.own.mean:.1f} % of its own{others}")
