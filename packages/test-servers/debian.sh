# Sourced by fetch.sh here and in packages/bench: Debian's packages without root, over private apt lists, so nothing on the
# system changes. The one that sources it sets $work, a folder to work in, and has a function fail.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for needed in apt-get dpkg flock "$keyring"; do
  command -v "$needed" >/dev/null || [ -e "$needed" ] ||
    fail "there is no $needed: this is no Debian, whose packages are fetched. Put the programs on your PATH, or work in a container of it as CI does."
done

# apt would hand downloads to its own user, who may not read this folder; nothing is installed, so none is needed.
apt() {
  apt-get -q -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State="$work/state" -o Dir::State::status=/dev/null -o Dir::Cache="$work/cache" -o Acquire::Retries=3 \
    "$@"
}

# The mirror that this machine uses already.
mirror() {
  found=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
  [ -n "$found" ] || found=$(sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n 1)
  [ -n "$found" ] || fail 'there is no Debian mirror in /etc/apt, so its packages cannot be fetched.'
  echo "$found"
}

# Which packages to unpack for these: just these. Redefine it to unpack more.
selection() {
  echo "$@"
}

# Unpacks packages into $work/root, and lists them with their versions in $work/root/installed: fetch 'SUITE …' PACKAGE…
# All come from the first of the suites that has them all.
fetch() {
  suites=$1
  shift
  mirror=$(mirror)
  for suite in $suites; do
    rm -rf "$work"
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root"
    echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
    # shellcheck disable=SC2046 # one word each
    if (apt update && names=$(selection "$@") && cd "$work/debs" && apt download $names) >>"$work/log" 2>&1; then
      for deb in "$work"/debs/*.deb; do
        dpkg -x "$deb" "$work/root" || fail "$(basename "$deb") does not unpack."
        dpkg-deb -f "$deb" Package Version | awk '{ print $2 }' | paste -s -d ' ' -
      done >"$work/root/installed"
      return
    fi
    tail -n 4 "$work/log" >&2
  done
  fail "Debian's packages cannot be fetched from $suites: see above."
}
