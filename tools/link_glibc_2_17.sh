#!/usr/bin/env bash
# The linker of what is shipped, for cargo: zig, which knows the symbols of every glibc, here those of 2.17 (manylinux2014).
# cargo-zigbuild translates what rustc says to what zig understands. The Makefile gives it to the wheel's and the jar's crate.
set -euo pipefail
bin=${BUZZSAW_VENV:-$(cd "$(dirname "$0")/.." && pwd)/.venv}/bin
export CARGO_ZIGBUILD_PYTHON_PATH=$bin/python
words=()
strips=
for word in "$@"; do
  # zig would take the names of functions with the rest, and a backtrace without them says nothing.
  if [[ $word == -Wl,--strip-debug ]]; then strips=yes; else words+=("$word"); fi
done
"$bin/cargo-zigbuild" zig cc -- -g -fno-sanitize=all -target x86_64-linux-gnu.2.17 "${words[@]}"
if [[ $strips ]]; then
  for ((at = 0; at < ${#words[@]}; at++)); do
    if [[ ${words[at]} == -o ]]; then made=${words[at + 1]}; fi
  done
  strip --strip-debug "$made"
fi
