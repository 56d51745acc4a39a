#!/usr/bin/python3
"""Makes what mrec-prepare reads of a published split without names: lines `user item item ...`.

usage: interactions.py TRAIN.txt TEST.txt DIR [--valid-share 0.1] [--seed 1]

Writes DIR/lastfm (every play counts once, one tag for all) and DIR/train.tsv, valid.tsv, test.tsv. Of
every user's training items a share is drawn for validation; valid.tsv has these rows, train.tsv the
others, full.tsv both. Then
  mrec-prepare --lastfm DIR/lastfm --weighting binary --split DIR/train.tsv,DIR/valid.tsv,DIR/test.tsv ...
is for tuning, and --split DIR/full.tsv,DIR/test.tsv for the test.
"""
import argparse
import os
import random


def read(path):
    with open(path, encoding="ascii") as lines:
        # Ids begin with 1 there.
        return {int(user) + 1: sorted({int(item) + 1 for item in items})
                for user, *items in (line.split() for line in lines if line.strip())}


def write(path, rows, header="userID\tartistID\tweight"):
    with open(path, "w", encoding="ascii") as file:
        file.write(header + "\n")
        file.writelines("\t".join(map(str, row)) + "\n" for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("directory")
    parser.add_argument("--valid-share", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    train, test = read(options.train), read(options.test)

    draws = random.Random(options.seed)
    valid = {user: set(draws.sample(items, round(options.valid_share * len(items))))
             for user, items in train.items()}
    plays = {part: [(user, item, 1) for user, items in rows.items() for item in sorted(items)]
             for part, rows in (("full", train), ("valid", valid), ("test", test))}
    plays["train"] = [row for row in plays["full"] if row[1] not in valid[row[0]]]

    lastfm = os.path.join(options.directory, "lastfm")
    os.makedirs(lastfm, exist_ok=True)
    items = sorted({item for _, item, _ in plays["full"] + plays["test"]})
    write(os.path.join(lastfm, "artists.dat"), ((i, f"item {i}", "", "") for i in items),
          "id\tname\turl\tpictureURL")
    write(os.path.join(lastfm, "user_artists.dat"), sorted(plays["full"] + plays["test"]))
    write(os.path.join(lastfm, "tags.dat"), [(1, "item")], "tagID\ttagValue")
    user, item, _ = plays["train"][0]
    write(os.path.join(lastfm, "user_taggedartists.dat"), [(user, item, 1, 1, 1, 2010)],
          "userID\tartistID\ttagID\tday\tmonth\tyear")
    for part, rows in plays.items():
        write(os.path.join(options.directory, part + ".tsv"), rows)


if __name__ == "__main__":
    main()
