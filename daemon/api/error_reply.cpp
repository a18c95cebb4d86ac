// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/error_reply.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash::daemon {

unsigned http_status(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::usage:
  case ErrorKind::invalid:
    return 400;
  case ErrorKind::denied:
    return 403;
  case ErrorKind::not_found:
    return 404;
  case ErrorKind::conflict:
    return 409;
  case ErrorKind::too_large:
    return 413;
  case ErrorKind::unsupported:
    return 501;
  case ErrorKind::unavailable:
    return 503;
  case ErrorKind::timeout:
    return 504;
  case ErrorKind::failed:
    return 500;
  }
  return 500;
}

Reply empty_reply(unsigned status) {
  Reply reply;
  reply.status = status;
  return reply;
}

Reply json_reply(unsigned status, const nlohmann::json& json) {
  Reply reply;
  reply.status = status;
  reply.headers = {{"Content-Type", "application/json"}};
  // Bytes that are not UTF-8 (a user's label, a log line) must not turn an answer into an error.
  reply.body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return reply;
}

Reply error_reply(const Error& error) {
  std::string text = error.what();
  if (!error.hint().empty()) text += '\n' + error.hint();
  return text_reply(http_status(error.kind()), std::move(text));
}

Reply registry_error_reply(const Error& error) {
  const char* code = error.kind() == ErrorKind::not_found   ? "NAME_UNKNOWN"
                     : error.kind() == ErrorKind::too_large ? "SIZE_INVALID"
                     : error.kind() == ErrorKind::invalid   ? "DIGEST_INVALID"
                                                            : "UNKNOWN";
  return json_reply(http_status(error.kind()),
                    {{"errors", {{{"code", code}, {"message", error.what()}}}}});
}

} // namespace cubeflash::daemon
