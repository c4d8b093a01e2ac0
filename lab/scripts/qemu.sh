#!/usr/bin/env bash
# Finds a QEMU that has nested SMMUv3 (11 or later), or unpacks Debian's: $LAB_CACHE/qemu/qemu-system-aarch64 starts it,
# and beside it lies the firmware. No root is needed: the packages are unpacked into a folder, not installed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

out="$LAB_CACHE/qemu"
mkdir -p "$out"

version_of() { "$1" --version 2>/dev/null | grep -oE 'version [0-9]+' | grep -oE '[0-9]+' || echo 0; }
own="$(command -v qemu-system-aarch64 || true)"
firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
if [ -n "$own" ] && [ "$(version_of "$own")" -ge 11 ] && [ -f "$firmware" ]; then
  printf '#!/bin/sh\nexec %s "$@"\n' "$own" >"$out/qemu-system-aarch64"
  chmod +x "$out/qemu-system-aarch64"
  cp "$firmware" "$out/QEMU_EFI.fd"
  say "$("$own" --version | head -n 1) is there"
  exit 0
fi
if [ ! -x "$out/qemu-system-aarch64" ] || [ "$(version_of "$out/qemu-system-aarch64")" -lt 11 ]; then
  [ "$(uname -m)" = x86_64 ] || fail 'this machine needs its own QEMU 11: only for x86-64 are packages unpacked'
  refresh_private_apt
  say "downloading QEMU and its libraries from Debian's unstable suite (50 MB)"
  private_apt apt-get -q -y --no-install-recommends --download-only install qemu-system-arm qemu-efi-aarch64 \
    >"$out/download.log" 2>&1 || fail "the download failed: see $out/download.log"
  rm -rf "$out/root" && mkdir -p "$out/root"
  for package in "$LAB_CACHE"/apt/cache/archives/*.deb; do dpkg -x "$package" "$out/root"; done
  # It has the C library it was built with, newer than the machine's: its own loader finds it.
  loader="$(find "$out/root" -name 'ld-linux-x86-64.so.2' -print -quit)"
  [ -n "$loader" ] || fail 'no loader among the unpacked packages'
  cat >"$out/qemu-system-aarch64" <<EOF
#!/bin/sh
export QEMU_MODULE_DIR="$out/root/usr/lib/x86_64-linux-gnu/qemu"
exec "$loader" --library-path "$out/root/usr/lib/x86_64-linux-gnu:$out/root/lib/x86_64-linux-gnu" "$out/root/usr/bin/qemu-system-aarch64" -L "$out/root/usr/share/qemu" "\$@"
EOF
  chmod +x "$out/qemu-system-aarch64"
  cp "$out/root$firmware" "$out/QEMU_EFI.fd"
  rm -rf "$LAB_CACHE/apt/cache"
fi
[ "$(version_of "$out/qemu-system-aarch64")" -ge 11 ] || fail "the unpacked QEMU does not start: try $out/qemu-system-aarch64 --version"
say "$("$out/qemu-system-aarch64" --version | head -n 1)"
