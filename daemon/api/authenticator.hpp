// SPDX-License-Identifier: Apache-2.0
// Who may use the management API: whoever has the admin token, as bearer or as basic auth with user
// `admin`.
#pragma once

#include "daemon/http/message.hpp"

#include <string>

namespace cubeflash::daemon {

class Authenticator {
 public:
  explicit Authenticator(const std::string& admin_token);

  bool allows(const Request& request) const;

  // openfaas-contract §1.1
  static Reply challenge();

 private:
  std::string bearer_;
  std::string basic_; // base64 of "admin:<token>"
};

} // namespace cubeflash::daemon
