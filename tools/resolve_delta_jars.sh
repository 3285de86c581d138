#!/usr/bin/env bash
# Copies Delta Lake's jars into build/delta-jars, once: resolving them at each session's start costs 40 seconds.
# Usage: tools/resolve_delta_jars.sh [folder [spark]]   with a Spark that tools/delta_jars/pom.xml has a profile of
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
pom=$root/tools/delta_jars/pom.xml
folder=${1:-$root/build/delta-jars}
spark=${2:-4.2}
if ! grep -q "<id>spark-$spark</id>" "$pom"; then
  echo "tools/delta_jars/pom.xml names no Delta release for Spark $spark" >&2
  exit 1
fi
stamp=$folder/.resolved
wanted="spark-$spark $(sha256sum "$pom" | cut -d' ' -f1)"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"
mvn --quiet --batch-mode --file "$pom" -P "spark-$spark" -Ddelta.folder="$(realpath "$folder")" dependency:copy-dependencies
ls "$folder"/delta-spark_*.jar >/dev/null
echo "$wanted" > "$stamp"
