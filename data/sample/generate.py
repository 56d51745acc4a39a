#!/usr/bin/env python3
"""Makes the sample data: real musicians, simulated listeners, honest flaws.

    data/sample/generate.py            writes lastfm/, spotify/ and truth.tsv beside this file
    data/sample/generate.py --check    makes them elsewhere and compares, byte for byte

Needs Python 3.9 or later and nothing else. Names come from artists.txt, differences between the
sources from spellings.txt, everything else from simulation.py.
"""

import argparse
import csv
import filecmp
import io
import pathlib
import re
import sys
import tempfile
import urllib.parse
from dataclasses import dataclass

from simulation import (
    Artist,
    Draws,
    Scene,
    simulate_listening,
    simulate_tagging,
    simulate_tracks,
)

HERE = pathlib.Path(__file__).resolve().parent
SEED = 2011
NUM_USERS = 1200
FIRST_USER_ID = 2
LARGEST_ID = 2000
OUTPUTS = [
    "lastfm/artists.dat",
    "lastfm/user_artists.dat",
    "lastfm/tags.dat",
    "lastfm/user_taggedartists.dat",
    "spotify/tracks.csv",
    "truth.tsv",
]

# Ids that clients of the recommendation API know; all others are drawn.
KNOWN_IDS = {
    "The Beatles": 227,
    "Beyoncé": 295,
    "2Pac": 278,
    "Miles Davis": 610,
    "Daft Punk": 56,
    "Metallica": 707,
    "Adele": 1934,
    "Bob Marley": 250,
    "Mozart": 1121,
    "Bruno Mars": 1042,
}


def read_artists(path):
    """The scenes and artists of artists.txt, whose head explains the format."""
    scenes, artists, genre_tags, genre_sound, scene, genre = [], [], [], {}, None, None
    position = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, _, value = line.partition(": ")
        if key == "genre":
            genre, scene, genre_tags, genre_sound = value, None, [], {}
        elif key == "scene":
            scene = Scene(value, genre, tags=list(genre_tags), sound=dict(genre_sound))
            scenes.append(scene)
            position = 0
        elif key == "near":
            scene.near = value.split(", ")
        elif key == "size":
            scene.size = float(value)
        elif key == "tags" and scene:
            scene.tags = value.split(", ") + scene.tags
        elif key == "tags":
            genre_tags = value.split(", ")
        elif key == "sound":
            words = value.split()
            sound = scene.sound if scene else genre_sound
            sound.update(zip(words[::2], map(float, words[1::2])))
        else:
            for name in filter(None, (part.strip() for part in line.split("|"))):
                artists.append(Artist(name, scene, position))
                position += 1
    known = {s.name for s in scenes}
    for scene in scenes:
        if unknown := set(scene.near) - known:
            raise ValueError(f"{path.name}: scene {scene.name} is near unknown {unknown}")
    if len({artist.name for artist in artists}) != len(artists):
        raise ValueError(f"{path.name}: an artist stands there twice")
    return scenes, artists


def mojibake(name):
    """UTF-8 read as cp1252, or as latin-1 where a byte has no meaning in cp1252."""
    try:
        return name.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return name.encode("utf-8").decode("latin-1")


@dataclass
class Names:
    """What the sources call an artist; None where a source lacks it."""

    lastfm: str
    spotify: str
    flaw: str = "none"

    def written(self, source):
        """The name as it stands in the file. truth.tsv has it with mojibake undone."""
        name = getattr(self, source)
        return mojibake(name) if self.flaw == f"mojibake in {source}" else name


def name_artists(artists, path):
    """[artists] of Names: spellings.txt, and some little known artists missing on either side."""
    names = {artist.name: Names(artist.name, artist.name) for artist in artists}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, source, spelling, flaw = line.split("\t")
        if flaw == "mojibake":
            flaw, spelling = f"mojibake in {source}", name
        setattr(names[name], source, spelling)
        names[name].flaw = flaw
    draws = Draws(SEED, "missing")
    for artist in artists:
        if artist.position >= 7 and names[artist.name].flaw == "none":
            if draws.chance(0.25):
                names[artist.name] = Names(artist.name, None, "not in spotify")
            elif draws.chance(0.15):
                names[artist.name] = Names(None, artist.name, "not in lastfm")
    return [names[artist.name] for artist in artists]


def draw_ids(names):
    """[artists] of Last.fm ids with gaps; their order says nothing about genre or fame."""
    unknown = [i for i in range(1, LARGEST_ID) if i not in KNOWN_IDS.values()]
    free = Draws(SEED, "ids").shuffled(unknown)
    return [KNOWN_IDS.get(n.lastfm) or free.pop() if n.lastfm else None for n in names]


