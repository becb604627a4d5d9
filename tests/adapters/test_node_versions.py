"""Nodes as they are listed over a real connection, into a real store."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cluster.client import connect
from bot.cluster.nodes import NodeVersions
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.version import DRIVER
from bot.services.errors import Unavailable
from bot.services.recording.node_versions import take_stock
from bot.store.store import Store
from playground.kube.cluster import SimulatedCluster
from playground.kube.nodes import node
from playground.kube.server import serve_cluster

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def a_cluster(nodes: int) -> SimulatedCluster:
    cluster = SimulatedCluster()
    for number in range(nodes):
        cluster.add_node(node(f"n{number:04}", at=NOW, driver="550.90"))
    return cluster


def test_a_thousand_nodes_are_read_page_by_page_and_a_new_driver_is_a_change(
    tmp_path: Path, sqlite_store: Store
) -> None:
    cluster = a_cluster(1000)
    with serve_cluster(cluster) as served:
        config = str(served.kubeconfig(tmp_path / "kubeconfig"))
        with closing(connect(config_file=config)) as client:
            nodes = NodeVersions(client, "prod")
            assert take_stock(nodes, sqlite_store.recorder, NOW) == "6000 new of 6000 versions"
            cluster.add_node(node("n0007", at=LATER, driver="570.12"))
            assert take_stock(nodes, sqlite_store.recorder, LATER) == "1 new of 6000 versions"
    found = sqlite_store.evidence.inventory(Scope(), Period(NOW, LATER + timedelta(minutes=1)))
    assert [(one.subject, one.replaced, one.value) for one in found.changed] == [("n0007", "550.90", "570.12")]
    assert found.nodes["prod", DRIVER] == 1000


def test_without_the_right_to_list_nodes_versions_stay_unknown_and_an_outage_is_tried_again(
    tmp_path: Path, sqlite_store: Store
) -> None:
    with serve_cluster(a_cluster(1)) as served:
        config = str(served.kubeconfig(tmp_path / "kubeconfig"))
        with closing(connect(config_file=config)) as client:
            nodes = NodeVersions(client, "prod")
            served.deny("list", "nodes")
            assert "versions stay unknown" in take_stock(nodes, sqlite_store.recorder, NOW)
            served.serving.stop()
            with pytest.raises(Unavailable):
                take_stock(nodes, sqlite_store.recorder, NOW)
