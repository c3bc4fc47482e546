#!/bin/sh
# Installs what tests start by themselves and PyPI does not have: Debian's PgBouncer, and Java for the Spark cluster.
set -eu
PATH="$PATH:/usr/sbin"
missing=""
command -v pgbouncer >/dev/null 2>&1 || missing="pgbouncer"
command -v java >/dev/null 2>&1 || missing="$missing openjdk-17-jre-headless"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "No apt-get here: install$missing by hand, or do without their tests." >&2
  exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
