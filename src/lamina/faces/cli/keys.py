"""Commands about the keys of encrypted files."""

from pathlib import Path
from typing import Annotated

import typer

import lamina
from lamina.faces.cli.options import FileOption, opened, split_file


def key(path: Annotated[Path, typer.Argument(metavar="KEYFILE")]) -> None:
    """Make a new random key in a new file that only you can read; without it what it encrypts is lost."""
    typer.echo(f"{lamina.make_key_file(path)}: keep it apart from what it opens, and keep a copy")


def rotate_key(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] NEWKEYFILE")] = None, file: FileOption = None
) -> None:
    """Have another key open an encrypted file; `--key-file` names the one that it has."""
    path, new = split_file(words or [], file, rest="NEWKEYFILE")
    with opened(path) as memory:
        count = memory.rotate_key(new)
    typer.echo(f"{path} opens with {new} now ({count} keys of walls wrapped anew)")
