// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/instance_record.hpp"

#include "common/base/error.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash::daemon {

using nlohmann::json;

std::string to_json_text(const InstanceRecord& record) {
  json document{{"id", record.id},
                {"function", record.function.name},
                {"namespace", record.function.space},
                {"revision", record.revision},
                {"started", record.started},
                {"bootId", record.boot_id},
                {"isolation", record.isolation == Isolation::sandbox ? "sandbox" : "plain"},
                {"pid", record.process.pid},
                {"pidStartTime", record.process.start_time},
                {"cgroups", json::array()},
                {"stopGraceMs", record.stop_grace.count()},
                {"stopRequested", record.stop_requested}};
  if (record.uid) document["uid"] = *record.uid;
  if (record.memory_bytes) document["memoryBytes"] = *record.memory_bytes;
  for (const auto& path : record.cgroups)
    document["cgroups"].push_back(path.string());
  return document.dump(2) + "\n";
}

InstanceRecord parse_instance_record(std::string_view text) {
  try {
    const json document = json::parse(text);
    InstanceRecord record;
    record.id = document.at("id");
    record.function.name = document.at("function");
    record.function.space = document.at("namespace");
    record.revision = document.at("revision");
    record.started = document.at("started");
    record.boot_id = document.at("bootId");
    record.isolation = document.at("isolation") == "plain" ? Isolation::plain : Isolation::sandbox;
    record.process.pid = document.at("pid");
    record.process.start_time = document.at("pidStartTime");
    record.stop_grace = milliseconds(document.at("stopGraceMs").get<std::int64_t>());
    record.stop_requested = document.at("stopRequested");
    if (document.contains("uid")) record.uid = document.at("uid").get<uid_t>();
    if (document.contains("memoryBytes"))
      record.memory_bytes = document.at("memoryBytes").get<std::int64_t>();
    for (const auto& path : document.at("cgroups"))
      record.cgroups.emplace_back(path.get<std::string>());
    return record;
  } catch (const json::exception& error) {
    throw Error(ErrorKind::invalid, fmt::format("instance record: {}", error.what()));
  }
}

} // namespace cubeflash::daemon
