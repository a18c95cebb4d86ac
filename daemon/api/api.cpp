// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/api.hpp"

#include "common/base/log.hpp"
#include "daemon/api/error_reply.hpp"

#include <boost/system/system_error.hpp>

namespace cubeflash::daemon {

awaitable<Reply> Api::handle(Request request) const {
  const std::string what = request.method + ' ' + request.path;
  try {
    co_return co_await dispatch(std::move(request));
  } catch (const Error& error) {
    if (http_status(error.kind()) >= 500) log_warning("{}: {}", what, error.what());
    co_return error_reply(error);
  } catch (const boost::system::system_error& cancelled) {
    co_return text_reply(503, cancelled.what()); // the client left or the daemon ends
  } catch (const std::exception& bug) {
    log_error("{}: {}", what, bug.what());
    co_return text_reply(500, "internal error; cflashd's log has the cause");
  }
}

awaitable<Reply> Api::dispatch(Request request) const {
  auto match = router_.find(request.method, request.path);
  // Before credentials nothing is told but that they are needed.
  const bool known = match.handler != nullptr || !match.allowed.empty();
  const bool management = request.path.starts_with("/system/") || request.path.starts_with("/v2");
  if ((known || management) && !authenticator_.allows(request))
    co_return Authenticator::challenge();
  if (match.handler != nullptr)
    co_return co_await (*match.handler)(std::move(request), std::move(match.parameters));
  if (match.allowed.empty())
    co_return text_reply(404, fmt::format("no such path: {}", request.path));
  Reply reply = text_reply(405, "method not allowed");
  reply.headers.emplace_back("Allow", fmt::format("{}", fmt::join(match.allowed, ", ")));
  co_return reply;
}

} // namespace cubeflash::daemon
