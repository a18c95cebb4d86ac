// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/request_body.hpp"

#include "common/model/api.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash::daemon {

awaitable<std::string> read_body(BodySource& body, std::size_t max_bytes) {
  std::string content;
  for (;;) {
    const std::string piece = co_await body.read();
    if (piece.empty()) co_return content;
    if (content.size() + piece.size() > max_bytes)
      throw Error(ErrorKind::too_large, fmt::format("the body is larger than {} bytes", max_bytes));
    content += piece;
  }
}

awaitable<nlohmann::json> read_json(BodySource& body) {
  const std::string content = co_await read_body(body);
  co_return parse_json(content);
}

} // namespace cubeflash::daemon
