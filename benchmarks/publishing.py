"""Publishing: a benchmark prints its figures, or with `--publish` keeps them in `results/`.

Either way they carry the command, the machine and the commit. Publishing refuses a checkout whose code differs from its
commit, before anything is measured.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lamina.core.errors import InvalidArgument
from lamina.evaluate.machine import check_publishable, this_code, this_machine

RESULTS = Path(__file__).parent / "results"
PUBLISH = "--publish"


def tell(name: str, measure: Callable[[list[str]], Any]) -> None:
    """Measure with the arguments of the command line, and print the figures or keep them as `results/<name>.json`.

    Asked for help, print what the benchmark says of itself.
    """
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(sys.modules["__main__"].__doc__)
        print(f"With `{PUBLISH}` the figures are kept as {RESULTS.name}/{name}.json.")
        return
    arguments = [argument for argument in sys.argv[1:] if argument != PUBLISH]
    is_published = PUBLISH in sys.argv[1:]
    code = this_code()
    if is_published:
        try:
            check_publishable(code)
        except InvalidArgument as error:
            sys.exit(f"{name}: {error}")
    figures = measure(arguments)
    command = " ".join([".venv/bin/python", f"benchmarks/{Path(sys.argv[0]).name}", *arguments])
    told = json.dumps(
        {"command": command, "machine": asdict(this_machine()), "code": asdict(code), "figures": figures}, indent=1
    )
    if is_published:
        (RESULTS / f"{name}.json").write_text(told + "\n", encoding="utf-8")
    else:
        print(told)
