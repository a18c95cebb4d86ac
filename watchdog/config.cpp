// SPDX-License-Identifier: Apache-2.0
#include "watchdog/config.hpp"

#include "common/base/error.hpp"
#include "common/base/quantity.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"

#include <algorithm>

namespace cubeflash::watchdog {

namespace {

class Variables {
 public:
  explicit Variables(const std::vector<std::string>& environment) : environment_(environment) {}

  // The first one of that name, as getenv(3) finds it; absent is "".
  std::string_view text(std::string_view name) const {
    for (const std::string_view entry : environment_)
      if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
        return entry.substr(name.size() + 1);
    return {};
  }

  // Only "true" is true; anything else that is not empty is false.
  bool flag(std::string_view name, bool otherwise) const {
    const auto value = text(name);
    return value.empty() ? otherwise : value == "true";
  }

  milliseconds duration(std::string_view name, milliseconds otherwise) const {
    return parse_duration(text(name)).value_or(otherwise);
  }

  template <typename Integer>
  Integer number(std::string_view name, Integer otherwise) const {
    return parse_integer<Integer>(text(name)).value_or(otherwise);
  }

 private:
  const std::vector<std::string>& environment_;
};

Mode read_mode(std::string_view text) {
  if (text.empty() || text == "fork") return Mode::fork;
  throw Error(
      ErrorKind::unsupported,
      fmt::format(
          "mode \"{}\" is not supported: this watchdog runs \"fork\", one process for each request",
          text),
      "remove the variable mode, or set it to fork");
}

std::string read_unix_path(std::string_view listen) {
  constexpr std::string_view kScheme = "unix:";
  if (listen.empty()) return {};
  if (!listen.starts_with(kScheme) || listen.size() == kScheme.size())
    throw Error(ErrorKind::usage, fmt::format("CFLASH_LISTEN=\"{}\" is not unix:/path", listen));
  return std::string(listen.substr(kScheme.size()));
}

int read_ready_fd(std::string_view text) {
  if (text.empty()) return -1;
  const auto number = parse_integer<int>(text);
  if (!number || *number < 3)
    throw Error(ErrorKind::usage,
                fmt::format("CFLASH_READY_FD=\"{}\" is not a descriptor's number above 2", text));
  return *number;
}

std::string read_content_type(std::string_view text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control))
    throw Error(ErrorKind::usage, "content_type holds a line break or another control character");
  return std::string(text);
}

} // namespace

Config read_config(const std::vector<std::string>& environment) {
  const Variables variables(environment);
  Config config;
  config.mode = read_mode(variables.text("mode"));
  const auto process = variables.text("fprocess");
  if (process.empty())
    throw Error(ErrorKind::usage, "Provide a valid process via fprocess environmental variable.");
  // A request for authentication must not be answered by having none.
  if (variables.flag("jwt_auth", false))
    throw Error(
        ErrorKind::unsupported, "jwt_auth is not supported yet", "remove the variable jwt_auth");
  config.process = split(process, ' ');
  for (const auto& entry : environment)
    if (!entry.starts_with("CFLASH_")) config.environment.push_back(entry);

  config.unix_path = read_unix_path(variables.text("CFLASH_LISTEN"));
  config.ready_fd = read_ready_fd(variables.text("CFLASH_READY_FD"));
  config.port = variables.number("port", config.port);

  config.read_timeout = variables.duration("read_timeout", config.read_timeout);
  config.write_timeout = variables.duration("write_timeout", config.write_timeout);
  config.exec_timeout = variables.duration("exec_timeout", config.exec_timeout);
  config.healthcheck_interval = variables.duration("healthcheck_interval", config.write_timeout);

  config.combine_output = variables.flag("combine_output", config.combine_output);
  config.cgi_headers = variables.flag("cgi_headers", config.cgi_headers);
  config.marshal_request = variables.flag("marshal_request", config.marshal_request);
  config.write_debug = variables.flag("write_debug", config.write_debug);
  config.debug_headers = variables.flag("debug_headers", config.debug_headers);
  config.suppress_lock = variables.flag("suppress_lock", config.suppress_lock);
  config.content_type = read_content_type(variables.text("content_type"));
  config.max_inflight = variables.number("max_inflight", config.max_inflight);
  if (const auto bytes = parse_memory(variables.text("max_output")); bytes && *bytes > 0)
    config.max_output = static_cast<std::uint64_t>(*bytes);
  if (const auto directory = variables.text("TMPDIR"); !directory.empty())
    config.temp_directory = directory;
  return config;
}

} // namespace cubeflash::watchdog
