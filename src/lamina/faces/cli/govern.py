"""Commands that say what may become of records: holds, policies, what is held, forgetting, the audit trail."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from lamina.faces.cli import changes
from lamina.faces.cli.changes import Words
from lamina.faces.cli.options import (
    Agent,
    FileOption,
    Filter,
    Json,
    Run,
    Session,
    Shared,
    Tenant,
    User,
    Where,
    counted,
    filters_from,
    load,
    only_file,
    opened,
    scope_keys,
    split_file,
)

OneFile = Annotated[list[str] | None, typer.Argument(metavar="[FILE]")]
Numbered = Annotated[list[str] | None, typer.Argument(metavar="[FILE] NUMBER")]
By = Annotated[str | None, typer.Option("--by", help="Who says so.")]
#: Records of a dry run that are shown one by one.
MOST_SHOWN = 20


def show() -> Any:
    """Give the module that prints, loaded when something is to be printed."""
    return load("lamina.faces.cli.show")


def hold(
    words: OneFile = None,
    file: FileOption = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, in words.")] = "",
    record: Annotated[list[str] | None, typer.Option("--record", help="Only this record; again for more.")] = None,
    session: Session = None,
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
    """Place a legal hold: what it covers is neither erased nor forgotten until it is lifted."""
    about = {"record_ids": record or None, "session": session, "filters": filters_from(filters, where), "by": by}
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    path = only_file(words or [], file)
    with opened(path) as memory:
        placed = memory.place_hold(reason, **about, **scope)
    if as_json:
        show().print_json(placed)
    else:
        typer.echo(f"hold {placed.id} stands over {_covered(placed)}; `lamina lift {path} {placed.id}` lifts it")


def lift(
    words: Numbered = None,
    file: FileOption = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
) -> None:
    """Lift a legal hold by its number; see `holds`."""
    path, number = split_file(words or [], file, rest="NUMBER")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory:
        memory.lift_hold(_number(number), **scope)
    typer.echo(f"hold {number} is lifted")


def holds(
    words: OneFile = None,
    file: FileOption = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """List the legal holds that stand."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        standing = memory.holds(**scope)
    if as_json:
        show().print_json(standing)
        return
    rows = [(one.id, show().moment(one.placed_at), one.by or "", _covered(one), one.reason) for one in standing]
    show().console().print(show().table(("hold", "placed", "by", "covers", "reason"), rows))


