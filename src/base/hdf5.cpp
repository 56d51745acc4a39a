#include "base/hdf5.h"

#include <hdf5.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/hdf5_version.h"
#include "base/output_file.h"
#include "base/sha256.h"

namespace mrec::h5 {
namespace {

using Closer = herr_t (*)(hid_t);

// Owns one HDF5 identifier of any kind (file, group, dataset, dataspace, ...) and closes it.
class Handle {
 public:
  Handle(hid_t id, Closer close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  [[nodiscard]] hid_t get() const { return id_; }
  hid_t release() { return std::exchange(id_, -1); }

 private:
  hid_t id_;
  Closer close_;
};

// The deepest reason on HDF5's error stack, such as "object 'x' doesn't exist".
std::string last_reason() {
  std::string reason;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned, const H5E_error2_t* entry, void* text) -> herr_t {
        auto& out = *static_cast<std::string*>(text);
        if (out.empty() && entry->desc != nullptr) out = entry->desc;
        return 0;
      },
      &reason);
  return reason.empty() ? "HDF5 gives no reason" : reason;
}

template <typename Result>
Result check(Result result, const std::string& what) {
  if (result < 0) throw InputError(what + ": " + last_reason());
  return result;
}

// HDF5 prints a stack for every failed call unless told not to; the setting is per thread. And when
// the program ends it closes again what could not be closed on a full disk, and crashes: we close
// all files ourselves. That must be said before any other call.
void silence() {
  [[maybe_unused]] static const herr_t kOnce = H5dont_atexit();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Handle text_type() {
  Handle type(check(H5Tcopy(H5T_C_S1), "text type"), H5Tclose);
  check(H5Tset_size(type.get(), H5T_VARIABLE), "text type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
  return type;
}

template <typename T>
hid_t native();
template <>
hid_t native<float>() {
  return H5T_NATIVE_FLOAT;
}
template <>
hid_t native<int>() {
  return H5T_NATIVE_INT;
}
template <>
hid_t native<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t native<double>() {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t native<std::int16_t>() {
  return H5T_NATIVE_INT16;
}
template <>
hid_t native<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
}

template <typename T>
hid_t on_disk();
template <>
hid_t on_disk<float>() {
  return H5T_IEEE_F32LE;
}
template <>
hid_t on_disk<int>() {
  return H5T_STD_I32LE;
}
template <>
hid_t on_disk<std::int64_t>() {
  return H5T_STD_I64LE;
}
template <>
hid_t on_disk<double>() {
  return H5T_IEEE_F64LE;
}
template <>
hid_t on_disk<std::int16_t>() {
  return H5T_STD_I16LE;
}
template <>
hid_t on_disk<std::uint8_t>() {
  return H5T_STD_U8LE;
}

constexpr hsize_t kChunkElements = Writer::kChunk;

void compress(const Handle& properties) {
  check(H5Pset_shuffle(properties.get()), "shuffle");
  check(H5Pset_deflate(properties.get(), 1), "deflate");
}

// Chunked with shuffle and deflate, and without time stamps, so that the same content
// gives the same bytes.
Handle creation_properties(std::span<const hsize_t> shape, bool filters) {
  Handle properties(check(H5Pcreate(H5P_DATASET_CREATE), "properties"), H5Pclose);
  check(H5Pset_obj_track_times(properties.get(), false), "properties");
  if (filters && std::ranges::find(shape, hsize_t{0}) == shape.end()) {
    std::vector<hsize_t> chunk(shape.begin(), shape.end());
    hsize_t row = 1;
    for (const hsize_t extent : shape.subspan(1)) row *= extent;
    chunk.front() = std::min(shape.front(), std::max<hsize_t>(1, kChunkElements / row));
    check(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()), "chunk");
    compress(properties);
  }
  return properties;
}

Handle link_properties() {
  Handle properties(check(H5Pcreate(H5P_LINK_CREATE), "properties"), H5Pclose);
  check(H5Pset_create_intermediate_group(properties.get(), 1), "properties");
  check(H5Pset_char_encoding(properties.get(), H5T_CSET_UTF8), "properties");
  return properties;
}

// For texts, which are converted on their way: HDF5 clears a buffer for that, 1 MiB unless told.
Handle text_transfer() {
  constexpr std::size_t kBuffer = std::size_t{64} * 1024;
  Handle properties(check(H5Pcreate(H5P_DATASET_XFER), "properties"), H5Pclose);
  check(H5Pset_buffer(properties.get(), kBuffer, nullptr, nullptr), "properties");
  return properties;
}

// A group or dataset, opened by name; "" is the root.
Handle open_object(hid_t file, const std::string& name, const std::string& what) {
  return {check(H5Oopen(file, name.empty() ? "/" : name.c_str(), H5P_DEFAULT), what), H5Oclose};
}

std::string read_text_attribute(hid_t object, const std::string& name, const std::string& what) {
  if (H5Aexists(object, name.c_str()) <= 0) {
    throw InputError(what + ": attribute " + name + " is missing");
  }
  const Handle attribute(check(H5Aopen(object, name.c_str(), H5P_DEFAULT), what), H5Aclose);
  const Handle type(check(H5Aget_type(attribute.get()), what), H5Tclose);
  const Handle space(check(H5Aget_space(attribute.get()), what), H5Sclose);
  if (H5Tis_variable_str(type.get()) <= 0 || H5Sget_simple_extent_npoints(space.get()) != 1) {
    throw InputError(what + ": attribute " + name + " is not a text");
  }
  char* text = nullptr;
  check(H5Aread(attribute.get(), text_type().get(), &text), what + "@" + name);
  std::string value = text == nullptr ? "" : text;
  H5free_memory(text);
  return value;
}

void write_text_attribute(hid_t object, const std::string& name, const std::string& value) {
  const Handle space(check(H5Screate(H5S_SCALAR), name), H5Sclose);
  const Handle type = text_type();
  const Handle attribute(
      check(H5Acreate2(object, name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
            name),
      H5Aclose);
  const char* text = value.c_str();
  check(H5Awrite(attribute.get(), type.get(), &text), name);
}

std::vector<hsize_t> shape_of(hid_t dataset, const std::string& what) {
  const Handle space(check(H5Dget_space(dataset), what), H5Sclose);
  const int rank = check(H5Sget_simple_extent_ndims(space.get()), what);
  std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
  check(H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr), what);
  return shape;
}

// Elements [first, last) of a one-dimensional dataset; `last` < 0 means to the end.
template <typename T>
std::vector<T> read_array(hid_t file, const std::string& name, const std::string& what,
                          H5T_class_t expected, std::int64_t first = 0, std::int64_t last = -1) {
  const Handle dataset(check(H5Dopen2(file, name.c_str(), H5P_DEFAULT), what), H5Dclose);
  const Handle type(check(H5Dget_type(dataset.get()), what), H5Tclose);
  const std::vector<hsize_t> shape = shape_of(dataset.get(), what);
  if (shape.size() != 1 || H5Tget_class(type.get()) != expected) {
    throw InputError(what + ": expected a one-dimensional array of " +
                     (expected == H5T_FLOAT ? "floating-point" : "whole") + " numbers");
  }
  const auto size = static_cast<std::int64_t>(shape[0]);
  if (last < 0) last = size;
  if (first < 0 || first > last || last > size) {
    throw InputError(what + ": has " + std::to_string(size) + " elements, fewer than expected");
  }
  std::vector<T> values(static_cast<std::size_t>(last - first));
  if (values.empty()) return values;
  const Handle in_file(check(H5Dget_space(dataset.get()), what), H5Sclose);
  const std::array<hsize_t, 1> start{static_cast<hsize_t>(first)};
  const std::array<hsize_t, 1> count{values.size()};
  check(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                            nullptr),
        what);
  const Handle in_memory(check(H5Screate_simple(1, count.data(), nullptr), what), H5Sclose);
  check(H5Dread(dataset.get(), native<T>(), in_memory.get(), in_file.get(), H5P_DEFAULT,
                values.data()),
        what);
  return values;
}

void require_finite(std::span<const float> values, const std::string& what) {
  for (const float value : values) {
    if (!std::isfinite(value)) throw InputError(what + ": holds a value that is not finite");
  }
}

constexpr std::size_t kUserBlock = 512;
constexpr std::size_t kSha256Digits = 64;

std::string user_block(std::string_view format, const std::string& hash) {
  std::string block = std::string(format) + "\nsha256 " + hash + "\n";
  block.resize(kUserBlock, '\0');
  return block;
}

// The content's hash, after checking that `path` is a file of this kind and, unless told to trust
// its sum, whole.
std::string checked_hash(const std::string& path, std::string_view format, Sum sum) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    throw InputError(path + ": cannot be opened: " + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) throw InputError(path + ": is not a file");
  std::string block(kUserBlock, '\0');
  std::ifstream(path, std::ios::binary).read(block.data(), kUserBlock);
  const std::string expected = "; expected a file of the kind " + std::string(format);
  if (block.starts_with("\x89HDF\r\n\x1a\n")) {
    throw InputError(path + ": is HDF5, but not written by mrec" + expected);
  }
  if (!block.starts_with("mrec-")) throw InputError(path + ": is not HDF5" + expected);
  const std::string kind = block.substr(0, block.find('\n'));
  if (kind != format) throw InputError(path + ": is a file of the kind " + kind + expected);
  const std::string label = "\nsha256 ";
  const std::string hash = sum == Sum::kTrust
                               ? block.substr(kind.size() + label.size(), kSha256Digits)
                               : mrec::sha256_file(path, kUserBlock);
  if (block != user_block(format, hash)) {
    throw InputError(path +
                     ": is damaged or cut short: its content does not fit its checksum; "
                     "make it again or copy it again");
  }
  return hash;
}

}  // namespace

