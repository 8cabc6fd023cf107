"""The sample company: an invented Nordic shop with customers all over the world."""

from lib.warehouse.sample.company import make

__all__ = ["make"]
