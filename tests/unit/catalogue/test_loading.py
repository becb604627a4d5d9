from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.catalogue import BadCatalogue, load
from bot.catalogue.loading import DATA
from bot.catalogue.table import page
from bot.domain.diagnosis.catalogue import Catalogue, Known
from bot.domain.knowledge.solution import Solution, SolutionKind

PAGE = Path(__file__).parents[3] / "docs" / "catalogue.md"


@pytest.fixture
def catalogue() -> Catalogue:
    return load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data to make mistakes in."""
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy)
    return copy


def test_the_seeds_example_is_there(catalogue: Catalogue) -> None:
    rules = [rule for rule in catalogue.rules() if rule.failure_type == "OOMKilled" and rule.signature is None]
    assert rules == [
        Solution(
            failure_type="OOMKilled",
            description="Increase memory request/limit by 2x",
            kind=SolutionKind.RULE,
            parameters={"multiplier": 2.0},
            automatic=True,
        ),
        Solution(
            failure_type="OOMKilled",
            description="Optimize application memory usage (manual)",
            kind=SolutionKind.RULE,
        ),
    ]
    assert catalogue.describe("OOMKilled").startswith("Out of Memory - Pod exceeded memory limit.")


def test_no_two_rules_of_one_cause_say_the_same(catalogue: Catalogue) -> None:
    said = [(rule.failure_type, rule.signature, rule.description) for rule in catalogue.rules()]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("OOMKilled", "OOMKilled"),
        ("oom", "OOMKilled"),
        ("OOM killed", "OOMKilled"),
        ("oomkiled", "OOMKilled"),
        ("image pull", "ImagePullBackOff"),
        ("ErrImagePull", "ImagePullBackOff"),
        ("imagepullbackof", "ImagePullBackOff"),
        ("crash loop", "CrashLoopBackOff"),
        ("pending", "Pending"),
        ("cuda-out-of-memory", "cuda-out-of-memory"),
        ("CUDA out of memory", "cuda-out-of-memory"),
        ("cuda oom", "cuda-out-of-memory"),
        ("nccl timeout", "nccl-timeout"),
        ("xid 79", "gpu-xid-79"),
        ("GPU fell off the bus", "gpu-xid-79"),
        ("No module named", "missing-module"),
        ("shm", "shm-too-small"),
        ("node lost", "NodeLost"),
        ("ENOSPC", "disk-full"),
    ],
)
def test_loose_words_find_their_cause(catalogue: Catalogue, words: str, name: str) -> None:
    known = catalogue.lookup(words)
    assert known is not None
    assert known.name == name
    assert catalogue.describe(words)


@pytest.mark.parametrize("words", ["", "   ", "xyzzy", "日本語", "a" * 5000, "<!channel>", "\u202e"])
def test_words_that_name_nothing_find_nothing(catalogue: Catalogue, words: str) -> None:
    assert catalogue.lookup(words) is None
    assert catalogue.describe(words) == ""
    assert len(catalogue.nearest(words)) <= 3


def test_the_nearest_names_are_offered(catalogue: Catalogue) -> None:
    assert "nccl-timeout" in catalogue.nearest("ncl time")
    assert "ImagePullBackOff" in catalogue.nearest("imagepul")


def test_a_signature_knows_its_type(catalogue: Catalogue) -> None:
    assert catalogue.lookup("image-pull-unauthorized") == Known("ImagePullBackOff", "image-pull-unauthorized")


def test_the_page_of_the_documentation_is_up_to_date(catalogue: Catalogue) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(catalogue), "run python -m bot.catalogue > docs/catalogue.md"


def _changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("memory.yaml", "rank: host", "rank: hots", "memory.yaml: oom-killed: `rank` is one of"),
        ("memory.yaml", "type: OOMKilled", "type: OutOfMem", "oom-killed: there is no failure type 'OutOfMem'"),
        (
            "memory.yaml",
            "outranks: [host-out-of-memory, device-unhealthy]",
            "outranks: [x-y]",
            "oom-killed: outranks 'x-y', which is no",
        ),
        ("memory.yaml", "owner: user", "owner: somebody", "memory.yaml: Invalid enum value 'somebody'"),
        ("memory.yaml", "- has: constraint_memcg", "- hass: constraint_memcg", "unknown field `hass`"),
        ("memory.yaml", "- has: constraint_memcg", "- line: constraint", "memory.yaml: oom-killed: a clause needs"),
        ("memory.yaml", "- has: constraint_memcg", "- {has: constraint, line: '('}", "`line` is no regular expression"),
        ("memory.yaml", "- has: constraint_memcg", "- has: ab", "at least 3 characters"),
        ("memory.yaml", "title: The node ran out", "title: [", "memory.yaml: while parsing"),
        ("memory.yaml", "id: host-out-of-memory", "id: oom-killed", "oom-killed: is there twice"),
        ("gpu.yaml", " Its own words are shown.", "", "gpu.yaml: "),
        ("types.yaml", "name: Pending", "name: pending", "types.yaml: "),
        ("xid.yaml", "xid: 79", "xid: seventy-nine", "xid.yaml: "),
    ],
)
def test_a_mistake_in_the_data_is_named(folder: Path, file: str, old: str, new: str, problem: str) -> None:
    _changed(folder / file, old, new)
    with pytest.raises(BadCatalogue) as caught:
        load(folder)
    assert any(problem in said for said in caught.value.problems), caught.value.problems


def test_all_mistakes_are_reported_at_once(folder: Path) -> None:
    _changed(folder / "memory.yaml", "rank: host", "rank: hots")
    _changed(folder / "gpu.yaml", "rank: hardware", "rank: hard")
    (folder / "image.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadCatalogue) as caught:
        load(folder)
    assert {said.split(":")[0] for said in caught.value.problems} >= {"memory.yaml", "gpu.yaml", "image.yaml"}


def test_a_missing_folder_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue, match=r"types\.yaml"):
        load(tmp_path)
