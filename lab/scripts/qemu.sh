#!/usr/bin/env bash
# Finds a QEMU that has nested SMMUv3 (11 or later), or unpacks Debian's: $LAB_CACHE/qemu/qemu-system-aarch64 starts it,
# qemu-system-x86_64 that for PCs, and beside them lies the firmware. No root is needed: the packages are unpacked into a
# folder, not installed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

out="$LAB_CACHE/qemu"
mkdir -p "$out"
programs=(qemu-system-aarch64 qemu-system-x86_64)
firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd

version_of() { "$1" --version 2>/dev/null | grep -oE 'version [0-9]+' | grep -oE '[0-9]+' || echo 0; }

# all_in COMMAND: whether every program that COMMAND finds is new enough.
all_in() {
  local name
  for name in "${programs[@]}"; do
    [ "$(version_of "$("$1" "$name")")" -ge 11 ] || return 1
  done
}
own() { command -v "$1" || echo false; }
unpacked() { echo "$out/$1"; }

if [ -f "$firmware" ] && all_in own; then
  for name in "${programs[@]}"; do
    printf '#!/bin/sh\nexec %s "$@"\n' "$(own "$name")" >"$out/$name"
    chmod +x "$out/$name"
  done
  cp "$firmware" "$out/QEMU_EFI.fd"
  say "$("$out/${programs[0]}" --version | head -n 1) is there"
  exit 0
fi
if ! all_in unpacked; then
  [ "$(uname -m)" = x86_64 ] || fail 'this machine needs its own QEMU 11: only for x86-64 are packages unpacked'
  refresh_private_apt
  say "downloading QEMU and its libraries from Debian's unstable suite (70 MB)"
  private_apt apt-get -q -y --no-install-recommends --download-only install qemu-system-arm qemu-system-x86 qemu-efi-aarch64 \
    >"$out/download.log" 2>&1 || fail "the download failed: see $out/download.log"
  rm -rf "$out/root" && mkdir -p "$out/root"
  for package in "$LAB_CACHE"/apt/cache/archives/*.deb; do dpkg -x "$package" "$out/root"; done
  # It has the C library it was built with, newer than the machine's: its own loader finds it.
  loader="$(find "$out/root" -name 'ld-linux-x86-64.so.2' -print -quit)"
  [ -n "$loader" ] || fail 'no loader among the unpacked packages'
  for name in "${programs[@]}"; do
    cat >"$out/$name" <<EOF
#!/bin/sh
export QEMU_MODULE_DIR="$out/root/usr/lib/x86_64-linux-gnu/qemu"
exec "$loader" --library-path "$out/root/usr/lib/x86_64-linux-gnu:$out/root/lib/x86_64-linux-gnu" "$out/root/usr/bin/$name" -L "$out/root/usr/share/qemu" -L "$out/root/usr/share/seabios" "\$@"
EOF
    chmod +x "$out/$name"
  done
  cp "$out/root$firmware" "$out/QEMU_EFI.fd"
  rm -rf "$LAB_CACHE/apt/cache"
fi
all_in unpacked || fail "the unpacked QEMU does not start: try $out/qemu-system-aarch64 --version"
say "$("$out/${programs[0]}" --version | head -n 1)"
