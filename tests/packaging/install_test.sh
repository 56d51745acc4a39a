#!/usr/bin/env bash
# install_test.sh BUILD_DIR: what `cmake --install` leaves works from there, without the source tree.
set -euo pipefail
build=$(readlink -f "$1")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() {
  printf 'install_test: %s\n' "$*" >&2
  exit 1
}

DESTDIR="$tmp" cmake --install "$build" --prefix /opt/mrec >"$tmp/log" 2>&1 ||
  { cat "$tmp/log" >&2 && fail "cmake --install failed"; }
prefix=$tmp/opt/mrec
cd "$tmp"

# The launcher finds the jobs beside it, and the sample is enough to prepare a data set.
"$prefix/bin/mrec" prepare --lastfm "$prefix/share/mrec/sample/lastfm" \
  --spotify "$prefix/share/mrec/sample/spotify/tracks.csv" --out dataset.h5 >/dev/null
[[ -s dataset.h5 ]] || fail "mrec prepare wrote no dataset.h5"

# The server finds the page that was installed with it.
echo here >"$prefix/share/mrec/web/where.txt"
"$prefix/bin/mrec" train --dataset dataset.h5 --dim 4 --epochs 1 --model model.h5 >/dev/null
"$prefix/bin/mrec" serve --model model.h5 --ratings ratings.db --port 0 >serve.log &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$tmp"' EXIT
for _ in $(seq 100); do grep -q listening serve.log && break; sleep 0.1; done
port=$(sed -nE 's/.*listening on .*:([0-9]+)[ \/].*/\1/p' serve.log)
[[ $(curl -sf "127.0.0.1:$port/app/where.txt") == here ]] || fail "the page is that of elsewhere"
kill "$server" && wait "$server"

# Every job that the launcher lists is there with a manual page that groff likes, and completion.
jobs=$("$prefix/bin/mrec" help | sed -nE 's/^  ([a-z]+)  +.*/\1/p')
[[ -n $jobs ]] || fail "mrec help lists no jobs"
for job in $jobs; do
  [[ -x $prefix/bin/mrec-$job ]] || fail "there is no bin/mrec-$job"
  page=$prefix/share/man/man1/mrec-$job.1.gz
  [[ -s $page ]] || fail "there is no $page"
  if command -v groff >/dev/null; then
    warnings=$(zcat "$page" | groff -man -Tutf8 -ww -z 2>&1)
    [[ -z $warnings ]] || fail "mrec-$job.1: $warnings"
  fi
  [[ -e $prefix/share/bash-completion/completions/mrec-$job ]] || fail "mrec-$job is not completed"
done

# Completion says what a person would type.
# shellcheck source=/dev/null
source "$prefix/share/bash-completion/completions/mrec"
completes() {
  local expected=$1
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _mrec "$1"
  [[ ${COMPREPLY[*]} == "$expected" ]] || fail "'$*' is completed to '${COMPREPLY[*]}'"
}
completes train mrec tra
completes --learning-rate mrec train --lear
completes "warp warp-kos" mrec-train --loss w
completes "warp warp-kos" mrec-train --loss = w
completes "" mrec-train --dataset data

# The module makes it the mrec of a shell, and unloaded takes it away again.
lmod=/usr/share/lmod/lmod/init/bash
if [[ -e $lmod ]]; then
  # shellcheck disable=SC1090  # Lmod's, in a shell of its own
  (set +u && unset MODULEPATH && source "$lmod" && module use "$prefix/share/mrec/modulefiles" &&
    module load mrec && [[ $(command -v mrec) == "$prefix/bin/mrec" && -d $MREC_SHARE/sample ]] &&
    module unload mrec && [[ -z ${MREC_SHARE:-} ]]) >module.txt 2>&1 ||
    { cat module.txt && fail "the module does not load"; }
else
  echo "no Lmod: the module was not loaded"
fi

# The service: a sound unit that gives nothing away, and an options file that the server understands.
# The server gets past the options only when it understands all of them.
unit=$prefix/lib/systemd/system/mrec-serve.service
conf=$prefix/etc/mrec/serve.conf
[[ -e $conf ]] || conf=$tmp/etc/mrec/serve.conf  # of a build for /usr
grep -q "^ExecStart=.* --config /.*etc/mrec/serve.conf$" "$unit" || fail "$unit reads other options"
message=$("$prefix/bin/mrec-serve" --config "$conf" --model /nonexistent/model.h5 2>&1) &&
  fail "mrec-serve started without a model"
[[ $message == *"/nonexistent/model.h5"* ]] || fail "$conf: $message"
grep -qx "address = 127.0.0.1" "$conf" || fail "$conf does not keep the server on loopback"
if command -v systemd-analyze >/dev/null; then
  sed "s|^ExecStart=[^ ]*|ExecStart=$prefix/bin/mrec-serve|" "$unit" >mrec-serve.service
  said=$(systemd-analyze verify --man=no ./mrec-serve.service 2>&1 | grep mrec-serve || true)
  [[ -z $said ]] || fail "$said"
  # Exposure is a tenth of what it says, such as 1.1.
  systemd-analyze security --offline=true --threshold=15 ./mrec-serve.service >security.txt ||
    fail "$(grep exposure security.txt)"
else
  echo "no systemd-analyze: the unit was not checked"
fi
