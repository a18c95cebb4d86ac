// SPDX-License-Identifier: Apache-2.0
// What is kept of an instance so that the next daemon can take it over: the content of its
// record.json. It refuses to know where that file is.
#pragma once

#include "common/model/function_spec.hpp"
#include "daemon/engine/local/process_table.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::daemon {

enum class Isolation {
  sandbox, // bubblewrap
  plain,   // a process of the host's, where user namespaces are not allowed
};

struct InstanceRecord {
  std::string id;
  FunctionName function;
  std::uint64_t revision = 0;
  std::string started; // RFC 3339
  std::string boot_id;
  Isolation isolation = Isolation::sandbox;
  ProcessIdentity process;  // bwrap, or the watchdog when plain; pid 0: being started
  std::optional<uid_t> uid; // its own; absent: the daemon's
  std::vector<std::filesystem::path> cgroups; // directories made for it
  std::optional<std::int64_t> memory_bytes;
  milliseconds stop_grace{10'000};
  bool stop_requested = false;
};

std::string to_json_text(const InstanceRecord& record);

// Throws Error(invalid).
InstanceRecord parse_instance_record(std::string_view text);

} // namespace cubeflash::daemon
