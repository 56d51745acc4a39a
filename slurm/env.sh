# shellcheck shell=bash
# What the batch scripts share; each sources it first.
#
# The scripts run under `sbatch` and under plain `bash` alike. Where they lie in a checkout and
# nobody says otherwise, paths count from the project's root; what `mrec submit` submits stays in the
# directory that it was called from.

set -euo pipefail
[[ -n ${MREC_SLURM:-} ]] || cd "$(dirname "${BASH_SOURCE[0]}")/.."

RANKS=${RANKS:-2}          # outside Slurm; inside, the job's --ntasks counts
RUN=${RUN:-run}            # where dataset.h5, model.h5 and evaluation.json go
BIN=${BIN:-build/bin}
GRACE=${GRACE:-300}        # seconds before the end at which Slurm signals train and tune

# More ranks than cores, root and idle ranks are all right with Open MPI.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1
# A host that no longer answers ends an mpirun after 6 s, not after 8 minutes or never; and after a
# signal ranks have 5 s to end, not 1.
export OMPI_MCA_oob_tcp_keepalive_time=3 OMPI_MCA_oob_tcp_keepalive_intvl=1
export OMPI_MCA_oob_tcp_keepalive_probes=3 OMPI_MCA_odls_base_sigkill_timeout=5

# Runs a program on all ranks: srun inside a Slurm job, mpirun elsewhere.
launch() {
  if [[ -n ${SLURM_JOB_ID:-} ]]; then
    srun --mpi=pmix "$@"
  else
    mpirun -np "$RANKS" --oversubscribe --bind-to none "$@"
  fi
}

# own_place NAME: sets OUT, where this job's files go, and SEED, options for the program. An element
# N of an array has $RUN/NAME-N for itself and the seed N; other jobs have $RUN.
# shellcheck disable=SC2034  # the scripts use SEED
own_place() {
  OUT=$RUN SEED=()
  if [[ -n ${SLURM_ARRAY_TASK_ID:-} ]]; then
    OUT=$RUN/$1-$SLURM_ARRAY_TASK_ID SEED=(--seed "$SLURM_ARRAY_TASK_ID")
  fi
  mkdir -p "$OUT"
}

# Queues this job again, to go on from what it has written. Slurm ends the script, so that nothing
# behind this need run. The last element of an array has the number of the whole array as its
# SLURM_JOB_ID, which would queue all of them.
requeue() {
  scontrol requeue "${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
}

mkdir -p "$RUN"