struct Reader::File {
  Handle id;
};

Reader::Reader(std::string path, std::string_view format, int version, Sum sum)
    : path_(std::move(path)) {
  silence();
  sha256_ = checked_hash(path_, format, sum);
  const hid_t id = check(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), path_);
  file_ = std::make_unique<File>(File{Handle(id, H5Fclose)});

  const Handle root = open_object(id, "", path_);
  const std::string wanted = std::string(format) + " version " + std::to_string(version);
  const std::string found = read_text_attribute(root.get(), "format", path_) + " version " +
                            read_text_attribute(root.get(), "format_version", path_);
  if (found != wanted) {
    throw InputError(path_ + ": is " + found + ", expected " + wanted +
                     "; make it again with this version of mrec");
  }
}

Reader::Reader(Reader&& other) noexcept = default;
Reader& Reader::operator=(Reader&& other) noexcept = default;
Reader::~Reader() = default;

bool Reader::has(const std::string& name) const {
  // Every link on the way must exist, or HDF5 reports an error instead of "no".
  for (std::size_t slash = name.find('/'); slash != std::string::npos;
       slash = name.find('/', slash + 1)) {
    if (H5Lexists(file_->id.get(), name.substr(0, slash).c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return H5Lexists(file_->id.get(), name.c_str(), H5P_DEFAULT) > 0;
}

Matrix Reader::matrix(const std::string& name) const { return matrix_rows(name, 0, -1); }

Matrix Reader::matrix_rows(const std::string& name, std::int64_t first, std::int64_t last) const {
  const std::string what = path_ + ":" + name;
  const Handle dataset(check(H5Dopen2(file_->id.get(), name.c_str(), H5P_DEFAULT), what), H5Dclose);
  const Handle type(check(H5Dget_type(dataset.get()), what), H5Tclose);
  const std::vector<hsize_t> shape = shape_of(dataset.get(), what);
  if (shape.size() != 2 || H5Tget_class(type.get()) != H5T_FLOAT) {
    throw InputError(what + ": expected a matrix of floating-point numbers");
  }
  const auto num_rows = static_cast<std::int64_t>(shape[0]);
  if (last < 0) last = num_rows;
  if (first < 0 || first > last || last > num_rows) {
    throw InputError(what + ": has " + std::to_string(num_rows) + " rows, fewer than expected");
  }
  Matrix values(last - first, static_cast<Eigen::Index>(shape[1]));
  if (values.size() > 0) {
    const Handle in_file(check(H5Dget_space(dataset.get()), what), H5Sclose);
    const std::array<hsize_t, 2> start{static_cast<hsize_t>(first), 0};
    const std::array<hsize_t, 2> count{static_cast<hsize_t>(last - first), shape[1]};
    check(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          what);
    const Handle in_memory(check(H5Screate_simple(2, count.data(), nullptr), what), H5Sclose);
    check(H5Dread(dataset.get(), H5T_NATIVE_FLOAT, in_memory.get(), in_file.get(), H5P_DEFAULT,
                  values.data()),
          what);
  }
  require_finite({values.data(), static_cast<std::size_t>(values.size())}, what);
  return values;
}

std::vector<float> Reader::floats(const std::string& name) const { return floats(name, 0, -1); }

std::vector<float> Reader::floats(const std::string& name, std::int64_t first,
                                  std::int64_t last) const {
  const std::string what = path_ + ":" + name;
  auto values = read_array<float>(file_->id.get(), name, what, H5T_FLOAT, first, last);
  require_finite(values, what);
  return values;
}

std::vector<std::int64_t> Reader::int64s(const std::string& name) const {
  return read_array<std::int64_t>(file_->id.get(), name, path_ + ":" + name, H5T_INTEGER);
}

std::vector<int> Reader::ints(const std::string& name) const {
  return read_array<int>(file_->id.get(), name, path_ + ":" + name, H5T_INTEGER);
}

std::vector<std::string> Reader::strings(const std::string& name) const {
  const std::string what = path_ + ":" + name;
  const Handle dataset(check(H5Dopen2(file_->id.get(), name.c_str(), H5P_DEFAULT), what), H5Dclose);
  const Handle type(check(H5Dget_type(dataset.get()), what), H5Tclose);
  const std::vector<hsize_t> shape = shape_of(dataset.get(), what);
  if (shape.size() != 1 || H5Tis_variable_str(type.get()) <= 0) {
    throw InputError(what + ": expected a list of texts");
  }
  std::vector<char*> pointers(shape[0], nullptr);
  std::vector<std::string> values;
  if (!pointers.empty()) {
    const Handle memory_type = text_type();
    check(H5Dread(dataset.get(), memory_type.get(), H5S_ALL, H5S_ALL, text_transfer().get(),
                  pointers.data()),
          what);
    values.reserve(pointers.size());
    for (const char* text : pointers) values.emplace_back(text == nullptr ? "" : text);
    const Handle space(check(H5Dget_space(dataset.get()), what), H5Sclose);
    check(H5Dvlen_reclaim(memory_type.get(), space.get(), H5P_DEFAULT, pointers.data()), what);
  }
  return values;
}

std::vector<std::int64_t> Reader::sparse_offsets(const std::string& name) const {
  const std::string what = path_ + ":" + name;
  const Handle group = open_object(file_->id.get(), name, what);
  if (read_text_attribute(group.get(), "encoding-type", what) != "csr_matrix") {
    throw InputError(what + ": encoding-type is not csr_matrix");
  }
  auto offsets = int64s(name + "/indptr");
  if (offsets.empty() || offsets.front() != 0 || !std::ranges::is_sorted(offsets)) {
    throw InputError(what + "/indptr: offsets do not ascend from 0");
  }
  return offsets;
}

SparseMatrix Reader::sparse(const std::string& name) const { return sparse_rows(name, 0, -1); }

SparseMatrix Reader::sparse_rows(const std::string& name, int first, int last) const {
  const std::string what = path_ + ":" + name;
  const std::vector<std::int64_t> offsets = sparse_offsets(name);
  const Handle group = open_object(file_->id.get(), name, what);
  std::array<std::int64_t, 2> shape{};
  {
    const Handle attribute(check(H5Aopen(group.get(), "shape", H5P_DEFAULT), what + "@shape"),
                           H5Aclose);
    const Handle space(check(H5Aget_space(attribute.get()), what), H5Sclose);
    if (H5Sget_simple_extent_npoints(space.get()) != 2) {
      throw InputError(what + "@shape: expected two numbers");
    }
    check(H5Aread(attribute.get(), H5T_NATIVE_INT64, shape.data()), what + "@shape");
  }
  constexpr auto kMax = std::numeric_limits<int>::max();
  if (shape[0] < 0 || shape[1] < 0 || shape[0] >= kMax || shape[1] >= kMax ||
      std::cmp_not_equal(offsets.size(), shape[0] + 1)) {
    throw InputError(what + ": indptr does not fit shape");
  }
  const int num_rows = static_cast<int>(shape[0]);
  if (last < 0) last = num_rows;
  if (first < 0 || first > last || last > num_rows) {
    throw Error(what + ": rows outside the matrix were asked for");
  }
  const std::int64_t begin = offsets[static_cast<std::size_t>(first)];
  const std::int64_t end = offsets[static_cast<std::size_t>(last)];
  if (end - begin >= kMax) {
    throw Error(what + ": over 2^31 entries for one rank; use more ranks");
  }
  if (first == 0 && last == num_rows &&
      std::cmp_not_equal(int64s(name + "/indptr").back(), ints(name + "/indices").size())) {
    throw InputError(what + ": indptr does not fit indices");
  }
  const auto indices = read_array<int>(file_->id.get(), name + "/indices", what + "/indices",
                                       H5T_INTEGER, begin, end);
  const auto data = floats(name + "/data", begin, end);

  SparseMatrix matrix(last - first, static_cast<int>(shape[1]));
  matrix.resizeNonZeros(static_cast<Eigen::Index>(data.size()));
  for (int row = first; row <= last; ++row) {
    matrix.outerIndexPtr()[row - first] =
        static_cast<int>(offsets[static_cast<std::size_t>(row)] - begin);
  }
  for (int row = 0; row < last - first; ++row) {
    int before = -1;
    for (int k = matrix.outerIndexPtr()[row]; k < matrix.outerIndexPtr()[row + 1]; ++k) {
      const int column = indices[static_cast<std::size_t>(k)];
      if (column <= before || column >= shape[1]) {
        throw InputError(what + "/indices: row " + std::to_string(first + row) +
                         " is not in ascending order or out of range");
      }
      before = column;
    }
  }
  std::ranges::copy(indices, matrix.innerIndexPtr());
  std::ranges::copy(data, matrix.valuePtr());
  return matrix;
}

std::string Reader::attribute(const std::string& object, const std::string& name) const {
  const std::string what = path_ + ":" + object;
  return read_text_attribute(open_object(file_->id.get(), object, what).get(), name, what);
}

std::vector<std::string> Reader::attribute_names(const std::string& object) const {
  const std::string what = path_ + ":" + object;
  const Handle id = open_object(file_->id.get(), object, what);
  std::vector<std::string> names;
  hsize_t position = 0;
  check(H5Aiterate2(
            id.get(), H5_INDEX_NAME, H5_ITER_INC, &position,
            [](hid_t, const char* name, const H5A_info_t*, void* out) -> herr_t {
              static_cast<std::vector<std::string>*>(out)->emplace_back(name);
              return 0;
            },
            &names),
        what);
  return names;
}

void Reader::fields(const std::string& object, const Fields& fields) const {
  for (const Field& field : fields) {
    const std::string text = attribute(object, field.name);
    try {
      if (const auto* list = std::get_if<std::vector<std::string>*>(&field.value)) {
        (*list)->clear();
        for (std::size_t at = 0; at <= text.size() && !text.empty();) {
          const std::size_t comma = std::min(text.find(',', at), text.size());
          set(field, std::string_view(text).substr(at, comma - at));
          at = comma + 1;
        }
      } else {
        set(field, text);
      }
    } catch (const InputError& error) {
      throw InputError(path_ + ":" + object + ": " + error.what());
    }
  }
}

namespace {

// What HDF5 refuses while writing is not the fault of any input.
template <typename Action>
void writing(const std::string& path, Action action) {
  try {
    action();
  } catch (const InputError& error) {
    const std::string reason = error.what();
    throw Error(path + ": could not be written whole: is the disk full? (" +
                reason.substr(0, reason.find('\n')) + ")");
  }
}

}  // namespace

struct Writer::File {
  File(const std::string& path, std::string_view format_name, bool on_the_disk)
      : output(path), format(format_name), lies_on_disk(on_the_disk) {}

  OutputFile output;
  Handle id{-1, H5Fclose};
  std::string format;
  bool lies_on_disk;  // what HDF5 writes goes to output's part; else to memory

  template <typename T>
  void array(const std::string& name, std::span<const hsize_t> shape, const T* values) {
    const Handle space(
        check(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), name),
        H5Sclose);
    const Handle dataset(
        check(H5Dcreate2(id.get(), name.c_str(), on_disk<T>(), space.get(), link_properties().get(),
                         creation_properties(shape, true).get(), H5P_DEFAULT),
              name),
        H5Dclose);
    if (H5Sget_simple_extent_npoints(space.get()) > 0) {
      check(H5Dwrite(dataset.get(), native<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), name);
    }
  }

  template <typename T>
  void array(const std::string& name, std::span<const T> values) {
    const std::array<hsize_t, 1> shape{values.size()};
    array(name, shape, values.data());
  }

  // `count`: the shape of what is added along the first extent; the others stay.
  template <typename T>
  void append(const std::string& name, std::span<const hsize_t> count, const T* values) {
    const Handle dataset =
        H5Lexists(id.get(), name.c_str(), H5P_DEFAULT) > 0
            ? Handle(check(H5Dopen2(id.get(), name.c_str(), H5P_DEFAULT), name), H5Dclose)
            : growing<T>(name, count);
    std::vector<hsize_t> size = shape_of(dataset.get(), name);
    std::vector<hsize_t> first(count.size(), 0);
    first.front() = size.front();
    size.front() += count.front();
    check(H5Dset_extent(dataset.get(), size.data()), name);
    if (std::ranges::find(count, hsize_t{0}) != count.end()) return;
    const Handle in_file(check(H5Dget_space(dataset.get()), name), H5Sclose);
    check(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, first.data(), nullptr, count.data(),
                              nullptr),
          name);
    const auto rank = static_cast<int>(count.size());
    const Handle in_memory(check(H5Screate_simple(rank, count.data(), nullptr), name), H5Sclose);
    check(H5Dwrite(dataset.get(), native<T>(), in_memory.get(), in_file.get(), H5P_DEFAULT, values),
          name);
  }

  // A new array of no elements yet, whose other extents are those of `count`.
  template <typename T>
  Handle growing(const std::string& name, std::span<const hsize_t> count) {
    std::vector<hsize_t> none(count.begin(), count.end());
    none.front() = 0;
    std::vector<hsize_t> unlimited = none;
    unlimited.front() = H5S_UNLIMITED;
    // HDF5 refuses an extent that can never be more than 0.
    std::ranges::replace(unlimited, hsize_t{0}, hsize_t{H5S_UNLIMITED});
    const auto rank = static_cast<int>(count.size());
    const Handle space(check(H5Screate_simple(rank, none.data(), unlimited.data()), name),
                       H5Sclose);
    const Handle properties = creation_properties(none, false);
    std::vector<hsize_t> chunk = none;
    hsize_t row = 1;
    for (hsize_t& extent : std::span(chunk).subspan(1)) {
      extent = std::max<hsize_t>(1, extent);
      row *= extent;
    }
    chunk.front() = std::max<hsize_t>(1, kChunkElements / row);
    check(H5Pset_chunk(properties.get(), rank, chunk.data()), name);
    compress(properties);
    return {check(H5Dcreate2(id.get(), name.c_str(), on_disk<T>(), space.get(),
                             link_properties().get(), properties.get(), H5P_DEFAULT),
                  name),
            H5Dclose};
  }

  void strings(const std::string& name, std::span<const std::string> values) {
    const std::array<hsize_t, 1> shape{values.size()};
    const Handle space(check(H5Screate_simple(1, shape.data(), nullptr), name), H5Sclose);
    const Handle type = text_type();
    const Handle dataset(
        check(H5Dcreate2(id.get(), name.c_str(), type.get(), space.get(), link_properties().get(),
                         creation_properties(shape, false).get(), H5P_DEFAULT),
              name),
        H5Dclose);
    if (!values.empty()) {
      std::vector<const char*> pointers;
      pointers.reserve(values.size());
      for (const std::string& text : values) pointers.push_back(text.c_str());
      check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, text_transfer().get(),
                     pointers.data()),
            name);
    }
  }

  // A compound dataset: rows are packed one behind the other, texts as pointers.
  void table(const std::string& name, std::span<const NamedColumn> columns) {
    const Handle text = text_type();
    std::size_t num_rows = 0;
    std::size_t row_size = 0;
    for (const NamedColumn& column : columns) {
      std::visit(
          [&]<typename T>(const std::vector<T>& values) {
            num_rows = values.size();
            row_size += std::is_same_v<T, std::string> ? sizeof(const char*) : sizeof(T);
          },
          column.values);
    }
    const Handle type(check(H5Tcreate(H5T_COMPOUND, row_size), name), H5Tclose);
    std::vector<char> rows(num_rows * row_size);
    std::size_t offset = 0;
    const auto insert = [&](const std::string& field, hid_t of, std::size_t size, auto place) {
      check(H5Tinsert(type.get(), field.c_str(), offset, of), name);
      for (std::size_t row = 0; row < num_rows; ++row) {
        const auto value = place(row);
        std::memcpy(rows.data() + row * row_size + offset, &value, size);
      }
      offset += size;
    };
    for (const NamedColumn& column : columns) {
      std::visit(
          [&]<typename T>(const std::vector<T>& values) {
            if constexpr (std::is_same_v<T, std::string>) {
              insert(column.name, text.get(), sizeof(const char*),
                     [&](std::size_t row) { return values.at(row).c_str(); });
            } else {
              insert(column.name, native<T>(), sizeof(T),
                     [&](std::size_t row) { return values.at(row); });
            }
          },
          column.values);
    }
    const std::array<hsize_t, 1> shape{num_rows};
    const Handle space(check(H5Screate_simple(1, shape.data(), nullptr), name), H5Sclose);
    const Handle dataset(
        check(H5Dcreate2(id.get(), name.c_str(), type.get(), space.get(), link_properties().get(),
                         creation_properties(shape, false).get(), H5P_DEFAULT),
              name),
        H5Dclose);
    if (num_rows > 0) {
      check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()), name);
    }
  }

  void sparse(const std::string& name, const SparseMatrix& values) {
    SparseMatrix compressed;
    const SparseMatrix* matrix = &values;
    if (!values.isCompressed()) {
      compressed = values;
      compressed.makeCompressed();
      matrix = &compressed;
    }
    const int* outer = matrix->outerIndexPtr();
    const std::vector<std::int64_t> offsets(outer, outer + matrix->rows() + 1);
    sparse_offsets(name, matrix->cols(), offsets);
    const auto count = static_cast<std::size_t>(matrix->nonZeros());
    array(name + "/indices", std::span<const int>(matrix->innerIndexPtr(), count));
    array(name + "/data", std::span<const float>(matrix->valuePtr(), count));
  }

  void sparse_offsets(const std::string& name, std::int64_t num_columns,
                      std::span<const std::int64_t> offsets) {
    const Handle group = group_of(name);
    write_text_attribute(group.get(), "encoding-type", "csr_matrix");
    write_text_attribute(group.get(), "encoding-version", "0.1.0");
    const std::array<hsize_t, 1> two{2};
    const std::array<std::int64_t, 2> shape{std::ssize(offsets) - 1, num_columns};
    const Handle space(check(H5Screate_simple(1, two.data(), nullptr), name), H5Sclose);
    const Handle attribute(check(H5Acreate2(group.get(), "shape", H5T_STD_I64LE, space.get(),
                                            H5P_DEFAULT, H5P_DEFAULT),
                                 name),
                           H5Aclose);
    check(H5Awrite(attribute.get(), H5T_NATIVE_INT64, shape.data()), name);
    array(name + "/indptr", offsets);
  }

  // The group of this name, made when it is not there yet.
  [[nodiscard]] Handle group_of(const std::string& name) const {
    const bool there = name.empty() || H5Lexists(id.get(), name.c_str(), H5P_DEFAULT) > 0;
    if (there) return open_object(id.get(), name, name);
    const Handle properties(check(H5Pcreate(H5P_GROUP_CREATE), name), H5Pclose);
    check(H5Pset_obj_track_times(properties.get(), false), name);
    return {check(H5Gcreate2(id.get(), name.c_str(), link_properties().get(), properties.get(),
                             H5P_DEFAULT),
                  name),
            H5Gclose};
  }
};

