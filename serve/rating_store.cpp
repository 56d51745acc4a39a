#include "serve/rating_store.h"

#include <sqlite3.h>

#include <mutex>
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
  explicit Connection(const std::string& path) : path_(path) {
    const int code =
        sqlite3_open_v2(path.c_str(), &db_,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
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
        "CREATE TABLE rating (user BLOB NOT NULL, artist_id INTEGER NOT NULL,"
        " rank INTEGER NOT NULL, PRIMARY KEY (user, rank)) WITHOUT ROWID");
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

  explicit Connections(const std::string& file) : path(file), writer(path) {
    try {
      prepare_file(writer, path);
      Statement wal = writer.prepare("PRAGMA journal_mode = WAL");
      if (!wal.step() || wal.text(0) != "wal") {
        throw InputError("ratings file " + path + ": its file system does not allow a WAL");
      }
      // FULL: a commit returns only after the log is on the disk, so an answered 201 is durable.
      writer.execute("PRAGMA synchronous = FULL");
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

  const std::string path;
  std::mutex writer_mutex;
  Connection writer;  // guarded by writer_mutex
  std::mutex readers_mutex;
  std::vector<std::unique_ptr<Reader>> readers;  // the idle ones; guarded by readers_mutex
};

RatingStore::RatingStore(const std::string& path)
    : connections_(std::make_unique<Connections>(path)) {}

RatingStore::~RatingStore() = default;

void RatingStore::replace(std::string_view user, std::span<const RatedArtist> ratings) {
  const std::lock_guard lock(connections_->writer_mutex);
  const Connection& writer = connections_->writer;
  Transaction transaction(writer);
  writer.prepare("DELETE FROM rating WHERE user = ?").bind_bytes(1, user).step();
  Statement insert = writer.prepare("INSERT INTO rating (user, artist_id, rank) VALUES (?, ?, ?)");
  for (const RatedArtist& rating : ratings) {
    insert.bind_bytes(1, user).bind(2, rating.artist_id).bind(3, rating.rank).step();
    insert.reset();
  }
  transaction.commit();
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

}  // namespace mrec
