#!/bin/sh
# Installs the server that tests start by themselves and PyPI does not have: Debian's PgBouncer.
set -eu
PATH="$PATH:/usr/sbin"
command -v pgbouncer >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "No apt-get here: install PgBouncer by hand, or do without its tests." >&2
  exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends pgbouncer >/dev/null
