#!/usr/bin/env python3
"""Checks the two rules of docs/design.md, section 2, on every #include under src, jobs and serve.

    scripts/check_layers.py               the project
    scripts/check_layers.py --self-test   whether planted violations are found

1. Direction: a file includes its own module and those to its left in MODULES; serve includes
   SERVE_MAY only. Includes of ours are written from the source root.
2. One library, one home: a third-party header is included in the places of HOMES only. Tests are
   free.
"""

import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULES = ["base", "dataset", "features", "model", "eval", "tune", "report", "parallel", "jobs"]
SERVE_MAY = {"base", "dataset", "model", "eval", "serve"}

# Third-party header -> the files (or folders) that may include it.
HOMES = [
    (r"hdf5(_hl)?\.h|H5\w*\.h", ["base/hdf5.cpp"]),
    (r"boost/.*", ["base/cli.cpp", "tune/quasi_random.cpp"]),
    (r"openssl/.*", ["base/sha256.cpp"]),
    (r"unicode/.*", ["dataset/name_normalizer.cpp"]),
    (r"Eigen/(Cholesky|LU|QR|SVD|Eigenvalues)", ["model/", "eval/"]),
    (r"Eigen/IterativeLinearSolvers", ["eval/new_artists.cpp"]),
    (r"Eigen/.*", ["base/matrix.h"]),
    (r"Spectra/.*", ["features/steps/tags.cpp"]),
    (r"toml\+\+/.*", ["base/toml.h"]),
    (r"mpi\.h", ["parallel/communicator.h"]),
    (r"pistache/.*", ["serve/http_server.cpp"]),
    (r"nlohmann/.*", ["serve/properties.h", "eval/report.cpp", "report/diagnosis.cpp", "tune/"]),
    (r"sqlite3\.h", ["serve/rating_store.cpp"]),
    (r"zlib\.h", ["serve/compress.cpp"]),
    (r"(gtest|gmock)/.*", []),
]
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:<([^>]+)>|"([^"]+)")')


def own_include(module, header):
    """What is wrong when a file of `module` includes our `header`, or None."""
    target = header.split("/")[0]
    if "/" not in header or target not in {*MODULES, "serve"}:
        return f'"{header}" is not written from the source root'
    if module == "serve":
        return None if target in SERVE_MAY else f"serve must not include {target}"
    if target == "serve" or MODULES.index(target) > MODULES.index(module):
        return f"{module} must not include {target}"
    return None


def library_include(path, header):
    """What is wrong when the file `path` (such as base/cli.cpp) includes <header>, or None."""
    for pattern, homes in HOMES:
        if re.fullmatch(pattern, header):
            if any(path == home or (home[-1] == "/" and path.startswith(home)) for home in homes):
                return None
            return f"<{header}> belongs in {' or '.join(homes) or 'tests'}"
    return None


def violations(root):
    found = []
    for folder in ("src", "jobs", "serve"):
        base = root / "src" if folder == "src" else root
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            path = file.relative_to(base).as_posix()
            module = path.split("/")[0]
            if module not in {*MODULES, "serve"}:
                found.append(f"{file.relative_to(root)}: module {module} is not in MODULES")
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                if not (match := INCLUDE.match(line)):
                    continue
                library, ours = match.groups()
                fault = library_include(path, library) if library else own_include(module, ours)
                if fault:
                    found.append(f"{file.relative_to(root)}:{number}: {fault}")
    return found


PLANTED = {  # file -> (its include, whether that is a violation)
    "src/base/cli.cpp": ("<boost/program_options.hpp>", False),
    "src/base/params.cpp": ("<boost/algorithm/string.hpp>", True),
    "src/base/toml.h": ("<toml++/toml.h>", False),
    "src/base/text.cpp": ('"dataset/split.h"', True),
    "src/dataset/split.cpp": ('"base/random.h"', False),
    "src/dataset/dataset.cpp": ("<hdf5.h>", True),
    "src/dataset/lastfm.cpp": ('"lastfm.h"', True),
    "src/features/pipeline.cpp": ("<toml++/toml.h>", True),
    "src/features/pipeline.h": ("<unicode/unistr.h>", True),
    "src/features/steps/tags.cpp": ("<Spectra/SymEigsSolver.h>", False),
    "src/features/steps/tracks.cpp": ("<Spectra/SymEigsSolver.h>", True),
    "src/model/fold_in_fit.cpp": ("<Eigen/Cholesky>", False),
    "src/model/sgd.cpp": ("<Eigen/Dense>", True),
    "src/model/loss.cpp": ('"parallel/shard.h"', True),
    "src/eval/metrics.cpp": ("<mpi.h>", True),
    "src/eval/report.cpp": ('  "model/scorer.h"  // indented', False),
    "src/parallel/communicator.h": ("<mpi.h>", False),
    "src/parallel/shared_array.h": ('"parallel/communicator.h"', False),
    "src/music/artist.cpp": ("<vector>", True),
    "jobs/train.cpp": ('"jobs/job.h"', False),
    "jobs/evaluate.cpp": ('"serve/schema.h"', True),
    "jobs/recommend.cpp": ("<gtest/gtest.h>", True),
    "serve/http_server.cpp": ("<pistache/http.h>", False),
    "serve/router.cpp": ("<pistache/http.h>", True),
    "serve/main.cpp": ('"parallel/communicator.h"', True),
    "serve/service.cpp": ("<nlohmann/json.hpp>", True),
    "serve/schema.cpp": ('"features/table.h"', True),
    "serve/rating_store.h": ("<sqlite3.h>", True),
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, (include, _) in PLANTED.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"// #include <hdf5.h>\n#include {include}\n")
        found = {line.split(":")[0] for line in violations(root)}
    expected = {name for name, (_, is_violation) in PLANTED.items() if is_violation}
    for name in sorted(found ^ expected):
        print(f"{name}: {'missed' if name in expected else 'a false alarm'}")
    print(f"{len(expected & found)} of {len(expected)} planted violations found")
    return found == expected


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(not self_test())
    if sys.argv[1:]:
        sys.exit(__doc__)
    found = violations(ROOT)
    print("".join(line + "\n" for line in found), end="")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
