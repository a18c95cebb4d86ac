// SPDX-License-Identifier: Apache-2.0
// The entrypoint of the test image: does what BEHAVE says, "NAME" or "NAME:NUMBER", and then
// becomes the watchdog unless it has ended. Static and free of our own libraries, so that it runs
// in every sandbox.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

[[noreturn]] void wait_for_ever() {
  for (;;)
    ::pause();
}

void report_ready() {
  const char* fd = std::getenv("CFLASH_READY_FD");
  if (fd != nullptr && ::write(std::atoi(fd), "\n", 1) != 1) std::perror("ready");
}

// Lines of 1000 bytes, break included.
void flood(long bytes) {
  std::string block;
  while (block.size() < 64000)
    block += std::string(999, 'x') + "\n";
  while (bytes > 0) {
    const auto n = ::write(
        1, block.data(), std::min<std::size_t>(block.size(), static_cast<std::size_t>(bytes)));
    if (n < 0 && errno != EINTR) ::_exit(9);
    if (n > 0) bytes -= n;
  }
}

void use_memory(std::size_t bytes) {
  for (std::size_t used = 0; used < bytes; used += 1 << 20) {
    auto* block = static_cast<char*>(std::malloc(1 << 20));
    if (block == nullptr) {
      std::fprintf(stderr, "no memory after %zu bytes\n", used);
      ::_exit(7);
    }
    std::memset(block, 1, 1 << 20);
  }
}

// Grandchildren in sessions of their own, deaf to SIGTERM.
void leave_children() {
  for (int i = 0; i < 3; ++i) {
    if (::fork() != 0) continue;
    ::setsid();
    if (::fork() != 0) ::_exit(0);
    ::signal(SIGTERM, SIG_IGN);
    wait_for_ever();
  }
}

void fork_many(long wanted) {
  long made = 0;
  for (; made < wanted; ++made) {
    const pid_t pid = ::fork();
    if (pid == 0) wait_for_ever();
    if (pid < 0) break;
  }
  std::printf("forked %ld\n", made);
  std::fflush(stdout);
}

std::string can_write(const std::string& directory) {
  const std::string file = directory + "/cflash-probe";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT, 0600);
  if (fd < 0) return std::strerror(errno);
  ::unlink(file.c_str());
  return "yes";
}

void list(const char* directory) {
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failure))
    std::printf("entry %s\n", entry.path().c_str());
  if (failure) std::printf("unlisted %s: %s\n", directory, failure.message().c_str());
}

void list_descriptors() {
  for (int fd = 0; fd < 1024; ++fd) {
    std::error_code none;
    const auto target = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), none);
    if (!none) std::printf("descriptor %d %s\n", fd, target.c_str());
  }
}

// What an instance can see and do, as lines.
void inspect() {
  list_descriptors();
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Cap") || line.starts_with("NoNewPrivs") || line.starts_with("NSpid"))
      std::printf("%s\n", line.c_str());
  for (const char* directory : {"/", "/root", "/home", "/run/cubeflash"})
    list(directory);
  for (const char* directory :
       {"/", "/home/app", "/cubeflash", "/usr", "/etc", "/tmp", "/run/cubeflash"})
    std::printf("write %s: %s\n", directory, can_write(directory).c_str());
  for (const char* file : {"/etc/shadow", "/proc/1/environ"}) {
    const int fd = ::open(file, O_RDONLY);
    std::printf("read %s: %s\n", file, fd < 0 ? std::strerror(errno) : "yes");
  }
  std::printf("pid %d uid %d\n", static_cast<int>(::getpid()), static_cast<int>(::getuid()));
  std::fflush(stdout);
}

void become_watchdog(char** argv) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto watchdog = self.parent_path().parent_path().parent_path() / "cubeflash" / "watchdog";
  ::execv(watchdog.c_str(), argv);
  std::perror(watchdog.c_str());
  ::_exit(8);
}

} // namespace

int main(int, char** argv) {
  const char* given = std::getenv("BEHAVE");
  const std::string text = given == nullptr ? "" : given;
  const std::string what = text.substr(0, text.find(':'));
  const long number = text.size() > what.size() ? std::atol(text.c_str() + what.size() + 1) : 0;
  if (what == "crash") {
    std::fprintf(stderr, "about to fail\n");
    return static_cast<int>(number);
  }
  if (what == "die") ::raise(static_cast<int>(number));
  if (what == "silent") wait_for_ever();
  if (what == "close-ready") {
    ::close(3);
    wait_for_ever();
  }
  if (what == "ignore-term") {
    ::signal(SIGTERM, SIG_IGN);
    report_ready();
    wait_for_ever();
  }
  if (what == "memory") use_memory(static_cast<std::size_t>(number));
  if (what == "children") leave_children();
  if (what == "forks") {
    fork_many(number);
    report_ready();
    wait_for_ever();
  }
  if (what == "inspect") {
    inspect();
    return 0;
  }
  if (what == "flood" && ::fork() == 0) {
    flood(number);
    ::_exit(0);
  }
  become_watchdog(argv);
}
