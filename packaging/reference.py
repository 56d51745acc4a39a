#!/usr/bin/env python3
"""Makes the reference of the programs out of their own --help: manual pages, bash completion and
docs/cli.md.

  packaging/reference.py BIN_DIR --markdown docs/cli.md     after options have changed
  packaging/reference.py BIN_DIR --markdown docs/cli.md --check
  packaging/reference.py BIN_DIR --man DIR --completion FILE
"""
import argparse
import gzip
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field

EXIT_STATUS = {
    "0": "fine",
    "1": "failed",
    "2": "bad input or usage: the message says what, and what to do",
    "75": "interrupted by a signal, to be run again with --resume",
}


@dataclass
class Option:
    name: str
    text: str
    notes: str  # "warp | bpr; default warp", or ""

    @property
    def parts(self):
        return self.notes.split("; ") if self.notes else []

    @property
    def choices(self):
        return next((part.split(" | ") for part in self.parts if " | " in part), [])

    @property
    def is_flag(self):
        return self.name in ("--help", "--version") or self.parts in (
            ["default true"], ["default false"])

    @property
    def required(self):
        return "required" in self.parts or self.text.endswith("; required")

    @property
    def value(self):
        return "" if self.is_flag else self.name[2:].replace("-", "_").upper()


@dataclass
class Program:
    name: str
    summary: str
    about: list = field(default_factory=list)  # further lines of the description
    examples: list = field(default_factory=list)
    options: list = field(default_factory=list)


def help_of(bin_dir, name):
    run = subprocess.run([os.path.join(bin_dir, name), "--help"], capture_output=True, text=True,
                         timeout=60)
    if run.returncode != 0:
        sys.exit(f"reference.py: {name} --help ended with {run.returncode}: {run.stderr.strip()}")
    return run.stdout


def parse(name, text):
    head, _, rest = text.partition("\n\n")
    first, *about = head.splitlines()
    if not first.startswith(f"{name} - "):
        sys.exit(f"reference.py: {name} --help begins with '{first}', not with '{name} - '")
    program = Program(name, first[len(name) + 3:], about)
    for line in rest.splitlines():
        option = re.fullmatch(r"  (--[a-z0-9-]+)\s+(.*?)(?: \[([^\[\]]*)\])?", line)
        if option:
            program.options.append(Option(option[1], option[2], option[3] or ""))
        elif line.startswith("  "):
            program.examples.append(line.strip())
    if not program.options:
        sys.exit(f"reference.py: no options in {name} --help")
    return program


def parse_launcher(text):
    jobs = re.findall(r"^  ([a-z]+)  +(.*)$", text, re.MULTILINE)
    if not jobs:
        sys.exit("reference.py: mrec help lists no jobs")
    return jobs


# Manual pages

def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def man_page(name, version, summary, sections):
    lines = [f'.TH {name.upper()} 1 "" "mrec {version}" "User Commands"', ".SH NAME",
             f"{roff(name)} \\- {roff(summary)}"]
    for title, body in sections:
        lines += [f'.SH "{title}"', *body]
    return "\n".join(lines) + "\n"


def see_also(name, names):
    others = [f".BR {roff(other)} (1)" for other in names if other != name]
    return ("SEE ALSO", [" ,\n".join(others)])


def program_page(program, version, names):
    synopsis = f".B {roff(program.name)}\n"
    synopsis += "\n".join(f"\\fB{roff(option.name)}\\fR \\fI{roff(option.value)}\\fR"
                          for option in program.options if option.required)
    options = []
    for option in program.options:
        value = f" \\fI{roff(option.value)}\\fR" if option.value else ""
        notes = f" [{roff(option.notes)}]" if option.notes else ""
        options += [".TP", f"\\fB{roff(option.name)}\\fR{value}", roff(option.text) + notes]
    examples = [".nf", *(roff(example) for example in program.examples), ".fi"]
    status = [line for code, text in EXIT_STATUS.items()
              for line in (".TP", f".B {code}", roff(text))]
    about = [roff(f"{program.name} {program.summary}")]
    for line in program.about:
        about += [".PP", roff(line)]
    return man_page(program.name, version, short(program.summary), [
        ("SYNOPSIS", [synopsis, "[\\fIoption\\fR ...]"]),
        ("DESCRIPTION", about),
        ("OPTIONS", ["Names may be written with \\(aq\\-\\(aq or \\(aq_\\(aq.", *options]),
        ("EXAMPLES", examples),
        ("EXIT STATUS", status),
        see_also(program.name, names)])


# What `man -k` shows: one line, up to the first full stop or colon.
def short(summary):
    return re.split(r"[.:;] |\.$", summary)[0]


def launcher_page(jobs, version, names):
    listed = [line for job, text in jobs for line in (".TP", f".B {job}", roff(text))]
    return man_page("mrec", version, "a musician recommender", [
        ("SYNOPSIS", [".B mrec", "\\fIjob\\fR [\\fIoption\\fR ...]"]),
        ("DESCRIPTION", [roff("mrec train ... is the same as mrec-train ...; on several MPI ranks "
                              "run mpirun -np 2 mrec-train ...")]),
        ("JOBS", listed),
        see_also("mrec", names)])