Writer::Writer(std::string path, std::string_view format, int version)
    : path_(std::move(path)), file_(std::make_unique<File>(path_, format, false)) {
  silence();
  // In memory until commit: HDF5 crashes when it closes a file that the disk has no room for.
  const Handle access(check(H5Pcreate(H5P_FILE_ACCESS), path_), H5Pclose);
  constexpr std::size_t kGrowth = 1 << 20;
  check(H5Pset_fapl_core(access.get(), kGrowth, false), path_);
  file_->id = Handle(
      check(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), path_), H5Fclose);
  head(format, version);
}

Writer::Writer(std::string path, std::string_view format, int version, std::int64_t expected_bytes)
    : path_(std::move(path)), file_(std::make_unique<File>(path_, format, true)) {
  silence();
  const std::string part = path_ + ".part";
  const auto free = std::filesystem::space(part).available;
  if (std::cmp_less(free, expected_bytes)) {
    throw Error(path_ + ": needs up to " + std::to_string(expected_bytes >> 20) +
                " MiB, and the disk has " + std::to_string(free >> 20) + " MiB free");
  }
  const Handle creation(check(H5Pcreate(H5P_FILE_CREATE), path_), H5Pclose);
  check(H5Pset_userblock(creation.get(), kUserBlock), path_);
  file_->id = Handle(
      check(H5Fcreate(part.c_str(), H5F_ACC_TRUNC, creation.get(), H5P_DEFAULT), path_), H5Fclose);
  head(format, version);
}

