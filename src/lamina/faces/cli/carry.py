"""Commands that carry a memory through time and to other places: backup."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.faces.cli.options import FileOption, Json, load, opened, split_file

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Put it in the place of what stands there.")]


def show() -> Any:
    """Give the module that prints, loaded when something is to be printed."""
    return load("lamina.faces.cli.show")


def backup(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] TO")] = None,
    file: FileOption = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Copy the whole memory into a file of its own while others write; nothing that was erased comes along."""
    path, target = split_file(words or [], file, rest="TO")
    with opened(path) as memory, show().progress("copying", None, in_bytes=True) as advance:
        done = memory.backup(Path(target), overwrite=overwrite, on_progress=advance)
    if as_json:
        show().print_json(done)
    else:
        typer.echo(f"{done.path} holds the memory as it is, {done.file_bytes} bytes")
