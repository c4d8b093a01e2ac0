#!/usr/bin/env bash
# What the lab's tools need from the machine; `packages.sh install` installs what is missing, where it may.
#   packages.sh list|install [kernel] [vmm]
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

needs=()
need() { command -v "$1" >/dev/null || needs+=("$2"); }
if [ "$(uname -m)" = aarch64 ]; then
  need cc gcc
else
  need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
  [ -e /usr/aarch64-linux-gnu/lib/libc.a ] || needs+=(libc6-dev-arm64-cross)
fi
if [ "${2:-}" = kernel ]; then
  need gcc gcc
  need make make
  need flex flex
  need bison bison
  need bc bc
  need xz xz-utils
  need perl perl
  [ -e /usr/include/stdio.h ] || needs+=(libc6-dev)
fi
case " $* " in
  *' vmm '*) need readelf binutils ;;
esac
[ ${#needs[@]} -gt 0 ] || exit 0
if [ "$1" = list ]; then
  printf '%s\n' "${needs[@]}"
  exit 0
fi
say "installing ${needs[*]}"
[ "$(id -u)" = 0 ] || fail "not root; run: apt-get install ${needs[*]}"
command -v apt-get >/dev/null || fail "no apt here; install what Debian calls ${needs[*]}"
{ apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${needs[@]}"; } \
  >"$(mktemp "${TMPDIR:-/tmp}/nestcheck-lab-apt.XXXXXX")" 2>&1 || fail "apt could not install ${needs[*]}"
