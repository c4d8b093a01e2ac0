#!/usr/bin/env bash
# Compiles the agent: agent.sh OUTPUT [arm64|x86-64|native]. A static program, so that it runs in any guest and on any host.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

compile "$1" "${2:-native}" -pthread "$LAB_TREE"/agent/*.c