void Writer::head(std::string_view format, int version) {
  attribute("", "format", std::string(format));
  attribute("", "format_version", std::to_string(version));
}

Writer::~Writer() = default;

void Writer::matrix(const std::string& name, const Eigen::Ref<const Matrix>& values) {
  const bool has_gaps = values.outerStride() != values.cols();  // between rows
  const Matrix whole = has_gaps ? Matrix(values) : Matrix();
  const std::array<hsize_t, 2> shape{static_cast<hsize_t>(values.rows()),
                                     static_cast<hsize_t>(values.cols())};
  writing(path_, [&] { file_->array(name, shape, has_gaps ? whole.data() : values.data()); });
}

void Writer::append_rows(const std::string& name, std::size_t count, std::size_t columns,
                         std::span<const float> rows) {
  const std::array<hsize_t, 2> shape{count, columns};
  writing(path_, [&] { file_->append(name, shape, rows.data()); });
}

void Writer::floats(const std::string& name, std::span<const float> values) {
  writing(path_, [&] { file_->array(name, values); });
}

void Writer::int64s(const std::string& name, std::span<const std::int64_t> values) {
  writing(path_, [&] { file_->array(name, values); });
}

void Writer::ints(const std::string& name, std::span<const int> values) {
  writing(path_, [&] { file_->array(name, values); });
}

