"""The work of mrec-bench-features summarize, by pandas. Prints wall and CPU seconds.

usage: features_pandas.py TRACKS.csv [STATISTICS.csv COUNTS.csv]
"""
import sys
import time

import numpy as np
import pandas as pd

# What a column may hold; anything else is missing.
RANGES = {"popularity": (0, 100), "duration_ms": (1, 1e9), "explicit": (0, 1),
          "danceability": (0, 1), "energy": (0, 1), "key": (0, 11), "loudness": (-100, 20),
          "mode": (0, 1), "speechiness": (0, 1), "acousticness": (0, 1),
          "instrumentalness": (0, 1), "liveness": (0, 1), "valence": (0, 1), "tempo": (1, 1000),
          "time_signature": (1, 16), "year": (1000, 3000)}
COLUMNS = list(RANGES)
TRACK = ["track_id", "artists"]


def read(path):
    """Every track once, with all its genres in the order of their rows."""
    rows = pd.read_csv(path, dtype={name: np.float32 for name in COLUMNS})
    repeats = rows.duplicated()
    rows = rows[~repeats]
    several = rows[rows.duplicated(TRACK, keep=False)]
    genres = several.drop_duplicates(TRACK + ["track_genre"]).dropna(subset=["track_genre"])
    genres = genres.groupby(TRACK, sort=False)["track_genre"].agg(";".join)
    tracks = rows.drop_duplicates(TRACK).copy()
    tracks.loc[several.drop_duplicates(TRACK).index, "track_genre"] = genres.to_numpy()
    for name, (low, high) in RANGES.items():
        tracks[name] = tracks[name].where(tracks[name].between(low, high))
    return tracks, len(rows) - len(tracks), int(repeats.sum())


def normalized(names):
    """Names that are equal then are one artist."""
    names = names.str.normalize("NFKD").str.replace(r"[\u0300-\u036f]", "", regex=True)
    names = names.str.normalize("NFKC").str.casefold().str.replace("&", " and ", regex=False)
    names = names.str.replace(r"['`\u2018\u2019]", "", regex=True)
    names = names.str.replace(r"[^\w]+|_", " ", regex=True).str.strip()
    return names.str.replace(r"^the (?=.)", "", regex=True)


def moments(values, codes, weights):
    """Mean and deviation of columns, each row counted `weights` times."""
    weighted = values.mul(weights, axis=0)
    both = [frame.groupby(codes, sort=False).sum()
            for frame in (weighted, weighted * values, values.notna().mul(weights, axis=0))]
    mean = both[0] / both[2]
    return mean, np.sqrt((both[1] / both[2] - mean ** 2).clip(lower=0))


def summarize(path):
    tracks, _, _ = read(path)
    tracks["artists"] = tracks["artists"].str.split(";")
    tracks = tracks.explode("artists")
    spelling, spellings = pd.factorize(tracks["artists"])
    mentions = pd.Series(np.bincount(spelling), index=spellings)
    artist, names = pd.factorize(normalized(pd.Series(spellings)))
    codes = artist[spelling]
    once = ~pd.DataFrame({"track": tracks.index, "artist": codes}).duplicated().to_numpy()
    tracks, codes = tracks[once].reset_index(drop=True), codes[once]

    values = tracks[COLUMNS].astype(np.float64)
    groups = values.groupby(codes, sort=False)
    popularity = values["popularity"].fillna(0)
    weighted, weighted_std = moments(values, codes, 1 + popularity)
    best = popularity == popularity.groupby(codes).transform("max")
    popular = values[best].groupby(codes[best], sort=False)
    quantiles = groups.quantile([0.25, 0.5, 0.75])
    statistics = {
        "mean": groups.mean(),
        "std": groups.std(ddof=0),
        "min": groups.min(),
        "max": groups.max(),
        "count": groups.count(),
        "q25": quantiles.xs(0.25, level=1),
        "median": quantiles.xs(0.5, level=1),
        "q75": quantiles.xs(0.75, level=1),
        "weighted": weighted,
        "weighted_std": weighted_std,
        "popular": popular.mean(),
        "popular_std": popular.std(ddof=0),
    }
    decade = (values["year"] // 10 * 10).clip(1940, 2020)
    counts = {
        "tracks": groups.size(),
        "key": values.groupby([codes, "key"]).size(),
        "decade": values.groupby([codes, decade]).size(),
        "genre": tracks.groupby([codes, "track_genre"], sort=False).size(),
    }
    return names, mentions, statistics, counts


def main():
    begin, begin_cpu = time.perf_counter(), time.process_time()
    names, _, statistics, counts = summarize(sys.argv[1])
    print(f"{time.perf_counter() - begin:.3f} {time.process_time() - begin_cpu:.3f} "
          f"{len(names)} artists")
    if len(sys.argv) < 4:
        return
    table = pd.concat([statistics[name].stack(dropna=False) for name in statistics], axis=1,
                      keys=statistics)
    table.index.names = ["artist", "column"]
    table = table.reset_index()
    table["artist"] = names[table["artist"]]
    table.to_csv(sys.argv[2], index=False)
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        file.write("artist,what,count\n")
        for what, series in counts.items():
            for index, count in series.items():
                code, value = index if isinstance(index, tuple) else (index, "")
                value = value if isinstance(value, str) else f"{value:.0f}"
                file.write(f"{names[code]},{what} {value},{count}\n")


if __name__ == "__main__":
    main()
