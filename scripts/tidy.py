#!/usr/bin/env python3
"""Runs clang-tidy on the given sources, two units at a time or as many as there are cores.

    scripts/tidy.py src/model/sgd.cpp ...

Most of the time goes into the headers, so several sources are read as one unit, which takes a fifth
of the time; clang's analyzer follows sources that are included so. Two sources of a unit may not
define the same name: those that seem to do are kept apart, and one that is found to is read again
alone.

Compile commands come from build/compile_commands.json. A file that passed is remembered under
.cache/tidy by everything its verdict depends on: its command, .clang-tidy, its text, and the text of
all headers of ours that it reaches.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache/tidy"
TIDY = "clang-tidy-14"
SECONDS_PER_UNIT = 600
FILES_PER_UNIT = 6


def reached(path, seen):
    """Adds `path` and our headers that it includes, directly or not, to `seen`."""
    if path in seen:
        return
    seen[path] = path.read_bytes()
    for name in re.findall(rb'^\s*#\s*include\s+"([^"]+)"', seen[path], re.M):
        for folder in (ROOT / "src", ROOT, path.parent):
            header = folder / name.decode()
            if header.is_file():
                reached(header.resolve(), seen)
                break


def key_of(source, command):
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + command.encode())
    texts = {}
    reached(source, texts)
    for path in sorted(texts):
        digest.update(texts[path] + b"\0")
    return CACHE / digest.hexdigest()


# What a source defines at the beginning of a line, mostly in its unnamed namespace.
DEFINED = re.compile(
    rb"^(?:(?:struct|class|enum class|using)\s+(\w+)"
    rb"|(?:(?:inline|static|thread_local) )*const(?:expr)?\b[^=({;]*\b(\w+)(?:\[\w*\])?\s*[={]"
    rb"|[A-Za-z_][\w:<>,&* ]*[ &*](\w+)\()",
    re.M,
)


def names_of(source):
    return {next(filter(None, found)) for found in DEFINED.findall(source.read_bytes())}


def units(sources, commands):
    """Lists of sources with the same options that can be read together."""
    made = []
    for source in sorted(sources):
        text = source.read_bytes()
        names = names_of(source)
        options = re.sub(r" -o \S+ -c \S+$| -M[TF] \S+", "", commands[source])
        if re.search(rb"^int main\(", text, re.M):
            made.append((None, set(), [source]))
            continue
        for key, taken, members in made:
            if key == options and len(members) < FILES_PER_UNIT and not names & taken:
                members.append(source)
                taken |= names
                break
        else:
            made.append((options, names, [source]))
    return [members for _, _, members in made]


def diagnostics(output):
    """The errors and warnings of `output`, each with its place and its notes."""
    heads = list(re.finditer(r"^(\S+):\d+:\d+: (?:error|warning): .*$", output, re.M))
    ends = [head.start() for head in heads[1:]] + [len(output)]
    return [
        (pathlib.Path(head[1]), head[0], output[head.start() : end].rstrip() + "\n")
        for head, end in zip(heads, ends)
    ]


def tidy(unit, commands):
    """What clang-tidy has to say against the sources of a unit; empty when nothing."""
    with tempfile.TemporaryDirectory() as folder:
        main = pathlib.Path(folder) / "unit.cpp"
        main.write_text("".join(f'#include "{source}"\n' for source in unit))
        options = re.sub(r" -o \S+ -c \S+$| -M[TF] \S+", "", commands[unit[0]])
        entry = {"directory": str(ROOT / "build"), "file": str(main), "command": f"{options} -c {main}"}
        (main.parent / "compile_commands.json").write_text(json.dumps([entry]))
        command = [TIDY, "-p", folder, f"--config-file={ROOT / '.clang-tidy'}", "--quiet"]
        command += ["--extra-arg=-w", str(main)]
        names = " ".join(str(source.relative_to(ROOT)) for source in unit)
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_PER_UNIT)
        except subprocess.TimeoutExpired:
            return f"{names}: clang-tidy took more than {SECONDS_PER_UNIT} s\n"
    found = diagnostics(run.stdout)
    if run.returncode < 0 or (run.returncode and not found):
        return f"{names}: clang-tidy failed with status {run.returncode}\n{run.stderr}"
    if len(unit) > 1:
        # Errors of the compiler in a source tell that names met, after which nothing is sure.
        clashing = {path for path, head, _ in found if path in unit and "[clang-diagnostic-" in head}
        if clashing:
            rest = [source for source in unit if source not in clashing]
            apart = [[source] for source in sorted(clashing)] + ([rest] if rest else [])
            return "".join(tidy(part, commands) for part in apart)
    # Otherwise the compiler's own words do not count: clang 14 cannot read all of <ranges> of
    # libstdc++ 12, and what gcc accepts with -Werror is no error of ours.
    return "".join(
        text for path, head, text in found if ROOT in path.parents and "[clang-diagnostic-" not in head
    )


def main():
    entries = json.loads((ROOT / "build/compile_commands.json").read_text())
    commands = {pathlib.Path(entry["file"]).resolve(): entry["command"] for entry in entries}
    pending = {}
    for name in sys.argv[1:]:
        source = (ROOT / name).resolve()
        if source not in commands:
            sys.exit(f"{name} is not in build/compile_commands.json: run cmake --preset release")
        key = key_of(source, commands[source])
        if not key.exists():
            pending[source] = key
    CACHE.mkdir(parents=True, exist_ok=True)
    failed = 0
    workers = max(2, os.cpu_count() or 1)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        groups = units(pending, commands)
        for unit, complaint in zip(groups, pool.map(lambda unit: tidy(unit, commands), groups)):
            if complaint:
                failed += 1
                print(complaint, end="", flush=True)
            else:
                for source in unit:
                    pending[source].touch()
    if failed:
        sys.exit("clang-tidy complains, see above")


if __name__ == "__main__":
    main()
