#!/usr/bin/env python3
"""What other languages see: every artifact opens in h5py, CSR groups in scipy, and the lists of
mrec-recommend, scored here, give the figures of mrec-evaluate.

artifacts_test.py BIN_DIR DATASET MODEL MPIEXEC
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy
import scipy.sparse

BIN, DATASET, MODEL, MPIEXEC = sys.argv[1:5]


def csr(file, name):
    group = file[name]
    parts = (group["data"][:], group["indices"][:], group["indptr"][:])
    return scipy.sparse.csr_matrix(parts, shape=tuple(group.attrs["shape"]))


def run(*arguments, ranks=1):
    command = [MPIEXEC, "-np", str(ranks), os.path.join(BIN, arguments[0]), *arguments[1:]]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def independent_scores(lists, test, k):
    """Mean of each metric over the users with held-out artists. lists, test: user -> artist ids."""
    sums = {"ndcg": 0.0, "precision": 0.0, "recall": 0.0, "map": 0.0, "hit_rate": 0.0, "mrr": 0.0}
    for user, relevant in test.items():
        hits = [artist in relevant for artist in lists[user][:k]]
        ideal = sum(1 / math.log2(p + 2) for p in range(min(k, len(relevant))))
        sums["ndcg"] += sum(1 / math.log2(p + 2) for p, hit in enumerate(hits) if hit) / ideal
        sums["precision"] += sum(hits) / k
        sums["recall"] += sum(hits) / len(relevant)
        at_hits = [sum(hits[:p + 1]) / (p + 1) for p, hit in enumerate(hits) if hit]
        sums["map"] += sum(at_hits) / min(k, len(relevant))
        sums["hit_rate"] += any(hits)
        sums["mrr"] += 1 / (hits.index(True) + 1) if any(hits) else 0
    return {name: value / len(test) for name, value in sums.items()}


class Artifacts(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def test_csr_groups_follow_the_convention(self):
        with h5py.File(DATASET) as file:
            users, artists = len(file["users/id"]), len(file["artists/id"])
            for name in ("train", "valid", "test", "features", "tags"):
                group = file[name]
                self.assertEqual(group.attrs["encoding-type"], "csr_matrix")
                self.assertEqual(group["indptr"].dtype, numpy.int64)
                self.assertEqual(group["indices"].dtype, numpy.int32)
                self.assertEqual(group["data"].dtype, numpy.float32)
                matrix = csr(file, name)
                matrix.check_format()
                self.assertTrue(matrix.has_sorted_indices)
            for name in ("train", "valid", "test"):
                self.assertEqual(csr(file, name).shape, (users, artists))
                self.assertEqual(len(file[name + "/plays"]), csr(file, name).nnz)
            self.assertEqual(csr(file, "features").shape, (artists, len(file["features/name"])))
            parts = [csr(file, name) for name in ("train", "valid", "test")]
            for part in parts:
                part.data[:] = 1
            self.assertEqual((parts[0] + parts[1] + parts[2]).max(), 1, "the parts overlap")

    def test_the_model_is_whole(self):
        with h5py.File(MODEL) as file, h5py.File(DATASET) as dataset:
            dim = int(file["params"].attrs["dim"])
            artists = len(file["artists/id"])
            self.assertEqual(file["artist_factors"].shape, (artists, dim))
            self.assertEqual(file["artist_bias"].shape, (artists,))
            self.assertEqual(file["user_factors"].shape, (len(file["users/id"]), dim))
            self.assertEqual(file["fold_in/map"].shape, (dim + 1, dim))
            names = list(file["artists/name"].asstr())
            self.assertEqual(names, list(dataset["artists/name"].asstr()))
            for name in ("Bj\u00f6rk", "Sigur R\u00f3s", "Metallica"):
                self.assertIn(name, names)
            self.assertLessEqual(set(file["survey/artist_id"]), set(file["artists/id"]))
            self.assertGreater(float(file["metrics"].attrs["validation_ndcg@10"]), 0.1)

    def test_lists_scored_here_give_the_figures_of_evaluate(self):
        top, report = (os.path.join(self.dir.name, name) for name in ("top.tsv", "e.json"))
        for ranks in (1, 3):
            run("mrec-recommend", "--dataset", DATASET, "--model", MODEL, "--all-users", "--k",
                "10", "--out", top, ranks=ranks)
            run("mrec-evaluate", "--dataset", DATASET, "--model", MODEL, "--json", report,
                ranks=ranks)
            lists = {}
            with open(top, encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                    lists.setdefault(int(row["user"]), []).append(int(row["artist_id"]))
            with h5py.File(DATASET) as file:
                users, artists = file["users/id"][:], file["artists/id"][:]
                held_out = csr(file, "test")
                known = csr(file, "train") + csr(file, "valid")
            test = {}
            for index, user in enumerate(users):
                relevant = {int(artists[a]) for a in held_out[index].indices}
                if relevant:
                    test[int(user)] = relevant
                heard = {int(artists[a]) for a in known[index].indices}
                self.assertFalse(heard & set(lists[int(user)]), "a known artist came back")
            with open(report, encoding="utf-8") as file:
                model = json.load(file)["reports"][0]
            self.assertEqual(model["users"], len(test))
            told = {m["metric"]: m["mean"] for m in model["metrics"]}
            for name, value in independent_scores(lists, test, 10).items():
                self.assertAlmostEqual(told[name], value, delta=1e-6, msg=name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
