#!/usr/bin/env bash
# Builds the oracles of the JVM (Lucene) into build/oracles/: classes/ and lib/*.jar. Does nothing when they are current.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
target=$root/build/oracles
stamp=$target/.built
if [[ -f $stamp && -z $(find "$root/tests/oracles/jvm" -newer "$stamp" -type f -not -path '*/target/*' -print -quit) ]]; then
  exit 0
fi
mvn -q -B -f "$root/tests/oracles/jvm/pom.xml" package
rm -rf "$target"
mkdir -p "$target"
cp -r "$root/tests/oracles/jvm/target/classes" "$root/tests/oracles/jvm/target/lib" "$target/"
touch "$stamp"
