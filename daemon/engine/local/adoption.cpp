// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/adoption.hpp"

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "daemon/engine/local/cgroup.hpp"
#include "daemon/engine/local/leftovers.hpp"

#include <set>
#include <string>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds kEndLimit{5'000};

// What is known of an instance without a record.
InstanceRecord unknown_instance(const InstanceDirectory& directory) {
  InstanceRecord record;
  record.id = directory.path().filename().string();
  return record;
}

void clear(const InstanceDirectory& directory, const InstanceRecord& record) {
  if (!end_unrecorded(directory, record, kEndLimit)) {
    log_error("processes of a former instance do not end instance={}", record.id);
    return;
  }
  if (!Cgroup(record.cgroups).remove())
    log_warning("a cgroup of a former instance stays behind instance={}", record.id);
  try {
    directory.remove();
    log_info("cleared a former instance instance={}", record.id);
  } catch (const Error& error) {
    log_error("{}", error.what());
  }
}

// "x" of "<instances>/x" or "<instances>/x/...", else "".
std::string instance_of_path(const std::string& path, const std::string& instances) {
  if (!path.starts_with(instances + "/")) return {};
  return path.substr(instances.size() + 1,
                     path.find('/', instances.size() + 1) - instances.size() - 1);
}

// Ids that the arguments of running processes name, as bubblewrap's and plain watchdogs' do.
std::set<std::string> named_by_processes(const fs::path& home) {
  const auto instances = instances_directory(home).string();
  const std::string plain = "cflash-watchdog:";
  std::set<std::string> ids;
  for (const pid_t pid : all_processes()) {
    const auto arguments = process_arguments(pid);
    if (arguments.empty()) continue;
    if (arguments[0].starts_with(plain))
      ids.insert(instance_of_path(arguments[0].substr(plain.size()), instances));
    else if (fs::path(arguments[0]).filename() == "bwrap")
      for (const auto& argument : arguments)
        ids.insert(instance_of_path(argument, instances));
  }
  ids.erase("");
  return ids;
}

} // namespace

std::vector<FoundInstance> find_instances(const fs::path& home) {
  const auto boot = boot_id();
  std::vector<FoundInstance> found;
  std::set<std::string> known;
  for (const auto& directory : list_instance_directories(home)) {
    auto record = directory.read_record();
    Fd pidfd = record && record->boot_id == boot ? open_process(record->process) : Fd();
    if (pidfd) {
      known.insert(record->id);
      found.push_back({directory, std::move(*record), std::move(pidfd)});
      continue;
    }
    if (!record) record = unknown_instance(directory);
    // Numbers of before a boot mean nothing now.
    if (record->boot_id != boot) {
      record->process = {};
      record->uid.reset();
    }
    clear(directory, *record);
  }
  for (const auto& id : named_by_processes(home)) {
    const InstanceDirectory directory(instances_directory(home) / id);
    if (!known.contains(id)) clear(directory, unknown_instance(directory));
  }
  return found;
}

} // namespace cubeflash::daemon
