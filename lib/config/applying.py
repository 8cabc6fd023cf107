"""Making an installation what a configuration says: first every difference, then the changes.

The whole file is read against the installation before anything is touched, so a mistake in it
changes nothing. What only Mailchimp or the warehouse can refuse comes up on the way; then what was
done before stays and is said, and applying the file again goes on from there.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lib.access import Action, require
from lib.config import Office, carrying, comparing, describing, forms, keys, wording
from lib.config.comparing import Change, Difference
from lib.config.configuration import (
    ChannelTable,
    Configuration,
    ConnectionTable,
    ExportTable,
    SegmentTable,
    SourceTable,
    Table,
)
from lib.errors import InputError, MusterError, RefusedError
from lib.runs.keeping import retention
from lib.store import names, refresh

Wanted = TypeVar("Wanted", bound=Table)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of the file: where it stands there, what is to change, and how."""

    place: str
    change: Change
    do: Callable[[], object]


def apply(
    office: Office, wanted: Configuration, folder: Path, *, dry_run: bool
) -> tuple[Change, ...]:
    """Carry a configuration out: sources, connections, segments, exports, channels, the rest.

    Args:
        office: where, and as whom: an administrator.
        wanted: what there should be.
        folder: what paths in the file are relative to.
        dry_run: only say what would change.

    Returns:
        One change for each thing in the file.

    Raises:
        ForbiddenError: not an administrator.
        InputError, RefusedError: the file asks for what cannot be; nothing was changed.
        MusterError: something on the way said no; the sentence tells what was done before.
    """
    require(office.who, Action.EDIT_SYSTEM)
    steps = tuple(_steps(office, describing.describe(office), wanted, folder))
    done: list[str] = []
    for step in () if dry_run else steps:
        if step.change.verb != "keep":
            with _told(step, done):
                step.do()
            done.append(f"{step.change.noun} {step.change.name}".strip())
    return tuple(step.change for step in steps)


def _steps(
    office: Office, held: Configuration, wanted: Configuration, folder: Path
) -> Iterator[Step]:
    known = wording.known(held, wanted)
    for place, source in _placed("sources", wanted.sources):
        with _at(place):
            located = wording.located(source, folder)
            yield _source(office, place, _find(held.sources, source), located)
    for place, connection in _placed("connections", wanted.connections):
        with _at(place):
            yield _connection(office, place, _find(held.connections, connection), connection)
    changing = set()
    for place, segment in _placed("segments", wanted.segments):
        with _at(place):
            meant = wording.resolved(segment, folder)
            step = _segment(office, place, _find(held.segments, segment), meant)
        if step.change.verb == "change":
            changing.add(known.segments[names.key(segment.name)])
        yield step
    for place, export in _placed("exports", wanted.exports):
        with _at(place):
            named = wording.canonical(export, known)
            yield _export(office, place, _find(held.exports, export), named, changing)
    for place, channel in _placed("channels", wanted.channels):
        with _at(place):
            yield _channel(office, place, _find(held.channels, channel), channel)
    yield from _settings(office, held, wanted)


def _source(office: Office, place: str, held: SourceTable | None, table: SourceTable) -> Step:
    wanted = comparing.completed(held, table)
    change = comparing.compare("source", held, wanted)
    if change.verb != "keep":
        forms.source(wanted)
    return Step(place, change, lambda: carrying.source(office, change, wanted))


def _connection(
    office: Office, place: str, held: ConnectionTable | None, table: ConnectionTable
) -> Step:
    wanted = comparing.completed(held, table)
    keys.require_one(held, table)
    forms.connection(held, table)
    more = [Difference("key", "•••", "••• (new)")] if keys.is_new(office, held, table) else []
    more += _consent(held, table, wanted)
    change = comparing.compare("connection", held, wanted, *more)
    if held is not None and change.differs("api_url"):
        keys.way_in(change, wanted)  # what is kept goes to no other address
    return Step(place, change, lambda: carrying.connection(office, change, wanted))


def _consent(
    held: ConnectionTable | None, table: ConnectionTable, wanted: ConnectionTable
) -> Iterator[Difference]:
    """Tell what becomes of consent; saying nothing about it does not do for a new connection.

    Raises:
        RefusedError: it is not said.
    """
    if held is not None:
        if held.i_agree and not wanted.i_agree:
            yield Difference("consent", "agreed", "withdrawn")
    elif "i_agree" in table.model_fields_set and not table.i_agree:
        yield Difference("consent", None, "missing")
    elif not (table.i_agree or table.practice):
        raise RefusedError(
            "a new connection sends data out of this installation: say i_agree = true to agree, or "
            "i_agree = false to keep it without consent; then nothing is sent over it."
        )


