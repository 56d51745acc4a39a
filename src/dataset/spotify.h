#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "dataset/read_report.h"
#include "dataset/track_table.h"

namespace mrec::spotify {

// What is done with tracks while they pass by, in the order of their rows. They are valid during
// the call only.
struct TrackVisitor {
  std::function<void(const Track& track)> track;
  // A track that has passed stands in one more genre: `track` has its key, artists, popularity and
  // all its genres by now, `former` those that it had before.
  std::function<void(const Track& track, const std::string& former)> genre = nullptr;
};

enum class ReadBy {
  kTurns,      // a row is read, then visited, on this thread
  kTwoThreads  // rows are read ahead on a thread of their own; the visits are the same
};

// Reads one or more track tables (see TrackTable) once, a block at a time. Exact duplicates of a
// row and repeated (artists, name) pairs with the same id are left out and counted; to know them
// again takes some 16 bytes a track. A file that has percents where others have shares is known by
// its first 16,384 tracks. Throws InputError when a file is missing, has no artist column, or there
// is no usable row at all.
void visit_tracks(std::span<const std::string> paths, ReadReport& report,
                  const TrackVisitor& visitor, ReadBy by = ReadBy::kTwoThreads);

// The same, all in memory.
std::vector<Track> read_tracks(std::span<const std::string> paths, ReadReport& report);

}  // namespace mrec::spotify
