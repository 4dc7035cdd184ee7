"""A memory for people: sessions as headings, what was said as dated lines, documents as they were."""

from lamina.core.layers import Modality
from lamina.core.records import Record
from lamina.core.scope import Wall

_NO_SESSION = "Outside any session"


def title(wall: Wall) -> str:
    """Give the heading over a wall."""
    return f"# {wall.tenant} / {'shared' if wall.user is None else wall.user}\n"


def heading(session: str | None) -> str:
    """Give the heading over a session, or over a document that goes by its title."""
    return f"\n## {_NO_SESSION if session is None else ' '.join(session.split())}\n\n"


def said(record: Record) -> str:
    """Give the lines of a record: a passage as it is, anything else with its time and who said it."""
    if record.modality is Modality.PASSAGE:
        return record.text
    when = "" if record.at is None else f"{record.at.isoformat(sep=' ', timespec='minutes')} "
    who = "" if record.speaker is None else f"**{record.speaker}**: "
    return f"- {when}{who}" + record.text.replace("\n", "\n  ") + "\n"