def _segment(office: Office, place: str, held: SegmentTable | None, table: SegmentTable) -> Step:
    wanted = comparing.completed(held, table)
    if not (wanted.sql or wanted.rules):
        raise InputError("a new segment needs one of sql, sql_file, rules and rules_file.")
    change = comparing.compare("segment", held, wanted)
    return Step(place, change, lambda: carrying.segment(office, change, wanted))


def _export(
    office: Office,
    place: str,
    held: ExportTable | None,
    table: ExportTable,
    changing: Collection[str],
) -> Step:
    wanted = _kept_while_fed(table, comparing.completed(held, table))
    wanted = _switched_off_without_connection(table, wanted)
    approve = table.approve_rules if "approve_rules" in table.model_fields_set else None
    lapses = approve and held is not None and held.approve_rules
    if lapses and not set(wanted.segments).isdisjoint(changing):
        # The approval that there is ends with its segments' change, so it is given anew.
        more = [Difference("approve_rules", False, True)]
    else:
        more = []
    change = comparing.compare("export", held, wanted, *more)
    forms.export(wanted)
    return Step(place, change, lambda: carrying.export(office, change, wanted, approve=approve))


def _kept_while_fed(table: ExportTable, wanted: ExportTable) -> ExportTable:
    """Let go of what was kept where filled, where the file feeds it no more without a word."""
    if "keep_filled" in table.model_fields_set:
        return wanted
    kept = tuple(tag for tag in wanted.keep_filled if tag in wanted.fed)
    return wanted.model_copy(update={"keep_filled": kept})


def _switched_off_without_connection(table: ExportTable, wanted: ExportTable) -> ExportTable:
    if wanted.connection:
        return wanted
    if table.active and "active" in table.model_fields_set:
        raise InputError("an export without a connection cannot be active: give it one.")
    return wanted.model_copy(update={"active": False})


def _channel(office: Office, place: str, held: ChannelTable | None, table: ChannelTable) -> Step:
    wanted = comparing.completed(held, table)
    if bool(wanted.mail) == bool(wanted.url_env):
        raise InputError("a channel needs one of mail and url_env, and cannot become the other.")
    more = [Difference("url", "•••", "••• (new)")] if keys.is_new_url(office, held, wanted) else []
    change = comparing.compare("channel", held, wanted, *more)
    if change.verb == "add" or change.differs("mail", "url"):
        forms.channel(wanted)
    return Step(place, change, lambda: carrying.channel(office, change, wanted))


def _settings(office: Office, held: Configuration, wanted: Configuration) -> Iterator[Step]:
    store, who = office.store, office.who
    cron, days = wanted.refresh, wanted.retention_days
    if cron is not None:
        change = _single("refresh", held.refresh, cron)
        yield Step("refresh", change, lambda: refresh.put(store, who, cron))
    if days is not None:
        change = _single("retention_days", held.retention_days, days)
        yield Step("retention_days", change, lambda: retention.choose(store, who, days))


def _single(noun: str, old: object, new: object) -> Change:
    if old == new:
        return Change(noun, "", "keep")
    return Change(noun, "", "change", (Difference(noun, old, new),))


def _find(held: Sequence[Wanted], wanted: Wanted) -> Wanted | None:
    key = names.key(wanted.name)
    return next((one for one in held if names.key(one.name) == key), None)


def _placed(noun: str, tables: Sequence[Wanted]) -> Iterator[tuple[str, Wanted]]:
    """Give each table the words by which a person finds it in the file."""
    seen: set[str] = set()
    for number, table in enumerate(tables, 1):
        place = f"{noun}[{number}] “{table.name}”"
        if names.key(table.name) in seen:
            raise InputError(f"{place}: the name is there twice.")
        seen.add(names.key(table.name))
        with _at(place):
            forms.named(table)
        yield place, table


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Name the place in what is refused before anything was changed."""
    try:
        yield
    except MusterError as error:
        raise type(error)(f"{place}: {error}") from None


@contextmanager
def _told(step: Step, done: Sequence[str]) -> Iterator[None]:
    """Name the place in what is refused on the way, and what was done before it."""
    try:
        yield
    except MusterError as error:
        before = f"Done before it: {', '.join(done)}." if done else "Nothing was done before it."
        raise type(error)(f"{step.place}: {error} {before}") from None
