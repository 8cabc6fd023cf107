"""Columns that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Dialect, MetaData, Text, text
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table belongs to it."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database, which on SQLite knows no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; a naive one is a mistake in the program."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without time zone cannot be stored.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(name: str, *, index: bool = False) -> Column[str]:
    """Text that is never NULL; empty when there is none."""
    return Column(name, Text, nullable=False, server_default=text("''"), index=index or None)


def count(name: str) -> Column[int]:
    """A number that starts at nought."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def flag(name: str, default: str = "false") -> Column[bool]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False, server_default=text(default))


def made() -> tuple[Column[datetime], Column[str]]:
    """When and by whom the row was made."""
    return (Column("created_at", UtcDateTime, nullable=False), words("created_by"))


def named() -> tuple[Column[str], ...]:
    """A display name, and the form of it by which no two may be equal."""
    return (
        Column("name", Text, nullable=False),
        Column("name_key", Text, nullable=False, unique=True),
    )
