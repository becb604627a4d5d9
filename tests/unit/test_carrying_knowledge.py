from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.domain.knowledge.solution import Solution, SolutionKind, SolutionOutcome
from bot.domain.scope import Scope
from bot.services.knowledge.carry import BadKnowledge, imported
from bot.store import migrate
from bot.store.store import Store, open_store
from tests.contract.seen import at


def run(database: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words], env={"FAILURES_DB_PATH": str(database)})


def test_what_one_installation_knows_is_carried_to_another(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here.db", tmp_path / "there.db", tmp_path / "knowledge.yaml"
    migrate.upgrade(f"sqlite:///{here}")
    store = open_store(f"sqlite:///{here}")
    known = store.knowledge.add_solution(
        Solution(failure_type="OOMKilled", description="Stream the dataset", kind=SolutionKind.PERSON, created_by="U1")
    )
    for number in range(7):
        store.knowledge.vote(
            SolutionOutcome(solution_id=known, worked=number > 0, by=f"U{number}", at=at(number), failure_id=number)
        )
    store.close()

    file.write_text(run(here, "db", "export").output, encoding="utf-8")
    assert "U1" not in file.read_text(encoding="utf-8")
    assert "1 solution, 7 new verdicts" in run(there, "db", "import-knowledge", str(file)).output
    assert "1 solution, 0 new verdicts" in run(there, "db", "import-knowledge", str(file)).output
    listed = run(there, "solutions", "OOMKilled").output
    assert "Stream the dataset" in listed
    assert "85.7 % (6 successes, 1 failure)" in " ".join(listed.split())


def test_a_file_that_is_no_export_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: [", encoding="utf-8")
    result = run(tmp_path / "x.db", "db", "import-knowledge", str(file))
    assert result.exit_code == 1
    assert "cannot be imported" in result.output


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"version": 2, "solutions": []},
        {"version": 1, "solutions": {}},
        {"version": 1, "solutions": [7]},
        {"version": 1, "solutions": [{"failure_type": "X"}]},
        {"version": 1, "solutions": [{"failure_type": "X", "description": " "}]},
        {"version": 1, "solutions": [{"failure_type": "X", "description": "y", "kind": "magic"}]},
        {"version": 1, "solutions": [{"failure_type": "X", "description": "y", "parameters": {"a": []}}]},
        {"version": 1, "solutions": [{"failure_type": "X", "description": "y", "verdicts": [{"worked": 1}]}]},
        {
            "version": 1,
            "solutions": [{"failure_type": "X", "description": "y", "verdicts": [{"worked": True, "at": "soon"}]}],
        },
    ],
    ids=lambda document: yaml.safe_dump(document)[:40],
)
def test_nothing_of_a_bad_document_is_written(sqlite_store: Store, document: object) -> None:
    with pytest.raises(BadKnowledge):
        imported(document, sqlite_store.knowledge, source="x")
    assert sqlite_store.knowledge.browse(Scope()) == []
