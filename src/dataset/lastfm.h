#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataset/read_report.h"

// The four files of a Last.fm directory (HetRec-2011 layout): tab separated, one header line,
// quotes are plain characters, LF or CRLF, UTF-8 or latin-1.
namespace mrec::lastfm {

struct Artist {
  std::int64_t id = 0;
  std::string name;  // UTF-8, repaired where it was read as latin-1
};

struct Play {
  std::int64_t user_id = 0;
  std::int64_t artist_id = 0;
  double plays = 0;  // > 0
};

struct TagAssignment {
  std::int64_t user_id = 0;
  std::int64_t artist_id = 0;
  int tag = 0;  // index into TagTable::names
};

struct TagTable {
  std::vector<std::string> names;
  std::vector<TagAssignment> assignments;
};

// Each throws InputError (file, line, reason) when the file cannot be used at all; a row that
// cannot be used goes to the report.
std::vector<Artist> read_artists(const std::string& directory, ReadReport& report);
std::vector<Play> read_plays(const std::string& directory, ReadReport& report);
// Empty when tags.dat and user_taggedartists.dat are both absent.
TagTable read_tags(const std::string& directory, ReadReport& report);

// A file of a given split: `userID artistID weight`, tab separated with a header.
std::vector<Play> read_split_file(const std::string& path, ReadReport& report);

}  // namespace mrec::lastfm
