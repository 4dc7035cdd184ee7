#!/usr/bin/env bash
# An environment with the package and its dependencies alone: no extras, no developer tools.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/uv venv --quiet --python .venv/bin/python "$folder/env"
.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --constraint requirements-dev.txt -o "$folder/core.txt" pyproject.toml
.venv/bin/uv pip install --quiet --python "$folder/env/bin/python" -r "$folder/core.txt"
.venv/bin/uv build --quiet --wheel --no-build-isolation --python .venv/bin/python --out-dir "$folder/wheel" .
.venv/bin/uv pip install --quiet --python "$folder/env/bin/python" --no-deps "$folder"/wheel/*.whl
cd "$folder"
env/bin/python -c 'import lamina; print("lamina", lamina.__version__, "imports")'
env/bin/lamina --version
env/bin/lamina --help > /dev/null
if [ "${1:-}" = demo ]; then env/bin/lamina demo; fi
