"""The command line: its commands, its errors, its exit codes."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

import lamina
from lamina.core.errors import CallerError, InvalidArgument, LaminaError, StoreError
from lamina.faces.cli import admin, bench, carry, changes, demo, govern, imports, keys, labels, memory
from lamina.faces.cli.options import KEY_FILE, PROVIDER, STORE
from lamina.faces.cli.typed import commanded, told

EPILOG = (
    "The file comes first, or LAMINA_FILE names it. Exit codes: 0 done, 1 not sound (verify) or evidence not found "
    "(demo), 2 bad input, 3 the file cannot be used, 4 a model failed, 130 interrupted, 141 nobody reads the output."
)
USAGE, INTERRUPTED, CUT_OFF = 2, 130, 141

app = typer.Typer(
    name="lamina",
    help="Hierarchical memory for AI agents: one file, offline.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: the decorated one takes a quarter of a second to load.
    rich_markup_mode=None,
)
app.command("add")(memory.add)
app.command("import")(imports.import_files)
app.command("search")(memory.search)
app.command("recall")(memory.recall)
app.command("explain")(memory.explain)
app.command("show")(memory.show_records)
app.command("update")(changes.update)
app.command("delete")(changes.delete)
app.command("restore")(changes.restore)
app.command("revert")(changes.revert)
app.command("erase")(changes.erase)
app.command("log")(changes.log)
app.command("hold")(govern.hold)
app.command("lift")(govern.lift)
app.command("holds")(govern.holds)
app.command("retain")(govern.retain)
app.command("secrets")(govern.secrets)
app.command("quarantine")(govern.quarantine)
app.command("label")(labels.label)
app.command("redaction")(labels.redaction)
app.command("secret-mask")(labels.secret_mask)
app.command("read-audit")(govern.read_audit)
app.command("policies")(govern.policies)
app.command("drop-policy")(govern.drop_policy)
app.command("forget")(govern.forget)
app.command("held")(govern.held)
app.command("approve")(govern.approve)
app.command("deny")(govern.deny)
app.command("grant")(govern.give_grant)
app.command("revoke")(govern.revoke)
app.command("grants")(govern.grants)
app.command("audit")(govern.audit)
app.command("history")(memory.history)
app.command("timeline")(memory.timeline)
app.command("stats")(admin.stats)
app.command("verify")(admin.verify)
app.command("reindex")(admin.reindex)
app.command("reencode")(admin.reencode)
app.command("compact")(admin.compact)
app.command("snapshot")(carry.snapshot)
app.command("snapshots")(carry.snapshots)
app.command("rollback")(carry.rollback)
app.command("export")(carry.export)
app.command("load")(carry.load_export)
app.command("backup")(carry.backup)
app.command("key")(keys.key)
app.command("rotate-key")(keys.rotate_key)
app.command("bench")(bench.bench)
app.command("demo")(demo.demo)


def _version(asked: bool) -> None:  # typer hands it over by place
    if asked:
        typer.echo(f"lamina {lamina.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file", help="The key of an encrypted file, or LAMINA_KEY_FILE names it.", show_default=False
        ),
    ] = None,
) -> None:
    """Hierarchical memory for AI agents: one file, offline."""
    KEY_FILE.set(key_file)


def _key_first(words: list[str]) -> list[str]:
    """Give what was typed with `--key-file` before the command, wherever it stood before `--`."""
    end = words.index("--") if "--" in words else len(words)
    for place, word in enumerate(words[:end]):
        size = 2 if word == "--key-file" else 1 if word.startswith("--key-file=") else 0
        if size:
            return [*words[place : place + size], *words[:place], *words[place + size :]]
    return words


def main() -> None:
    """Run a command; an error is one line on standard error, and an exit code."""
    try:
        app(_key_first(sys.argv[1:]))
    except InvalidArgument as error:
        typer.echo(f"lamina: {told(error, sys.argv[1:])}", err=True)
        sys.exit(USAGE)
    except LaminaError as error:
        typer.echo(f"lamina: {commanded(str(error))}", err=True)
        sys.exit(USAGE if isinstance(error, CallerError) else STORE if isinstance(error, StoreError) else PROVIDER)
    except BrokenPipeError:
        # Whoever read the output has had enough; what is still to be written goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CUT_OFF)
    except (OSError, ValueError) as error:
        # A file that cannot be read, text that is no UTF-8, a setting of the environment that cannot be used.
        typer.echo(f"lamina: {' '.join(str(error).split())}", err=True)
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
