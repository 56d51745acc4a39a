#pragma once

#include "model/row.h"

namespace mrec {
inline namespace MREC_LEVEL {

// exp(x) of -87 <= x <= 0, relative error below 1e-7 |x| + 2e-7: 2^n exp(r) with |r| <= log(2) / 2,
// for which seven terms of the Taylor series do.
[[gnu::always_inline]] inline row::Four exp_of_negative(row::Four x) {
  using Ints [[gnu::vector_size(16)]] = int;
  constexpr float kLog2 = 0.693147181F;
  const Ints n = __builtin_convertvector(x * (1 / kLog2) - 0.5F, Ints);
  const row::Four r = x - __builtin_convertvector(n, row::Four) * kLog2;
  const row::Four r2 = r * r;
  const row::Four low = (1 + r) + r2 * (1 / 2.0F + r * (1 / 6.0F));
  const row::Four high = (1 / 24.0F + r * (1 / 120.0F)) + r2 * (1 / 720.0F);
  const auto power = reinterpret_cast<row::Four>((n + 127) << 23);
  return (low + r2 * r2 * high) * power;
}

// 1 / (1 + exp(-x)) and log(1 + exp(x)) of four, from one exponential. What is no number stays
// none.
struct Logits {
  [[gnu::always_inline]] explicit Logits(row::Four x) {
    const row::Four most = row::Four{} + 87;
    const row::Four size = x < 0 ? -x : x;
    const row::Four small = exp_of_negative(-(size > most ? most : size));
    sigmoid = (x < 0 ? small : row::Four{} + 1) / (1 + small);
    // log(1 + small) = 2 atanh(s) = 2 (s + s^3 / 3 + s^5 / 5 + ...) with s <= 1/3: the terms that
    // are left out are below 2e-6 of it.
    const row::Four s = small / (2 + small);
    const row::Four t = s * s;
    const row::Four series =
        (1 + t * (1 / 3.0F)) + t * t * ((1 / 5.0F + t * (1 / 7.0F)) + t * t * (1 / 9.0F));
    softplus = (x > 0 ? x : row::Four{}) + 2 * s * series;
  }

  row::Four sigmoid;
  row::Four softplus;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
