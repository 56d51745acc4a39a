#!/usr/bin/env python3
"""mrec-train with every loss, optimizer, engine and solver, on one rank, on two, and on two that play two nodes.

losses_test.py BIN_DIR DATASET MPIEXEC

Under the sanitizers this is the run over all of training; anywhere else it shows that every combination
learns something.
"""
import itertools
import os
import re
import subprocess
import sys
import tempfile
import unittest

BIN, DATASET, MPIEXEC = sys.argv[1:4]
TIMEOUT = 300
CHANCE = 0.03  # NDCG@10 of random lists on the sample is 0.013
RANKS = {"one rank": (1, ()), "two ranks": (2, ()), "two nodes": (2, ("--ranks-per-node", "1"))}

RANKING = [("--loss", loss, *more)
           for loss, more in itertools.product(
               ("warp", "bpr", "warp-kos", "logistic"),
               (("--adagrad", "row", "--features", "identity+metadata"), ("--adagrad", "element"),
                ("--optimizer", "adadelta", "--features", "identity+metadata"),
                ("--adagrad", "row", "--engine", "rotate"),
                ("--optimizer", "adadelta", "--engine", "rotate")))]
SQUARE = [("--loss", "ials", "--solver", solver, "--tag-weight", weight)
          for solver, weight in itertools.product(("sgd", "als"), ("0.4", "0"))]


class Losses(unittest.TestCase):
    def test_every_combination_learns(self):
        for name, (ranks, more) in RANKS.items():
            for options in RANKING + SQUARE:
                with self.subTest(ranks=name, options=" ".join(options)):
                    self.assertGreater(self.validation(ranks, *options, *more), CHANCE)

    def test_changes_that_travel_while_nodes_train_on(self):
        self.assertGreater(self.validation(2, "--overlap", "--ranks-per-node", "1"), CHANCE)

    def validation(self, ranks, *options):
        with tempfile.TemporaryDirectory() as directory:
            launch = [MPIEXEC, "-np", str(ranks)] if ranks > 1 else []
            result = subprocess.run(
                [*launch, os.path.join(BIN, "mrec-train"), "--dataset", DATASET, "--model",
                 os.path.join(directory, "model.h5"), "--dim", "12", "--epochs", "4",
                 "--validate-every", "0", *options],
                capture_output=True, text=True, timeout=TIMEOUT, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        # No word of the sanitizers, nor any other but where it ran.
        self.assertRegex(result.stderr, r"\A(\d+ ranks x 1 thread on 1 node\n)?\Z")
        return float(re.search(r"validation NDCG@10 ([0-9.]+)", result.stdout)[1])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
