// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/base/version.hpp"

#include <CLI/CLI.hpp>

#include <arpa/inet.h>

#include <iostream>

namespace cubeflash::daemon {

namespace {

[[noreturn]] void bad_listen(const std::string& text) {
  throw Error(ErrorKind::usage,
              fmt::format("--listen: \"{}\" is not ADDRESS:PORT", text),
              "for example --listen 127.0.0.1:8080, --listen [::1]:8080 or --listen :8080");
}

bool is_address(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

void require_engine(const std::string& engine) {
  if (engine == "local") return;
  if (engine == "docker" || engine == "kubernetes")
    throw Error(ErrorKind::unsupported,
                fmt::format("--engine {} is not supported yet", engine),
                "use --engine local");
  throw Error(
      ErrorKind::usage,
      fmt::format("--engine: no such engine \"{}\"{}", engine, did_you_mean(engine, {"local"})));
}

} // namespace

void parse_listen(const std::string& text, Config& config) {
  const auto colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
  std::string host = colon == std::string::npos ? "127.0.0.1" : text.substr(0, colon);
  if (host.empty()) host = "0.0.0.0";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const auto number = parse_integer<std::uint16_t>(port);
  if (!number || !is_address(host)) bad_listen(text);
  config.host = host;
  config.port = *number;
}

std::optional<Config> parse_command_line(int argc, char** argv, int& exit_code) {
  Config config;
  std::string home;
  std::string listen;
  bool version = false;
  CLI::App app{"The CubeFlash daemon: gateway and control plane of the functions of one machine.",
               "cflashd"};
  app.add_option("--home",
                 home,
                 "Directory of state, images and logs [$CFLASH_HOME, else " +
                     daemon_home().string() + "]");
  app.add_option("--listen", listen, "Address and port to serve [127.0.0.1:8080]");
  app.add_option("--engine", config.engine, "Where instances run: local [local]");
  app.add_option("--threads", config.threads, "Data-plane threads [one a core]")
      ->check(CLI::Range(1, 256));
  app.add_flag("--debug", config.debug, "Log more");
  app.add_flag("--version", version, "Print the version and exit");
  app.footer("Examples:\n  cflashd\n  cflashd --home /srv/cubeflash --listen 127.0.0.1:9090");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
    return std::nullopt;
  }
  if (version) {
    std::cout << "cflashd " << kVersion << " (" << kCommit << ")\n";
    exit_code = 0;
    return std::nullopt;
  }
  require_engine(config.engine);
  config.home = home.empty() ? daemon_home() : std::filesystem::absolute(home);
  if (!listen.empty()) parse_listen(listen, config);
  return config;
}

} // namespace cubeflash::daemon
