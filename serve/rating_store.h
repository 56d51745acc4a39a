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
//   rating (user BLOB, rank INTEGER, artist_id INTEGER), unique by (user, rank)
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
  // Calls that come together share one sync. Throws Error.
  void replace(std::string_view user, std::span<const RatedArtist> ratings);

  // Forgets the user; whether there was anything to forget. As durable as replace(). Throws Error.
  bool erase(std::string_view user);

  // By ascending rank; empty for an unknown user. Throws Error.
  [[nodiscard]] std::vector<RatedArtist> find(std::string_view user) const;

  // Whether ratings can be saved; after a failed write this tries another one.
  [[nodiscard]] bool is_writable();

  struct Counts {
    std::int64_t writes = 0;         // calls of replace() and erase() that are on the disk
    std::int64_t failed_writes = 0;  // those that threw
    std::int64_t commits = 0;        // with one sync each
    int waiting = 0;                 // calls that wait for the disk now
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Connections;
  struct Write;
  void apply(Write& write);
  std::unique_ptr<Connections> connections_;
};

// Copies a ratings file to `to`, which must not exist, also while others write to it: the copy has
// every rating that was saved when it began. It appears whole or not at all. Throws InputError.
void back_up_ratings(const std::string& from, const std::string& to);

}  // namespace mrec
