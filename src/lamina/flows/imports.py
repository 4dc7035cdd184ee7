"""Importing: the messages of a file or a stream are taken in once each, however often and whenever it is interrupted.

A source is read twice. First it is compared with what is known of it, and what is new is checked whole, so that one
that cannot be kept leaves nothing behind. Then what is new is stored piece by piece, each in one transaction with the
row that says so: whoever is killed goes on after the last piece. What is held in memory is one piece.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from lamina.core.errors import InvalidArgument
from lamina.core.imports import Import, Imported, ImportRules, OnConflict, Piece
from lamina.core.records import Draft
from lamina.flows.feed import Feed, Importable, feed_of
from lamina.flows.pieces import (
    PIECE_MESSAGES,
    Importing,
    Tally,
    batches,
    first_words,
    forget_pieces,
    retime_piece,
    sift,
    store_piece,
    taken_ids,
    withdraw_piece,
)
from lamina.ingest.entries import Entry
from lamina.ingest.times import Order, mixed_orders, order_of

#: A source of another name that has so many first messages in common with a known one is that one, changed.
ALIKE_MESSAGES = 100
#: So many of what could not be kept are told.
TOLD_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class _Agreement:
    """How far a source says what is known of it."""

    pieces: int
    messages: int
    #: Whether nothing contradicts: it says all that is known, or ends between two pieces.
    is_whole: bool


@dataclass(slots=True)
class _Checked:
    """What a first look at messages that are new has found."""

    messages: int = 0
    nameless: int = 0
    #: How many can be no messages, and why the first of them cannot.
    bad: int = 0
    problems: list[str] = field(default_factory=list)
    #: How many have ids that stand for what they cannot become, and the first of them.
    unfit: int = 0
    misfits: list[str] = field(default_factory=list)
    #: The first whose ids are another source's.
    taken: list[str] = field(default_factory=list)
    #: The first date of each order of day and month.
    orders: dict[Order, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be done: the import as it is known, and how much of the source is new after its first pieces."""

    source: Import
    agreed: _Agreement
    checked: _Checked
    #: The imports of that name or beginning that there were when it was made.
    known: tuple[int, ...]
    #: How the source is called and read from now on.
    name: str | None = None
    zone: str | None = None
    day_first: bool | None = None

    @property
    def is_short(self) -> bool:
        """Whether the source ends before what is known of it, and contradicts nothing."""
        return self.agreed.is_whole and self.agreed.pieces < len(self.source.pieces)

    @property
    def is_read_otherwise(self) -> bool:
        """Whether times that are known are read with another zone or order of days now."""
        return any(
            former is not None and former != now
            for former, now in ((self.source.zone, self.zone), (self.source.day_first, self.day_first))
        )


def import_messages(source: Importable, importing: Importing) -> Imported:
    """Take in what a source has that is not known yet; each piece is durable when the next one begins.

    Raises:
        InvalidArgument: a source, or a message of it, that cannot be kept; nothing of what is new was stored, unless
            the message says what was.
        StoreBusy, StoreFull, StoreReadOnly: the file could not be written; what was stored before is safe.
    """
    with feed_of(source, tell=lambda done: _tell(importing, done, 0)) as feed:
        plan = _plan(feed, importing)
        return _carry_out(feed, plan, importing)


def _plan(feed: Feed, importing: Importing) -> _Plan:
    """Find what is known of a feed, and check what is new in it."""
    tell = partial(_tell, importing, of=2 * feed.size)
    found = _known(feed, importing)
    known = tuple(source.id for source in found)
    changed: tuple[Import, _Agreement] | None = None
    for source in found:
        with feed.entries(tell) as entries:
            agreed = _agreement(entries, source, importing)
            if agreed.is_whole:
                checked = _check(entries, source, importing)
                return _settled(feed, _Plan(source=source, agreed=agreed, checked=checked, known=known), importing)
        is_named = source.name is not None and source.name == feed.name
        if changed is None and (is_named or agreed.messages >= ALIKE_MESSAGES):
            changed = (source, agreed)
    if changed is None or importing.rules.on_conflict is OnConflict.BESIDE:
        changed = (Import(name=feed.name, session=importing.session), _Agreement(0, 0, is_whole=True))
    source, agreed = changed
    with feed.entries(tell) as entries:
        _pass_over(entries, agreed.messages)
        checked = _check(entries, source, importing)
    if not agreed.is_whole:
        _check_change(feed, source, agreed, checked, importing.rules)
    return _settled(feed, _Plan(source=source, agreed=agreed, checked=checked, known=known), importing)


def _known(feed: Feed, importing: Importing) -> list[Import]:
    """Give the imports that may be of this source: by its name, then those that begin like it, newest first.

    Those of another session last: theirs was erased.
    """
    tally, openings = Tally(), list[bytes]()
    with feed.entries(_ignore) as entries:
        for entry in islice(entries, PIECE_MESSAGES):
            tally.add(entry.words)
            openings.append(tally.digest())
    with importing.store.read() as reading:
        found = reading.imports(scope=importing.scope, session=importing.session, name=feed.name, openings=openings)
    return sorted(found, key=lambda source: (source.session != importing.session, source.name != feed.name))


