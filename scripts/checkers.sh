#!/bin/sh
# Brings the checkers of deploy/ that are not of the bot's own environment into .checkers/: checkov, whose pins are its own,
# and promtool, from Debian's package of Prometheus (unpacked, not installed). What cannot be had is skipped by its test.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .checkers
if [ ! -x .checkers/checkov/bin/checkov ]; then
  python3 -m venv .checkers/checkov
  .checkers/checkov/bin/pip install --quiet --disable-pip-version-check checkov==3.3.30 || rm -rf .checkers/checkov
fi
if [ ! -x .checkers/prometheus/usr/bin/promtool ] && command -v apt-get >/dev/null 2>&1; then
  (cd .checkers && apt-get download -qq prometheus && dpkg -x prometheus_*.deb prometheus) >/dev/null 2>&1 || rm -rf .checkers/prometheus
fi
