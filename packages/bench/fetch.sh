#!/bin/sh
# Puts what `npm run bench` can compare with, and npm does not have, into .peers/bench/ at the top of the repository:
# Debian's Go toolchain, client_golang and VictoriaMetrics/metrics, compiled to one program each, and the Python client.
# No root: private apt lists, then unpacked, so nothing on the system changes. Quick when everything is there already.
# Nothing needs it but the bench, which leaves out rows whose programs are not there.
#
#   sh packages/bench/fetch.sh          exit 0: all there; 1: not, and the last lines say why
set -eu

# Debian 12's names. The compiler and its library; then each library with what it imports to be compiled.
packages='
golang-1.19-go golang-1.19-src
golang-github-prometheus-client-golang-dev golang-github-beorn7-perks-dev golang-github-cespare-xxhash-dev
golang-github-golang-protobuf-1-5-dev golang-google-protobuf-dev golang-protobuf-extensions-dev
golang-github-prometheus-client-model-dev golang-github-prometheus-common-dev golang-github-prometheus-procfs-dev
golang-golang-x-sys-dev
golang-github-victoriametrics-metrics-dev golang-github-valyala-histogram-dev golang-github-valyala-fastrand-dev
python3-prometheus-client python3-decorator
'
here=$(cd "$(dirname "$0")" && pwd)
home=$(cd "$here/../.." && pwd)/.peers/bench
export GOROOT="$home/usr/lib/go-1.19" GOPATH="$home/usr/share/gocode" GOCACHE="$home/go-build"
# Offline, from the unpacked sources alone.
export GO111MODULE=off GOPROXY=off CGO_ENABLED=0

fail() {
  echo "bench: $1" >&2
  exit 1
}

for tool in apt-get dpkg flock; do
  command -v "$tool" >/dev/null || fail "no $tool here, so Debian's packages cannot be fetched."
done
mkdir -p "$home/bin"
exec 9>"$home/lock"
flock 9

# What is unpacked is what the list asked for then.
wanted=$(echo $packages)
if [ "$wanted" != "$(cat "$home/unpacked" 2>/dev/null)" ]; then
  work=$(mktemp -d "$home/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' INT TERM
  mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/debs"

  # apt would hand downloads to its own user, who may not read this folder; nothing is installed, so none is needed.
  apt() {
    apt-get -q -o APT::Sandbox::User=root -o Dir::State="$work/state" -o Dir::State::status=/var/lib/dpkg/status \
      -o Dir::Cache="$work/cache" -o Acquire::Retries=3 "$@" >>"$work/log" 2>&1 ||
      fail "apt-get $1 failed (the names are those of Debian 12):
$(tail -n 12 "$work/log")"
  }

  echo "bench: fetching $wanted" >&2
  apt update
  # shellcheck disable=SC2086 # one word each
  (cd "$work/debs" && apt download $wanted)
  for deb in "$work"/debs/*.deb; do
    dpkg -x "$deb" "$work/root" || fail "$(basename "$deb") does not unpack."
  done
  rm -rf "$home/usr"
  mv "$work/root/usr" "$home/usr"
  for deb in "$work"/debs/*.deb; do dpkg-deb -W "$deb"; done >"$home/versions"
  echo "$wanted" >"$home/unpacked"
fi

for contender in client_golang victoriametrics; do
  (cd "$here/contenders/go" && "$GOROOT/bin/go" build -o "$home/bin/$contender" "./$contender.go" ./shared.go) ||
    fail "$contender does not compile."
done
PYTHONPATH="$home/usr/lib/python3/dist-packages" python3 -c 'import prometheus_client' || fail 'the Python client does not run.'
echo "bench: client_golang, VictoriaMetrics/metrics and client_python are in $home" >&2
