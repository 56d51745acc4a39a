#pragma once

#include <stdexcept>

namespace mrec {

// Something that we foresee went wrong. Jobs exit with 1, the server answers 500.
// The text is one sentence that names the thing: "log_scale: column tempo has missing values".
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A flag, file, line or request breaks its contract; the text says what was expected and what to
// do. Jobs exit with 2, the server answers 400.
class InputError : public Error {
 public:
  using Error::Error;
};

// A name or id that is not there. Jobs exit with 1, the server answers 404.
class NotFound : public Error {
 public:
  using Error::Error;
};

}  // namespace mrec
