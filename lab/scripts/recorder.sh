#!/usr/bin/env bash
# Compiles the recorder: recorder.sh OUTPUT TABLES [arm64|x86-64|native]. A static program: it needs nothing of where it runs.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

output="$1" tables="$2" target="${3:-native}"
case "$target:$(uname -m)" in
  native:* | arm64:aarch64 | x86-64:x86_64) compiler="${CC:-cc}" ;;
  arm64:*) compiler=aarch64-linux-gnu-gcc ;;
  x86-64:*) compiler=x86_64-linux-gnu-gcc ;;
  *) fail "recorder.sh: expected arm64, x86-64 or native" ;;
esac
command -v "$compiler" >/dev/null || fail "no C compiler $compiler"
mkdir -p "$(dirname "$output")"
"$compiler" -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -static -I "$LAB_TREE/recorder" \
  -o "$output.$$.new" "$LAB_TREE"/recorder/*.c "$tables" >"$output.log" 2>&1 ||
  fail "the recorder does not compile: see $output.log"
mv "$output.$$.new" "$output"
