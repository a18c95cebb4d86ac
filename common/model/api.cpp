// SPDX-License-Identifier: Apache-2.0
#include "common/model/api.hpp"

#include "common/base/error.hpp"
#include "common/model/json_reader.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash {

using nlohmann::json;

namespace {

constexpr int kMaxDepth = 64;

// Stock clients dereference these strings and refuse empty ones.
std::string or_unknown(const std::string& text) {
  return text.empty() ? "unknown" : text;
}

// The parser's own words without its prefix of codes and positions, and without a huge token of the
// peer.
std::string reason(std::string_view what) {
  constexpr std::size_t kMaxReason = 200;
  if (const auto at = what.find("syntax error"); at != std::string_view::npos)
    what.remove_prefix(at);
  else if (const auto colon = what.find(": "); colon != std::string_view::npos)
    what.remove_prefix(colon + 2);
  if (what.size() <= kMaxReason) return std::string(what);
  return std::string(what.substr(0, kMaxReason)) + "...";
}

bool check_depth(int depth, json::parse_event_t, json&) {
  if (depth > kMaxDepth)
    throw Error(ErrorKind::invalid,
                fmt::format("JSON is nested more than {} levels deep", kMaxDepth));
  return true;
}

} // namespace

json to_json(const ScaleRequest& request) {
  json object{{"serviceName", request.name}, {"replicas", request.replicas}};
  if (!request.space.empty()) object["namespace"] = request.space;
  return object;
}

ScaleRequest scale_request_from_json(const json& value) {
  const JsonReader reader(value);
  const auto replicas = reader.count("replicas");
  // Zero would be a default that stops the function by accident.
  if (!replicas) reader.wrong("replicas", "a whole number of 0 or more");
  return {reader.text("serviceName"), reader.text("namespace"), *replicas};
}

json to_json(const DeleteRequest& request) {
  json object{{"functionName", request.name}};
  if (!request.space.empty()) object["namespace"] = request.space;
  return object;
}

DeleteRequest delete_request_from_json(const json& value) {
  const JsonReader reader(value);
  return {reader.text("functionName"), reader.text("namespace")};
}

json to_json(const LogLine& line) {
  return {{"name", line.function.name},
          {"namespace", line.function.space},
          {"instance", line.instance},
          {"timestamp", line.timestamp},
          {"text", line.text}};
}

LogLine log_line_from_json(const json& value) {
  const JsonReader reader(value);
  LogLine line;
  line.function.name = reader.text("name");
  if (auto space = reader.text("namespace"); !space.empty()) line.function.space = std::move(space);
  line.instance = reader.text("instance");
  line.timestamp = reader.text("timestamp");
  line.text = reader.text("text");
  return line;
}

json to_json(const SystemInfo& info) {
  const json version{{"sha", or_unknown(info.commit)},
                     {"release", or_unknown(info.version)},
                     {"commit_message", fmt::format("release {}", or_unknown(info.version))}};
  return {
      {"provider", {{"provider", "cflashd"}, {"orchestration", "cubeflash"}, {"version", version}}},
      {"version", version},
      {"engine", or_unknown(info.engine)},
      {"arch", or_unknown(info.arch)}};
}

SystemInfo system_info_from_json(const json& value) {
  const JsonReader reader(value);
  const JsonReader version = reader.object("version");
  return {version.text("release"), version.text("sha"), reader.text("engine"), reader.text("arch")};
}

json parse_json(std::string_view text) {
  try {
    return json::parse(text, check_depth);
  } catch (const json::parse_error& error) {
    throw Error(ErrorKind::invalid,
                fmt::format("not valid JSON at byte {}: {}", error.byte, reason(error.what())));
  } catch (const json::exception& error) { // e.g. a number out of range
    throw Error(ErrorKind::invalid, fmt::format("not valid JSON: {}", reason(error.what())));
  }
}

std::string dump_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace cubeflash
