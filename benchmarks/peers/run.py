"""lamina beside mem0, chromadb, txtai, LangGraph and LlamaIndex: one run, one machine, the same vectors.

    make bench-peers                                    # everything
    make bench-peers PEERS=lamina,mem0 SIZES=1000,10000

The peers live in an environment of their own, `$LAMINA_PEERS_VENV` or `/tmp/lamina-peers`, which is made from
`requirements.in` with pip where there is none. Every measurement is a process of its own without network; nothing is
encoded while it is timed. Figures are written after each measurement, and the tables printed at the end.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contenders import CONTENDERS, Contender, contender_named
from inputs import Real, nearest_found, write_real, write_synthetic
from tables import SCORES, markdown

from lamina.evaluate.bootstrap import interval, paired_difference
from lamina.evaluate.machine import this_code, this_machine
from lamina.evaluate.metrics import judge
from lamina.evaluate.schema import Question, judged

HERE = Path(__file__).resolve().parent
SIZES = (1_000, 10_000, 100_000)
#: How long one contender may add; what it has reached by then is reported.
CAP_S = 600.0
#: What a process may take beside adding: imports, singles, queries, saving.
OTHER_S = 420.0
REFERENCE = "lamina"
#: No telemetry, no hub, no tracing; no settings of the caller's.
QUIET = {
    "MEM0_TELEMETRY": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "LANGSMITH_TRACING": "false",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONHASHSEED": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where things are."""

    scratch: Path
    peers_python: Path
    cap_s: float

    def measure(self, task: str, contender: Contender, inputs: Path, *, size: int = 0) -> dict[str, Any]:
        """Run one measurement, and give its figures, or `error`."""
        folder = self.scratch / "memories" / f"{contender.name}-{size}"
        if task != "reopen":
            folder.mkdir(parents=True)
        out = self.scratch / "figures.json"
        out.unlink(missing_ok=True)
        python = Path(sys.executable) if contender.is_own else self.peers_python
        command = [str(python), str(HERE / "worker.py"), task, contender.name, f"--inputs={inputs}"]
        command += [f"--folder={folder}", f"--out={out}", f"--size={size}", f"--cap={self.cap_s}"]
        limit_s = self.cap_s + OTHER_S
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=limit_s,
                check=False,
                env=_environment(contender, folder),
                cwd=self.scratch,
            )
        except subprocess.TimeoutExpired:
            return {"error": f"too slow: not done after {limit_s:.0f} s"}
        if done.returncode != 0 or not out.exists():
            said = done.stderr.strip().splitlines() or ["nothing said"]
            return {"error": f"exit {done.returncode}: {said[-1][:300]}"}
        return json.loads(out.read_text("utf-8"))


def _environment(contender: Contender, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAMINA_")}
    if not contender.is_own:
        kept.pop("PYTHONPATH", None)
    return kept | QUIET | {"MEM0_DIR": str(folder / "mem0")}


def peers_python() -> Path:
    """Give the interpreter of the peers' environment, made anew where the pins have changed."""
    home = Path(os.environ.get("LAMINA_PEERS_VENV") or "/tmp/lamina-peers")
    python, stamp = home / "bin" / "python", home / ".pins"
    pins = HERE / "requirements.in"
    wanted = f"{sys.version_info[:2]} {hashlib.sha256(pins.read_bytes()).hexdigest()}"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        _say(f"making {home}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", str(pins)], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def quality(bench: Bench, real: Real, chosen: Sequence[Contender], document: dict[str, Any], out: Path) -> None:
    """Judge every contender's rankings by the evaluation's metrics."""
    asked = [question for held in real.dataset.haystacks for question in judged(held, "turn")]
    document["dataset"] = {
        "name": real.dataset.name,
        "digest": real.dataset.digest,
        "questions": len(asked),
        "encoder": real.encoder,
    }
    reference: list[float] = []
    for contender in chosen:
        _say(f"quality {contender.name}")
        figures = bench.measure("quality", contender, real.folder)
        if "ranked" in figures:
            ranked = figures.pop("ranked")
            metrics = [judge(ranked[one.id], one.gold, one.stale) for one in asked]
            values = [one["recall@5"] for one in metrics]
            reference = values if contender.name == REFERENCE else reference
            figures["scores"] = _scores(asked, metrics)
            figures["recall@5_less_lamina"] = (
                asdict(paired_difference(values, reference)) if reference and values is not reference else None
            )
        document["quality"][contender.name] = figures
        write(document, out)


def _scores(asked: Sequence[Question], metrics: Sequence[dict[str, float]]) -> dict[str, dict[str, Any]]:
    categories = ["ALL", *dict.fromkeys(question.category for question in asked)]
    return {
        category: {
            name: asdict(
                interval(
                    [
                        one[name]
                        for one, question in zip(metrics, asked, strict=True)
                        if category in ("ALL", question.category)
                    ]
                )
            )
            for name in SCORES
        }
        for category in categories
    }


def scale(bench: Bench, size: int, chosen: Sequence[Contender], document: dict[str, Any], out: Path) -> None:
    """Measure every contender at one size."""
    inputs = write_synthetic(size, bench.scratch / f"synthetic-{size}")
    found = document["scale"].setdefault(str(size), {})
    for contender in chosen:
        _say(f"{size} {contender.name}")
        figures = bench.measure("scale", contender, inputs, size=size)
        if "reached" in figures:
            figures["cap_s"] = bench.cap_s
            figures["is_cut"] = figures["reached"] < size
            if contender.is_dense:
                figures["nearest_found_percent"] = nearest_found(inputs, size, figures)
            if contender.is_kept:
                figures["reopened"] = bench.measure("reopen", contender, inputs, size=size)
            for one in (figures, figures.get("reopened", {})):
                one.pop("ranked", None)
        found[contender.name] = figures
        write(document, out)


def write(document: dict[str, Any], out: Path) -> None:
    """Write what there is."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure lamina beside its peers.")
    parser.add_argument("--peers", default=",".join(one.name for one in CONTENDERS), help="names, comma between")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of rows; 0 = quality alone")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/locomo_dev"))
    parser.add_argument("--out", type=Path, default=HERE.parent / "results" / "peers.json")
    parser.add_argument("--cap", type=float, default=CAP_S, help="seconds that one contender may add")
    return parser.parse_args()


def main() -> None:
    """Measure, write JSON, and print Markdown."""
    arguments = _arguments()
    chosen = [contender_named(name) for name in arguments.peers.split(",")]
    sizes = sorted(size for size in map(int, arguments.sizes.split(",")) if size > 0)
    python = Path(sys.executable) if all(one.is_own for one in chosen) else peers_python()
    document: dict[str, Any] = {
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["benchmarks/peers/run.py", *sys.argv[1:]]),
        "machine": asdict(this_machine()),
        "code": asdict(this_code()),
        "notes": {one.name: one.note for one in chosen},
        "dataset": {},
        "quality": {},
        "scale": {},
    }
    with tempfile.TemporaryDirectory(prefix="lamina-peers-") as scratch:
        bench = Bench(scratch=Path(scratch), peers_python=python, cap_s=arguments.cap)
        quality(bench, write_real(arguments.data, bench.scratch / "real"), chosen, document, arguments.out)
        for size in sizes:
            at_sizes = [one for one in chosen if not one.is_quality_only]
            scale(bench, size, at_sizes, document, arguments.out)
    print(markdown(document))


if __name__ == "__main__":
    main()
