#include "serve/rating_store.h"

#include <sqlite3.h>

#include <condition_variable>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "base/error.h"

namespace mrec {
namespace {

constexpr int kApplicationId = 0x6D726563;  // "mrec"
constexpr int kSchemaVersion = 1;
constexpr int kBusyTimeoutMs = 10'000;

// A compiled SQL statement. Bound text and bytes must outlive the next step().
class Statement {
 public:
  Statement(sqlite3* db, const std::string& path, const char* sql) : db_(db), path_(path) {
    check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int index, std::int64_t value) {
    check(sqlite3_bind_int64(statement_, index, value));
    return *this;
  }
  Statement& bind_bytes(int index, std::string_view bytes) {
    check(sqlite3_bind_blob64(statement_, index, bytes.data(), bytes.size(), SQLITE_STATIC));
    return *this;
  }
  // Whether there is a row. Throws Error.
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) check(code);
    return false;
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_, column);
  }
  [[nodiscard]] std::string text(int column) const {
    const unsigned char* text = sqlite3_column_text(statement_, column);
    return text == nullptr ? "" : reinterpret_cast<const char*>(text);
  }
  void reset() { sqlite3_reset(statement_); }

 private:
  void check(int code) const {
    if (code != SQLITE_OK) throw Error(path_ + ": " + sqlite3_errmsg(db_));
  }

  sqlite3* db_;
  const std::string& path_;
  sqlite3_stmt* statement_ = nullptr;
};

// Resets a cached statement when its use ends, also by an exception: an open one would hold a lock.
struct ResetAtEnd {
  Statement& statement;
  ~ResetAtEnd() { statement.reset(); }
};

// One connection; used by one thread at a time.
class Connection {
 public:
  explicit Connection(const std::string& path, int create = SQLITE_OPEN_CREATE) : path_(path) {
    const int code = sqlite3_open_v2(path.c_str(), &db_,
                                     SQLITE_OPEN_READWRITE | create | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
      const std::string reason = db_ == nullptr ? "no memory" : sqlite3_errmsg(db_);
      sqlite3_close(db_);
      throw InputError("ratings file " + path + ": cannot be opened for writing (" + reason + ")");
    }
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_busy_timeout(db_, kBusyTimeoutMs);
  }
  ~Connection() { sqlite3_close(db_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Statement prepare(const char* sql) const { return {db_, path_, sql}; }
  void execute(const char* sql) const { prepare(sql).step(); }
  [[nodiscard]] std::int64_t number(const char* sql) const {
    Statement statement = prepare(sql);
    return statement.step() ? statement.integer(0) : 0;
  }
  [[nodiscard]] bool is_read_only() const { return sqlite3_db_readonly(db_, "main") == 1; }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

  // Rows that the last statement changed.
  [[nodiscard]] int changes() const { return sqlite3_changes(db_); }

  sqlite3* get() const { return db_; }

 private:
  const std::string& path_;
  sqlite3* db_ = nullptr;
};

// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(const Connection& connection) : connection_(connection) {
    connection.execute("BEGIN IMMEDIATE");
  }
  ~Transaction() {
    if (connection_.in_transaction()) {
      sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() { connection_.execute("COMMIT"); }

 private:
  const Connection& connection_;
};

// Creates the tables in a new file; refuses a foreign or newer one.
void prepare_file(const Connection& connection, const std::string& path) {
  const std::string name = "ratings file " + path + ": ";
  if (connection.is_read_only()) throw InputError(name + "is read-only");
  Transaction transaction(connection);
  const std::int64_t application = connection.number("PRAGMA application_id");
  const std::int64_t version = connection.number("PRAGMA user_version");
  const bool is_new = application == 0 && version == 0 &&
                      connection.number("SELECT count(*) FROM sqlite_master") == 0;
  if (is_new) {
    connection.execute(
        // The key's columns first: integrity_check of SQLite 3.40 sees NULLs that are not there
        // when one of another kind stands between them.
        "CREATE TABLE rating (user BLOB NOT NULL, rank INTEGER NOT NULL,"
        " artist_id INTEGER NOT NULL, PRIMARY KEY (user, rank)) WITHOUT ROWID");
    connection.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
    connection.execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
    transaction.commit();
    return;
  }
  if (application != kApplicationId) {
    throw InputError(name + "is a SQLite database of another program");
  }
  if (version != kSchemaVersion) {
    throw InputError(name + "has schema version " + std::to_string(version) +
                     ", this program knows " + std::to_string(kSchemaVersion) +
                     "; use the program that wrote it, or another file");
  }
}

}  // namespace

// One call of replace() or erase() on its way to the disk.
struct RatingStore::Write {
  std::string_view user;
  std::span<const RatedArtist> ratings;  // none: the user is erased
  bool erased_something = false;
  enum class State { kWaits, kLeads, kDone };
  State state = State::kWaits;      // guarded by queue_mutex
  std::condition_variable changed;  // of state
  std::exception_ptr failure;
};

struct RatingStore::Connections {
  // A connection with its one query, compiled once.
  struct Reader {
    explicit Reader(const std::string& path)
        : connection(path),
          find(connection.prepare(
              "SELECT artist_id, rank FROM rating WHERE user = ? ORDER BY rank")) {}
    Connection connection;
    Statement find;
  };

