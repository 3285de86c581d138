#!/usr/bin/env bash
# Copies Delta Lake's jars into build/delta-jars, once: resolving them at each session's start costs 40 seconds.
# Usage: tools/resolve_delta_jars.sh [folder]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/build/delta-jars}
stamp=$folder/.resolved
wanted=$(sha256sum "$root/tools/delta_jars/pom.xml" | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"
mvn --quiet --batch-mode --file "$root/tools/delta_jars/pom.xml" -Ddelta.folder="$folder" dependency:copy-dependencies
ls "$folder"/delta-spark_*.jar >/dev/null
echo "$wanted" > "$stamp"
