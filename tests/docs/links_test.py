#!/usr/bin/env python3
"""Every relative link of README.md and docs/*.md leads to a file, and its #part to a heading."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(path):
    headings = re.findall(r"^#+ +(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def main():
    faults, checked = [], 0
    for page in [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]:
        prose = re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))
        for link in LINK.findall(prose):
            if re.match(r"[a-z]+:", link):
                continue
            checked += 1
            name, _, part = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            if not target.exists():
                faults.append(f"{page.relative_to(ROOT)}: {link} is not there")
            elif part and part not in anchors(target):
                faults.append(f"{page.relative_to(ROOT)}: {link} has no such heading")
    print(f"{checked} links")
    if faults or not checked:
        sys.exit("\n".join(faults) or "no links: is this the project?")


if __name__ == "__main__":
    main()