  // The statements of a write, compiled once.
  struct Statements {
    explicit Statements(const Connection& writer)
        : begin(writer.prepare("BEGIN IMMEDIATE")),
          commit(writer.prepare("COMMIT")),
          remove(writer.prepare("DELETE FROM rating WHERE user = ?")),
          insert(writer.prepare("INSERT INTO rating (user, artist_id, rank) VALUES (?, ?, ?)")) {}
    Statement begin;
    Statement commit;
    Statement remove;
    Statement insert;
  };

  explicit Connections(const std::string& file) : path(file), writer(path) {
    try {
      prepare_file(writer, path);
      Statement wal = writer.prepare("PRAGMA journal_mode = WAL");
      if (!wal.step() || wal.text(0) != "wal") {
        throw InputError("ratings file " + path + ": its file system does not allow a WAL");
      }
      // FULL: a commit returns only after the log is on the disk, so an answered 201 is durable.
      writer.execute("PRAGMA synchronous = FULL");
      // Pages of the log until they are moved to the file, which costs two syncs more.
      writer.prepare("PRAGMA wal_autocheckpoint = 4000").step();
      statements.emplace(writer);
    } catch (const InputError&) {
      throw;
    } catch (const Error& error) {
      throw InputError(std::string("ratings file ") + error.what());
    }
  }

  std::unique_ptr<Reader> borrow_reader() {
    {
      const std::lock_guard lock(readers_mutex);
      if (!readers.empty()) {
        auto reader = std::move(readers.back());
        readers.pop_back();
        return reader;
      }
    }
    return std::make_unique<Reader>(path);
  }
  void give_back(std::unique_ptr<Reader> reader) {
    const std::lock_guard lock(readers_mutex);
    readers.push_back(std::move(reader));
  }

  static void run(Statement& statement) {
    const ResetAtEnd reset{statement};
    statement.step();
  }

  // All of them durable, or none and an exception. The caller is the leader.
  void commit(std::span<Write* const> batch) {
    const std::lock_guard lock(writer_mutex);
    try {
      run(statements->begin);
      for (Write* write : batch) {
        statements->remove.bind_bytes(1, write->user);
        run(statements->remove);
        write->erased_something = writer.changes() > 0;
        for (const RatedArtist& rating : write->ratings) {
          statements->insert.bind_bytes(1, write->user)
              .bind(2, rating.artist_id)
              .bind(3, rating.rank);
          run(statements->insert);
        }
      }
      run(statements->commit);
    } catch (...) {
      if (writer.in_transaction()) {
        sqlite3_exec(writer.get(), "ROLLBACK", nullptr, nullptr, nullptr);
      }
      throw;
    }
  }

  const std::string path;
  std::mutex writer_mutex;
  Connection writer;                     // guarded by writer_mutex
  std::optional<Statements> statements;  // guarded by writer_mutex

  mutable std::mutex queue_mutex;
  std::vector<Write*> queue;  // guarded by queue_mutex
  bool has_leader = false;    // guarded by queue_mutex
  bool last_failed = false;   // guarded by queue_mutex
  Counts counts;              // guarded by queue_mutex