void Writer::strings(const std::string& name, std::span<const std::string> values) {
  writing(path_, [&] { file_->strings(name, values); });
}

void Writer::sparse(const std::string& name, const SparseMatrix& values) {
  writing(path_, [&] { file_->sparse(name, values); });
}

void Writer::column(const std::string& name, const Column& column) {
  writing(path_, [&] {
    std::visit(
        [&]<typename T>(const std::vector<T>& values) {
          if constexpr (std::is_same_v<T, std::string>) {
            file_->strings(name, values);
          } else {
            file_->array(name, std::span<const T>(values));
          }
        },
        column);
  });
}

void Writer::doubles(const std::string& name, std::span<const double> values,
                     std::size_t num_columns) {
  const std::array<hsize_t, 2> shape{num_columns == 0 ? 0 : values.size() / num_columns,
                                     num_columns};
  writing(path_, [&] { file_->array(name, shape, values.data()); });
}

void Writer::table(const std::string& name, std::span<const NamedColumn> columns) {
  writing(path_, [&] { file_->table(name, columns); });
}

void Writer::append(const std::string& name, std::span<const float> values) {
  const std::array<hsize_t, 1> count{values.size()};
  writing(path_, [&] { file_->append(name, count, values.data()); });
}

void Writer::append(const std::string& name, std::span<const int> values) {
  const std::array<hsize_t, 1> count{values.size()};
  writing(path_, [&] { file_->append(name, count, values.data()); });
}

