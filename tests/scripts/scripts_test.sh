#!/usr/bin/env bash
# Scripts answer --help, refuse what they don't know, and fetch-data keeps nothing that is wrong.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# expect STATUS TEXT COMMAND...: the command ends with the status and says the text.
expect() {
  local status=$1 text=$2 output got=0
  shift 2
  output=$("$@" 2>&1) || got=$?
  if [[ $got -ne $status || $output != *"$text"* ]]; then
    printf 'expected status %s and "%s" from: %s\ngot %s and:\n%s\n' \
      "$status" "$text" "$*" "$got" "$output" >&2
    exit 1
  fi
}

for script in setup run test lint fetch-data compare-scalings soak; do
  expect 0 "scripts/$script" "$root/scripts/$script" --help
  expect 2 "--nonsense" "$root/scripts/$script" --nonsense
done
expect 2 "not a number" "$root/scripts/run" --ranks many
expect 2 "not a number" "$root/scripts/compare-scalings" --seeds many
expect 0 "scripts/setup [build|test]" env -C / "$root/scripts/setup" --help

fetch=("$root/scripts/fetch-data" --to "$tmp/raw")
expect 1 "artists.dat is missing" "${fetch[@]}" --check
expect 1 "could not download" "${fetch[@]}" --lastfm-url "file://$tmp/absent.zip"
echo "no archive" >"$tmp/text.zip"
expect 1 "is no zip file" "${fetch[@]}" --lastfm-url "file://$tmp/text.zip"
python3 -m zipfile -c "$tmp/other.zip" "$root/data/sample/lastfm/"
expect 1 "artists.dat has " "${fetch[@]}" --lastfm-url "file://$tmp/other.zip"
expect 1 "nothing was kept" "${fetch[@]}" --lastfm-url "file://$tmp/other.zip"
if [[ -n $(ls -A "$tmp/raw") ]]; then
  echo "fetch-data left something behind: $(ls -A "$tmp/raw")" >&2
  exit 1
fi
