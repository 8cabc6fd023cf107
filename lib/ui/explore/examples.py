"""Questions to start from, offered where the tables and columns they need are there."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.ui.text import _
from lib.warehouse import Table


@dataclass(frozen=True, slots=True)
class Example:
    """One question."""

    title: str
    sql: str
    needs: tuple[str, ...]
    """Each ``table.column``."""


def fitting(tables: Sequence[Table]) -> tuple[Example, ...]:
    """List the examples this warehouse can answer; always at least one when it has a table."""
    there = {f"{table.name}.{column.name}" for table in tables for column in table.columns}
    found = tuple(example for example in _all() if there.issuperset(example.needs))
    if found or not tables:
        return found
    first = tables[0].name.replace('"', '""')
    return (Example(_("First rows"), f'select *\nfrom "{first}"\nlimit 100', ()),)


def _all() -> tuple[Example, ...]:
    return (
        Example(
            _("Customers per country"),
            "select country, count(*) as customers\n"
            "from profiles\ngroup by country\norder by customers desc",
            ("profiles.country",),
        ),
        Example(
            _("New customers per month"),
            "select date_trunc('month', created_at)::date as month, count(*) as customers\n"
            "from profiles\ngroup by month\norder by month",
            ("profiles.created_at",),
        ),
        Example(
            _("Gold customers who may be written to"),
            "select profile_id, email, first_name, last_name, lifetime_value\n"
            "from profiles\nwhere loyalty_tier ilike 'gold' and consent_email\n"
            "order by lifetime_value desc",
            (
                "profiles.profile_id",
                "profiles.loyalty_tier",
                "profiles.consent_email",
                "profiles.lifetime_value",
            ),
        ),
        Example(
            _("Birthdays in the next 30 days"),
            "select profile_id, email, first_name, birthday\n"
            "from profiles\n"
            "where (dayofyear(birthday) - dayofyear(current_date) + 366) % 366 < 30",
            ("profiles.profile_id", "profiles.birthday"),
        ),
        Example(
            _("Addresses used by several profiles"),
            "select lower(trim(email)) as address, count(*) as profiles\n"
            "from profiles\nwhere email is not null\n"
            "group by address\nhaving count(*) > 1\norder by profiles desc",
            ("profiles.email",),
        ),
        Example(
            _("Value against tier"),
            "select loyalty_tier, round(avg(lifetime_value), 2) as average_value\n"
            "from profiles\ngroup by loyalty_tier\norder by average_value desc",
            ("profiles.loyalty_tier", "profiles.lifetime_value"),
        ),
    )
