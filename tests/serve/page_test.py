#!/usr/bin/env python3
"""Runs browser/page_test.mjs: the page of a real mrec-serve in a real Chromium.

page_test.py MREC_SERVE MODEL DATASET MREC_TRAIN

Ends with status 77, which ctest counts as skipped, where Node.js, Chromium or the packages of
browser/package-lock.json are missing and npm cannot fetch them. Further arguments go to node.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
BROWSER = pathlib.Path(__file__).resolve().parent / "browser"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def skip(why):
    print(f"skipped: {why}; scripts/setup test installs what the tests of the page need")
    sys.exit(SKIPPED)


def install():
    wanted = (BROWSER / "package-lock.json").read_bytes()
    mark = BROWSER / "node_modules" / ".installed"
    if mark.exists() and mark.read_bytes() == wanted:
        return
    if not shutil.which("npm"):
        skip("no npm")
    try:
        npm = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                             cwd=BROWSER, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        skip("npm got no answer in 120 s")
    if npm.returncode != 0:
        skip("npm ci failed: " + "; ".join(npm.stderr.strip().splitlines()[:3]))
    mark.write_bytes(wanted)


def main():
    if sys.argv[1:] == ["--install"]:
        return install()
    serve, model, dataset, train, *more = sys.argv[1:]
    if not shutil.which("node"):
        skip("no node")
    if not os.access(CHROMIUM, os.X_OK):
        skip(f"no {CHROMIUM}")
    install()
    with tempfile.TemporaryDirectory() as directory:
        other = os.path.join(directory, "other.h5")
        subprocess.run([train, "--dataset", dataset, "--model", other, "--dim", "8", "--epochs", "2",
                        "--seed", "2"], check=True, stdout=subprocess.DEVNULL)
        evaluation = os.path.join(directory, "evaluation.json")
        subprocess.run([os.path.join(os.path.dirname(train), "mrec-evaluate"), "--dataset", dataset,
                        "--model", model, "--json", evaluation], check=True,
                       stdout=subprocess.DEVNULL)
        return subprocess.run(["node", *more, BROWSER / "page_test.mjs", serve, model, other,
                               evaluation], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
