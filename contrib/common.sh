# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What quickstart and check share: sourced, with the current directory at the top of the tree.

say() {
  if [ -t 1 ]; then printf '\n\033[1m==> %s\033[0m\n' "$*"; else printf '\n==> %s\n' "$*"; fi
}

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    command -v sudo >/dev/null || die "cannot install packages: neither root nor sudo is here"
    sudo "$@"
  fi
}

installed() {
  dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q 'ok installed'
}

# need COMMAND:PACKAGE or PACKAGE ...: install what is missing; silent and quick when nothing is.
need() {
  missing=
  for want in "$@"; do
    case $want in
    *:*) command -v "${want%%:*}" >/dev/null 2>&1 || missing="$missing ${want#*:}" ;;
    *) installed "$want" || missing="$missing $want" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "cannot install$missing: this is no Debian; install them by hand"
  say "Installing:$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

need_build_tools() {
  need gcc libc6-dev make autoconf automake libtool pkg-config \
    libevent-dev libmsgpack-dev libjansson-dev libyaml-dev libncurses-dev libvterm-dev libpcre2-dev musl-tools
}

# build DIR [CONFIGURE-OPTION...]: configure once, then make.
build() {
  dir=$1
  shift
  if [ ! -x configure ]; then
    say "Generating configure"
    autoreconf -fi >/dev/null 2>&1 || autoreconf -fi
  fi
  if [ ! -f "$dir/Makefile" ]; then
    say "Configuring in $dir"
    mkdir -p "$dir"
    (cd "$dir" && "$OLDPWD/configure" --quiet "$@") || die "configure failed: see $dir/config.log"
  fi
  say "Building in $dir"
  make -C "$dir" -s -j"$(nproc)" all >/dev/null
}
