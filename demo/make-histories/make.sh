#!/usr/bin/env bash
# Makes every demo history anew: ./make.sh [duckdb] [postgres] [troubles]
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
venv=${ROASTERY_VENV:-/tmp/roastery-venv}

if ! ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1; then
  echo "libfaketime is missing: apt-get install faketime" >&2
  exit 2
fi
if [ ! -x "$venv/bin/dbt" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --only-binary :all: -r "$here/requirements.txt"
fi
exec "$venv/bin/python" "$here/make.py" "$@"
