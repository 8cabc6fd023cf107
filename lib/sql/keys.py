"""Keys of profiles as texts: the same one whatever type a table or a query gives it."""

from decimal import Decimal
from math import isfinite


def key_text(key: str) -> str:
    """Return SQL for a key as text: 1.0 is 1 where its type has fractions, as 1 elsewhere is.

    The type is known before the query runs, so this costs keys of other types nothing.

    Args:
        key: SQL of the key, a column.
    """
    told = f"cast({key} as varchar)"
    return (
        f"case when typeof({key}) in ('DOUBLE', 'FLOAT') or starts_with(typeof({key}), 'DECIMAL')\n"
        f"    then regexp_replace({told}, '\\.0+$', '') else {told} end"
    )


def told(key: object) -> str:
    """Return the same of a value that came out of the warehouse."""
    if isinstance(key, (float, Decimal)) and isfinite(key) and key == int(key):
        return str(int(key))
    return str(key)
