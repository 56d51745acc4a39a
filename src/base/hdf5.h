#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/matrix.h"
#include "base/params.h"

// The only HDF5 code. Paths are "group/name" from the root; groups are made as needed.
//
// A CSR matrix is a group as scipy and anndata know it: @encoding-type = "csr_matrix",
// @encoding-version = "0.1.0", @shape int64[2], datasets indptr int64, indices int32, data float32.
// Strings are variable-length UTF-8. All errors name file and object.
//
// HDF5 itself may crash on a damaged file. So the first 512 bytes (HDF5's user block, which other
// readers skip) say "<format>\nsha256 <of the rest>\n", and nothing is parsed before that is
// checked.
namespace mrec::h5 {

// Whether opening a file reads all of it to check its sum. Of many processes that read parts of one
// file only one has to.
enum class Sum { kCheck, kTrust };

class Reader {
 public:
  // Throws InputError when the file is missing, not HDF5, or cut short, and when its @format is not
  // `format` (such as "mrec-dataset") or its @format_version not `version`.
  Reader(std::string path, std::string_view format, int version, Sum sum = Sum::kCheck);
  Reader(Reader&& other) noexcept;
  Reader& operator=(Reader&& other) noexcept;
  ~Reader();

  [[nodiscard]] bool has(const std::string& name) const;

  [[nodiscard]] Matrix matrix(const std::string& name) const;  // [r x c] float32
  // Rows [first, last) only.
  [[nodiscard]] Matrix matrix_rows(const std::string& name, std::int64_t first,
                                   std::int64_t last) const;
  [[nodiscard]] std::vector<float> floats(const std::string& name) const;
  [[nodiscard]] std::vector<std::int64_t> int64s(const std::string& name) const;
  [[nodiscard]] std::vector<int> ints(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> strings(const std::string& name) const;

  // CSR, checked: offsets ascend, indices are in range and ascend within a row, values are finite.
  [[nodiscard]] SparseMatrix sparse(const std::string& name) const;
  // Rows [first, last) only; nothing else is read from the disk but their offsets.
  [[nodiscard]] SparseMatrix sparse_rows(const std::string& name, int first, int last) const;
  [[nodiscard]] std::vector<std::int64_t> sparse_offsets(const std::string& name) const;
  // The piece of a float32 vector that belongs to entries [first, last).
  [[nodiscard]] std::vector<float> floats(const std::string& name, std::int64_t first,
                                          std::int64_t last) const;

  // Text attributes of a group or dataset; "" is the root.
  [[nodiscard]] std::string attribute(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::vector<std::string> attribute_names(const std::string& object) const;
  // Sets every field from the attribute of its name. Throws InputError for a missing one.
  void fields(const std::string& object, const Fields& fields) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  // Of the content, the same for the same content.
  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  struct File;
  std::string sha256_;
  std::string path_;
  std::unique_ptr<File> file_;
};

// Values of one kind, in memory as in the file.
using Column =
    std::variant<std::vector<double>, std::vector<int>, std::vector<std::int64_t>,
                 std::vector<std::int16_t>, std::vector<std::uint8_t>, std::vector<std::string>>;
struct NamedColumn {
  std::string name;
  Column values;
};

// Writes `path`.part; commit() renames it to `path`. Without commit the destructor removes the
// part.
class Writer {
 public:
  // The file lies in memory until commit().
  Writer(std::string path, std::string_view format, int version);
  // The file lies on the disk from the start, for what is larger than memory. Throws Error when the
  // disk has no room for `expected_bytes`.
  Writer(std::string path, std::string_view format, int version, std::int64_t expected_bytes);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void matrix(const std::string& name, const Eigen::Ref<const Matrix>& values);
  // Adds rows [count x columns] to the end of a matrix, which is made when there is none.
  void append_rows(const std::string& name, std::size_t count, std::size_t columns,
                   std::span<const float> rows);
  void floats(const std::string& name, std::span<const float> values);
  void int64s(const std::string& name, std::span<const std::int64_t> values);
  void ints(const std::string& name, std::span<const int> values);
  void strings(const std::string& name, std::span<const std::string> values);
  void sparse(const std::string& name, const SparseMatrix& values);

  // What only other programs read: an array of any kind, one of float64 with two dimensions, and a
  // compound dataset, whose columns have equal lengths.
  void column(const std::string& name, const Column& values);
  void doubles(const std::string& name, std::span<const double> values, std::size_t num_columns);
  void table(const std::string& name, std::span<const NamedColumn> columns);

  // Adds to the end of an array, which is made when there is none. Pieces of a multiple of kChunk
  // elements are the fastest.
  static constexpr std::size_t kChunk = 1 << 16;
  void append(const std::string& name, std::span<const float> values);
  void append(const std::string& name, std::span<const int> values);
  // A CSR matrix whose `name`/indices and `name`/data are appended. `offsets` [rows + 1].
  void sparse_offsets(const std::string& name, std::int64_t num_columns,
                      std::span<const std::int64_t> offsets);

  // Makes an empty group, so that reading its attributes finds it.
  void group(const std::string& name);
  void attribute(const std::string& object, const std::string& name, const std::string& text);
  void attribute(const std::string& object, const std::string& name, int number);
  void fields(const std::string& object, const Fields& fields);

  // What was at `path` becomes `previous`, where one is named. Throws Error when the disk is full
  // or the directory cannot be written.
  void commit(const std::string& previous = "");

 private:
  struct File;
  void head(std::string_view format, int version);

  std::string path_;
  std::unique_ptr<File> file_;
};

}  // namespace mrec::h5
