#!/usr/bin/env bash
# slurm/submit_all.sh [SBATCH-OPTION ...]
#
# Submits prepare, train and evaluate, each to start when the one before has ended well; when one
# fails, the rest is cancelled. Options go to every sbatch, such as --partition=long. Without Slurm
# the three run here, one after another.
set -euo pipefail
script=$(readlink -f "$0")
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n '2,/^[^#]/ { s/^# \{0,1\}//p; }' "$script"
  exit
fi
cd "$(dirname "$script")/.."

if ! command -v sbatch >/dev/null; then
  [[ $# -eq 0 ]] || { echo "submit_all.sh: there is no sbatch to take $*" >&2; exit 2; }
  for job in prepare train evaluate; do bash "slurm/$job.sbatch"; done
  exit
fi

previous=
for job in prepare train evaluate; do
  after=()
  [[ -z $previous ]] || after=(--dependency="afterok:$previous" --kill-on-invalid-dep=yes)
  previous=$(sbatch --parsable "${after[@]}" "$@" "slurm/$job.sbatch")
  previous=${previous%%;*}
  echo "$job is job $previous"
done
