// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/local_engine.hpp"

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"
#include "common/net/blocking.hpp"
#include "daemon/engine/local/adoption.hpp"
#include "daemon/engine/local/cgroup.hpp"
#include "daemon/engine/local/host.hpp"
#include "daemon/engine/local/instance.hpp"
#include "daemon/engine/local/leftovers.hpp"

#include <map>
#include <set>
#include <utility>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds kUndoLimit{5'000};

struct Started {
  Launched launched;
  InstanceRecord record;
};

void undo(const InstanceDirectory& directory, const InstanceRecord& record) {
  try {
    end_processes(directory, record, kUndoLimit);
    Cgroup(record.cgroups).remove();
    directory.remove();
  } catch (const Error& error) {
    log_error("undoing a start: {} instance={}", error.what(), record.id);
  }
}

// Blocking. The record is on disk before there is a process, and names the process right after:
// whenever this daemon is killed, the next one knows what to look for.
Started start_process(const InstanceSpec& spec,
                      const UnpackedImage& image,
                      const InstanceDirectory& directory,
                      InstanceRecord record,
                      ProcessLimits limits) {
  if (fs::exists(directory.path()))
    throw Error(ErrorKind::conflict, fmt::format("instance {} exists", spec.id));
  try {
    directory.create(record.uid);
    directory.write_record(record);
    Cgroup(record.cgroups).create({spec.memory_bytes, spec.cpu_millis, spec.max_processes});
    Launched launched = launch({spec, image, directory, record, limits});
    // A child that is not reaped keeps its entry, even when it has ended.
    if (const auto facts = process_facts(launched.process.pid())) record.process = facts->identity;
    directory.write_record(record);
    return {std::move(launched), std::move(record)};
  } catch (...) {
    undo(directory, record);
    throw;
  }
}

} // namespace

struct LocalEngine::State {
  State(ImageStore& store, LocalEngineOptions settings)
      : images(store), options(std::move(settings)), context(std::make_shared<InstanceContext>()) {
    options.home = fs::absolute(options.home).lexically_normal();
    context->control = options.control;
    context->workers = options.workers;
    context->start_timeout = options.start_timeout;
    context->adopt_timeout = options.adopt_timeout;
  }

  InstanceDirectory directory(const std::string& id) const {
    return InstanceDirectory(instances_directory(options.home) / id);
  }

  std::set<uid_t> used_uids() const {
    std::set<uid_t> used;
    for (const auto& [id, uid] : uids)
      used.insert(uid);
    return used;
  }

  void forget(const std::string& id) {
    instances.erase(id);
    uids.erase(id);
  }

  InstanceRecord record_for(const InstanceSpec& spec, std::optional<uid_t> uid) const {
    InstanceRecord record;
    record.id = spec.id;
    record.function = spec.function;
    record.revision = spec.revision;
    record.started = format_rfc3339(std::chrono::system_clock::now(), 3);
    record.boot_id = boot;
    record.isolation = host->isolation();
    record.uid = uid;
    record.cgroups = host->cgroups().directories_for(spec.id, spec.cpu_millis.has_value());
    record.memory_bytes = spec.memory_bytes;
    record.stop_grace = spec.stop_grace;
    return record;
  }

  ImageStore& images;
  LocalEngineOptions options;
  std::optional<Host> host; // absent before adopt()
  std::string boot;
  std::shared_ptr<InstanceContext> context;
  std::map<std::string, std::shared_ptr<Instance>> instances;
  std::map<std::string, uid_t> uids; // reserved, by instance
};

LocalEngine::LocalEngine(ImageStore& images, LocalEngineOptions options)
    : state_(std::make_shared<State>(images, std::move(options))) {
  state_->context->forget = [state = std::weak_ptr(state_)](const std::string& id) {
    if (const auto alive = state.lock()) alive->forget(id);
  };
}

LocalEngine::~LocalEngine() {
  release();
}

awaitable<std::vector<AdoptedInstance>> LocalEngine::adopt(InstanceObserver& observer) {
  return adopt_all(state_, observer);
}

awaitable<std::vector<AdoptedInstance>> LocalEngine::adopt_all(std::shared_ptr<State> state,
                                                               InstanceObserver& observer) {
  std::vector<FoundInstance> found = co_await run_blocking(state->options.workers, [&] {
    state->boot = boot_id();
    state->host = Host::prepare(state->options.home, state->options.allow_sandbox);
    return find_instances(state->options.home);
  });
  state->context->observer = &observer;
  std::vector<AdoptedInstance> adopted;
  for (auto& [directory, record, pidfd] : found) {
    const auto instance = std::make_shared<Instance>(state->context, directory, record);
    instance->adopt(std::move(pidfd));
    state->instances[record.id] = instance;
    if (record.uid) state->uids[record.id] = *record.uid;
    log_info("adopted instance={} pid={}", record.id, record.process.pid);
    if (!record.stop_requested) adopted.push_back({record.id, record.function, record.revision});
  }
  co_return adopted;
}

awaitable<void> LocalEngine::start(InstanceSpec spec) {
  return start_one(state_, std::move(spec));
}

awaitable<void> LocalEngine::start_one(std::shared_ptr<State> state, InstanceSpec spec) {
  const auto& context = state->context;
  if (!state->host || context->observer == nullptr)
    throw Error(ErrorKind::unavailable, "the local engine does not run");
  if (!is_dns_label(spec.id))
    throw Error(ErrorKind::invalid, fmt::format("instance id \"{}\" is not a DNS label", spec.id));
  if (state->instances.contains(spec.id))
    throw Error(ErrorKind::conflict, fmt::format("instance {} exists", spec.id));
  const auto directory = state->directory(spec.id);
  const auto instance = std::make_shared<Instance>(context, directory, state->record_for(spec, {}));
  state->instances[spec.id] = instance;
  std::optional<InstanceRecord> launched_record; // set once there is a process
  std::exception_ptr failure;
  try {
    const UnpackedImage image = co_await run_blocking(
        state->options.workers, [&] { return state->images.unpack(spec.image_digest); });
    const auto uid = state->host->choose_uid(image.root, state->used_uids());
    if (uid) state->uids[spec.id] = *uid;
    const ProcessLimits limits{.memory = !state->host->cgroups().has("memory"),
                               .processes = !state->host->cgroups().has("pids") && uid};
    Started started = co_await run_blocking(state->options.workers, [&] {
      return start_process(spec, image, directory, state->record_for(spec, uid), limits);
    });
    if (context->observer == nullptr) {
      started.launched.process.detach(); // released meanwhile: the next daemon adopts it
      co_return;
    }
    launched_record = started.record;
    instance->begin(std::move(started.launched), std::move(started.record), limits.memory);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  if (launched_record)
    co_await run_blocking(state->options.workers, [&] { undo(directory, *launched_record); });
  state->forget(spec.id);
  std::rethrow_exception(failure);
}

void LocalEngine::stop(const std::string& id) {
  // A copy: the instance may be forgotten meanwhile.
  if (const auto found = state_->instances.find(id); found != state_->instances.end())
    std::shared_ptr(found->second)->stop();
}

std::optional<Engine::Usage> LocalEngine::usage(const std::string& id) const {
  const auto found = state_->instances.find(id);
  return found == state_->instances.end() ? std::nullopt : found->second->usage();
}

void LocalEngine::release() {
  for (const auto& [id, instance] : state_->instances)
    instance->release();
  state_->context->observer = nullptr;
  state_->instances.clear();
}

} // namespace cubeflash::daemon
