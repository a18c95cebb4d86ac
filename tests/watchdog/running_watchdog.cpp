// SPDX-License-Identifier: Apache-2.0
#include "tests/watchdog/running_watchdog.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <iterator>
#include <thread>

namespace cubeflash::test {

namespace fs = std::filesystem;

namespace {

std::string read_proc(pid_t pid, const std::string& name) {
  return read_file(fmt::format("/proc/{}/{}", pid, name));
}

} // namespace

RunningWatchdog::RunningWatchdog(const std::string& fprocess, Environment environment, bool tcp)
    : directory_(fs::temp_directory_path()), tcp_(tcp) {
  Command command;
  command.program = watchdog_program();
  environment.push_back("fprocess=" + fprocess);
  environment.push_back("PATH=/usr/bin:/bin");
  environment.push_back("TMPDIR={dir}");
  environment.push_back("CFLASH_READY_FD=3");
  environment.push_back(tcp ? "port=0" : "CFLASH_LISTEN=unix:{dir}/socket");
  // The last ones are defaults: getenv(3) takes the first.
  for (auto& entry : environment)
    for (auto at = entry.find("{dir}"); at != std::string::npos; at = entry.find("{dir}"))
      entry.replace(at, 5, directory().string());
  command.env = std::move(environment);
  Pipe ready = Pipe::create();
  const Fd log = open_file(file("log"), O_WRONLY | O_CREAT | O_APPEND);
  const Fd out = open_file(file("out"), O_WRONLY | O_CREAT | O_APPEND);
  process_ = spawn(command, Stdio{-1, out.get(), log.get(), {{ready.write.get(), 3}}});
  ready.write.reset();
  pollfd wait{ready.read.get(), POLLIN, 0};
  char byte = 0;
  ready_ = ::poll(&wait, 1, 30'000) == 1 && ::read(ready.read.get(), &byte, 1) == 1 && byte == '\n';
}

HttpClient RunningWatchdog::connect() const {
  if (!tcp_) return HttpClient(file("socket"));
  const auto text = log();
  constexpr std::string_view kMark = "Listening on port: ";
  const auto at = text.find(kMark) + kMark.size();
  return HttpClient(
      parse_integer<std::uint16_t>(text.substr(at, text.find('\n', at) - at)).value());
}

Reply RunningWatchdog::exchange(std::string_view bytes) const {
  return connect().exchange(bytes);
}

std::string RunningWatchdog::log() const {
  return read_file(file("log"));
}

std::string RunningWatchdog::output() const {
  return read_file(file("out"));
}

void RunningWatchdog::signal(int number) const {
  ::kill(process_.pid(), number);
}

std::optional<ExitStatus> RunningWatchdog::wait(milliseconds timeout) {
  return process_.wait_for(timeout);
}

std::string watchdog_program() {
  if (const auto program = environment_variable("CFLASH_WATCHDOG_BIN")) return *program;
  const auto bin = environment_variable("CFLASH_BIN");
  return (bin ? fs::path(*bin) : executable_directory()) / "cflash-watchdog";
}

std::string ugly(const std::string& arguments) {
  const auto program = environment_variable("CFLASH_TEST_HANDLER");
  return program.value_or((executable_directory() / "test_watchdog_handler").string()) + " " +
         arguments;
}

bool wait_until(const std::function<bool()>& condition, milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

pid_t read_pid(const std::string& path) {
  if (!wait_until([&] { return fs::exists(path); }))
    throw Error(ErrorKind::timeout, "no pid in " + path);
  return parse_integer<pid_t>(trim(read_file(path))).value();
}

bool is_gone(pid_t pid) {
  return ::kill(pid, 0) != 0 && errno == ESRCH;
}

long status_kib(pid_t pid, std::string_view field) {
  for (const auto& line : split(read_proc(pid, "status"), '\n')) {
    if (!line.starts_with(std::string(field) + ":")) continue;
    const auto value = trim(std::string_view(line).substr(field.size() + 1));
    return parse_integer<long>(value.substr(0, value.find(' '))).value();
  }
  throw Error(ErrorKind::not_found, "no such field in /proc/pid/status");
}

std::size_t count_open_files(pid_t pid) {
  const fs::directory_iterator files(fmt::format("/proc/{}/fd", pid));
  return static_cast<std::size_t>(std::distance(fs::begin(files), fs::end(files)));
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  for (const auto& word : split(read_proc(pid, fmt::format("task/{}/children", pid)), ' '))
    if (const auto child = parse_integer<pid_t>(trim(word))) children.push_back(*child);
  return children;
}

bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

} // namespace cubeflash::test
