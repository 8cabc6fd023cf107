"""``fields`` and ``exclude_fields``: which parts of a reply are wanted, by dotted paths."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.practice.problem import FieldFault, ProblemError

Tree = dict[str, Any]

_PATH = re.compile(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*")


@dataclass(frozen=True, slots=True)
class Projection:
    """The wanted and the unwanted paths as trees; an empty tree says everything below."""

    wanted: Tree | None = None
    unwanted: Tree | None = None

    def apply(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """The JSON value with only what is wanted."""
        if self.wanted:
            value = _keep(value, self.wanted)
        return _drop(value, self.unwanted) if self.unwanted else value

    def below(self, name: str) -> "Projection | None":
        """What is wanted of one attribute's items; None when the attribute is not wanted."""
        if self.wanted and name not in self.wanted:
            return None
        wanted = self.wanted[name] if self.wanted else None
        unwanted = self.unwanted.get(name) if self.unwanted else None
        return None if unwanted == {} else Projection(wanted or None, unwanted)

    def wants(self, name: str) -> bool:
        """Whether any part of the attribute is wanted."""
        return self.below(name) is not None

    @property
    def deep(self) -> bool:
        """Whether a path reaches into an attribute, so that whole attributes are not enough."""
        trees = [tree for tree in (self.wanted, self.unwanted) if tree]
        return any(below for tree in trees for below in tree.values())


EVERYTHING = Projection()


def read_projection(query: Mapping[str, str]) -> Projection:
    """The projection a query asks for.

    Raises:
        ProblemError: 422, for a path with characters no field name has.
    """
    wanted, unwanted = query.get("fields", ""), query.get("exclude_fields", "")
    if not wanted and not unwanted:
        return EVERYTHING
    return Projection(_tree("fields", wanted), _tree("exclude_fields", unwanted))


def _tree(parameter: str, text: str) -> Tree | None:
    tree: Tree = {}
    for path in filter(None, (part.strip() for part in text.split(","))):
        if not _PATH.fullmatch(path):
            raise ProblemError(
                422,
                "Invalid Fields",
                "The fields requested from this resource are invalid.",
                FieldFault(parameter, "Not a dotted path"),
            )
        _plant(tree, path.split("."))
    return tree or None


def _plant(tree: Tree, path: list[str]) -> None:
    for name in path[:-1]:
        if tree.get(name) == {}:
            return
        tree = tree.setdefault(name, {})
    tree[path[-1]] = {}


def _keep(value: Any, tree: Tree) -> Any:  # noqa: ANN401
    if not tree:
        return value
    if isinstance(value, list):
        return [_keep(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _keep(value[name], below) for name, below in tree.items() if name in value}


def _drop(value: Any, tree: Tree) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_drop(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    gone = {name for name, below in tree.items() if not below}
    return {
        name: _drop(item, tree[name]) if tree.get(name) else item
        for name, item in value.items()
        if name not in gone
    }
