"""What arguments of the library are called on the command line, so that an error names what was typed."""

import re
from collections.abc import Sequence

from lamina.core.errors import InvalidArgument

#: The option of each argument; of several that one, or those, which were typed, else the last.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "abstain": ("--least",),
    "actions": ("--action",),
    "actors": ("--actor",),
    "agent_id": ("--agent",),
    "budget_tokens": ("--budget",),
    "budgets": ("--budget", "budgets"),
    "config": ("--config",),
    "destroy_key": ("--destroy-key",),
    "external_id": ("--external-id",),
    "filters": ("--filter", "--where"),
    "heads": ("--head",),
    "folder": ("FOLDER",),
    "folders": ("FOLDER",),
    "key": ("--key-file",),
    "kinds": ("--kind",),
    "levels": ("--level", "levels"),
    "message.content": ("TEXT",),
    "message.metadata": ("--metadata",),
    "message.name": ("--speaker",),
    "message.role": ("--role",),
    "operations": ("NUMBER",),
    "path": ("--out", "TO"),
    "principal": ("PRINCIPAL",),
    "query": ("QUESTION",),
    "recipe": ("--recipe", "recipe"),
    "recipes": ("--recipe", "recipes"),
    "record_id": ("--record", "ID"),
    "record_ids": ("--record",),
    "run_id": ("--run",),
    "scope": ("--shared",),
    "sees": ("--sees",),
    "sensitivity": ("--label",),
    "tenant_id": ("--tenant",),
    "to": ("--commit", "--to", "NAME"),
    "ttl": ("--days",),
    "user_id": ("--user",),
}
#: Arguments that have the name of their option.
_SAME = (
    "after", "all", "as_of", "at", "commit", "day_first", "known_at", "limit", "metadata", "on_conflict", "overwrite",
    "publish", "reason", "session", "since", "skip_bad", "speaker", "text", "timeline", "timezone", "until",
)  # fmt: skip
_OPTIONS |= {name: ("--" + name.replace("_", "-"),) for name in _SAME}
#: A keyword as advice writes it: `timezone=`, `overwrite=True`.
_KEYWORD = re.compile(r"\b([a-z_]+)=(?:True\b|(?![\w'\"\[{*]))")
#: The command of a verb that advice names, with backticks or without: `snapshots()`.
_VERB = re.compile(r"`?\b([a-z_]+)\(\)`?")
_COMMANDS = {"lift_hold": "lift", "give_grant": "grant", "revoke_grant": "revoke", "get_all": "show"}
_COMMANDS |= {name: name.replace("_", "-") for name in (
    "drop_policy", "erase", "forget", "grants", "held", "history", "holds", "log", "policies", "reencode", "reindex",
    "restore", "revert", "snapshots", "verify",
)}  # fmt: skip


def told(error: InvalidArgument, words: Sequence[str]) -> str:
    """Give the error as one sentence to somebody who typed `words`."""
    return f"`{typed_name(error.argument, words)}` {error.problem}; {_KEYWORD.sub(_option_of, commanded(error.advice))}"


def commanded(text: str) -> str:
    """Give an error's text with the commands in the place of the verbs that it names."""
    return _VERB.sub(lambda verb: f"`lamina {_COMMANDS[verb[1]]}`" if verb[1] in _COMMANDS else verb[0], text)


def typed_name(argument: str, words: Sequence[str]) -> str:
    """Give what an argument, or a place in it such as `filters.at.gte`, is called where `words` were typed."""
    if argument in _OPTIONS:
        return _typed(_OPTIONS[argument], words)
    whole = argument.partition(".")[0].partition("[")[0]
    place = argument.removeprefix(whole).removeprefix(".")
    return f"{_typed(_OPTIONS[whole], words)} {place}" if whole in _OPTIONS else argument


def _typed(options: Sequence[str], words: Sequence[str]) -> str:
    given = {word.partition("=")[0] for word in words}
    return " and ".join(option for option in options if option in given) or options[-1]


def _option_of(keyword: "re.Match[str]") -> str:
    options = _OPTIONS.get(keyword[1])
    return keyword[0] if options is None else options[-1]
