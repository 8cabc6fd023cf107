"""Configuration as code: what one TOML file says there should be.

Nothing that a file leaves out is touched: neither a thing it does not name, nor a field that it
does not give of a thing that is there. So applying it twice changes nothing the second time. Keys
stay outside: the file names environment variables or references.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from lib import cron
from lib.config import feeding
from lib.config.exports import Draft
from lib.config.feeding import Column
from lib.contacts.matching import ADDRESS_PARTS
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.errors import InputError
from lib.runs.keeping.retention import MOST_DAYS
from lib.store import export_record
from lib.store.guard import USUAL, Guard

_MOST = 10**12
"""More contacts than there are people is a slip of the finger."""
NO_LIMIT: Literal["none"] = "none"
"""How a file says that there is no limit, as TOML has no null."""


def _schedule(given: str) -> str:
    try:
        return export_record.checked_schedule(given)
    except InputError as error:
        raise ValueError(str(error)) from None


def _cron(given: str) -> str:
    try:
        return cron.check(given) if given.strip() else ""
    except InputError as error:
        raise ValueError(str(error)) from None


def _tags(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({tag.upper() for tag in given}))


def _fields(given: dict[str, "str | dict[str, str]"]) -> dict[str, "str | dict[str, str]"]:
    for column in given.values():
        if isinstance(column, dict) and (strange := column.keys() - set(ADDRESS_PARTS)):
            raise ValueError(
                f"an address has no {min(strange)}; it has {', '.join(ADDRESS_PARTS)}."
            )
    return {tag.upper(): column for tag, column in given.items()}


Number = TypeVar("Number", int, float)
Schedule = Annotated[str, AfterValidator(_schedule)]
Cron = Annotated[str, AfterValidator(_cron)]
Count = Annotated[int, Field(ge=0, le=_MOST)] | Literal["none"]
Percent = Annotated[float, Field(ge=0, allow_inf_nan=False)] | Literal["none"]
Share = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | Literal["none"]


class Table(BaseModel):
    """What has a name, by which a file and an installation speak of the same thing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)


class SourceTable(Table):
    """One ``[[sources]]``."""

    location: str
    key: str = ""


class SegmentTable(Table):
    """One ``[[segments]]``: exactly one of sql, sql_file, rules and rules_file."""

    description: str = ""
    sql: str = ""
    sql_file: Path | None = None
    rules: str = ""
    rules_file: Path | None = None


class ConnectionTable(Table):
    """One ``[[connections]]``: a new one needs a key, and a word on the consent ``i_agree``.

    Where it says false, nothing is sent over the connection until somebody agrees.
    """

    api_key_env: str = ""
    api_key_ref: str = ""
    api_url: Annotated[str, AfterValidator(lambda given: given.strip().rstrip("/"))] = ""
    practice: bool = False
    share: Literal["", "contributors"] = ""
    i_agree: bool = False
    export_user: str = ""
    contract_limit: Annotated[int, Field(ge=1, le=_MOST)] | Literal["none"] = NO_LIMIT
    contract_blocks: bool = False


class ExportTable(Table):
    """One ``[[exports]]``."""

    connection: str
    """Empty: detached, so it is switched off too."""
    audience: str
    email: str
    first_name: str = ""
    last_name: str = ""
    fields: Annotated[dict[str, Column], AfterValidator(_fields)] = Field(default_factory=dict)
    keep_filled: Annotated[tuple[str, ...], AfterValidator(_tags)] = ()
    segments: tuple[str, ...] = Field(min_length=1)
    status_if_new: StatusIfNew = StatusIfNew.SUBSCRIBED
    tag_segments: bool = True
    on_leave: OnLeave = OnLeave.NOTHING
    revive_archived: bool = False
    schedule: Schedule = ""
    active: bool = True
    most_added: Count = USUAL.most_added or NO_LIMIT
    most_removed: Count = USUAL.most_removed or NO_LIMIT
    most_rejected_percent: Share = USUAL.most_rejected_percent or NO_LIMIT
    most_deviation_percent: Percent = USUAL.most_deviation_percent or NO_LIMIT
    approve_rules: bool = False
    """Whoever applies the file lets the export run by itself, as it then is."""

    @property
    def fed(self) -> dict[str, Column]:
        """What feeds each field."""
        return feeding.columns(self.first_name, self.last_name, self.fields)

    def draft(self) -> Draft:
        """Return it as somebody would set it up.

        Raises:
            MatchingError: what is kept where filled is not fed.
        """
        return Draft(
            name=self.name,
            connection=self.connection,
            audience_id=self.audience,
            matching=feeding.matching(self.email, self.fed, self.keep_filled),
            segments=self.segments,
            options=Options(
                self.status_if_new, self.tag_segments, self.on_leave, self.revive_archived
            ),
            schedule=self.schedule,
        )

    def guard(self) -> Guard:
        """Return its guard rails."""
        return Guard(
            limit(self.most_added),
            limit(self.most_removed),
            limit(self.most_rejected_percent),
            limit(self.most_deviation_percent),
        )


class ChannelTable(Table):
    """One ``[[channels]]``: a mail address, or the variable that holds a webhook's URL."""

    mail: str = ""
    url_env: str = ""
    active: bool = True


class Configuration(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    refresh: Cron | None = None
    """When exports that follow it run, as cron; empty: never."""
    retention_days: Annotated[int, Field(ge=0, le=MOST_DAYS)] | None = None
    sources: tuple[SourceTable, ...] = ()
    connections: tuple[ConnectionTable, ...] = ()
    segments: tuple[SegmentTable, ...] = ()
    exports: tuple[ExportTable, ...] = ()
    channels: tuple[ChannelTable, ...] = ()


def limit(given: Number | Literal["none"]) -> Number | None:
    """Return a limit; None for none."""
    return None if given == "none" else given


def read(path: Path) -> Configuration:
    """Read a file.

    Raises:
        InputError: naming the place in the file and what is wrong there.
    """
    try:
        return parse(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not valid TOML: {error}.") from None
    except InputError as error:
        raise InputError(f"{path}{error}") from None


def parse(text: str) -> Configuration:
    """Read the text of a file.

    Raises:
        InputError: naming the place and what is wrong there.
    """
    try:
        return Configuration.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f" is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise InputError(f", {_first(error)}") from None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(
        f"[{part + 1}]" if isinstance(part, int) else str(part) for part in first["loc"]
    ).replace(".[", "[")
    if first["type"] == "extra_forbidden":
        return f"{place}: there is no such key."
    if first["type"] == "value_error":
        return f"{place}: {first['msg'].removeprefix('Value error, ')}"
    return f"{place}: {first['msg'].lower()}."
