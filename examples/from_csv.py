#!/usr/bin/env python3
"""Turns your own tables into the files that mrec-prepare --lastfm reads.

  from_csv.py plays.csv [--tags tags.csv] --out DIR

plays.csv has the columns user, artist and plays, in any order and among others; tags.csv has artist and
tag and perhaps user. Comma, semicolon or tab, UTF-8, with a header. Users and artists may be any text; DIR
gets users.tsv and artists.dat, which tell the numbers they have been given. Plays of a pair in several
rows are added up. A tag without a user counts as given by one.
"""
import argparse
import csv
import sys
from pathlib import Path


def rows(path, columns):
    """(line, values of the columns) of every row."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        delimiter = max(",;\t", key=head.count)
        file.seek(0)
        table = csv.DictReader(file, delimiter=delimiter)
        missing = [column for column in columns if column not in (table.fieldnames or [])]
        if missing:
            sys.exit(f"{path}: no column '{missing[0]}' among {', '.join(table.fieldnames or [])}")
        for row in table:
            values = [(row[column] or "").strip() for column in columns]
            if any(any(sign in value for sign in "\t\r\n") for value in values):
                sys.exit(f"{path}, line {table.line_num}: a name has a tab or a line break in it")
            yield table.line_num, values


def positive(text, path, line):
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1e12:
        sys.exit(f"{path}, line {line}: plays is '{text}', not a number above 0")
    return number


def write(path, header, lines):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(header) + "\n")
        for line in lines:
            file.write("\t".join(map(str, line)) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plays")
    parser.add_argument("--tags")
    parser.add_argument("--out", required=True, metavar="DIR")
    options = parser.parse_args()

    users, artists, tags = {}, {}, {}  # name -> number
    plays = {}
    for line, (user, artist, count) in rows(options.plays, ["user", "artist", "plays"]):
        if not user or not artist:
            sys.exit(f"{options.plays}, line {line}: no {'artist' if user else 'user'}")
        pair = (users.setdefault(user, len(users) + 1), artists.setdefault(artist, len(artists) + 1))
        plays[pair] = plays.get(pair, 0) + positive(count, options.plays, line)
    if not plays:
        sys.exit(f"{options.plays}: no rows")

    given = set()
    if options.tags:
        with open(options.tags, encoding="utf-8-sig") as file:
            has_users = "user" in next(csv.reader([file.readline().replace("\t", ",")
                                                   .replace(";", ",")]))
        columns = ["artist", "tag"] + (["user"] if has_users else [])
        for _, (artist, tag, *user) in rows(options.tags, columns):
            if artist in artists and tag:
                giver = users.get(user[0], 0) if user else 0
                given.add((giver, artists[artist], tags.setdefault(tag, len(tags) + 1)))

    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    write(out / "users.tsv", ["userID", "user"], ((number, user) for user, number in users.items()))
    write(out / "artists.dat", ["id", "name", "url", "pictureURL"],
          ((number, artist, "", "") for artist, number in artists.items()))
    write(out / "user_artists.dat", ["userID", "artistID", "weight"],
          ((user, artist, f"{count:.12g}") for (user, artist), count in plays.items()))
    if options.tags:
        write(out / "tags.dat", ["tagID", "tagValue"], ((number, tag) for tag, number in tags.items()))
        write(out / "user_taggedartists.dat", ["userID", "artistID", "tagID", "day", "month", "year"],
              ((*assignment, 1, 1, 2000) for assignment in sorted(given)))
    print(f"{len(users)} users, {len(artists)} artists, {len(plays)} pairs, {len(given)} tags given "
          f"-> {out}")


if __name__ == "__main__":
    main()
