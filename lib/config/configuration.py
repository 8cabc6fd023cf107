"""Configuration as code: what one TOML file says there should be.

A file says what there is; nothing that it leaves out is touched, so applying it twice changes
nothing the second time. Keys stay outside: a connection names an environment variable.
"""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lib.config.exports import Draft
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.errors import InputError


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)


class SourceTable(_Table):
    """One ``[[sources]]``."""

    location: str
    key: str = ""


class SegmentTable(_Table):
    """One ``[[segments]]``: exactly one of sql, sql_file and rules_file."""

    description: str = ""
    sql: str = ""
    sql_file: Path | None = None
    rules_file: Path | None = None


class ConnectionTable(_Table):
    """One ``[[connections]]``."""

    api_key_env: str
    api_url: str = ""
    share: Literal["", "contributors"] = ""
    i_agree: bool = False


class ExportTable(_Table):
    """One ``[[exports]]``."""

    connection: str
    audience: str
    email: str
    first_name: str = ""
    last_name: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    keep_filled: tuple[str, ...] = ()
    segments: tuple[str, ...] = Field(min_length=1)
    status_if_new: StatusIfNew = StatusIfNew.SUBSCRIBED
    tag_segments: bool = True
    on_leave: OnLeave = OnLeave.NOTHING
    revive_archived: bool = False
    schedule: str = ""

    def draft(self) -> Draft:
        """Return it as somebody would set it up."""
        return Draft(
            name=self.name,
            connection=self.connection,
            audience_id=self.audience,
            matching=matching(
                self.email, self.first_name, self.last_name, self.fields, self.keep_filled
            ),
            segments=self.segments,
            options=Options(
                self.status_if_new, self.tag_segments, self.on_leave, self.revive_archived
            ),
            schedule=self.schedule,
        )


class Configuration(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[SourceTable, ...] = ()
    segments: tuple[SegmentTable, ...] = ()
    connections: tuple[ConnectionTable, ...] = ()
    exports: tuple[ExportTable, ...] = ()


def matching(
    email: str,
    first_name: str = "",
    last_name: str = "",
    fields: dict[str, str] | None = None,
    keep_filled: tuple[str, ...] = (),
) -> Matching:
    """Return the data matching that columns by their purpose and by field make up."""
    fed = {"FNAME": first_name, "LNAME": last_name, **(fields or {})}
    keep = {tag.upper() for tag in keep_filled}
    return Matching(
        email,
        tuple(
            FieldMatch(tag.upper(), column, tag.upper() in keep)
            for tag, column in fed.items()
            if column
        ),
    )


def read(path: Path) -> Configuration:
    """Read a file.

    Raises:
        InputError: naming the place in the file and what is wrong there.
    """
    try:
        return Configuration.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise InputError(f"{path}, {_first(error)}") from None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(
        f"[{part + 1}]" if isinstance(part, int) else str(part) for part in first["loc"]
    ).replace(".[", "[")
    if first["type"] == "extra_forbidden":
        return f"{place}: there is no such key."
    return f"{place}: {first['msg'].lower()}."
