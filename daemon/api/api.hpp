// SPDX-License-Identifier: Apache-2.0
// The management API as one handler: credentials, routes, the border where errors become answers.
#pragma once

#include "daemon/api/authenticator.hpp"
#include "daemon/api/router.hpp"

namespace cubeflash::daemon {

class Api {
 public:
  Api(Authenticator authenticator, Router router)
      : authenticator_(std::move(authenticator)), router_(std::move(router)) {}

  // Never throws.
  awaitable<Reply> handle(Request request) const;

 private:
  awaitable<Reply> dispatch(Request request) const;

  Authenticator authenticator_;
  Router router_;
};

} // namespace cubeflash::daemon
