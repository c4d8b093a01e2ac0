#!/usr/bin/env bash
# Compiles a program for the guest: program.sh OUTPUT SOURCE...; `runner` as SOURCE: what runs such programs there.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

output="$1"
shift
[ "$1" != runner ] || set -- "$LAB_TREE"/runner/*.c "$LAB_TREE"/agent/devices.c "$LAB_TREE"/agent/wire.c
compile "$output" arm64 "$@"
