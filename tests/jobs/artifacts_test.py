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

    def test_figures_of_every_user_average_to_the_table(self):
        """HDF5 and JSON, by 1 and 3 ranks: the same users, lists and figures."""
        report = os.path.join(self.dir.name, "e.json")
        seen = []
        for ranks, name in ((1, "u.h5"), (3, "u.h5"), (3, "u.json")):
            path = os.path.join(self.dir.name, name)
            run("mrec-evaluate", "--dataset", DATASET, MODEL, "--k", "5,10", "--json", report,
                "--per-user", path, ranks=ranks)
            with open(report, encoding="utf-8") as file:
                told = json.load(file)
            if name.endswith(".h5"):
                with h5py.File(path) as file:
                    self.assertEqual(file.attrs["format"], "mrec-evaluation")
                    users = file["users/id"][:].tolist()
                    names = list(file["contenders/name"].asstr())
                    metrics = list(file["metrics/name"].asstr())
                    values = numpy.array([file[f"values/{c}"][:] for c in range(len(names))])
                    lists = [file[f"lists/{c}"][:].reshape(-1, 10).tolist()
                             for c in range(len(names))]
            else:
                with open(path, encoding="utf-8") as file:
                    found = json.load(file)
                users, names = found["users"], list(found["contenders"])
                values = numpy.array([[found["contenders"][c][m] for m in metrics] for c in names],
                                     dtype=float).transpose(0, 2, 1)
                lists = [found["contenders"][c]["list"] for c in names]
            self.assertEqual(names, [one["name"] for one in told["reports"]])
            for c, one in enumerate(told["reports"]):
                self.assertEqual(len(users), one["users"])
                for figure in one["metrics"]:
                    label = figure["metric"] + (f"@{figure['k']}" if figure["k"] else "")
                    if label in metrics:
                        mean = numpy.nanmean(values[c, :, metrics.index(label)])
                        self.assertAlmostEqual(mean, figure["mean"], delta=1e-4 * (1 + mean))
            seen.append((users, lists))
        self.assertEqual(seen[0], seen[1], "3 ranks give other lists than 1")
        self.assertEqual(seen[0], seen[2], "JSON gives other lists than HDF5")

    def test_two_models_are_compared_user_by_user(self):
        other = os.path.join(self.dir.name, "other.h5")
        run("mrec-train", "--dataset", DATASET, "--model", other, "--epochs", "1", "--quiet")
        report = os.path.join(self.dir.name, "e.json")
        run("mrec-evaluate", MODEL, other, "--json", report, "--baselines", "random")
        with open(report, encoding="utf-8") as file:
            told = json.load(file)
        self.assertEqual([one["name"] for one in told["reports"]], ["model", "other", "random"])
        found = {(c["metric"], c["first"], c["second"]): c for c in told["comparisons"]}
        ndcg = found["ndcg@10", "model", "other"]
        means = [next(m["mean"] for m in one["metrics"] if m["metric"] == "ndcg")
                 for one in told["reports"]]
        self.assertAlmostEqual(ndcg["difference"], means[0] - means[1], delta=1e-9)
        self.assertLess(ndcg["low"], ndcg["difference"])
        self.assertLess(found["ndcg@10", "model", "random"]["p_value"], 0.01)
        self.assertEqual(len(told["breakdowns"][0]["groups"]), 10)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
