"""Columns that grow: one number per member, a few bytes each."""

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
if TYPE_CHECKING:
    Numbers = array[int]
else:
    Numbers = array


class Column(Numbers):
    """An array of one kind of number ("B" a byte, "i" four bytes, "q" eight).

    Single numbers are read and written as Python's own, many at once through numpy.
    """

    @property
    def values(self) -> Array:
        """All numbers as numpy sees them, not copied: let go of it before the column grows."""
        return np.frombuffer(self, self.typecode) if len(self) else np.zeros(0, self.typecode)

    def add(self, values: Array) -> None:
        """Add many numbers at the end."""
        self.frombytes(np.asarray(values).astype(self.typecode).tobytes())


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
