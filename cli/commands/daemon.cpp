// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/daemon.hpp"

#include "cli/cli.hpp"
#include "cli/config_file.hpp"
#include "cli/credentials.hpp"
#include "cli/daemon_control.hpp"
#include "cli/file_follower.hpp"
#include "cli/gateway_client.hpp"
#include "cli/table.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

fs::path home_of(const DaemonCommandOptions& options) {
  return options.home.empty() ? daemon_home() : fs::absolute(options.home);
}

struct DaemonAnswers {
  std::string version;
  std::optional<std::size_t> functions; // absent when it would not tell
  std::string trouble;
};

DaemonAnswers ask(const RunningDaemon& daemon, const fs::path& home) {
  const CredentialSources sources{.flag = {},
                                  .environment = environment_variable,
                                  .daemon_home = home,
                                  .config_file = config_file_path(),
                                  .running_daemon = daemon.url};
  const GatewayClient client(
      daemon.url, find_credentials(daemon.url, sources), true, std::chrono::seconds(5));
  DaemonAnswers answers;
  try {
    answers.version = client.info().version;
    answers.functions = client.list({}).size();
  } catch (const Error& error) {
    answers.trouble = error.what();
  }
  return answers;
}

void print_json(const std::optional<RunningDaemon>& daemon,
                const DaemonAnswers& answers,
                const fs::path& home,
                Context& context) {
  nlohmann::json json{{"running", daemon.has_value()}, {"home", home.string()}};
  if (daemon) {
    json["pid"] = daemon->pid;
    json["url"] = daemon->url;
    if (!answers.version.empty()) json["version"] = answers.version;
    if (answers.functions) json["functions"] = *answers.functions;
  }
  context.out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

void print_text(const RunningDaemon& daemon,
                const DaemonAnswers& answers,
                const fs::path& home,
                Context& context) {
  Properties text;
  text.add("Status", "running");
  text.add("PID", std::to_string(daemon.pid));
  text.add("URL", daemon.url);
  text.add("Home", home.string());
  if (!answers.version.empty()) text.add("Version", answers.version);
  if (answers.functions) text.add("Functions", std::to_string(*answers.functions));
  text.print(context.out);
  if (!answers.trouble.empty()) context.err << "Warning: " << answers.trouble << '\n';
}

std::shared_ptr<DaemonCommandOptions> declare(Cli& cli,
                                              CLI::App& group,
                                              const std::string& name,
                                              const std::string& description,
                                              int (*run)(const DaemonCommandOptions&, Context&)) {
  auto options = std::make_shared<DaemonCommandOptions>();
  CLI::App& command = cli.add(group, name, description);
  command
      .add_option(
          "--home", options->home, "The daemon's home; default $CFLASH_HOME or the account's own")
      ->type_name("DIR");
  command.footer("Examples:\n  cflash daemon " + name);
  cli.on(command, options, run);
  return options;
}

} // namespace

void add_daemon(Cli& cli) {
  CLI::App& group = cli.add("daemon", "Start, stop or look at this account's daemon");
  group.require_subcommand(1);
  group.footer("Examples:\n  cflash daemon status");
  const auto start = declare(cli, group, "start", "Start the daemon", run_daemon_start);
  CLI::App& start_command = *group.get_subcommand("start");
  start_command.add_option("--listen", start->listen, "Where to listen; default 127.0.0.1:8080")
      ->type_name("ADDR:PORT");
  start_command.add_option("--engine", start->engine, "Where functions run")
      ->type_name("ENGINE")
      ->check(CLI::IsMember({"local"}));
  declare(cli, group, "stop", "Stop the daemon and its functions", run_daemon_stop);
  const auto status = declare(
      cli, group, "status", "Tell whether it runs; exit 1 when it does not", run_daemon_status);
  group.get_subcommand("status")->add_flag("-j,--json", status->json, "Print JSON");
  const auto logs = declare(cli, group, "logs", "Show what the daemon wrote", run_daemon_logs);
  group.get_subcommand("logs")
      ->add_option("--tail", logs->lines, "How many lines")
      ->type_name("N")
      ->capture_default_str();
  group.get_subcommand("logs")->add_flag(
      "-f,--follow", logs->follow, "Go on with new lines as they come");
}

int run_daemon_start(const DaemonCommandOptions& options, Context& context) {
  const auto home = home_of(options);
  if (const auto daemon = find_daemon(home))
    throw Error(ErrorKind::conflict,
                fmt::format("a daemon runs already (pid {}, {})", daemon->pid, daemon->url),
                "stop it with: cflash daemon stop");
  const auto daemon =
      start_daemon({.home = home, .listen = options.listen, .engine = options.engine});
  context.out << fmt::format("Started cflashd (pid {}) at {}\n", daemon.pid, daemon.url);
  context.err << fmt::format(
      "Its home is {}. Next: cflash new NAME --lang TEMPLATE, then cflash up\n", home.string());
  return kExitOk;
}

int run_daemon_stop(const DaemonCommandOptions& options, Context& context) {
  const auto daemon = find_daemon(home_of(options));
  if (!daemon || !stop_daemon(home_of(options))) {
    context.err << "No daemon is running.\n";
    return kExitOk;
  }
  context.out << fmt::format("Stopped cflashd (pid {})\n", daemon->pid);
  return kExitOk;
}

int run_daemon_status(const DaemonCommandOptions& options, Context& context) {
  const auto home = home_of(options);
  const auto daemon = find_daemon(home);
  const auto answers = daemon && !daemon->url.empty() ? ask(*daemon, home) : DaemonAnswers{};
  if (options.json)
    print_json(daemon, answers, home, context);
  else if (daemon)
    print_text(*daemon, answers, home, context);
  else
    context.out << "Status: not running\n";
  if (!daemon && !options.json) context.err << "Start it with: cflash daemon start\n";
  return daemon ? kExitOk : kExitFailed;
}

int run_daemon_logs(const DaemonCommandOptions& options, Context& context) {
  const auto file = daemon_log(home_of(options));
  if (!fs::exists(file))
    throw Error(ErrorKind::not_found,
                fmt::format("there is no {}", file.string()),
                "the daemon was not started by cflash here");
  FileFollower follower(file, options.lines);
  const auto show = [&](std::string_view text) { context.out << text << std::flush; };
  follower.read_new(show);
  while (options.follow) {
    follower.wait();
    follower.read_new(show);
  }
  return kExitOk;
}

} // namespace cubeflash::cli