def _agreement(entries: Iterator[Entry], source: Import, importing: Importing) -> _Agreement:
    """Say how far entries are those of known pieces; reads no further than that goes."""
    messages = 0
    for ordinal, piece in enumerate(source.pieces):
        here = list(islice(entries, piece.messages))
        if len(here) < piece.messages or not _agrees(here, piece, source, importing):
            return _Agreement(ordinal, messages, is_whole=not here)
        messages += piece.messages
    return _Agreement(len(source.pieces), messages, is_whole=True)


def _agrees(entries: Sequence[Entry], piece: Piece, source: Import, importing: Importing) -> bool:
    """Say whether entries are those of a piece; where something of it was erased, whether all that is left is there.

    What stands in the place of something erased may be it or not: nothing that is kept tells.
    """
    if piece.digest is not None:
        tally = Tally()
        for entry in entries:
            tally.add(entry.words)
        return piece.digest == tally.digest()
    defaults = importing.defaults(day_first=source.day_first)
    said: Counter[tuple[str, str | None]] = Counter()
    for entry in entries:
        with suppress(InvalidArgument):
            draft = importing.draft(entry.message(), defaults)
            said[draft.text, draft.speaker] += 1
    return not Counter(first_words(piece, importing)) - said


def _check(entries: Iterator[Entry], source: Import, importing: Importing) -> _Checked:
    """Look at every message that is new: what can be kept, and what its id stands for."""
    checked = _Checked()
    rules = importing.rules
    defaults = importing.defaults(day_first=source.day_first if rules.day_first is None else rules.day_first)
    named: list[tuple[str, Draft]] = []
    for entry in entries:
        checked.messages += 1
        try:
            message = entry.message()
            draft = importing.draft(message, defaults)
        except InvalidArgument as error:
            checked.bad += 1
            checked.problems += [f"{entry.where}: {error}"][: TOLD_PROBLEMS - len(checked.problems)]
            continue
        order = order_of(message.get("at"))
        if order is not None:
            checked.orders.setdefault(order, str(message.get("at")))
        if draft.external_id is None:
            checked.nameless += 1
            continue
        named.append((entry.where, draft))
        if len(named) == PIECE_MESSAGES:
            _check_ids(named, checked, source, importing)
            named.clear()
    _check_ids(named, checked, source, importing)
    return checked


def _check_ids(named: list[tuple[str, Draft]], checked: _Checked, source: Import, importing: Importing) -> None:
    if named:
        with importing.store.read() as reading:
            sifted = sift(reading, named, import_id=source.id, rules=importing.rules, scope=importing.scope)
        checked.taken += sifted.taken[: TOLD_PROBLEMS - len(checked.taken)]
        checked.unfit += len(sifted.bad)
        checked.misfits += sifted.bad[: TOLD_PROBLEMS - len(checked.misfits)]


def _check_change(feed: Feed, source: Import, agreed: _Agreement, checked: _Checked, rules: ImportRules) -> None:
    """Refuse a source that was changed where it had been taken in, unless it is known what became of each message."""
    has_ids = checked.nameless == 0 and checked.messages > checked.bad
    if has_ids or rules.on_conflict is OnConflict.REPLACE:
        return
    where = f"after its first {agreed.messages} messages" if agreed.messages else "from its beginning"
    problem = f"says something else {where} than when {source.messages} messages of it were taken in"
    advice = (
        "give on_conflict='replace' (--on-conflict replace) to withdraw what stood there and take in what stands there "
        "now, or 'beside' to take it in as another source; nothing was stored"
    )
    raise InvalidArgument(feed.shown, problem, advice)


def _settled(feed: Feed, plan: _Plan, importing: Importing) -> _Plan:
    """Give a plan with how its source is read from now on, once nothing stands in the way of it."""
    checked, rules = plan.checked, importing.rules
    count = checked.bad + checked.unfit
    if count and not rules.skip_bad:
        some = f"{count} messages" if count > 1 else "a message"
        problem = f"has {some} that cannot be kept: {(checked.problems + checked.misfits)[0]}"
        raise InvalidArgument(
            feed.shown, problem, "or leave them out with skip_bad=True (--skip-bad); nothing was stored"
        )
    if checked.taken and rules.on_conflict is OnConflict.REFUSE:
        raise taken_ids(feed.shown, checked.taken)
    day_first = rules.day_first if rules.day_first is not None else _day_first(feed, plan)
    zone = plan.source.zone if importing.timezone is None else str(importing.timezone)
    # A shorter one may be a part of it under a name of its own.
    name = plan.source.name if plan.is_short or feed.name is None else feed.name
    return replace(plan, name=name, zone=zone, day_first=day_first)


