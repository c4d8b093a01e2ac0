#!/usr/bin/env bash
# Compiles what drives a VMM in a guest: driver.sh OUTPUT. A static program, the first process of the guest.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

compile "$1" arm64 "$LAB_TREE"/vmm/*.c "$LAB_TREE"/agent/devices.c "$LAB_TREE"/agent/wire.c
