#!/usr/bin/env bash
# Compiles the recorder: recorder.sh OUTPUT TABLES [arm64|x86-64|native]. A static program: it needs nothing of where it runs.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

compile "$1" "${3:-native}" -D_GNU_SOURCE -I "$LAB_TREE/recorder" "$LAB_TREE"/recorder/*.c "$2"
