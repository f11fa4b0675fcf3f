#!/bin/sh
# Installs contenders of `npm run bench` that are not on npm into .peers/bench/ at the top of the repository:
# a Go toolchain, client_golang and VictoriaMetrics/metrics, compiled to one program each, and the Python client, all as
# Debian's unstable suite has them. Quick when everything is there already. Nothing needs it but the bench, which leaves out
# rows whose programs are not there.
#
#   sh packages/bench/fetch.sh          exit 0: all there; 1: not, and the last lines say why
set -eu

# The compiler and its library; then each library with what it imports to be compiled.
packages='
golang-1.26-go golang-1.26-src
golang-github-prometheus-client-golang-dev golang-github-prometheus-client-model-dev
golang-github-prometheus-common-dev golang-github-prometheus-procfs-dev golang-github-beorn7-perks-dev
golang-github-cespare-xxhash-v2-dev golang-github-munnerz-goautoneg-dev golang-google-protobuf-dev
golang-golang-x-sys-dev golang-github-klauspost-compress-dev
golang-github-victoriametrics-metrics-dev golang-github-valyala-histogram-dev golang-github-valyala-fastrand-dev
python3-prometheus-client python3-decorator
'
here=$(cd "$(dirname "$0")" && pwd)
home=$(cd "$here/../.." && pwd)/.peers/bench
export GOROOT="$home/usr/lib/go-1.26" GOPATH="$home/usr/share/gocode" GOCACHE="$home/go-build"
# Offline, from the unpacked sources alone.
export GO111MODULE=off GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0

fail() {
  echo "bench: $1" >&2
  exit 1
}
. "$here/../test-servers/debian.sh"

mkdir -p "$home/bin"
exec 9>"$home/lock"
flock 9

# What is unpacked is what the list asked for then.
wanted=$(echo $packages)
if [ "$wanted" != "$(cat "$home/unpacked" 2>/dev/null)" ]; then
  work=$(mktemp -d "$home/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' INT TERM
  echo "bench: fetching $wanted" >&2
  # shellcheck disable=SC2086 # one word each
  fetch 'sid trixie' $wanted
  # Links of the toolchain into /usr/share, where nothing was installed.
  find "$work/root/usr/lib/go-1.26" -type l | while read -r link; do
    there="$work/root/usr/share/go-1.26/$(basename "$link")"
    [ ! -e "$there" ] || { rm "$link" && cp -a "$there" "$link"; }
  done
  rm -rf "$home/usr"
  mv "$work/root/usr" "$home/usr"
  mv "$work/root/installed" "$home/versions"
  echo "$wanted" >"$home/unpacked"
fi

for contender in client_golang victoriametrics; do
  (cd "$here/contenders/go" && "$GOROOT/bin/go" build -o "$home/bin/$contender" "./$contender"*.go ./shared.go) ||
    fail "$contender does not compile."
done
PYTHONPATH="$home/usr/lib/python3/dist-packages" python3 -c 'import prometheus_client' || fail 'the Python client does not run.'
sed "s/^/bench: /" "$home/versions" >&2
