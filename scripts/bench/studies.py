#!/usr/bin/env python3
"""Compares studies of mrec-tune on a data set.

studies.py random BIN_DIR DATASET MPIEXEC [--seeds 5]
    50 trials of TPE against 100 random ones, of small models by ALS: the best validation NDCG@10
studies.py asha BIN_DIR DATASET MPIEXEC [--seeds 3]
    27 trials of WARP, each to its end against promotion by ASHA: epochs in all, and the winner's
    validation NDCG@10 with fresh seeds

Each line also tells for how much of the time, from the first start to the last end, the two workers
trained: the seconds that they measured themselves.
"""
import argparse
import datetime
import json
import os
import re
import statistics
import subprocess
import tempfile

WORKERS = 2
ALS = ["--loss", "ials", "--solver", "als", "--epochs", "4", "--report-every", "2", "--top", "1",
       "--search", "dim=int:8:32:8", "--search", "unheard_weight=float:0.01:0.5:log",
       "--search", "confidence=float:0.05:3:log", "--search", "regularization=float:0.005:2:log",
       "--search", "regularization_exponent=float:0:1", "--search", "tag_weight=float:0.05:2:log"]
WARP = ["--loss", "warp", "--dim", "16", "--averaging", "0", "--epochs", "27", "--report-every",
        "9", "--trials", "27", "--top", "3", "--search", "learning_rate=float:0.01:0.2:log",
        "--search", "user_alpha=float:0.00001:0.003:log",
        "--search", "artist_alpha=float:0.00001:0.003:log", "--search", "max_sampled=int:5:300:log"]

parser = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("what", choices=("random", "asha"))
parser.add_argument("bin")
parser.add_argument("dataset")
parser.add_argument("mpiexec")
parser.add_argument("--seeds", type=int)
options = parser.parse_args()


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def study(name, seed, more):
    """Runs a study and prints a line on it; returns the best value, the epochs in all and the
    winner's mean over fresh seeds."""
    with tempfile.TemporaryDirectory() as folder:
        journal = os.path.join(folder, "study.journal")
        told = subprocess.run(
            [options.mpiexec, "-np", str(WORKERS), f"{options.bin}/mrec-tune", "--dataset",
             options.dataset, "--study", journal, "--seed", str(seed), *more],
            check=True, capture_output=True, text=True).stdout
        rows = json.loads(subprocess.run([f"{options.bin}/mrec-study", "show", journal, "--json"],
                                         check=True, capture_output=True, text=True).stdout)
    length = max(instant(row["end"]) for row in rows) - min(instant(row["start"]) for row in rows)
    best = max(row["value"] for row in rows if row["state"] == "complete")
    epochs = sum(row["epochs"] for row in rows)
    busy = sum(row["seconds"] for row in rows) / (WORKERS * length)
    again = re.search(r"trial \d+  (0\.\d+) \+- (0\.\d+)", told)
    winner = f", the winner again {again[1]} +- {again[2]}" if again else ""
    print(f"{name}, seed {seed}: {len(rows)} trials, {epochs} epochs, {length:.0f} s, busy "
          f"{100 * busy:.1f} %; best {best:.4f}{winner}", flush=True)
    return best, epochs, float(again[1]) if again else None


def compare(kinds, seeds):
    """The medians of each kind of study."""
    results = {name: [] for name in kinds}
    for seed in range(1, seeds + 1):
        for name, more in kinds.items():
            results[name].append(study(name, seed, more))
    for name, of_seeds in results.items():
        best, epochs, again = zip(*of_seeds)
        print(f"{name}: median best {statistics.median(best):.4f}, {statistics.median(epochs):.0f} "
              "epochs" + (f", median of winners {statistics.median(again):.4f}" if again[0] else ""))


if options.what == "random":
    compare({"50 of TPE": [*ALS, "--trials", "50"],
             "100 random": [*ALS, "--trials", "100", "--sampler", "random"]}, options.seeds or 5)
else:
    compare({"to the end": WARP, "asha": [*WARP, "--pruner", "asha", "--min-resource", "3"]},
            options.seeds or 3)