  std::mutex readers_mutex;
  std::vector<std::unique_ptr<Reader>> readers;  // the idle ones; guarded by readers_mutex
};

RatingStore::RatingStore(const std::string& path)
    : connections_(std::make_unique<Connections>(path)) {}

RatingStore::~RatingStore() = default;

// Group commit: one of those who come leads and writes for all who wait; the others sleep
// meanwhile and gather for the next sync, which the first of them leads.
void RatingStore::apply(Write& write) {
  using State = Write::State;
  Connections& c = *connections_;
  std::unique_lock lock(c.queue_mutex);
  c.queue.push_back(&write);
  ++c.counts.waiting;
  if (!std::exchange(c.has_leader, true)) write.state = State::kLeads;
  write.changed.wait(lock, [&] { return write.state != State::kWaits; });
  if (write.state == State::kLeads) {
    const std::vector<Write*> batch = std::exchange(c.queue, {});
    lock.unlock();
    std::int64_t commits = 1;
    try {
      c.commit(batch);
    } catch (const std::exception&) {
      // Whose fault it was nobody knows, so each is tried alone.
      commits = 0;
      for (Write* one : batch) {
        try {
          c.commit({&one, 1});
          ++commits;
        } catch (const std::exception&) {
          one->failure = std::current_exception();
        }
      }
    }
    lock.lock();
    c.counts.commits += commits;
    for (Write* one : batch) {
      --c.counts.waiting;
      ++(one->failure ? c.counts.failed_writes : c.counts.writes);
      c.last_failed = one->failure != nullptr;
      one->state = State::kDone;
      one->changed.notify_one();  // with the lock: whoever waits for it destroys it
    }
    c.has_leader = !c.queue.empty();
    if (c.has_leader) {
      c.queue.front()->state = State::kLeads;
      c.queue.front()->changed.notify_one();
    }
  }
  if (write.failure) std::rethrow_exception(write.failure);
}

void RatingStore::replace(std::string_view user, std::span<const RatedArtist> ratings) {
  Write write{.user = user, .ratings = ratings};
  apply(write);
}

bool RatingStore::erase(std::string_view user) {
  Write write{.user = user};
  apply(write);
  return write.erased_something;
}

std::vector<RatedArtist> RatingStore::find(std::string_view user) const {
  auto reader = connections_->borrow_reader();
  std::vector<RatedArtist> ratings;
  {
    const ResetAtEnd reset{reader->find};
    reader->find.bind_bytes(1, user);
    while (reader->find.step()) {
      ratings.push_back({.artist_id = reader->find.integer(0),
                         .rank = static_cast<int>(reader->find.integer(1))});
    }
  }
  connections_->give_back(std::move(reader));
  return ratings;
}

bool RatingStore::is_writable() {
  Connections& c = *connections_;
  {
    const std::lock_guard lock(c.queue_mutex);
    if (!c.last_failed) return true;
  }
  bool works = true;
  try {
    const std::lock_guard lock(c.writer_mutex);
    // Writes one page, as a rating does.
    c.writer.execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  } catch (const Error&) {
    works = false;
  }
  const std::lock_guard lock(c.queue_mutex);
  c.last_failed = !works;
  return works;
}

RatingStore::Counts RatingStore::counts() const {
  const std::lock_guard lock(connections_->queue_mutex);
  return connections_->counts;
}

void back_up_ratings(const std::string& from, const std::string& to) {
  if (std::filesystem::exists(to)) {
    throw InputError("backup " + to + ": exists; give a name that is free");
  }
  const Connection source(from, 0);
  if (source.number("PRAGMA application_id") != kApplicationId) {
    throw InputError("ratings file " + from + ": is no ratings file");
  }
  const std::string part = to + ".part";
  std::filesystem::remove(part);
  const auto fail = [&](const char* reason) {
    std::remove(part.c_str());
    throw InputError("backup " + to + ": " + reason);
  };
  {
    const Connection target(part);
    sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
    if (backup == nullptr) fail(sqlite3_errmsg(target.get()));
    // All pages in one step, and so in one read transaction, which a WAL lets others write beside.
    const int code = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) fail(sqlite3_errstr(code));
  }
  std::error_code error;
  std::filesystem::rename(part, to, error);
  if (error) fail(error.message().c_str());
}

}  // namespace mrec
