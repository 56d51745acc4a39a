#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mrec {

struct RatedArtist {
  std::int64_t artist_id = 0;
  int rank = 0;  // 1 is the favourite
};

// The ratings that survive a restart: a SQLite file in WAL mode, synced at every commit.
// All functions may be called from several threads, and the file used by several processes, at
// once.
//
// Format, @application_id = 'mrec', @user_version = 1:
//   rating (user BLOB, artist_id INTEGER, rank INTEGER), unique by (user, rank)
// The user is kept as bytes, so that no collation or normal form can make two people one.
class RatingStore {
 public:
  // Creates the file when it is missing. Throws InputError when the path cannot be written, is not
  // a ratings file, or was written by a newer version.
  explicit RatingStore(const std::string& path);
  ~RatingStore();
  RatingStore(const RatingStore&) = delete;
  RatingStore& operator=(const RatingStore&) = delete;

  // Replaces all ratings of the user, whole or not at all; when this returns they are on the disk.
  // Throws Error.
  void replace(std::string_view user, std::span<const RatedArtist> ratings);

  // By ascending rank; empty for an unknown user. Throws Error.
  [[nodiscard]] std::vector<RatedArtist> find(std::string_view user) const;

 private:
  struct Connections;
  std::unique_ptr<Connections> connections_;
};

}  // namespace mrec
