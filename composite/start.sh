#!/usr/bin/env bash
# Starts Upshot with a Python of the runner: 3.11 or later, with pip. Takes what macOS' bash 3.2 takes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${RUNNER_TOOL_CACHE:-}
tools=${tools//\\//}

workspace=${GITHUB_WORKSPACE:-/nowhere}
if command -v cygpath > /dev/null; then # Windows: as bash writes paths
  workspace=$(cygpath -u "$workspace")
fi

# Those on PATH first, then those that runners keep for actions/setup-python.
candidates() {
  type -ap python3 python || true
  for version in 3.13 3.12 3.11 3.14; do
    for architecture in x64 arm64; do
      compgen -G "$tools/Python/$version.*/$architecture/bin/python3" || true
      compgen -G "$tools/Python/$version.*/$architecture/python.exe" || true
    done
  done
}

fits='import sys, importlib.util as u; sys.exit(sys.version_info < (3, 11) or not u.find_spec("pip"))'
while IFS= read -r python; do
  # A Python that lies in the checkout is what a pull request may have put there.
  case "$python" in "$workspace"/*) continue ;; esac
  if "$python" -I -c "$fits" < /dev/null > /dev/null 2>&1; then
    exec "$python" -I -X utf8 "$here/start.py" "$@" < /dev/null
  fi
done < <(candidates)

echo "::error title=Upshot::There is no Python 3.11 or later with pip on this runner.%0A%0AThe workflow's \
author must act: put this step before it, or use pulumi-upshot/upshot@v1, which brings its own:%0A%0A\
- uses: actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0%0A  with:%0A    python-version: \"3.13\"%0A\
https://github.com/pulumi-upshot/upshot/blob/v1/docs/troubleshooting.md#without-docker"
exit 1
