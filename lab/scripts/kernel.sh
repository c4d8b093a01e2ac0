#!/usr/bin/env bash
# Builds the kernel of the lab: $LAB_CACHE/kernel/NAME/Image.
#   kernel.sh [--source DIR] [--config FRAGMENT]... [--name NAME] [--arch arm64]
# Without --source, Debian's source package of the newest kernel is used. With it, DIR is read only: the build is
# made outside it, so DIR must be clean (`make mrproper`) or never built in place.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

source_dir='' name=default
fragments=("$LAB_TREE/kernel/arm64.config")
while [ $# -gt 0 ]; do
  case "$1" in
    --source) source_dir="$(cd "$2" && pwd)"; shift 2 ;;
    --config) fragments+=("$2"); shift 2 ;;
    --name) name="$2"; shift 2 ;;
    *) fail "kernel.sh: unknown option $1" ;;
  esac
done

debian_source() {
  local package kept="$LAB_CACHE/source"
  refresh_private_apt
  package="$(private_apt apt-cache search --names-only '^linux-source-[0-9.]+$' | awk '{print $1}' | sort -V | tail -n 1)"
  [ -n "$package" ] || fail "Debian's unstable suite has no linux-source package; give --source"
  mkdir -p "$kept"
  if [ ! -f "$kept/$package/Makefile" ]; then
    say "downloading and unpacking $package (160 MB; 1.6 GB unpacked)"
    (cd "$kept" && private_apt apt-get -q download "$package" >download.log 2>&1) || fail "see $kept/download.log"
    rm -rf "$kept/deb" "$kept/$package"
    dpkg -x "$kept/${package}"_*.deb "$kept/deb"
    # Unpacked under another name first, so that an interrupted unpacking is done again.
    mkdir -p "$kept/unpacking"
    tar -xf "$kept/deb/usr/src/$package.tar.xz" -C "$kept/unpacking"
    mv "$kept/unpacking/$package" "$kept/$package"
    rm -rf "$kept/unpacking" "$kept/deb" "$kept/${package}"_*.deb
  fi
  printf '%s\n' "$kept/$package"
}

[ -n "$source_dir" ] || source_dir="$(debian_source)"
[ -f "$source_dir/Kconfig" ] || fail "$source_dir is no kernel source tree: it has no Kconfig"
out="$LAB_CACHE/kernel/$name"
mkdir -p "$out/build"

cross=''
[ "$(uname -m)" = aarch64 ] || cross=aarch64-linux-gnu-
make_kernel() { nice -n 19 make -s -C "$source_dir" O="$out/build" ARCH=arm64 CROSS_COMPILE="$cross" "$@"; }

# A configuration is made anew only where what it is made from changed: make then builds only what it must.
made_from="$(printf '%s\n' "$source_dir"; cat "${fragments[@]}")"
if [ ! -f "$out/build/.config" ] || [ "$made_from" != "$(cat "$out/made-from" 2>/dev/null)" ]; then
  make_kernel tinyconfig
  (cd "$source_dir" && ARCH=arm64 scripts/kconfig/merge_config.sh -m -Q -O "$out/build" \
    "$out/build/.config" "${fragments[@]}") >"$out/config.log" 2>&1 || fail "see $out/config.log"
  make_kernel olddefconfig
  printf '%s\n' "$made_from" >"$out/made-from"
fi
# What was asked for and is not there would show only as a strange answer much later.
for option in $(cat "${fragments[@]}" | grep -oE '^CONFIG_[A-Z0-9_]+=y'); do
  grep -qx "$option" "$out/build/.config" || say "the kernel does not take $option: its tree has no such option, or it needs another"
done

say "building (6 to 10 minutes on two processors; the log is $out/build.log)"
make_kernel "-j$LAB_JOBS" Image >"$out/build.log" 2>&1 || fail "the build failed: $(grep -m1 -E 'error|Error' "$out/build.log" || true) (see $out/build.log)"
cp "$out/build/arch/arm64/boot/Image" "$out/Image.new"
mv "$out/Image.new" "$out/Image"
make_kernel kernelrelease >"$out/release"
say "$out/Image is $(cat "$out/release")"
