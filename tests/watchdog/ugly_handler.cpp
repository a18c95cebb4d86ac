// SPDX-License-Identifier: Apache-2.0
// A handler for the watchdog's tests: does one thing that handlers must not do, and leaves its pid
// in a file.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void write_pid(const char* path) {
  const std::string partial = std::string(path) + ".part";
  if (std::FILE* file = std::fopen(partial.c_str(), "we")) {
    std::fprintf(file, "%d\n", static_cast<int>(::getpid()));
    std::fclose(file);
    std::rename(partial.c_str(), path);
  }
}

void say(std::string_view text, int fd = 1) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n <= 0) std::exit(9);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void sleep_for_ever() {
  for (;;)
    ::pause();
}

void flood(std::uint64_t bytes) {
  const std::string block(65536, 'x');
  while (bytes > 0) {
    const auto n = bytes < block.size() ? bytes : block.size();
    say(std::string_view(block).substr(0, n));
    bytes -= n;
  }
}

// Length and FNV-1a of stdin.
void digest() {
  static unsigned char buffer[65536];
  std::uint64_t hash = 14695981039346656037ULL;
  std::uint64_t size = 0;
  ssize_t n = 0;
  while ((n = ::read(0, buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < n; ++i)
      hash = (hash ^ buffer[i]) * 1099511628211ULL;
    size += static_cast<std::uint64_t>(n);
  }
  say(std::to_string(size) + " " + std::to_string(hash));
}

// Leaves a process behind that holds stdout; `leave_group` makes it a daemon.
void leave_behind(const char* pid_file, bool leave_group) {
  if (::fork() == 0) {
    if (leave_group) {
      ::setsid();
      if (::fork() != 0) ::_exit(0);
    }
    write_pid(pid_file);
    sleep_for_ever();
  }
  while (::access(pid_file, F_OK) != 0)
    ::usleep(1000);
  say("parent done");
}

} // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  const char* argument = argc > 2 ? argv[2] : "";
  if (what == "flood") flood(std::strtoull(argument, nullptr, 10));
  if (what == "digest") digest();
  if (what == "say") say(argument);
  if (what == "fail") {
    say(argument);
    return argc > 3 ? std::atoi(argv[3]) : 1;
  }
  if (what == "die") ::raise(std::atoi(argument));
  if (what == "close-output") {
    ::close(1);
    ::close(2);
    ::usleep(300'000);
  }
  if (what == "close-input") {
    ::close(0);
    ::usleep(300'000);
    say("closed my input");
  }
  if (what == "long-error") {
    say(std::string(std::strtoull(argument, nullptr, 10), 'e') + "\nshort\nlast", 2);
    say("ok");
  }
  if (what == "sleep") {
    write_pid(argument);
    ::usleep(static_cast<useconds_t>(std::atoi(argc > 3 ? argv[3] : "0")) * 1000);
    say("slept");
  }
  if (what == "stubborn") {
    ::signal(SIGTERM, SIG_IGN);
    write_pid(argument);
    sleep_for_ever();
  }
  if (what == "leave-child") leave_behind(argument, false);
  if (what == "leave-daemon") leave_behind(argument, true);
  return 0;
}
