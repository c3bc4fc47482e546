#!/bin/sh
# The official MCP conformance suite (specifications 2026-07-28 and 2025-11-25) and the Inspector's command line, against
# `spend mcp` and its HTTP listener. Node comes from npm, in the versions pinned here; without npm all of it is skipped.
set -eu
cd "$(dirname "$0")/.."
tools=.conformance
if ! command -v npm >/dev/null 2>&1; then
  echo "No npm: the MCP conformance suite and the Inspector are skipped."
  exit 0
fi
mkdir -p "$tools"
cat >"$tools/package.json" <<'JSON'
{
  "private": true,
  "dependencies": {
    "node": "24.21.0",
    "@modelcontextprotocol/conformance": "0.2.0-alpha.12",
    "@modelcontextprotocol/inspector": "2.12.0"
  }
}
JSON
if ! (cd "$tools" && npm install --no-package-lock --no-audit --no-fund --loglevel=error) >"$tools/npm.log" 2>&1; then
  tail -5 "$tools/npm.log"
  echo "npm cannot install them: the MCP conformance suite and the Inspector are skipped."
  exit 0
fi
PATH="$PWD/$tools/node_modules/node/bin:$PWD/$tools/node_modules/.bin:$PATH" .venv/bin/python -m scripts.conformance
