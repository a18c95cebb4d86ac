// SPDX-License-Identifier: Apache-2.0
#include "daemon/logs/log_store.hpp"

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"
#include "daemon/logs/log_file.hpp"
#include "daemon/logs/log_follower.hpp"
#include "daemon/logs/reverse_lines.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <list>
#include <set>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kOpenFiles = 64;
constexpr std::string_view kSuffix = ".log";

// Lines come in the order in which the daemon got them; several instances' clocks readings may
// cross a little.
constexpr std::chrono::seconds kDisorder{60};

// Guards every path made of a name.
bool is_safe(const FunctionName& function) {
  return is_dns_label(function.name) && is_dns_label(function.space);
}

std::optional<std::time_t> changed(const fs::path& file) {
  struct stat status {};

  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return status.st_mtime;
}

std::vector<fs::path> entries_of(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code failure;
  for (auto at = fs::directory_iterator(directory, failure);
       !failure && at != fs::directory_iterator();
       at.increment(failure))
    entries.push_back(at->path());
  return entries;
}

} // namespace

struct LogStore::State {
  struct OpenFile {
    LogFile file;
    std::list<FunctionName>::iterator use; // position in `recent`
  };

  fs::path directory;
  LogLimits limits;
  std::list<FunctionName> recent; // most recently written first
  std::map<FunctionName, OpenFile> open;
  std::map<FunctionName, std::vector<std::weak_ptr<FollowerQueue>>> followers;
  std::uint64_t lost = 0; // since writing began to fail

  fs::path file_of(const FunctionName& function) const {
    return directory / function.space / fmt::format("{}{}", function.name, kSuffix);
  }

  LogFile& file(const FunctionName& function);
  void close(const FunctionName& function);
  void write(const LogLine& line);
  void publish(const LogLine& line);
};

LogFile& LogStore::State::file(const FunctionName& function) {
  if (const auto found = open.find(function); found != open.end()) {
    recent.splice(recent.begin(), recent, found->second.use);
    return found->second.file;
  }
  if (open.size() >= kOpenFiles) close(FunctionName(recent.back()));
  const auto path = file_of(function);
  if (::mkdir(path.parent_path().c_str(), 0700) != 0 && errno != EEXIST)
    throw SystemError(errno, "creating {}", path.parent_path().string());
  LogFile opened(path);
  recent.push_front(function);
  return open.emplace(function, OpenFile{std::move(opened), recent.begin()}).first->second.file;
}

void LogStore::State::close(const FunctionName& function) {
  const auto found = open.find(function);
  if (found == open.end()) return;
  recent.erase(found->second.use);
  open.erase(found);
}

void LogStore::State::write(const LogLine& line) {
  try {
    file(line.function).append(log_file_line(line), limits.max_file_bytes);
    if (lost > 0) log_warning("functions' output is kept again lost_lines={}", lost);
    lost = 0;
  } catch (const std::exception& error) {
    if (lost++ == 0) log_error("functions' output is being lost reason=\"{}\"", error.what());
    close(line.function); // a file in a doubtful state is opened anew
  }
}

void LogStore::State::publish(const LogLine& line) {
  const auto found = followers.find(line.function);
  if (found == followers.end()) return;
  std::vector<std::function<void()>> wakes;
  std::erase_if(found->second, [&](const std::weak_ptr<FollowerQueue>& weak) {
    const auto queue = weak.lock();
    if (!queue) return true;
    if (auto wake = queue->push(line)) wakes.push_back(std::move(wake));
    return false;
  });
  if (found->second.empty()) followers.erase(found);
  // Last, for a reader may end this or another subscription; and apart, for one that fails is not
  // the others' matter.
  for (const auto& wake : wakes) {
    try {
      wake();
    } catch (const std::exception& error) {
      log_error("a follower of logs failed reason=\"{}\"", error.what());
    }
  }
}

LogStore::LogStore(fs::path directory, LogLimits limits) : state_(std::make_unique<State>()) {
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure) throw SystemError(failure.value(), "creating {}", directory.string());
  // Functions print what they like: for the daemon's account only.
  if (::chmod(directory.c_str(), 0700) != 0)
    throw SystemError(errno, "opening {}", directory.string());
  state_->directory = std::move(directory);
  state_->limits = limits;
}

LogStore::~LogStore() = default;

void LogStore::append(const FunctionName& function,
                      const std::string& instance,
                      std::chrono::system_clock::time_point when,
                      std::string_view text) {
  try {
    if (!is_safe(function)) {
      log_error("output of a function with an impossible name is dropped name=\"{}\"",
                function.full());
      return;
    }
    const LogLine line{function, instance, format_rfc3339(when, 9), std::string(text)};
    state_->write(line);
    state_->publish(line);
  } catch (const std::exception& error) {
    log_error("a line of output could not be handed on reason=\"{}\"", error.what());
  }
}

std::vector<LogLine> LogStore::read(const FunctionName& function, const LogFilter& filter) const {
  std::vector<LogLine> newest_first;
  if (!is_safe(function)) return newest_first;
  const auto since = filter.since ? format_rfc3339(*filter.since, 9) : std::string();
  const auto stop_at = filter.since ? format_rfc3339(*filter.since - kDisorder, 9) : std::string();
  const auto current = state_->file_of(function);
  for (const auto& file : {current, rotated(current)}) {
    ReverseLines lines(file);
    while (!filter.tail || newest_first.size() < *filter.tail) {
      const auto text = lines.next();
      if (!text) break;
      auto line = parse_log_file_line(function, *text);
      if (!line) continue; // damaged, by a crash or by hand
      if (line->timestamp < stop_at) break;
      if (line->timestamp < since ||
          (!filter.instance.empty() && line->instance != filter.instance))
        continue;
      newest_first.push_back(std::move(*line));
    }
  }
  std::reverse(newest_first.begin(), newest_first.end());
  return newest_first;
}

std::unique_ptr<LogFollower> LogStore::follow(const FunctionName& function,
                                              const std::string& instance) {
  auto queue = std::make_shared<FollowerQueue>(
      instance, std::max<std::size_t>(1, state_->limits.max_follower_lines));
  auto& followers = state_->followers[function];
  std::erase_if(followers, [](const auto& weak) { return weak.expired(); });
  followers.push_back(queue);
  return std::make_unique<QueueFollower>(std::move(queue));
}

void LogStore::collect_garbage(const std::function<bool(const FunctionName&)>& keep,
                               std::chrono::seconds age) {
  const auto oldest = std::time(nullptr) - age.count();
  for (const auto& space : entries_of(state_->directory)) {
    std::set<std::string> names;
    for (const auto& file : entries_of(space)) {
      const auto name = file.filename().string();
      if (name.find(kSuffix) != std::string::npos) names.insert(name.substr(0, name.find('.')));
    }
    for (const auto& name : names) {
      const FunctionName function{name, space.filename().string()};
      if (!is_safe(function) || keep(function)) continue;
      const auto current = state_->file_of(function);
      if (std::max(changed(current).value_or(0), changed(rotated(current)).value_or(0)) > oldest)
        continue;
      state_->close(function);
      ::unlink(current.c_str());
      ::unlink(rotated(current).c_str());
    }
    ::rmdir(space.c_str()); // goes only when it is empty
  }
}

} // namespace cubeflash::daemon
