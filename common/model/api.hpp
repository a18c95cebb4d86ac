// SPDX-License-Identifier: Apache-2.0
// The bodies of the management API as values, with their JSON forms (openfaas-contract §1.4 to
// §1.9). Used by both ends.
#pragma once

#include "common/model/function_spec.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash {

// One running or starting copy, as `describe` shows it. An addition of ours to FunctionStatus.
struct InstanceStatus {
  std::string id;
  std::string phase;  // starting, ready, stopping, backoff
  std::string reason; // why it is not ready, e.g. "exit status 1, restarting in 4s"
  std::uint64_t restarts = 0;
};

struct FunctionStatus {
  FunctionSpec spec;
  double invocation_count = 0;
  std::uint64_t replicas = 0;           // desired
  std::uint64_t available_replicas = 0; // ready
  std::string created_at;               // RFC 3339
  std::vector<InstanceStatus> instances;
};

struct ScaleRequest {
  std::string name; // JSON serviceName; may be empty when the path names it
  std::string space;
  std::uint64_t replicas = 0;
};

struct DeleteRequest {
  std::string name; // JSON functionName
  std::string space;
};

struct LogLine {
  FunctionName function;
  std::string instance;
  std::string timestamp; // RFC 3339 with nanoseconds
  std::string text;
};

struct SystemInfo {
  std::string version; // release, e.g. "0.1.0"
  std::string commit;
  std::string engine; // "local"
  std::string arch;   // uname machine, "x86_64"
};

// from_json throws Error(invalid) naming the field; unknown fields are ignored, as upstream does.
nlohmann::json to_json(const FunctionSpec& spec); // a FunctionDeployment
FunctionSpec function_spec_from_json(const nlohmann::json& json);
nlohmann::json to_json(const FunctionStatus& status);
FunctionStatus function_status_from_json(const nlohmann::json& json);
nlohmann::json to_json(const ScaleRequest& request);
ScaleRequest scale_request_from_json(const nlohmann::json& json);
nlohmann::json to_json(const DeleteRequest& request);
DeleteRequest delete_request_from_json(const nlohmann::json& json);
nlohmann::json to_json(const LogLine& line);
LogLine log_line_from_json(const nlohmann::json& json);
nlohmann::json to_json(const SystemInfo& info);
SystemInfo system_info_from_json(const nlohmann::json& json);

// Parses text of a peer; nesting and size are bounded by the caller. Throws Error(invalid).
nlohmann::json parse_json(std::string_view text);

// On one line. Bytes that are no UTF-8 (a function's log may hold any) become U+FFFD, where
// json::dump() would throw.
std::string dump_json(const nlohmann::json& value);

} // namespace cubeflash
