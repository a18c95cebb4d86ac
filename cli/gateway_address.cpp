// SPDX-License-Identifier: Apache-2.0
#include "cli/gateway_address.hpp"

#include "cli/http_transfer.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"

namespace cubeflash::cli {

std::string normalise_gateway(std::string_view text) {
  std::string url = to_lower(trim(text));
  if (url.find("://") == std::string::npos) url.insert(0, "http://");
  if (url.back() == '/') url.pop_back();
  const auto host = host_of(url);
  if (!host || host->empty() || url.find_first_of("?# \t") != std::string::npos)
    throw Error(ErrorKind::invalid,
                fmt::format("\"{}\" is not the address of a gateway", text),
                "write it like http://127.0.0.1:8080");
  return url;
}

GatewayAddress choose_gateway(const GatewayChoices& choices) {
  using Source = GatewayAddress::Source;
  if (!trim(choices.flag).empty()) return {normalise_gateway(choices.flag), Source::flag};
  if (!trim(choices.file).empty()) {
    auto url = normalise_gateway(choices.file);
    if (url != kDefaultGateway) return {std::move(url), Source::file};
  }
  for (const char* name : {"CFLASH_URL", "OPENFAAS_URL"})
    if (const auto value = choices.environment(name); value && !trim(*value).empty())
      return {with_context(name, [&] { return normalise_gateway(*value); }), Source::environment};
  if (choices.running_daemon)
    return {normalise_gateway(*choices.running_daemon), Source::running_daemon};
  return {std::string(kDefaultGateway), Source::fallback};
}

bool is_local_gateway(const std::string& url) {
  const auto host = host_of(url);
  return host && is_local_host(*host);
}

} // namespace cubeflash::cli
