"""A source: something the warehouse reads, under the name its table gets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One source, as it is kept."""

    name: str
    """The table's name in SQL."""
    location: str
    """Parquet file, folder or glob on this machine."""
    key: str = ""
    """Column that tells profiles apart, when this is the table of profiles."""
    origin: str = ""
    """What was given when it was added, if that had to be converted; empty when read in place."""
