#pragma once

#include "serve/http.h"
#include "serve/live_model.h"
#include "serve/service.h"

namespace mrec {

// Paths to calls, exceptions to statuses: the only place where either is decided. The answer to a
// request names in the header Mrec-Model the model that it was made with. All three arguments
// outlive the answer; never throws.
http::Reply answer(const LiveModel& live, Service& service, const http::Request& request);

}  // namespace mrec
