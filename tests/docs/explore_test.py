#!/usr/bin/env python3
"""examples/explore.py recommends what mrec-recommend does, with and without matplotlib and anndata.

explore_test.py BIN_DIR DATASET MODEL
"""
import os
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import h5py
import scipy.sparse

BIN, DATASET, MODEL = sys.argv[1:4]
EXPLORE = Path(__file__).resolve().parents[2] / "examples/explore.py"


def lists_of_mrec(users):
    options = [word for user in users for word in ("--user", str(user))]
    run = subprocess.run([os.path.join(BIN, "mrec-recommend"), "--dataset", DATASET, "--model", MODEL,
                          *options], capture_output=True, text=True, check=True, timeout=120)
    lists = {}
    for line in run.stdout.splitlines()[1:]:
        user, *rest = line.split("\t")
        lists.setdefault(int(user), []).append(rest)
    return lists


class Explore(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.dir = Path(temporary.name)

    def explore(self, *arguments):
        run = subprocess.run([sys.executable, EXPLORE, *arguments], cwd=self.dir, capture_output=True,
                             text=True, timeout=120,
                             env=os.environ | {"PYTHONPATH": str(self.dir), "MPLCONFIGDIR": "mpl"})
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_its_lists_are_those_of_mrec_recommend_also_without_matplotlib_and_anndata(self):
        for module in ("matplotlib", "anndata"):
            (self.dir / f"{module}.py").write_text(f"raise ImportError('no {module}')\n")
        with h5py.File(DATASET) as file:
            users = file["users/id"][::300].tolist()
        self.assertGreater(len(users), 2)
        out = self.explore(DATASET, MODEL, *map(str, users))
        self.assertIn("no matplotlib: ", out)
        self.assertIn("no anndata: ", out)
        self.assertFalse((self.dir / "explore.png").exists())
        for user, expected in lists_of_mrec(users).items():
            rows = [line.split("\t") for line in out.splitlines() if line.startswith(f"{user}\t")]
            self.assertEqual([row[1:4] for row in rows], [row[:3] for row in expected])
            self.assertEqual(len(rows), 10)
            for row, (*_, score) in zip(rows, expected):
                self.assertAlmostEqual(float(row[4]), float(score), delta=1e-3)

    def test_with_matplotlib_it_plots(self):
        try:
            import matplotlib  # noqa: F401
        except ImportError:
            self.skipTest("no matplotlib here")
        self.assertIn("wrote explore.png", self.explore(DATASET, MODEL))
        self.assertTrue((self.dir / "explore.png").read_bytes().startswith(b"\x89PNG"))

    def test_anndata_takes_artists_and_reads_matrices_of_the_file(self):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from anndata.experimental import read_elem
        except ImportError:
            self.skipTest("no anndata here")
        with h5py.File(DATASET) as file:
            num_artists = len(file["artists/id"])
            expected = scipy.sparse.csr_matrix(
                tuple(file[f"train/{name}"][:] for name in ("data", "indices", "indptr")),
                shape=tuple(file["train"].attrs["shape"]))
            self.assertEqual((read_elem(file["train"]) != expected).nnz, 0)
        self.assertIn(f"AnnData object with n_obs × n_vars = {num_artists} ×",
                      self.explore(DATASET, MODEL))


if __name__ == "__main__":
    unittest.main(argv=[__file__, *sys.argv[4:]])