def retain(
    words: OneFile = None,
    file: FileOption = None,
    days: Annotated[float, typer.Option("--days", help="How long records are kept.")] = 0.0,
    since: Annotated[str, typer.Option("--since", help="From when: recorded, or at (when it was said).")] = "recorded",
    then: Annotated[str, typer.Option("--then", help="What becomes of them: archive, or erase.")] = "archive",
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
    """Set how long records are kept; it takes effect when `lamina forget` runs."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    asked = {"since": since, "on_expiry": then, "filters": filters_from(filters, where), "by": by}
    with opened(only_file(words or [], file)) as memory:
        try:
            ttl = timedelta(days=days)
        except OverflowError:
            raise typer.BadParameter(f"--days {days:g} is more than there are") from None
        told(memory.set_retention(ttl, **asked, **scope), as_json=as_json)


def secrets(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] ACTION")] = None,
    file: FileOption = None,
    by: By = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Set what is done with keys and passwords in what is added: keep, mask, hold, refuse."""
    path, action = split_file(words or [], file, rest="ACTION")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory:
        told(memory.set_secrets(action, by=by, **scope), as_json=as_json)


def quarantine(
    words: OneFile = None,
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
    """Hold what is added from a source until somebody decides, such as --where role=tool; without one everything."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        told(memory.set_quarantine(filters_from(filters, where), by=by, **scope), as_json=as_json)


def read_audit(
    words: OneFile = None,
    file: FileOption = None,
    by: By = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Have every read noted in the audit trail from then on."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        told(memory.set_read_audit(by=by, **scope), as_json=as_json)


def held(
    words: OneFile = None,
    file: FileOption = None,
    limit: Annotated[int, typer.Option("--limit", help="So many at most.")] = 50,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """List what is held until somebody decides, and why; see `approve` and `deny`."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        waiting = memory.held(limit=limit, **scope)
    if as_json:
        show().print_json(waiting)
        return
    rows = [(one.record.id, one.record.kind, one.reason, show().shortened(one.record.text, 60)) for one in waiting]
    show().console().print(show().table(("record", "kind", "why", "text"), rows))


def approve(
    words: Words = None,
    file: FileOption = None,
    filters: Filter = None,
    where: Where = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Let what is held be found."""
    path, about = changes.addressed(words, file, filters, where)
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory:
        changes.tell(memory.approve(**about, **scope), path, as_json=as_json)


def deny(
    words: Words = None,
    file: FileOption = None,
    filters: Filter = None,
    where: Where = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Withdraw what is held."""
    path, about = changes.addressed(words, file, filters, where)
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory:
        changes.tell(memory.deny(**about, **scope), path, as_json=as_json)


def policies(
    words: OneFile = None,
    file: FileOption = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """List the policies that stand."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        standing = memory.policies(**scope)
    if as_json:
        show().print_json(standing)
        return
    rows = [(one.id, show().moment(one.placed_at), one.by or "", _named(one), _said(one)) for one in standing]
    show().console().print(show().table(("policy", "set", "by", "about", "says"), rows))


def drop_policy(
    words: Numbered = None,
    file: FileOption = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
) -> None:
    """Drop a policy by its number; see `policies`."""
    path, number = split_file(words or [], file, rest="NUMBER")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory:
        memory.drop_policy(_number(number), **scope)
    typer.echo(f"policy {number} is dropped")


def forget(
    words: OneFile = None,
    file: FileOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go and why, and change nothing.")] = False,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Let go of what retention policies say is at the end of its time."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    path = only_file(words or [], file)
    with opened(path) as memory, show().progress("forgetting", None) as advance:
        done = memory.forget(dry_run=dry_run, on_progress=advance, **scope)
    if as_json:
        show().print_json(done)
        return
    for due in done.due[:MOST_SHOWN]:
        held = f"stays: legal hold {', '.join(map(str, due.holds))}" if due.holds else due.on_expiry
        ended = show().moment(due.ended_at)
        kept = f"; no snapshot keeps it: {', '.join(due.snapshots)}" if due.snapshots else ""
        typer.echo(
            f"{due.record_id} revision {due.revision} {held}; its time ended {ended} by policy {due.policy}{kept}"
        )
    if len(done.due) > MOST_SHOWN:
        typer.echo(f"and {len(done.due) - MOST_SHOWN} more")
    if not done.due:
        typer.echo("nothing is at the end of its time")
    if done.commits and done.scrubbed is None:
        commits = " ".join(f"--commit {commit}" for commit in done.commits)
        typer.echo(f"to take it back: lamina revert {path} {commits}", err=True)


def give_grant(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] PRINCIPAL")] = None,
    file: FileOption = None,
    role: Annotated[str, typer.Option("--role", help="reader, writer or administrator.")] = "reader",
    sees: Annotated[
        list[str] | None, typer.Option("--sees", help="Also what bears this label, * = any; again for more.")
    ] = None,
    by: By = None,
    user: User = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Give a principal a role in a user's memory; who opens the file without a principal needs none."""
    path, who = split_file(words or [], file, rest="PRINCIPAL")
    scope = scope_keys(user=user, agent=None, run=None, tenant=tenant, shared=shared)
    with opened(path) as memory:
        given = memory.give_grant(who, role, sees=sees or (), by=by, **scope)
    if as_json:
        show().print_json(given)
    else:
        typer.echo(
            f"grant {given.id}: {given.principal} is {given.role}; `lamina revoke {path} {given.id}` takes it back"
        )


def revoke(
    words: Numbered = None,
    file: FileOption = None,
    user: User = None,
    tenant: Tenant = None,
    shared: Shared = False,
) -> None:
    """Take back a grant by its number; see `grants`."""
    path, number = split_file(words or [], file, rest="NUMBER")
    scope = scope_keys(user=user, agent=None, run=None, tenant=tenant, shared=shared)
    with opened(path) as memory:
        memory.revoke_grant(_number(number), **scope)
    typer.echo(f"grant {number} is revoked")


def grants(
    words: OneFile = None,
    file: FileOption = None,
    user: User = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """List what principals are in a user's memory."""
    scope = scope_keys(user=user, agent=None, run=None, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        given = memory.grants(**scope)
    if as_json:
        show().print_json(given)
        return
    rows = [
        (one.id, show().moment(one.placed_at), one.by or "", one.role, " ".join(one.sees), one.principal)
        for one in given
    ]
    show().console().print(show().table(("grant", "given", "by", "role", "sees", "principal"), rows))


def audit(
    words: OneFile = None,
    file: FileOption = None,
    limit: Annotated[int, typer.Option("--limit", help="The last so many.")] = 50,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Show the audit trail: holds and policies, what was erased and forgotten, what was refused."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        entries = memory.audit(limit=limit, **scope)
    if as_json:
        show().print_json(entries)
        return
    headers = ("number", "recorded", "deed", "hold or policy", "records", "commit", "record")
    rows = [
        (
            entry.number,
            show().moment(entry.recorded_at),
            entry.deed,
            entry.directive or "",
            entry.count or "",
            entry.commit or "",
            entry.record_id or "",
        )
        for entry in entries
    ]
    show().console().print(show().table(headers, rows))


def told(standing: Any, *, as_json: bool) -> None:
    """Tell of a policy that was set."""
    if as_json:
        show().print_json(standing)
    else:
        about = "" if not hasattr(standing.policy, "filters") else f", {_named(standing)}"
        typer.echo(f"policy {standing.id} stands: {_said(standing)}{about}")


def _covered(hold: Any) -> str:
    if hold.record_ids is not None:
        return counted(len(hold.record_ids), "record")
    return "everything" if hold.filters is None else str(show().plain(show().as_json(hold.filters)))


def _named(standing: Any) -> str:
    filters = getattr(standing.policy, "filters", None)
    return "everything" if filters is None else str(show().plain(show().as_json(filters)))


def _said(standing: Any) -> str:
    policy = standing.policy
    if type(policy).__name__ == "Retention":
        return f"{policy.on_expiry} {policy.ttl_s / 86_400:g} days after {policy.since}"
    if type(policy).__name__ == "Secrets":
        return f"{policy.action} secrets"
    if type(policy).__name__ == "Labelling":
        return f"label as {policy.label}"
    if type(policy).__name__ == "Redaction":
        return f"{policy.action} what is not to be seen"
    if type(policy).__name__ == "SecretMask":
        return "mask secrets that are read"
    if type(policy).__name__ == "ReadAudit":
        return "note every read"
    return "hold what comes in"


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no number") from None
