// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/message.hpp"

namespace cubeflash::daemon {

std::string Request::query_value(std::string_view name) const {
  for (auto parameter = query.rbegin(); parameter != query.rend(); ++parameter)
    if (parameter->first == name) return parameter->second;
  return {};
}

std::string Request::header(std::string_view lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? std::string() : found->second;
}

} // namespace cubeflash::daemon
