#!/usr/bin/env python3
"""mrec-match on the names that matching has to get right: who is found and who is not, the same files
for 1 to 4 ranks, and the way from the review file to given matches and back.

match_test.py BIN_DIR MPIEXEC
"""
import csv
import os
import subprocess
import sys
import tempfile
import unittest

BIN, MPIEXEC = sys.argv[1:3]

# Last.fm's name, what the track tables have of it, and the partner (None: nobody).
NAMES = [
    ("!!!", ["!!!"], "!!!"),
    ("+/-", ["+/-"], "+/-"),
    (":(", ["???"], None),
    ("Blink 182", ["blink-182"], "blink-182"),
    ("Sum 41", ["Sum 40"], None),
    ("U2", ["UB"], None),
    ("Ok", ["Oh"], None),
    ("Ash", ["Ashe"], None),
    ("Кино", ["Kino"], "Kino"),
    ("宇多田ヒカル", ["宇多田ヒカル"], "宇多田ヒカル"),
    ("소녀시대", ["소녀시대"], "소녀시대"),
    ("陈晨", ["程晨"], None),  # chenchen, chengchen: two signs
    ("BallakÃ© Sissoko", ["Ballaké Sissoko"], "Ballaké Sissoko"),      # misread once
    ("MÃƒÂ¶tley Crew", ["Mötley Crew"], "Mötley Crew"),                # twice
    ("Guns Nâ€™ Roses", ["Guns N' Roses"], "Guns N' Roses"),          # as cp1252
    ("Hardsoul feat. Ron Carroll", ["Hardsoul"], "Hardsoul"),
    ("Afrojack ft. Eva Simons", ["Afrojack Featuring Eva Simons"], "Afrojack Featuring Eva Simons"),
    ("Simon and Garfunkel", ["Simon & Garfunkel"], "Simon & Garfunkel"),
    ("Beatles", ["The Beatles"], "The Beatles"),
    ("Ayers, Roy", ["Roy Ayers"], "Roy Ayers"),
    ("Flume", ["Seekae;Flume"], "Flume"),                              # a cell of two artists
    ("Lynard Skynyrd", ["Lynyrd Skynyrd", "Lynird Skynyrd", "Lynird Skynyrd"], "Lynird Skynyrd"),
]
FEATURES = "popularity,duration_ms,danceability"


class Match(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        with open(self.path("artists.dat"), "w", encoding="utf-8") as file:
            file.write("id\tname\turl\tpictureURL\n")
            for i, (name, _, _) in enumerate(NAMES):
                file.write(f"{i + 1}\t{name}\thttp://example.org/{i}\t\n")
        with open(self.path("tracks.csv"), "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["track_id", "artists", "track_name"] + FEATURES.split(","))
            cells = [cell for _, cells, _ in NAMES for cell in cells]
            for i, cell in enumerate(cells):
                writer.writerow([f"t{i}", cell, f"Song {i}", 50, 200000, 0.5])

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def content(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def match(self, *more, ranks=0, status=0):
        command = [os.path.join(BIN, "mrec-match"), "--lastfm", self.dir.name,
                   "--spotify", self.path("tracks.csv"), "--out", self.path("map.tsv"), *more]
        if ranks:
            command = [MPIEXEC, "-np", str(ranks)] + command
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, status, result)
        return result

    def partners(self):
        """id -> (Last.fm's name, Spotify's name, method), of the artists of Last.fm"""
        rows = [line.split("\t") for line in self.content("map.tsv").splitlines()[1:]]
        return {int(row[0]): (row[1], row[2], row[3]) for row in rows if row[1]}

    def test_who_is_who(self):
        self.match()
        partners = self.partners()
        for i, (name, cells, partner) in enumerate(NAMES):
            found = partners[i + 1][1]
            if partner is None:
                self.assertEqual(found, "", (name, cells))
            else:
                self.assertEqual(found, partner, (name, cells))

    def test_any_number_of_ranks_writes_the_same_files(self):
        self.match("--review", self.path("review.tsv"), "--min_probability", "0.3")
        alone = self.content("map.tsv"), self.content("review.tsv")
        self.assertGreater(len(alone[1].splitlines()), 2, alone[1])
        for ranks in (1, 2, 3, 4):
            self.match("--review", self.path("review.tsv"), "--min_probability", "0.3",
                       ranks=ranks)
            self.assertEqual((self.content("map.tsv"), self.content("review.tsv")), alone, ranks)

    def test_what_the_review_lists_can_be_decided(self):
        self.match("--review", self.path("review.tsv"))
        lines = [line.split("\t") for line in self.content("review.tsv").splitlines()]
        head = lines[0]
        linked = [row for row in lines[1:] if row[head.index("linked")] == "yes"]
        kept = next(row for row in linked if row[1].startswith("Hardsoul"))
        # One is taken apart, one is linked that matching would not link.
        sum_41 = 1 + [name for name, _, _ in NAMES].index("Sum 41")
        with open(self.path("overrides.tsv"), "w", encoding="utf-8") as file:
            file.write("\t".join(head) + "\n")
            file.write(f"{kept[0]}\t{kept[1]}\t\n{sum_41}\tSum 41\tSum 40\n")
        self.match("--matches", self.path("overrides.tsv"), ranks=2)
        partners = self.partners()
        self.assertEqual(partners[int(kept[0])][1], "")
        self.assertEqual(partners[sum_41][1:], ("Sum 40", "given"))

    def test_wrong_overrides_are_refused_and_nothing_is_written(self):
        for line, told in (("1\t!!!\tNobody\n", "no track table has an artist of that name"),
                           ("99\tX\tKino\n", "artist 99 is not in artists.dat"),
                           ("1\tMuse\tKino\n", "artist 1 is '!!!', not 'Muse'"),
                           ("1\n", "overrides.tsv:1: has 1 columns")):
            with open(self.path("overrides.tsv"), "w", encoding="utf-8") as file:
                file.write(line)
            for ranks in (0, 3):
                result = self.match("--matches", self.path("overrides.tsv"), ranks=ranks, status=2)
                self.assertIn(told, result.stderr)
                self.assertFalse(os.path.exists(self.path("map.tsv")))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