def write(path, text, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def table(rows, line_end):
    return "".join("\t".join(map(str, row)) + line_end for row in rows)


def write_lastfm(folder, artists, scenes, names, ids):
    draws = Draws(SEED, "lastfm")
    rows = [("id", "name", "url", "pictureURL")]
    for artist_id, n in sorted((i, n.written("lastfm")) for i, n in zip(ids, names) if i):
        url = "http://www.last.fm/music/" + urllib.parse.quote_plus(n)
        picture = "" if draws.chance(0.03) else f"http://example.org/picture/{artist_id}.jpg"
        rows.append((artist_id, n, url, picture))
    write(folder / "artists.dat", table(rows, "\n"))

    here = [a for a, artist_id in enumerate(ids) if artist_id]
    listening = simulate_listening([artists[a] for a in here], scenes, NUM_USERS, SEED)
    rows = [("userID", "artistID", "weight")]
    user_ids = [FIRST_USER_ID + user + user // 9 for user in range(NUM_USERS)]  # with gaps
    for user, heard in enumerate(listening):
        rows += [(user_ids[user], ids[here[a]], plays) for a, plays in heard]
    write(folder / "user_artists.dat", table(rows, "\r\n"))

    tagging = simulate_tagging([artists[a] for a in here], listening, SEED)
    unused = {"tropicália", "fußball"}
    vocabulary = sorted({tag for _, _, tag, _, _ in tagging} | unused)
    tag_ids = {tag: number for number, tag in enumerate(draws.shuffled(vocabulary), start=1)}
    rows = [("tagID", "tagValue"), *sorted((number, tag) for tag, number in tag_ids.items())]
    write(folder / "tags.dat", table(rows, "\r\n"), "latin-1")
    rows = [("userID", "artistID", "tagID", "day", "month", "year")]
    for user, a, tag, month, year in tagging:
        year = 1956 if draws.chance(0.0003) else year
        rows.append((user_ids[user], ids[here[a]], tag_ids[tag], 1, month, year))
    for artist_id in (LARGEST_ID + 33, LARGEST_ID + 903):  # artists that artists.dat lacks
        rows.append((user_ids[-1], artist_id, tag_ids["awesome"], 1, 6, 2009))
    write(folder / "user_taggedartists.dat", table(rows, "\r\n"))


COLUMNS = (
    "track_id artists album_name track_name popularity duration_ms explicit danceability energy key"
    " loudness mode speechiness acousticness instrumentalness liveness valence tempo"
    " time_signature track_genre"
).split()


FEATURING = {"Pop", "Soul", "Hip-Hop", "Electronic", "Latin"}  # genres where guests are credited


def track_rows(artists, names):
    """Rows of the track table in the order of its genres, with the usual faults."""
    draws = Draws(SEED, "spotify")
    by_scene = {}
    for artist, n in zip(artists, names):
        if n.spotify and n.flaw not in ("alias", "featuring", "inversion"):
            by_scene.setdefault(artist.scene.name, []).append(n.written("spotify"))
    rows = []
    for artist, n, tracks in zip(artists, names, simulate_tracks(artists, SEED)):
        if not n.spotify:
            continue
        for number, track in enumerate(tracks, start=1):
            credit = n.written("spotify")
            other = draws.choice(by_scene[artist.scene.name])
            if n.flaw == "none" and other != credit and number > 1:
                if draws.chance(0.06):
                    credit = f"{credit};{other}"
                elif artist.scene.genre in FEATURING and draws.chance(0.03):
                    credit = f"{credit} feat. {other}"
            rows.append(
                track
                | {
                    "track_id": f"simulated{len(rows):013d}",
                    "artists": credit,
                    "album_name": f"Album {1 + number // 4}",
                    "track_name": f"Track {number}",
                    "track_genre": artist.scene.name.replace(" ", "-"),
                }
            )
    for _ in range(12):  # "not analysed"
        draws.choice(rows).update(tempo=0.0, time_signature=0)
    for column in ("tempo", "valence", "popularity", "loudness", "duration_ms"):
        for _ in range(3):
            draws.choice(rows)[column] = ""
    for name in ("Track 2\n(live)", 'Track 3 (the "long" one)', "Track 4, part 2"):
        draws.choice(rows)["track_name"] = name
    rows += [dict(draws.choice(rows)) for _ in range(25)]  # exact duplicates
    scenes = sorted(by_scene)
    rows += [  # a track under a second genre
        draws.choice(rows) | {"track_genre": draws.choice(scenes).replace(" ", "-")}
        for _ in range(60)
    ]
    nameless = {"track_id": f"simulated{len(rows):013d}"}
    rows.append(draws.choice(rows) | nameless | dict.fromkeys(COLUMNS[1:4], ""))
    rows = sorted(draws.shuffled(rows), key=lambda row: row["track_genre"])
    rows.insert(len(rows) // 2, {})  # a blank one
    return rows


def write_spotify(path, artists, names):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["", *COLUMNS])
    for number, row in enumerate(track_rows(artists, names)):
        out.writerow([number if row else "", *(row.get(column, "") for column in COLUMNS)])
    write(path, text.getvalue())


def write_truth(path, names, ids):
    rows = [(i or "", n.lastfm or "", n.spotify or "", n.flaw) for i, n in zip(ids, names)]
    rows.sort(key=lambda row: (row[0] or LARGEST_ID, row[2]))
    write(path, table([("lastfm_id", "lastfm_name", "spotify_name", "flaw"), *rows], "\n"))


def generate(folder):
    scenes, artists = read_artists(HERE / "artists.txt")
    names = name_artists(artists, HERE / "spellings.txt")
    ids = draw_ids(names)
    write_lastfm(folder / "lastfm", artists, scenes, names, ids)
    write_spotify(folder / "spotify/tracks.csv", artists, names)
    write_truth(folder / "truth.tsv", names, ids)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--out", type=pathlib.Path, default=HERE, help="folder to write into")
    options = parser.parse_args()
    if not options.check:
        generate(options.out)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(pathlib.Path(folder))
        _, differing, missing = filecmp.cmpfiles(folder, options.out, OUTPUTS, shallow=False)
    if differing or missing:
        sys.exit(f"not what the generator makes: {', '.join(differing + missing)}")
    print(f"{len(OUTPUTS)} files are what the generator makes")


if __name__ == "__main__":
    main()
