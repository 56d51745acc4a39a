#!/usr/bin/env python3
"""What the elements of an array have found, as a table.

    summary.py --out seeds.tsv run/seed-*/evaluation.json
        mean, standard deviation over the runs, least and greatest of every metric of the model
    summary.py --out studies.tsv --mrec-study build/bin/mrec-study run/tune-*/study.journal
        the best trial of every study, the best first, with the command that trains it
"""

import argparse
import json
import os
import statistics
import subprocess
import sys


def seeds(files):
    """Rows of the table over files evaluation.json."""
    values = {}  # (metric, k) -> of each run
    for path in files:
        with open(path, encoding="utf-8") as file:
            model = json.load(file)["reports"][0]  # baselines come behind
        for metric in model["metrics"]:
            values.setdefault((metric["metric"], metric.get("k")), []).append(metric["mean"])
    yield ["metric", "runs", "mean", "deviation", "min", "max"]
    for (name, k), of_runs in values.items():
        name = f"{name}@{k}" if k else name
        deviation = f"{statistics.stdev(of_runs):.4f}" if len(of_runs) > 1 else ""
        yield [name, str(len(of_runs)), f"{statistics.mean(of_runs):.4f}", deviation,
               f"{min(of_runs):.4f}", f"{max(of_runs):.4f}"]


def studies(program, files):
    """Rows of the table over files study.journal."""
    found = []
    for path in files:
        done = subprocess.run([program, "best", path, "--json"], stdout=subprocess.PIPE, check=True)
        found.append((json.loads(done.stdout), path))
    found.sort(key=lambda one: one[0]["value"], reverse=True)
    yield ["value", "trial", "study", "command"]
    for best, path in found:
        yield [f"{best['value']:.4f}", str(best["number"]), path, best["command"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="table to write, and to print")
    parser.add_argument("--mrec-study", help="the program; the files are journals then")
    parser.add_argument("files", nargs="+")
    given = parser.parse_args()
    try:
        rows = list(studies(given.mrec_study, given.files) if given.mrec_study
                    else seeds(given.files))
    except (OSError, ValueError, KeyError, IndexError, subprocess.CalledProcessError) as error:
        sys.exit(f"summary.py: {type(error).__name__}: {error}")
    text = "".join("\t".join(row) + "\n" for row in rows)
    with open(given.out + ".part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(given.out + ".part", given.out)
    print(text, end="")


if __name__ == "__main__":
    main()
