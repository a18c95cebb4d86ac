// SPDX-License-Identifier: Apache-2.0
// Which gateway a command talks to. It refuses to know whether anything listens there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cubeflash::cli {

inline constexpr std::string_view kDefaultGateway = "http://127.0.0.1:8080";

struct GatewayAddress {
  enum class Source { flag, file, environment, running_daemon, fallback };

  std::string url; // normalised
  Source source = Source::fallback;
};

struct GatewayChoices {
  std::string flag; // --gateway
  std::string file; // provider.gateway; the default written out counts as absent
  std::function<std::optional<std::string>(const char* name)> environment;
  std::optional<std::string> running_daemon; // of this account
};

// Flag, file, CFLASH_URL, OPENFAAS_URL, running daemon, kDefaultGateway: the first that is there.
// Throws Error(invalid).
GatewayAddress choose_gateway(const GatewayChoices& choices);

// Lower case, one trailing slash trimmed, http:// in front of "host:port". Throws Error(invalid)
// for what is no http(s) URL.
std::string normalise_gateway(std::string_view text);

// Whether the gateway is on this machine: 127.0.0.0/8, ::1, localhost.
bool is_local_gateway(const std::string& url);

} // namespace cubeflash::cli
