#!/usr/bin/env python3
"""What several nodes cost in quality and bytes: trains with numbers of nodes, each played by one rank
(mrec-train --ranks_per_node 1), and prints a table of validation NDCG@10 after 5 and 30 epochs, means
over seeds with their standard deviation, and what the nodes sent one another.

    scripts/bench/nodes.py --dataset A.h5 --seeds 3 1 2 4 8 16 4/1 4/64 16/8 16/8/overlap

A configuration is NODES[/SYNC[/overlap]] or NODES/rotate[/BLOCKS]. Options after -- go to mrec-train.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}


def train(options, nodes, sync, overlap, seed, model):
    """NDCG@10 by epoch, and the bytes sent."""
    command = ["mpirun", "-np", str(nodes), os.path.join(options.bin, "mrec-train")]
    command += ["--dataset", options.dataset, "--model", model, "--ranks-per-node", "1"]
    command += ["--epochs", str(options.epochs), "--averaging", "0", "--validate-every", "5"]
    if sync == "rotate":
        command += ["--engine", "rotate"] + (["--blocks", overlap] if overlap else [])
    else:
        command += ["--sync", sync] + (["--overlap"] if overlap else [])
    command += ["--seed", str(seed)]
    told = subprocess.run(
        command + options.more, capture_output=True, text=True, check=True, env=os.environ | MPI,
        timeout=options.timeout,
    ).stdout
    lines = re.findall(r"epoch (\d+)/\d+ .* NDCG@10 ([\d.]+)", told)
    sent = re.search(r"between nodes: ([\d.]+) MB", told)
    return {int(epoch): float(ndcg) for epoch, ndcg in lines}, float(sent[1]) if sent else 0.0


def told(values):
    spread = f" +- {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{spread}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("configurations", nargs="+")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=600)
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:split])
    options.more = arguments[split + 1 :]

    print(f"| nodes | merges an epoch | NDCG@10 at 5 | at {options.epochs} | MB sent an epoch |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        for configuration in options.configurations:
            nodes, sync, overlap, *_ = configuration.split("/") + ["auto", ""][configuration.count("/") :]
            runs = [
                train(options, int(nodes), sync, overlap, seed,
                      os.path.join(directory, "model.h5"))
                for seed in range(1, options.seeds + 1)
            ]
            early, late = ([run[0][epoch] for run in runs] for epoch in (5, options.epochs))
            sent = statistics.mean(run[1] for run in runs) / options.epochs
            print(f"| {nodes} | {sync} {overlap} | {told(early)} "
                  f"| {told(late)} | {sent:.2f} |", flush=True)


if __name__ == "__main__":
    main()
