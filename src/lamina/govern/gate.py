"""The gate before the store: what comes in is let through, masked, held for a decision, or refused. Pure.

It asks what the policies of a wall say: what is done with secrets, and which sources are not trusted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lamina.core.directives import SecretAction
from lamina.core.errors import InvalidArgument
from lamina.core.filters import Filter, holds
from lamina.core.records import Draft, Json, Metadata, Policy, Record
from lamina.core.scope import Scope, changes
from lamina.govern.secrets import Secret, find_secrets, mask

#: The actions under which nothing with a secret is stored as it came.
_STRICT = (SecretAction.REFUSE, SecretAction.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the policies of a scope say of what comes in."""

    scope: Scope
    secrets: SecretAction = SecretAction.KEEP
    #: What is held whatever it says, each by the number of its policy; None = everything.
    quarantines: tuple[tuple[int, Filter | None], ...] = ()
    #: The labels that are put on what comes in, each with what it is put on (None = everything) and in which scope; the
    #: last counts.
    labels: tuple[tuple[str, Filter | None, Scope], ...] = ()

    def admit(self, draft: Draft) -> Draft:
        """Give a draft as it may be stored: masked, or with the reason for which it is held.

        Raises:
            InvalidArgument: it holds what looks like a secret and is to be refused, or has one in a name that cannot
                be masked; the error does not repeat it.
        """
        if self.is_open:
            return draft
        if self.secrets is SecretAction.MASK:
            draft = self._masked(draft)
        elif self.secrets is SecretAction.REFUSE:
            _refuse_any(draft)
        return replace(draft, held=self.why_held(draft), sensitivity=self.label_of(draft))

    @property
    def is_open(self) -> bool:
        """Whether it lets everything through as it comes."""
        return self.secrets is SecretAction.KEEP and not self.quarantines and not self.labels

    def why_held(self, draft: Draft) -> str | None:
        """Say why a draft is to be held; None where nothing holds it."""
        return None if self.is_open else self.reason(self._record(draft))

    def label_of(self, draft: Draft) -> str | None:
        """Give the label that a draft is to bear: that of a policy, else the caller's."""
        record = self._record(draft)
        named = [label for label, asked, _ in self.labels if asked is None or holds(asked, record)]
        return named[-1] if named else draft.sensitivity

    def label_for(self, later: Record, former: Record) -> str | None:
        """Give the label that a corrected record is to bear: that of a policy which fits what it brings, else its own.

        A label that was there and stays is not replaced by another.
        """
        label, before = later.policy.sensitivity, former.policy.sensitivity
        if replace(later, policy=former.policy) == former or (label is not None and label == before):
            return label
        named = [
            put
            for put, asked, scope in self.labels
            if changes(scope, former.scope) and (asked is None or holds(asked, later))
        ]
        return named[-1] if named else label

    def admit_words(self, text: str, *, argument: str, keeps_places: bool = False) -> str:
        """Give words of which only a masked part can be kept back: those of a correction, or of a whole document.

        Raises:
            InvalidArgument: they hold what looks like a secret, and are to be refused; or to be held.
        """
        if self.secrets is SecretAction.KEEP:
            return text
        found = find_secrets(text)
        if found and self.secrets in _STRICT:
            raise _refused(argument, {secret.kind for secret in found})
        return mask(text, found, keeps_places=keeps_places) if found else text

    def admit_metadata(self, metadata: Metadata) -> Metadata:
        """Give the metadata of a correction as `admit_words` gives its words.

        Raises:
            InvalidArgument: as `admit_words`.
        """
        if self.secrets is SecretAction.KEEP:
            return metadata
        kinds = set(_kinds_in(metadata))
        if kinds and self.secrets in _STRICT:
            raise _refused("metadata", kinds)
        return masked_metadata(metadata) if kinds else metadata

    def reason(self, record: Record) -> str | None:
        """Say why a record is held, or would be; None where nothing holds it."""
        if self.secrets is SecretAction.HOLD:
            kinds = {kind for found in _found_in(record).values() for kind in found}
            if kinds:
                return f"it holds what looks like a secret ({', '.join(sorted(kinds))})"
        for policy, asked in self.quarantines:
            if asked is None or holds(asked, record):
                return f"it comes from a source that policy {policy} does not trust"
        return None

    def _masked(self, draft: Draft) -> Draft:
        found = _found_in(draft)
        if not found:
            return draft
        for name in ("session", "external_id"):
            if name in found:
                raise _refused(name, set(found[name]))
        speaker = draft.speaker
        return replace(
            draft,
            text=mask(draft.text, find_secrets(draft.text)),
            speaker=None if speaker is None else mask(speaker, find_secrets(speaker)),
            metadata=masked_metadata(draft.metadata),
            is_masked=True,
        )

    def _record(self, draft: Draft) -> Record:
        """Give a draft as the record that filters are asked of."""
        return Record(
            id="",
            scope=self.scope,
            kind=draft.kind,
            text=draft.text,
            speaker=draft.speaker,
            role=draft.role,
            at=draft.at,
            session=draft.session,
            external_id=draft.external_id,
            metadata=draft.metadata,
            modality=draft.modality,
            policy=Policy(sensitivity=draft.sensitivity),
        )


def _refuse_any(draft: Draft) -> None:
    for name, kinds in _found_in(draft).items():
        raise _refused(name, set(kinds))


def _refused(argument: str, kinds: set[str]) -> InvalidArgument:
    problem = f"holds what looks like a secret ({', '.join(sorted(kinds))})"
    advice = "take it out; nothing was stored; policies() shows the policy that says so"
    return InvalidArgument(argument, problem, advice)


def _found_in(words: Draft | Record) -> dict[str, list[str]]:
    """Give the kinds of secrets that stand in each field of what is said."""
    named = {"text": words.text, "speaker": words.speaker, "session": words.session, "external_id": words.external_id}
    found = {
        name: [secret.kind for secret in find_secrets(value)] for name, value in named.items() if value is not None
    }
    found["metadata"] = list(_kinds_in(words.metadata))
    return {name: kinds for name, kinds in found.items() if kinds}


def _kinds_in(value: Json | Metadata, name: str = "") -> Iterator[str]:
    """Give the kinds of secrets in keys and values, each value beside its key."""
    if isinstance(value, str):
        yield from (secret.kind for secret in _beside(name, value))
    elif isinstance(value, list):
        for part in value:
            yield from _kinds_in(part, name)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from (secret.kind for secret in find_secrets(key))
            yield from _kinds_in(part, key)


def masked_metadata(metadata: Metadata) -> Metadata:
    """Give metadata with a mark in the place of each secret, in keys and values."""
    masked = _masked_json(dict(metadata), "")
    return masked if isinstance(masked, dict) else metadata


def _masked_json(value: Json, name: str) -> Json:
    if isinstance(value, str):
        return mask(value, _beside(name, value))
    if isinstance(value, list):
        return [_masked_json(part, name) for part in value]
    if isinstance(value, dict):
        return {mask(key, find_secrets(key)): _masked_json(part, key) for key, part in value.items()}
    return value


def _beside(name: str, value: str) -> tuple[Secret, ...]:
    """Give the secrets in a value, which its key may tell: `{"password": "…"}`."""
    alone = find_secrets(value)
    if alone or not name:
        return alone
    place = len(name) + 2
    told = find_secrets(f"{name}: {value}")
    return tuple(Secret(one.start - place, one.end - place, one.kind) for one in told if one.start >= place)
