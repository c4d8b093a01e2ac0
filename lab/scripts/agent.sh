#!/usr/bin/env bash
# Compiles the agent: agent.sh OUTPUT [arm64|x86-64|native]. A static program, so that it runs in any guest and on any host.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

output="$1" target="${2:-native}"
case "$target:$(uname -m)" in
  native:* | arm64:aarch64 | x86-64:x86_64) compiler="${CC:-cc}" ;;
  arm64:*) compiler=aarch64-linux-gnu-gcc ;;
  x86-64:*) compiler=x86_64-linux-gnu-gcc ;;
  *) fail "agent.sh: expected arm64, x86-64 or native" ;;
esac
command -v "$compiler" >/dev/null || fail "no C compiler $compiler"
mkdir -p "$(dirname "$output")"
"$compiler" -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -static -o "$output.new" "$LAB_TREE"/agent/*.c
mv "$output.new" "$output"
