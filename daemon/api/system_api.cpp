// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/system_api.hpp"

#include "common/base/version.hpp"
#include "common/model/api.hpp"
#include "daemon/api/error_reply.hpp"

#include <nlohmann/json.hpp>

#include <sys/utsname.h>

namespace cubeflash::daemon {

namespace {

awaitable<Reply> info(std::string engine) {
  utsname machine{};
  ::uname(&machine);
  co_return json_reply(
      200,
      to_json(SystemInfo{
          .version = kVersion, .commit = kCommit, .engine = engine, .arch = machine.machine}));
}

} // namespace

void add_system_api(Router& router, std::string engine) {
  router.add("GET", "/system/info", [engine = std::move(engine)](Request, PathParameters) {
    return info(engine);
  });
}

} // namespace cubeflash::daemon
