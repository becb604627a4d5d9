#!/usr/bin/env bash
# Resolves the newest versions anew into the lock files, with hashes and without the name of any registry.
# `KEEP=1 requirements/lock.sh` keeps the versions that are locked, and only adds or drops what pyproject.toml does.
# Extras stay in the names: pip 23 refuses a lock that pins `coverage` where a package asks for `coverage[toml]`.
# Needs `uv` on the path (pip install uv); everything else in this project gets by with pip.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${KEEP:-}" ] || UPGRADE=--upgrade
resolve() { uv pip compile ${UPGRADE:-} --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate --quiet "$@"; }
resolve pyproject.toml --extra postgres --group pyproject.toml:build -o requirements/run.txt
resolve --group pyproject.toml:demo -c requirements/run.txt -o requirements/demo.txt
resolve --group pyproject.toml:dev -c requirements/run.txt -o requirements/dev.txt