def _day_first(feed: Feed, plan: _Plan) -> bool | None:
    """Say what the dates of a source tell; None = they tell nothing, and need not.

    Raises:
        InvalidArgument: they contradict one another, or leave it open.
    """
    orders = plan.checked.orders
    if Order.DAY_FIRST in orders and Order.MONTH_FIRST in orders:
        raise mixed_orders(orders[Order.DAY_FIRST], orders[Order.MONTH_FIRST]).within(feed.shown)
    if plan.source.day_first is not None or not orders:
        return plan.source.day_first
    if set(orders) == {Order.EITHER}:
        problem = f"has no date that tells whether {orders[Order.EITHER]!r} begins with the day or the month"
        raise InvalidArgument(
            feed.shown, problem, "give day_first=True or False (--day-first, --month-first); nothing was stored"
        )
    return Order.DAY_FIRST in orders


def _carry_out(feed: Feed, plan: _Plan, importing: Importing) -> Imported:
    """Do what was planned, and sum it up."""
    source, withdrawn, retimed = plan.source, 0, 0
    is_of_another_name = plan.is_short and feed.name != source.name
    if importing.rules.on_conflict is OnConflict.REPLACE and not is_of_another_name:
        while len(source.pieces) > plan.agreed.pieces:
            source, count = withdraw_piece(source, importing)
            withdrawn += count
    elif not plan.agreed.is_whole:
        source = forget_pieces(source, plan.agreed.pieces, importing)
    if plan.is_read_otherwise:
        retimed = _retime(feed, plan, importing)
    source = replace(source, name=plan.name, zone=plan.zone, day_first=plan.day_first)
    done = Imported(
        name=feed.name,
        messages=plan.agreed.messages + plan.checked.messages,
        known=plan.agreed.messages,
        updated=retimed,
        withdrawn=withdrawn,
        left_out=plan.checked.bad,
        problems=tuple(plan.checked.problems),
    )
    if plan.checked.messages:
        done = _store(feed, source, plan, done, importing)
    elif source.id and source != plan.source:
        with importing.store.write() as writing:
            writing.put_import(source, scope=importing.scope)
    _tell(importing, 2 * feed.size, 2 * feed.size)
    return done


def _store(feed: Feed, source: Import, plan: _Plan, done: Imported, importing: Importing) -> Imported:
    """Store what is new, piece by piece."""
    defaults = importing.defaults(day_first=plan.day_first)
    read = partial(importing.draft, defaults=defaults)
    with feed.entries(_second(feed, importing)) as entries:
        _follow(feed, entries, replace(source, pieces=source.pieces[: plan.agreed.pieces]), importing)
        for batch in batches(islice(entries, plan.checked.messages), read):
            if not batch.placed and not source.pieces:
                break
            try:
                source, added, bad = store_piece(batch, source, importing, known=plan.known)
            except InvalidArgument as error:
                told = f"{error.problem}; the {source.messages} messages before that were taken in"
                raise InvalidArgument(feed.shown, told, error.advice) from error
            stored, repeated, held = len(added.stored), len(added.repeated), len(added.held)
            done = replace(
                done,
                stored=done.stored + stored,
                held=done.held + held,
                # All others are new revisions, those of what the same piece stored among them.
                updated=done.updated + len(batch.placed) - len(bad) - stored - repeated - held,
                repeated=done.repeated + repeated,
                left_out=done.left_out + len(bad),
                problems=(*done.problems, *bad)[:TOLD_PROBLEMS],
            )
    return done


def _retime(feed: Feed, plan: _Plan, importing: Importing) -> int:
    """Give what is known the times that it is read with now; gives how many changed."""
    changed = 0
    defaults = importing.defaults(day_first=plan.day_first)
    with feed.entries(_second(feed, importing)) as entries:
        for piece in plan.source.pieces[: plan.agreed.pieces]:
            drafts = []
            for entry in islice(entries, piece.messages):
                with suppress(InvalidArgument):
                    drafts.append(importing.draft(entry.message(), defaults))
            changed += retime_piece(drafts, piece, importing)
    return changed


def _follow(feed: Feed, entries: Iterator[Entry], source: Import, importing: Importing) -> None:
    """Pass over what is known, if it is still what it was at the first look."""
    if not _agreement(entries, source, importing).is_whole:
        raise InvalidArgument(feed.shown, "was changed while it was read", "import it again once it is at rest")


def _second(feed: Feed, importing: Importing) -> Callable[[int], None]:
    return lambda done: _tell(importing, feed.size + done, 2 * feed.size)


def _pass_over(entries: Iterator[Entry], messages: int) -> None:
    for _ in islice(entries, messages):
        pass


def _ignore(done: int) -> None:
    del done


def _tell(importing: Importing, done: int, of: int) -> None:
    if importing.on_progress is not None:
        importing.on_progress(done, of)
