# shellcheck shell=bash
# What the batch scripts share; each sources it first. Leaves the shell in the project's root.
#
# The scripts run under `sbatch` (from the project's root, as submit_all.sh does) and under plain
# `bash` alike.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

RANKS=${RANKS:-2}          # outside Slurm; inside, the job's --ntasks counts
RUN=${RUN:-run}            # where dataset.h5, model.h5 and evaluation.json go
BIN=${BIN:-build/bin}

# More ranks than cores, root and idle ranks are all right with Open MPI.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1

# Runs a program on all ranks: srun inside a Slurm job, mpirun elsewhere.
launch() {
  if [[ -n ${SLURM_JOB_ID:-} ]]; then
    srun --mpi=pmix "$@"
  else
    mpirun -np "$RANKS" --oversubscribe --bind-to none "$@"
  fi
}

mkdir -p "$RUN"