def write_man(directory, pages):
    os.makedirs(directory, exist_ok=True)
    for name, text in pages.items():
        with open(os.path.join(directory, name + ".1.gz"), "wb") as file:
            file.write(gzip.compress(text.encode(), mtime=0))


# Bash completion

COMPLETION = """\
# bash completion of mrec and its jobs, made from their --help

_mrec_options() {
  case "$1" in
%(options)s
  esac
}

_mrec_choices() {
  case "$1 $2" in
%(choices)s
  esac
}

_mrec() {
  local job=${1##*/} word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} words
  if [[ $job == mrec ]]; then
    if [[ $COMP_CWORD -eq 1 ]]; then
      mapfile -t COMPREPLY < <(compgen -W "%(jobs)s help" -- "$word")
      return
    fi
    job=${COMP_WORDS[1]}
  fi
  job=${job#mrec-}
  # Readline takes --loss=warp apart at '='.
  [[ $word == = ]] && word=
  [[ $option == = ]] && option=${COMP_WORDS[COMP_CWORD - 2]}
  words=$(_mrec_choices "$job" "${option//_/-}")
  [[ -z $words && $word == -* ]] && words=$(_mrec_options "$job")
  # Nothing to say: the names of files.
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o bashdefault -o default -F _mrec %(programs)s
"""


def completion(programs, jobs):
    options = [f'    {p.name[5:]}) echo "{" ".join(o.name for o in p.options)}" ;;'
               for p in programs]
    choices = [f'    "{p.name[5:]} {o.name}") echo "{" ".join(o.choices)}" ;;'
               for p in programs for o in p.options if o.choices]
    return COMPLETION % {"options": "\n".join(options), "choices": "\n".join(choices),
                         "jobs": " ".join(job for job, _ in jobs),
                         "programs": " ".join(["mrec", *(p.name for p in programs)])}


# docs/cli.md

MARKDOWN_HEAD = """\
# The programs and their options

Made from `--help` by `packaging/reference.py build/bin --markdown docs/cli.md`; a test sees that it is up
to date. Names of options may be written with `-` or `_`; all may stand in a file that `--config` names,
as lines `name = value`. A flag such as `--quiet` needs no value; `--standardize=false` turns one off.

Exit status: %(status)s.

| program | |
|---|---|
%(programs)s
"""

# Examples that a test of the docs can't run as they stand.
NOT_RUN = {"mrec-serve": "runs until it is stopped; tutorial.md starts one",
           "mrec-tune": "takes a minute or two; tutorial.md runs a shorter one"}
# What the examples of a program need besides the files of the examples before.
NEEDS = {"mrec-evaluate": "cp model.h5 a.h5; cp model.h5 b.h5"}


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def markdown(programs):
    status = "; ".join(f"{code} {text}" for code, text in EXIT_STATUS.items())
    listed = "\n".join(f"| [{p.name}](#{p.name}) | {cell(short(p.summary))} |" for p in programs)
    text = MARKDOWN_HEAD % {"status": status, "programs": listed}
    for program in programs:
        text += f"\n## {program.name}\n\n{program.name} {program.summary}\n"
        text += "".join(f"\n{line}\n" for line in program.about)
        if program.name in NEEDS:
            text += f"\n<!-- run: {NEEDS[program.name]} -->\n"
        reason = NOT_RUN.get(program.name)
        fence = f"sh no-run: {reason}" if reason else "sh"
        text += "\n```" + fence + "\n" + "\n".join(program.examples) + "\n```\n"
        text += "\n| option | | |\n|---|---|---|\n"
        for option in program.options:
            if option.name not in ("--config", "--help", "--version"):
                text += f"| `{option.name}` | {cell(option.text)} | {cell(option.notes)} |\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("bin_dir")
    parser.add_argument("--man", metavar="DIR", help="write a manual page for each program")
    parser.add_argument("--completion", metavar="FILE", help="write the bash completion")
    parser.add_argument("--markdown", metavar="FILE", help="write docs/cli.md")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; fail when --markdown FILE is not what would be written")
    options = parser.parse_args()

    jobs = parse_launcher(help_of(options.bin_dir, "mrec"))
    built = [job for job, _ in jobs if os.path.exists(os.path.join(options.bin_dir, "mrec-" + job))]
    programs = [parse("mrec-" + job, help_of(options.bin_dir, "mrec-" + job)) for job in built]
    names = ["mrec", *(program.name for program in programs)]
    version = subprocess.run([os.path.join(options.bin_dir, "mrec"), "--version"],
                             capture_output=True, text=True, check=True).stdout.split()[1]

    if options.man:
        pages = {p.name: program_page(p, version, names) for p in programs}
        pages["mrec"] = launcher_page(jobs, version, names)
        write_man(options.man, pages)
    if options.completion:
        with open(options.completion, "w", encoding="utf-8") as file:
            file.write(completion(programs, jobs))
    if options.markdown:
        text = markdown(programs)
        if not options.check:
            with open(options.markdown, "w", encoding="utf-8") as file:
                file.write(text)
        elif open(options.markdown, encoding="utf-8").read() != text:
            sys.exit(f"{options.markdown} does not say what the programs say; run\n"
                     f"  packaging/reference.py {options.bin_dir} --markdown docs/cli.md")


if __name__ == "__main__":
    main()
