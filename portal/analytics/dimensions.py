"""What tables count by: the values of each dimension, as a tree of totals and parts, from the classifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from types import MappingProxyType

from documents.classifiers import Classifiers, Row, classifiers

ALL = "all"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Node:
    """One value: its code, the total it is a part of (none: of nothing), its names."""

    code: str
    parent: str | None
    lv: str
    en: str
    depth: int = 0

    def label(self, language: str) -> str:
        """The name in a language."""
        return self.en if language == "en" else self.lv


@dataclass(frozen=True)
class Dimension:
    """The values of a dimension, each total before its parts."""

    code: str
    nodes: tuple[Node, ...]

    @cached_property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """Total → its parts, in their order; only of values that have any."""
        found: dict[str, tuple[str, ...]] = {}
        for node in self.nodes:
            if node.parent is not None:
                found[node.parent] = (*found.get(node.parent, ()), node.code)
        return found

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The values without parts: what is counted; all else is their sum."""
        return tuple(node.code for node in self.nodes if node.code not in self.parts)

    def node(self, code: str) -> Node | None:
        """The value of a code, if the dimension has it."""
        return next((node for node in self.nodes if node.code == code), None)


def dimensions(on: date) -> Mapping[str, Dimension]:
    """Every dimension with the values of the day `on`."""
    return _dimensions(classifiers(), on)


@lru_cache(maxsize=64)  # days: a page of figures shows those of one release
def _dimensions(known: Classifiers, on: date) -> Mapping[str, Dimension]:
    categories = known.table_categories.values()
    names = {name: None for row in categories for name in row.dimensions} | {"need": None, "factor": None}
    found = {}
    for name in names:
        own = [_node(row.node, row.parent or None, row) for row in categories if name in row.dimensions]
        found[name] = Dimension(name, _in_order([*own, *_named_elsewhere(name, known, on)]))
    return MappingProxyType(found)


def _named_elsewhere(name: str, known: Classifiers, on: date) -> list[Node]:
    """The values that other classifiers name. A child may have many needs and factors: these have no total."""
    match name:
        case "need":
            return [_node(row.code, None, row) for row in known.need_kinds.values()]
        case "factor":
            return [_node(row.code, None, row) for row in sorted(known.factors.values(), key=lambda row: row.number)]
        case "event_kind":
            domains = [_node(row.code, ALL, row) for row in known.domains.values() if _has_kinds(row.code, known)]
            return [*domains, *(_node(row.code, row.domain, row) for row in known.event_kinds.values())]
        case "place":
            regions = [_node(row.code, ALL, row) for row in known.planning_regions.values()]
            towns = sorted(known.current_municipalities(on), key=lambda row: (row.type != "state_city", row.lv))
            return [*regions, *(_node(row.code, row.planning_region, row) for row in towns)]
    return []


def _has_kinds(domain: str, known: Classifiers) -> bool:
    return any(kind.domain == domain for kind in known.event_kinds.values())


def _node(code: str, parent: str | None, row: Row) -> Node:
    return Node(code, parent, row.lv, row.en)


def _in_order(nodes: Sequence[Node], parent: str | None = None, depth: int = 0) -> tuple[Node, ...]:
    """Each total, then at once its parts."""
    own = [node for node in nodes if node.parent == parent]
    return tuple(
        each
        for node in own
        for each in (
            Node(node.code, node.parent, node.lv, node.en, depth),
            *_in_order(nodes, node.code, depth + 1),
        )
    )
