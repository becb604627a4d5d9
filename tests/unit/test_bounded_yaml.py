from __future__ import annotations

import time
import tracemalloc

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bounded_yaml import BadYaml, read_yaml

BILLION = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
BOMBS = {
    "lists of lists": BILLION,
    "texts of texts": f"a: &a {'x' * 50_000}\nb: &b [{', '.join(['*a'] * 100)}]\nc: [{', '.join(['*b'] * 100)}]",
    "tables of tables": BILLION.replace("[", "{k: [").replace("]", "]}"),
    "merges": "a: &a {x: 1}\n" + "".join(f"b{n}: {{<<: [{', '.join(['*a'] * 200)}]}}\n" for n in range(200)),
    "itself": "a: &a [*a]",
    "a table of itself": "a: &a {b: *a}",
    "nesting": "[" * 100_000,
    "nesting that is closed": "[" * 3_000 + "]" * 3_000,
    "nesting by blanks": "".join(f"{' ' * n}a:\n" for n in range(3_000)),
    "keys of keys": "? " * 3_000 + "a",
    "too many": "\n".join(f"k{n}: 1" for n in range(20_000)),
}
ODD = [
    "a: [",
    "\x00",
    "a: 9" + "9" * 5000,
    "a: 0000-00-00",
    "a: !!python/object:os.system x",
    "? [a]: b",
    "a: *b",
    "%x",
    "a: 1e",
    "\ud800",
]


@pytest.mark.parametrize("name", BOMBS)
def test_what_expands_without_end_is_refused_before_it_does(name: str) -> None:
    began = time.process_time()
    tracemalloc.start()
    with pytest.raises(BadYaml):
        read_yaml(BOMBS[name], most=10_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000
    assert time.process_time() - began < 10


def refusal(text: str) -> str:
    """What is said of it; nothing where it is read."""
    try:
        read_yaml(text, most=1000)
    except BadYaml as error:
        return str(error)
    return ""


@pytest.mark.parametrize("text", ODD)
def test_what_is_odd_is_refused_in_one_line_or_read(text: str) -> None:
    assert "\n" not in refusal(text)


@pytest.mark.parametrize(
    "value", ['"hunter2', "!hunter2", "*hunter2", "&hunter2 &hunter2 x", "!!hunter2 x", "[hunter2"]
)
def test_a_refusal_says_where_and_nothing_of_what_stands_there(value: str) -> None:
    with pytest.raises(BadYaml) as refused:
        read_yaml(f"a: 1\nsmtp_password: {value}\nb: x", most=1000)
    assert "hunter2" not in str(refused.value)
    assert "line" in str(refused.value)


def test_anchors_are_read_where_they_are_as_small_as_they_look() -> None:
    assert read_yaml("a: &a [1, 2]\nb: *a\nc: {<<: {d: 1}}", most=100) == {"a": [1, 2], "b": [1, 2], "c": {"d": 1}}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
@settings(deadline=None)
def test_what_is_bounded_is_read_as_it_was_written(value: object) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    assert read_yaml(text, most=10_000) == yaml.safe_load(text)


@given(st.text())
@settings(deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    assert "\n" not in refusal(text)
