"""Rows of the database become frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, cast

from sqlalchemy import RowMapping

Record = TypeVar("Record")


def build(cls: type[Record], row: RowMapping | Mapping[str, Any], **more: object) -> Record:
    """Make the dataclass from the row's columns of the same names; ``more`` wins."""
    names = [field.name for field in fields(cast(Any, cls))]
    found = {name: row[name] for name in names if name not in more and name in row}
    return cls(**found, **more)
