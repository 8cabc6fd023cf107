"""The small tables that customers are drawn from, and the dice, inside DuckDB."""

import duckdb
import pyarrow as pa

from lib.warehouse.sample.names import FAMILY, GIVEN
from lib.warehouse.sample.places import COUNTRIES

MACROS = """
CREATE MACRO dice(i, salt, sides) AS (hash(i, salt) % sides)::INTEGER;
CREATE MACRO chance(i, salt) AS (hash(i, salt) % 1000000007) / 1000000007.0::DOUBLE;
CREATE MACRO handle(name) AS regexp_replace(strip_accents(replace(replace(replace(replace(replace(
    replace(replace(replace(lower(name), 'ø', 'o'), 'æ', 'ae'), 'ß', 'ss'), 'ł', 'l'), 'ı', 'i'),
    'þ', 'th'), 'ð', 'd'), 'œ', 'oe')), '[^a-z0-9]', '', 'g');
"""
"""The dice: the same number for the same row and salt, whatever the threads and the day."""


def build_world(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros, and the tables countries, rolls, variants, given and family."""
    connection.execute(MACROS)
    tables = {
        "countries": _countries(),
        "rolls": _rolls(),
        "variants": _variants(),
        "given": _given(),
        "family": _family(),
    }
    for name, rows in tables.items():
        connection.register("rows", pa.Table.from_pylist(rows))
        connection.execute(f"CREATE TABLE {name} AS FROM rows")
        connection.unregister("rows")
    for name in ("given", "family"):
        connection.execute(f"UPDATE {name} SET latin = handle(latin)")  # noqa: S608


def _countries() -> list[dict[str, object]]:
    return [
        {
            "code": country.code,
            "language": country.language,
            "dial": country.dial,
            "postcode": country.postcode,
            "cities": len(country.cities.split("|")),
            "streets": len(country.streets.split("|")),
            "domains": len(country.domains.split("|")),
        }
        for country in COUNTRIES
    ]


def _rolls() -> list[dict[str, object]]:
    codes = [country.code for country in COUNTRIES for _ in range(country.weight)]
    return [{"roll": roll, "code": code} for roll, code in enumerate(codes)]


def _variants() -> list[dict[str, object]]:
    return [
        {"code": country.code, "kind": kind, "n": n, "value": value}
        for country in COUNTRIES
        for kind in ("cities", "streets", "domains")
        for n, value in enumerate(getattr(country, kind).split("|"))
    ]


def _given() -> list[dict[str, object]]:
    rows = []
    for language, names in GIVEN.items():
        for woman, group in enumerate(reversed(names.split("/"))):
            rows += _spelled(language, group, {"woman": bool(woman)})
    return rows


def _family() -> list[dict[str, object]]:
    rows = []
    for language, names in FAMILY.items():
        rows += _spelled(language, names, {})
    return rows


def _spelled(language: str, names: str, more: dict[str, object]) -> list[dict[str, object]]:
    words = names.split()
    pairs = [word.partition("=") for word in words]
    return [
        {"language": language, "n": n, "of": len(words), "name": name, "latin": latin or name}
        | more
        for n, (name, _, latin) in enumerate(pairs)
    ]
