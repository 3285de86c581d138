#!/usr/bin/env bash
# The linker of what is shipped, for cargo: zig, which knows the symbols of every glibc, here those of 2.17 (manylinux2014).
# cargo-zigbuild translates what rustc says to what zig understands. The Makefile gives it to the wheel's and the jar's crate.
set -euo pipefail
bin=${BUZZSAW_VENV:-$(cd "$(dirname "$0")/.." && pwd)/.venv}/bin
export CARGO_ZIGBUILD_PYTHON_PATH=$bin/python
exec "$bin/cargo-zigbuild" zig cc -- -g -fno-sanitize=all -target x86_64-linux-gnu.2.17 "$@"
