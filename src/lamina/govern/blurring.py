"""Blurring: a record as it is shown to who does not administer its wall, where secrets are not to be seen. Pure.

A mark is as long as the secret, so that places in a text stay right.
"""

from dataclasses import replace

from lamina.core.records import Record
from lamina.govern.gate import masked_metadata
from lamina.govern.secrets import find_secrets, mask


def without_secrets(record: Record) -> Record:
    """Give a record with marks in the place of what looks like a secret, wherever words of it stand."""
    return replace(
        record,
        text=mask(record.text, find_secrets(record.text), keeps_places=True),
        speaker=without_secret(record.speaker),
        session=without_secret(record.session),
        external_id=without_secret(record.external_id),
        metadata=masked_metadata(record.metadata),
    )


def without_secret(name: str | None) -> str | None:
    """Give a name likewise."""
    return None if name is None else mask(name, find_secrets(name), keeps_places=True)
