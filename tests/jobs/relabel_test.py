#!/usr/bin/env python3
"""Ids are names and nothing more: the sample with its artist and user ids permuted, and its rows in
the order of the new ids, gives the same metrics but for noise. (In the public Last.fm set neighbouring
artist ids were heard by the same user, so whatever looks at ids or at the order of rows has seen what
it is to predict.)

relabel_test.py BIN_DIR SAMPLE_DIR
"""
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import unittest

BIN, SAMPLE = sys.argv[1:3]
SEEDS = range(1, 6)
# Both labellings of a seed are drawn apart (splits are keyed by ids), so they differ by noise that
# the seeds show. Student's t with 4 degrees of freedom is beyond 4.6 once in 100 times; three
# standard errors would be for many seeds.
LIMIT = 4.6


def permuted(path, to, columns, maps):
    """Copies a table with the ids of some columns replaced, its rows in the order of the new ids."""
    with open(path, encoding="utf-8") as file:
        header, *rows = [line.rstrip("\r\n").split("\t") for line in file]
    for row in rows:
        for column, ids in zip(columns, maps):
            row[column] = ids.get(row[column], row[column])  # tags may name unknown artists
    rows.sort(key=lambda row: [int(row[column]) for column in columns])
    with open(to, "w", encoding="utf-8") as file:
        file.writelines("\t".join(row) + "\n" for row in [header, *rows])


def permutation(path, column, rng):
    with open(path, encoding="utf-8") as file:
        ids = sorted({line.split("\t")[column] for line in list(file)[1:]}, key=int)
    others = ids[:]
    rng.shuffle(others)
    return dict(zip(ids, others))


def relabel(source, to, seed):
    rng = random.Random(seed)
    artists = permutation(f"{source}/artists.dat", 0, rng)
    users = permutation(f"{source}/user_artists.dat", 0, rng)
    os.mkdir(to)
    permuted(f"{source}/artists.dat", f"{to}/artists.dat", [0], [artists])
    permuted(f"{source}/user_artists.dat", f"{to}/user_artists.dat", [0, 1], [users, artists])
    permuted(f"{source}/user_taggedartists.dat", f"{to}/user_taggedartists.dat", [0, 1],
             [users, artists])
    with open(f"{source}/tags.dat", "rb") as file, open(f"{to}/tags.dat", "wb") as copy:
        copy.write(file.read())


def run(program, *arguments):
    command = [os.path.join(BIN, program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")


def metrics_of(lastfm, work, seed):
    """(metric, method) -> mean over users, of a model of identities and metadata."""
    dataset, model, report = (f"{work}/{name}" for name in ("d.h5", "m.h5", "e.json"))
    run("mrec-prepare", "--lastfm", lastfm, "--spotify", f"{SAMPLE}/spotify/tracks.csv",
        "--seed", str(seed), "--out", dataset)
    run("mrec-train", "--dataset", dataset, "--model", model, "--dim", "16", "--epochs", "12",
        "--features", "identity+metadata", "--seed", str(seed), "--validate-every", "0", "--quiet")
    run("mrec-evaluate", "--dataset", dataset, "--model", model, "--split", "test", "--k", "10",
        "--json", report)
    with open(report, encoding="utf-8") as file:
        return {(method["name"], metric["metric"]): metric["mean"]
                for method in json.load(file)["reports"] for metric in method["metrics"]
                if metric["metric"] in ("ndcg", "recall", "auc")}


class Relabelling(unittest.TestCase):
    def test_metrics_change_within_noise(self):
        differences = {}
        means = {}
        with tempfile.TemporaryDirectory() as work:
            for seed in SEEDS:
                relabel(f"{SAMPLE}/lastfm", f"{work}/{seed}", seed)
                before = metrics_of(f"{SAMPLE}/lastfm", work, seed)
                after = metrics_of(f"{work}/{seed}", work, seed)
                for name, value in before.items():
                    differences.setdefault(name, []).append(after[name] - value)
                    means.setdefault(name, []).append(value)
        self.assertIn(("model", "ndcg"), differences)
        for name, paired in sorted(differences.items()):
            mean = statistics.fmean(paired)
            error = statistics.stdev(paired) / math.sqrt(len(paired))
            print(f"{' '.join(name):<20}{statistics.fmean(means[name]):8.4f}"
                  f"  permuted {mean:+.4f} +- {error:.4f}")
            with self.subTest(metric=name):
                self.assertNotEqual(paired, [0.0] * len(paired), "nothing was permuted")
                self.assertLessEqual(abs(mean), LIMIT * error)
                # A small error must not come of a few seeds that happen to agree, nor a large one
                # hide a change: the metrics of the sample are known to some hundredths.
                self.assertLess(error, 0.02)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