void Writer::sparse_offsets(const std::string& name, std::int64_t num_columns,
                            std::span<const std::int64_t> offsets) {
  writing(path_, [&] { file_->sparse_offsets(name, num_columns, offsets); });
}

void Writer::group(const std::string& name) {
  writing(path_, [&] { static_cast<void>(file_->group_of(name)); });
}

void Writer::attribute(const std::string& object, const std::string& name,
                       const std::string& text) {
  writing(path_, [&] { write_text_attribute(file_->group_of(object).get(), name, text); });
}

void Writer::attribute(const std::string& object, const std::string& name, int number) {
  writing(path_, [&] {
    const Handle group = file_->group_of(object);
    const Handle space(check(H5Screate(H5S_SCALAR), name), H5Sclose);
    const Handle attribute(check(H5Acreate2(group.get(), name.c_str(), on_disk<int>(), space.get(),
                                            H5P_DEFAULT, H5P_DEFAULT),
                                 name),
                           H5Aclose);
    check(H5Awrite(attribute.get(), native<int>(), &number), name);
  });
}

void Writer::fields(const std::string& object, const Fields& fields) {
  for (const Field& field : fields) attribute(object, field.name, to_text(field));
}

void Writer::commit(const std::string& previous) {
  std::string image;  // all but the user block, where it is in memory
  std::string hash;
  writing(path_, [&] {
    const hid_t id = file_->id.get();
    if (file_->lies_on_disk) {
      check(H5Fclose(file_->id.release()), "close");
      hash = mrec::sha256_file(path_ + ".part", kUserBlock);
      return;
    }
    check(H5Fflush(id, H5F_SCOPE_GLOBAL), "flush");
    image.resize(static_cast<std::size_t>(check(H5Fget_file_image(id, nullptr, 0), "size")));
    check(H5Fget_file_image(id, image.data(), image.size()), "image");
    hash = mrec::sha256(image);
  });
  file_->output.stream() << user_block(file_->format, hash) << image;
  file_->output.commit(previous);
}

std::string library_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace mrec::h5
