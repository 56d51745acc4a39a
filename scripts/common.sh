# shellcheck shell=bash
# What the scripts share; they source it first. Leaves the shell in the project's root.

script=$(readlink -f "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

say() { printf '== %s\n' "$*"; }

# Ends the script with status 2, as the jobs end on bad options.
die() {
  printf '%s: %s\n' "${script##*/}" "$*" >&2
  exit 2
}

# --help of a script is the comment at its head.
usage() { sed -n '2,/^[^#]/ { s/^# \{0,1\}//p; }' "$script"; }

# Open MPI refuses root, refuses more ranks than cores, ties two jobs to the same cores, and lets
# waiting ranks burn the cores that others need, unless told otherwise.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1
