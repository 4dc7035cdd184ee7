"""Composing: pieces become a text in reading order, grouped by session under short headers.

The order is that of a reader: sessions by their first known time, else by arrival; inside a session the caller's order,
else arrival. A timeline shows days in the place of sessions, and under each what was said, by its moment, all in the
zone in which most was said. A header names the session's first known moment, else its name; a line names what of its
time differs from the moment last shown above it, who speaks, and the words, verbatim. What comes from a document stands
under its title, and under the headings above it that its own words do not show. Text is data: a header begins with more
marks than any line of the candidates, and a further line of the same words begins with blanks, so that no retrieved
line can pass for a header or for somebody else's words.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from lamina.core.documents import passage_of
from lamina.core.query import Citation, Hit
from lamina.core.records import Record
from lamina.core.scope import Wall
from lamina.pack.excerpt import Span, trimmed
from lamina.pack.labels import later_label, moment_label, name_label

ELLIPSIS = "…"
#: Stands between two spans of one text.
BETWEEN = f" {ELLIPSIS} "
#: Stands before each further line of the same words.
INDENT = "  "
_ENDS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
#: Whatever a reader may take for the end of a line, where another that is not empty follows.
_LINE_END = re.compile(rf"(?:\r\n|[{_ENDS}])(?=[^{_ENDS}])")
#: Stands between a heading and the one under it.
BELOW = " › "
_MARK = re.compile(r"^#+(?=\s)", re.MULTILINE)

#: Wall, session, and for what was said outside any session its day; in a timeline the day alone.
GroupKey = tuple[Wall | None, str | None, date | None]
#: Known times first, then arrival.
_Place = tuple[bool, float, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What stands under one header: a session, or a day outside any; in a timeline a day."""

    key: GroupKey
    header: str
    #: The moment that the header shows; None = it shows none.
    first_at: datetime | None
    #: Whether header and lines name the time of day, or the day alone.
    shows_hours: bool
    place: _Place
    #: Begins the headers of sections: one mark more than the group's own.
    section_mark: str
    #: The name of the document that all of it comes from; None where it does not.
    title: str | None = None
    #: The zone of a timeline, in which header and lines show every moment; None = each shows its own.
    zone: timezone | None = None

    def moment(self, record: Record) -> datetime | None:
        """When `record` was said, as the group shows it."""
        return record.at if record.at is None or self.zone is None else record.at.astimezone(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is shown of a hit's text: some spans of it, in reading order, that do not touch."""

    hit: Hit
    spans: tuple[Span, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the text is left out."""
        return self.spans == (trimmed(self.hit.record.text, (0, len(self.hit.record.text))),)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citation of exactly each span."""
        record = self.hit.record
        return tuple(
            Citation(
                record_id=record.id,
                revision=record.revision,
                external_id=record.external_id,
                start=start,
                end=end,
                at=record.at,
            )
            for start, end in self.spans
        )


def group_key(record: Record, *, zone: timezone | None = None) -> GroupKey:
    """Give the group that `record` is shown in: its session; in a timeline, which has a zone, the day there."""
    if record.at is not None and zone is not None:
        return None, None, record.at.astimezone(zone).date()
    if record.at is not None and record.session is None:
        return record.scope.wall, None, record.at.date()
    return record.scope.wall, record.session, None


def name_of(record: Record) -> tuple[Wall, str]:
    """Name a record among those of several walls."""
    return record.scope.wall, record.id


def groups_of(hits: Iterable[Hit], *, shows_hours: bool = True, by_day: bool = False) -> dict[tuple[Wall, str], Group]:
    """Give the group of each candidate by its name; headers do not depend on which of them are chosen."""
    records = [hit.record for hit in hits]
    zone = _zone_of(records) if by_day else None
    members: dict[GroupKey, list[Record]] = {}
    for record in records:
        members.setdefault(group_key(record, zone=zone), []).append(record)
    mark = _header_mark(records)
    firsts = {key: _first(some, zone) for key, some in members.items()}
    titles = {key: key[1] for key, some in members.items() if all(map(passage_of, some))}
    labels = {key: _label(key, firsts[key], titles.get(key), with_hours=shows_hours) for key in members}
    shared = {label for label, uses in Counter(labels.values()).items() if uses > 1}
    groups = {
        key: Group(
            key=key,
            header="" if len(members) == 1 and not labels[key] else f"{mark} {_header(key, labels[key], shared)}",
            first_at=firsts[key],
            shows_hours=shows_hours,
            place=_place(firsts[key], some),
            section_mark=mark + "#",
            title=titles.get(key),
            zone=zone,
        )
        for key, some in members.items()
    }
    return {name_of(record): groups[key] for key, some in members.items() for record in some}


def _zone_of(records: Iterable[Record]) -> timezone:
    """Give the zone in which most was said: days that follow one another are days of one zone."""
    offsets = Counter(record.at.utcoffset() for record in records if record.at is not None)
    return timezone(max(offsets, key=lambda offset: (offsets[offset], offset), default=None) or timedelta(0))


def _first(records: Iterable[Record], zone: timezone | None) -> datetime | None:
    first = min((record.at for record in records if record.at), default=None)
    return first.astimezone(zone) if first is not None and zone is not None else first


def render_line(piece: Piece, group: Group, *, above: datetime | None) -> str:
    """Give the line of a piece: time where it differs from the moment shown `above`, speaker, words."""
    record, at = piece.hit.record, group.moment(piece.hit.record)
    moment = ""
    if at is not None and above is not None:
        moment = later_label(at, shown=above, with_hours=group.shows_hours)
    who = name_label(record.speaker) if record.speaker else ""
    prefix = " ".join(part for part in (moment, who) if part)
    opening = ELLIPSIS if record.text[: piece.spans[0][0]].strip() else ""
    closing = ELLIPSIS if record.text[piece.spans[-1][1] :].strip() else ""
    shown = [_LINE_END.sub(lambda end: end[0] + INDENT, record.text[start:end]) for start, end in piece.spans]
    words = f"{opening}{BETWEEN.join(shown)}{closing}"
    return f"{prefix}: {words}" if prefix else words


def render_section(piece: Piece, group: Group, *, after: Piece | None = None) -> str:
    """Give the header of the section that a piece of a document stands in; empty where the words shown tell it.

    `after` is the piece shown right before it: what stands in the same section needs no second header.
    """
    passage = passage_of(piece.hit.record)
    if passage is None:
        return ""
    shown = " ".join((group.title or "").split()).casefold()
    names = [passage.title, *passage.path_above(piece.spans[0][0])]
    parts = [name_label(name) for name in names if name and name.casefold() != shown]
    if after is not None and _section(after.hit.record) == _section(piece.hit.record):
        parts = []
    if passage.columns:
        parts.append(f"| {' | '.join(passage.columns)} |")
    return f"{group.section_mark} {BELOW.join(parts)}" if parts else ""


def _section(record: Record) -> tuple[str, tuple[int, ...]] | None:
    passage, source = passage_of(record), next(iter(record.provenance.sources), None)
    return (source.record_id, passage.sections) if passage is not None and source is not None else None


def compose(pieces: Sequence[Piece], groups: Mapping[tuple[Wall, str], Group]) -> tuple[str, tuple[Citation, ...]]:
    """Give the text of the pieces in reading order, and their citations in the same order."""
    ordered = sorted(pieces, key=lambda piece: _reading_place(piece, groups))
    lines: list[str] = []
    former: GroupKey | None = None
    above: datetime | None = None
    before: Piece | None = None
    for piece in ordered:
        group = groups[name_of(piece.hit.record)]
        if group.key != former:
            above, before = group.first_at, None
            if group.header:
                lines.append(group.header)
        section = render_section(piece, group, after=before)
        if section:
            lines.append(section)
        lines.append(render_line(piece, group, above=above))
        above, former, before = group.moment(piece.hit.record) or above, group.key, piece
    return "\n".join(lines), tuple(cited for piece in ordered for cited in piece.citations)


def _reading_place(
    piece: Piece, groups: Mapping[tuple[Wall, str], Group]
) -> tuple[_Place, tuple[str, str, str], float, int, int]:
    record, group = piece.hit.record, groups[name_of(piece.hit.record)]
    wall, session, _ = group.key
    # Under the day of a timeline stands what was said in several sessions and walls: their own orders do not compare.
    identity = ("", "", "") if wall is None else (wall.tenant, wall.user or "", session or "")
    moment = record.at.timestamp() if wall is None and record.at is not None else 0.0
    return group.place, identity, moment, record.arrived if record.order is None else record.order, record.arrived


def _place(first_at: datetime | None, records: Sequence[Record]) -> _Place:
    arrived = min(record.arrived for record in records)
    return (first_at is None, first_at.timestamp() if first_at else 0.0, arrived)


def _label(key: GroupKey, first_at: datetime | None, title: str | None, *, with_hours: bool) -> str:
    if first_at is not None:
        moment = moment_label(first_at, with_hours=with_hours)
        return f"{moment} {name_label(title)}" if title else moment
    return name_label(key[1]) if key[1] else ""


def _header(key: GroupKey, label: str, shared: set[str]) -> str:
    if label in shared and key[1] and not label.endswith(name_label(key[1])):
        return f"{label} {name_label(key[1])}"
    return label or "undated"


def _header_mark(records: Iterable[Record]) -> str:
    longest = 0
    for record in records:
        for text in (record.text, record.speaker or ""):
            longest = max(longest, max(map(len, _MARK.findall(text)), default=0))
    return "#" * (longest + 1)
