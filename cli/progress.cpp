// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace cubeflash::cli {

namespace {

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

} // namespace

Progress::~Progress() {
  const std::scoped_lock lock(mutex_);
  erase();
  context_.err.flush();
}

void Progress::say(const std::string& line) {
  if (quiet_) return;
  const std::scoped_lock lock(mutex_);
  erase();
  context_.err << line << '\n';
  draw();
}

void Progress::show(std::size_t worker, const std::string& line) {
  if (quiet_) return;
  const std::scoped_lock lock(mutex_);
  if (!context_.err_is_terminal) {
    context_.err << line << '\n';
    context_.err.flush();
    return;
  }
  erase();
  live_[worker] = line;
  draw();
}

void Progress::clear(std::size_t worker) {
  const std::scoped_lock lock(mutex_);
  erase();
  live_.erase(worker);
  draw();
}

void Progress::erase() {
  if (drawn_ == 0) return;
  context_.err << "\x1b[" << drawn_ << "A\x1b[J"; // up, then clear to the end of the screen
  drawn_ = 0;
}

void Progress::draw() {
  if (context_.err_is_terminal) {
    const auto width = terminal_width() - 1; // a line that wraps could not be erased
    for (const auto& [worker, line] : live_)
      context_.err << line.substr(0, width) << '\n';
    drawn_ = live_.size();
  }
  context_.err.flush();
}

} // namespace cubeflash::cli
