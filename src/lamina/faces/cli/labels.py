"""Commands about labels: what bears one, and what becomes of it where somebody may not see it."""

from typing import Annotated

import typer

from lamina.faces.cli.govern import By, OneFile, told
from lamina.faces.cli.options import (
    Agent,
    FileOption,
    Filter,
    Json,
    Run,
    Shared,
    Tenant,
    User,
    Where,
    filters_from,
    only_file,
    opened,
    scope_keys,
    split_file,
)


def label(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] LABEL")] = None,
    file: FileOption = None,
    filters: Filter = None,
    where: Where = None,
    by: By = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Put a label on what is added, such as --where session=garage; without one on everything."""
    path, named = split_file(words or [], file, rest="LABEL")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory:
        told(memory.set_label(named, filters_from(filters, where), by=by, **scope), as_json=as_json)


def redaction(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] ACTION")] = None,
    file: FileOption = None,
    by: By = None,
    user: User = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Set what becomes of records whose label a principal may not see: hide, or mask."""
    path, action = split_file(words or [], file, rest="ACTION")
    scope = scope_keys(user=user, agent=None, run=None, tenant=tenant, shared=shared)
    with opened(path) as memory:
        told(memory.set_redaction(action, by=by, **scope), as_json=as_json)


def secret_mask(
    words: OneFile = None,
    file: FileOption = None,
    by: By = None,
    user: User = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Have what looks like a secret shown to the owner and administrators alone, and to others a mark."""
    scope = scope_keys(user=user, agent=None, run=None, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        told(memory.set_secret_mask(by=by, **scope), as_json=as_json)
