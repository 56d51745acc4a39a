#!/usr/bin/env python3
"""skipped.py RESULTS.xml: the tests that `ctest --output-junit` says were skipped, and why."""
import sys
import xml.etree.ElementTree


def reason(said):
    """Of a script that says "skipped: why", or of GoogleTest, which has it in the line below."""
    lines = said.splitlines()
    for line, below in zip(lines, [*lines[1:], ""]):
        if line.startswith("skipped: "):
            return line.removeprefix("skipped: ")
        if line.endswith(": Skipped"):
            return below
    return "it does not say why"


for case in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
    if case.find("skipped") is not None:
        print(f"skipped: {case.get('name')}: {reason(case.findtext('system-out', ''))}")
