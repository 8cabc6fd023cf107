"""Columns that grow: one number per member, a few bytes each."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Column:
    """A numpy array with room to grow; ``values`` is the filled part."""

    __slots__ = ("_room", "size")

    def __init__(self, kind: type[np.generic]) -> None:
        self._room: Array = np.zeros(64, dtype=kind)
        self.size = 0

    @property
    def values(self) -> Array:
        """The filled part, as a view that may be changed in place."""
        return self._room[: self.size]

    def append(self, value: int) -> None:
        """Add one value."""
        self._reserve(self.size + 1)
        self._room[self.size] = value
        self.size += 1

    def extend(self, values: Array) -> None:
        """Add many values."""
        self._reserve(self.size + len(values))
        self._room[self.size : self.size + len(values)] = values
        self.size += len(values)

    def get(self, row: int) -> int:
        """The value of one row as a Python int."""
        return int(self._room[row])

    def set(self, row: int, value: int) -> None:
        """Change the value of one row."""
        self._room[row] = value

    def _reserve(self, size: int) -> None:
        if size > len(self._room):
            room = np.zeros(max(size, 2 * len(self._room)), dtype=self._room.dtype)
            room[: self.size] = self.values
            self._room = room


class Interned:
    """Small tuples that many members share, each stored once and known by its number."""

    __slots__ = ("codes", "tuples")

    def __init__(self, tuples: Iterable[tuple[Any, ...]] = ((),)) -> None:
        self.tuples = list(tuples)
        self.codes = {value: code for code, value in enumerate(self.tuples)}

    def code(self, value: tuple[Any, ...]) -> int:
        """The number of a tuple, given out at its first sight."""
        code = self.codes.get(value)
        if code is None:
            code = self.codes[value] = len(self.tuples)
            self.tuples.append(value)
        return code
