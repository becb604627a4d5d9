#!/usr/bin/env bash
# Resolves the newest versions anew into the two lock files, with hashes and without the name of any registry.
# Needs `uv` on the path (pip install uv); everything else in this project gets by with pip.
set -euo pipefail
cd "$(dirname "$0")/.."
resolve() { uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet "$@"; }
resolve pyproject.toml --extra postgres --group pyproject.toml:build -o requirements/run.txt
resolve --group pyproject.toml:dev -c requirements/run.txt -o requirements/dev.txt
