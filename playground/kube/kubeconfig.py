"""A kubeconfig file that leads a Kubernetes client to the simulated cluster."""

from __future__ import annotations

from pathlib import Path

import yaml


def write_kubeconfig(url: str, path: Path, token: str | None, *, name: str = "playground") -> Path:
    """Write the file with one context of this name, the current one; only its owner may read it. Gives its path."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": url}}],
        "users": [{"name": name, "user": {} if token is None else {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return path
