#include "parallel/trainer_rows.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "parallel/communicator.h"

namespace mrec {

std::function<void(int r, std::span<float> record)> packer(const Embeddings& table,
                                                           std::vector<float>& sums) {
  const Embeddings sums_table(sums, sums.empty() ? 0 : table.rows(), table.dim(), 0);
  return [table, sums_table](int r, std::span<float> record) {
    table.pack(r, record.first(table.record_size()));
    if (sums_table.rows() > 0) sums_table.pack(r, record.subspan(table.record_size()));
  };
}

Matrix records(const std::function<void(int, std::span<float>)>& pack, int count,
               std::size_t size) {
  Matrix all(count, static_cast<Eigen::Index>(size));
  for (int r = 0; r < count; ++r) pack(r, {all.row(r).data(), size});
  return all;
}

void take_records(const Matrix& records, const Embeddings& table, std::vector<float>& sums) {
  const std::size_t own = table.record_size();
  const Embeddings sums_table(sums, sums.empty() ? 0 : table.rows(), table.dim(), 0);
  for (int r = 0; r < table.rows(); ++r) {
    const std::span record(records.row(r).data(), static_cast<std::size_t>(records.cols()));
    table.unpack(r, record.first(own));
    if (!sums.empty()) sums_table.unpack(r, record.subspan(own));
  }
}

void add_to(std::vector<float>& sums, std::span<const float> values) {
  std::ranges::transform(sums, values, sums.begin(), std::plus{});
}

void put_mean(std::span<float> values, const std::vector<float>& sums, int count) {
  std::ranges::transform(sums, values.begin(),
                         [count](float sum) { return sum / static_cast<float>(count); });
}

void require_finite_loss(double loss, int epoch) {
  if (std::isfinite(loss)) return;
  throw Verdict(1, "training diverged in epoch " + std::to_string(epoch) +
                       ": parameters are no longer finite; use a smaller learning rate");
}

Matrix factors_of(const Embeddings& table, int first, int last) {
  Matrix factors(last - first, table.dim());
  for (int r = first; r < last; ++r) {
    std::copy_n(table.row(r), table.dim(), factors.row(r - first).data());
  }
  return factors;
}

Vector bias_of(const Embeddings& table, int count) {
  return Eigen::Map<const Vector>(&table.bias(0), count);
}

}  // namespace mrec
