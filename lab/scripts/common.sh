# Sourced by the others. What every script of the lab agrees on: where things are kept, and how it speaks.
set -euo pipefail

LAB_SCRIPTS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
LAB_TREE="$(dirname "$LAB_SCRIPTS")"
# Everything that the lab makes is below this one folder, outside the checkout; `lab remove` deletes it.
LAB_CACHE="${NESTCHECK_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/nestcheck-lab}"
# How many processors a build takes; another's work on the machine goes first.
LAB_JOBS="${NESTCHECK_LAB_JOBS:-$(nproc)}"

say() { printf 'lab: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# apt with a state of its own: it sees Debian's unstable suite, and changes nothing of the machine.
# The mirror is that of the machine's own sources.
private_apt() {
  local state="$LAB_CACHE/apt"
  local tool="$1"
  shift
  "$tool" -oDir::Etc::SourceList="$state/sources.list" -oDir::Etc::SourceParts=/dev/null \
    -oDir::State::Lists="$state/lists" -oDir::Cache="$state/cache" -oDir::State::status="$state/status" \
    -oAcquire::Languages=none -oAPT::Sandbox::User="$(id -un)" -oDebug::NoLocking=1 "$@"
}

# Looks for the first Debian mirror among the machine's sources, in both formats that apt reads.
own_mirror() {
  { cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
    grep -v '^[[:space:]]*#' | grep -oE 'https?://[^ ]*/debian/?( |$)' | head -n 1 | tr -d ' '
}

# Makes the private state, once a day.
refresh_private_apt() {
  local state="$LAB_CACHE/apt" mirror
  command -v apt-get >/dev/null || fail 'this needs apt; give --source and have QEMU 11 on the PATH instead'
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  : >"$state/status"
  if [ -n "$(find "$state" -name refreshed -mmin -1440 2>/dev/null)" ]; then return; fi
  mirror="$(own_mirror)"
  [ -n "$mirror" ] || fail 'no Debian mirror among the sources of apt; add one, or give --source and have QEMU 11'
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s sid main\n' "$mirror" >"$state/sources.list"
  say "reading the package lists of Debian's unstable suite"
  private_apt apt-get -q update >"$state/update.log" 2>&1 || fail "apt-get update failed: see $state/update.log"
  touch "$state/refreshed"
}

# compile OUTPUT arm64|x86-64|native SOURCE|OPTION...: a static program; two can make the same one at a time.
compile() {
  local output="$1" target="$2" compiler
  shift 2
  case "$target:$(uname -m)" in
    native:* | arm64:aarch64 | x86-64:x86_64) compiler="${CC:-cc}" ;;
    arm64:*) compiler=aarch64-linux-gnu-gcc ;;
    x86-64:*) compiler=x86_64-linux-gnu-gcc ;;
    *) fail "expected arm64, x86-64 or native, not $target" ;;
  esac
  command -v "$compiler" >/dev/null || fail "no C compiler $compiler"
  mkdir -p "$(dirname "$output")"
  "$compiler" -std=gnu11 -O2 -Wall -Wextra -Werror -static -o "$output.$$.new" "$@" >"$output.log" 2>&1 ||
    fail "$output does not compile: see $output.log"
  mv "$output.$$.new" "$output"
}
