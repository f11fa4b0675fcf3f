#!/bin/sh
# Puts the real programs the tests talk to into .peers/ at the top of the repository: Debian's Prometheus (with promtool),
# Pushgateway, VictoriaMetrics, node_exporter, blackbox_exporter, systemd-analyze where the system has none, and the Python
# client, whose OpenMetrics parser is an independent judge of ours.
# No root: private apt lists, then unpacked, so nothing on the system changes. Quick when everything is there already.
#
#   sh packages/peers/fetch.sh          exit 0: all there; 1: not, and the last lines say why
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
peers=$root/.peers
exporters='prometheus-node-exporter prometheus-blackbox-exporter'
servers='prometheus-pushgateway victoria-metrics'
programs="prometheus promtool $servers $exporters systemd-analyze"
packages="prometheus $servers $exporters python3-prometheus-client python3-decorator"
# With the libraries that a small Debian lacks.
analyzer='systemd libsystemd-shared libapparmor1 libip4tc2 libkmod2'
[ -x /usr/bin/systemd-analyze ] || packages="$packages $analyzer"
PATH=$PATH:$peers/usr/bin:/usr/bin
PYTHONPATH=$peers/usr/lib/python3/dist-packages

fail() {
  echo "peers: $1" >&2
  exit 1
}

# Prints what is missing; nothing when all is there and runs.
missing() {
  for program in $programs; do
    "$program" --version >/dev/null 2>&1 || echo "$program"
  done
  PYTHONPATH=$PYTHONPATH python3 -c 'import prometheus_client.openmetrics.parser' 2>/dev/null || echo python3-prometheus-client
}

# The marker names the versions: task hashes include it, so tests that skipped run once the programs are there.
mark() {
  mkdir -p "$peers"
  for program in $programs; do
    echo "$program $("$program" --version 2>&1 | sed -n '1s/.*version \([^ ]*\).*/\1/p')"
  done >"$peers/installed.new"
  mv "$peers/installed.new" "$peers/installed"
}

if [ -z "$(missing)" ]; then
  [ -s "$peers/installed" ] || mark
  exit 0
fi

for tool in apt-get dpkg flock; do
  command -v "$tool" >/dev/null || fail "no $tool here, so Debian's packages cannot be fetched.
Put these on your PATH yourself: $(missing | tr '\n' ' ')"
done

mkdir -p "$peers"
exec 9>"$peers/lock"
flock 9
[ -n "$(missing)" ] || exit 0 # another fetch was faster

work=$(mktemp -d "$peers/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/debs"

# apt would hand downloads to its own user, who may not read this folder; nothing is installed, so none is needed.
apt() {
  apt-get -q -o APT::Sandbox::User=root -o Dir::State="$work/state" -o Dir::State::status=/var/lib/dpkg/status \
    -o Dir::Cache="$work/cache" -o Acquire::Retries=3 "$@" >>"$work/log" 2>&1 ||
    fail "apt-get $1 failed:
$(tail -n 12 "$work/log")"
}

echo "peers: fetching $packages" >&2
apt update
# shellcheck disable=SC2086 # one word each
(cd "$work/debs" && apt download $packages)
for deb in "$work"/debs/*.deb; do
  dpkg -x "$deb" "$work/root" || fail "$(basename "$deb") does not unpack."
done
# Starts systemd-analyze with its libraries, and with the units that others refer to; their aliases lead out of the folder.
if [ -e "$work/root/usr/bin/systemd-analyze" ]; then
  [ ! -d "$work/root/lib" ] || cp -a "$work/root/lib/." "$work/root/usr/lib/"
  find "$work/root/usr/lib/systemd/system" -type l -exec rm {} +
  mv "$work/root/usr/bin/systemd-analyze" "$work/root/usr/lib/systemd/"
  cat >"$work/root/usr/bin/systemd-analyze" <<'END'
#!/bin/sh
lib=$(cd "$(dirname "$0")/../lib" && pwd)
own=$(echo "$lib"/*-linux-gnu)
LD_LIBRARY_PATH=$own/systemd:$own SYSTEMD_UNIT_PATH=$lib/systemd/system exec "$lib/systemd/systemd-analyze" "$@"
END
  chmod +x "$work/root/usr/bin/systemd-analyze"
fi
rm -rf "$peers/usr"
mv "$work/root/usr" "$peers/usr"

left=$(missing | tr '\n' ' ')
[ -z "$left" ] || fail "fetched, but these still do not run: $left"
mark
echo "peers: $(tr '\n' ',' <"$peers/installed" | sed 's/,$//; s/,/, /g')" >&2
