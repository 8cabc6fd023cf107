"""The sample company: an invented Nordic shop with customers all over the world."""

from lib.warehouse.sample.company import make, subscribers

__all__ = ["make", "subscribers"]
