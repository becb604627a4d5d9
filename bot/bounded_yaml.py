"""YAML from people, bounded: a few lines can name each other until they stand for billions (anchors and aliases), nest
without end, or hold what Python cannot make of them. What is read here is no larger than it looks."""

from __future__ import annotations

from typing import Any

import yaml

DEEPEST = 40
"""Collections within each other."""
_TEXT_OF_A_NODE = 256
"""Characters of a text that weigh as much as a node."""


class BadYaml(ValueError):
    """Text that is no YAML, or too much of it. The message has the place, and nothing of what stands there."""


class _BoundedLoader(yaml.SafeLoader):
    """Counts nodes as if each alias were written out."""

    most = 0

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._weight = 0
        self._weights: dict[str, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node. Raises BadYaml where it is one too many."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        before = self._weight
        if not isinstance(event, yaml.AliasEvent):
            self._weight += 1 + len(getattr(event, "value", None) or "") // _TEXT_OF_A_NODE
        elif event.anchor in self._weights:
            self._weight += self._weights[event.anchor]
        else:
            raise BadYaml(f"{_line(event.start_mark)}an alias of what is not written before")
        self._depth += 1
        if self._weight > self.most or self._depth > DEEPEST:
            raise BadYaml(f"{_line(event.start_mark)}it is too long or too deep")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if event.anchor is not None:
            self._weights[event.anchor] = self._weight - before
        return node


def read_yaml(text: str, *, most: int) -> object:
    """The one document in a text, of at most `most` nodes with every alias written out. Raises BadYaml."""
    loader = type("Loader", (_BoundedLoader,), {"most": most})
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 it is a SafeLoader
    except BadYaml:
        raise
    except yaml.constructor.ConstructorError as error:
        raise BadYaml(f"{_where(error)}a key or a tag that cannot be used here") from None
    except yaml.MarkedYAMLError as error:
        raise BadYaml(f"{_where(error)}{error.problem or error.context}") from None
    except yaml.YAMLError:
        raise BadYaml("it has characters that YAML does not allow") from None
    except (ValueError, OverflowError, RecursionError, TypeError, AttributeError):
        raise BadYaml("a number or a date is none that can be") from None


def _where(error: yaml.MarkedYAMLError) -> str:
    return _line(error.problem_mark or error.context_mark)


def _line(mark: Any) -> str:  # noqa: ANN401 one of two classes, of which one has no types
    return f"line {mark.line + 1}: " if mark else ""
