#!/usr/bin/env bash
# What a guest needs to run a VMM of its own: $LAB_CACHE/vmm/root has Debian's arm64 QEMU 11 with the libraries that it is
# linked with, its firmware, and busybox. Unpacked, not installed; no root is needed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

out="$LAB_CACHE/vmm" state="$LAB_CACHE/vmm/apt"
if [ -x "$out/root/bin/qemu-system-aarch64" ]; then
  say "QEMU for a guest is there: $out/root"
  exit 0
fi
command -v readelf >/dev/null || fail 'this needs readelf (binutils)'
refresh_private_apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"
sed 's/^deb \[/deb [arch=arm64 /' "$LAB_CACHE/apt/sources.list" >"$state/sources.list"

arm64_apt() {
  apt-get -oDir::Etc::SourceList="$state/sources.list" -oDir::Etc::SourceParts=/dev/null \
    -oDir::State::Lists="$state/lists" -oDir::Cache="$state/cache" -oDir::State::status="$state/status" \
    -oAcquire::Languages=none -oAPT::Sandbox::User="$(id -un)" -oDebug::NoLocking=1 \
    -oAPT::Architecture=arm64 -oAPT::Architectures=arm64 "$@"
}

say "downloading QEMU for arm64 and its libraries from Debian's unstable suite (60 MB)"
arm64_apt -q update >"$out/download.log" 2>&1 || fail "apt-get update failed: see $out/download.log"
arm64_apt -q -y --no-install-recommends --download-only install qemu-system-arm qemu-efi-aarch64 busybox-static \
  >>"$out/download.log" 2>&1 || fail "the download failed: see $out/download.log"
rm -rf "$out/all" "$out/root.new"
mkdir -p "$out/all" "$out/root.new/bin" "$out/root.new/lib" "$out/root.new/usr/lib/aarch64-linux-gnu"
for package in "$state"/cache/archives/*.deb; do dpkg -x "$package" "$out/all"; done

# The libraries that a program needs, and those that they need.
declare -A taken
take_libraries() {
  local library found
  for library in $(readelf -d "$1" | grep -oP 'NEEDED.*\[\K[^]]+'); do
    if [ -n "${taken[$library]:-}" ]; then continue; fi
    taken[$library]=1
    found="$(find "$out/all/usr/lib/aarch64-linux-gnu" "$out/all/usr/lib" -maxdepth 1 -name "$library" -print -quit 2>/dev/null)"
    [ -n "$found" ] || fail "no library $library among the packages"
    cp -L "$found" "$out/root.new/usr/lib/aarch64-linux-gnu/$library"
    take_libraries "$found"
  done
}
cp "$out/all/usr/bin/qemu-system-aarch64" "$out/root.new/bin/"
take_libraries "$out/root.new/bin/qemu-system-aarch64"
cp -L "$(find "$out/all" -name ld-linux-aarch64.so.1 -print -quit)" "$out/root.new/lib/"
cp "$(find "$out/all" -path '*bin/busybox' -print -quit)" "$out/root.new/bin/"
cp "$out/all/usr/share/qemu-efi-aarch64/QEMU_EFI.fd" "$out/root.new/"
rm -rf "$out/all" "$state"
mv "$out/root.new" "$out/root"
say "QEMU for a guest: $out/root ($(du -sh "$out/root" | cut -f1))"
