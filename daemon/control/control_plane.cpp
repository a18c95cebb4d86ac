// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/control_plane.hpp"

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/base/time.hpp"
#include "common/net/blocking.hpp"
#include "daemon/control/launch.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace cubeflash::daemon {

namespace {

using Clock = BackOff::Clock;

// Between taking an instance out of the routes and asking whether calls still run on it: every
// data-plane thread has swapped its snapshot by then.
constexpr milliseconds kDrainPoll{20};

[[noreturn]] void unknown(const FunctionName& name) {
  throw Error(ErrorKind::not_found, fmt::format("function {} does not exist", name.brief()));
}

} // namespace

ControlPlane::ControlPlane(ControlParts parts)
    : parts_(std::move(parts)),
      collector_(parts_.images, parts_.control, parts_.pool, [this] { return used_images(); }),
      tasks_(parts_.control) {}

awaitable<void> ControlPlane::start() {
  auto records = co_await run_blocking(parts_.store_pool, [&] { return parts_.store.load(); });
  for (auto& record : records)
    add(std::move(record));
  co_await adopt();
  for (auto& [name, entry] : entries_) {
    refresh_routes(entry);
    reconcile(name);
  }
  tasks_.start(collector_.collect(), "collecting unused images");
}

awaitable<void> ControlPlane::adopt() {
  const auto adopted = co_await parts_.engine.adopt(*this);
  for (const auto& instance : adopted) {
    const auto found = entries_.find(instance.function);
    if (found == entries_.end()) {
      parts_.engine.stop(instance.id);
      continue;
    }
    const auto& record = found->second.function.record;
    owners_[instance.id] = instance.function;
    FunctionInstance& known = found->second.function.instances[instance.id];
    known.revision = instance.revision;
    if (instance.revision == record.revision) known.image_digest = record.image_digest;
  }
  if (!adopted.empty()) log_info("took over {} running instance(s)", adopted.size());
}

void ControlPlane::add(FunctionRecord record) {
  const FunctionName name = record.spec.name;
  Entry& entry = entries_[name];
  // A name that was removed and is deployed again while its last instances end keeps its entry.
  if (!entry.function.queue) {
    entry.function.queue = parts_.make_queue();
    entry.function.stats = std::make_shared<FunctionStats>(parts_.data_threads);
    entry.retry = std::make_unique<asio::steady_timer>(parts_.control);
  }
  entry.removed = false;
  entry.function.record = std::move(record);
  entry.function.back_off.reset();
  entry.function.problem.clear();
  entry.function.restarts = 0;
}

awaitable<std::string> ControlPlane::image_digest(const FunctionSpec& spec) {
  const auto reference = ImageReference::parse(spec.image);
  const auto digest =
      co_await run_blocking(parts_.pool, [&] { return parts_.images.resolve(reference); });
  if (!digest)
    throw Error(ErrorKind::invalid,
                fmt::format("image {} is not here", reference.text()),
                "build and push it with: cflash up");
  co_return *digest;
}

awaitable<void> ControlPlane::deploy_new(FunctionSpec spec) {
  validate(spec);
  const auto replicas = initial_replicas(spec);
  co_await collector_.wait_idle();
  const ImageCollector::Hold hold(collector_);
  const auto digest = co_await image_digest(spec);
  auto record = co_await run_blocking(parts_.store_pool,
                                      [&] { return parts_.store.create(spec, digest, replicas); });
  add(std::move(record));
  refresh_routes(entries_.at(spec.name));
  reconcile(spec.name);
  log_info("deployed {} image={} digest={}", spec.name.full(), spec.image, digest);
}

awaitable<void> ControlPlane::deploy_update(FunctionSpec spec) {
  if (find(spec.name) == nullptr) unknown(spec.name);
  validate(spec);
  const auto replicas = initial_replicas(spec);
  co_await collector_.wait_idle();
  const ImageCollector::Hold hold(collector_);
  const auto digest = co_await image_digest(spec);
  if (const Entry* entry = find(spec.name)) {
    const auto& record = entry->function.record;
    // Nothing changed: what runs is what is wanted. A function that keeps failing gets its retry at
    // once.
    if (record.spec == spec && record.image_digest == digest && record.replicas >= replicas &&
        entry->function.problem.empty())
      co_return;
  }
  auto record = co_await run_blocking(parts_.store_pool,
                                      [&] { return parts_.store.update(spec, digest, replicas); });
  log_info("updated {} revision={} digest={}", spec.name.full(), record.revision, digest);
  add(std::move(record));
  refresh_routes(entries_.at(spec.name));
  reconcile(spec.name);
}

awaitable<void> ControlPlane::remove(FunctionName name) {
  if (find(name) == nullptr) unknown(name);
  co_await run_blocking(parts_.store_pool, [&] { parts_.store.remove(name); });
  const auto found = entries_.find(name);
  if (found == entries_.end()) co_return;
  Entry& entry = found->second;
  entry.removed = true;
  entry.function.record.replicas = 0;
  entry.retry->cancel();
  refresh_routes(entry);
  reconcile(name);
  log_info("removed {}", name.full());
}

awaitable<void> ControlPlane::scale(FunctionName name, std::uint64_t replicas) {
  if (find(name) == nullptr) unknown(name);
  if (replicas > kMaxReplicas)
    throw Error(ErrorKind::invalid, fmt::format("replicas must be from 0 to {}", kMaxReplicas));
  co_await run_blocking(parts_.store_pool, [&] { parts_.store.set_replicas(name, replicas); });
  const auto found = entries_.find(name);
  if (found == entries_.end() || found->second.removed) co_return;
  found->second.function.record.replicas = replicas;
  refresh_routes(found->second);
  reconcile(name);
  log_info("scaled {} to {}", name.full(), replicas);
}

void ControlPlane::reconcile(const FunctionName& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  Function& function = entry.function;
  if (entry.removed && function.instances.empty()) {
    entries_.erase(found);
    tasks_.start(collector_.collect(), "collecting unused images");
    return;
  }
  const Plan plan = function.plan(Clock::now());
  for (const auto& id : plan.stop)
    begin_stop(entry, id);
  if (stopping_) return;
  for (std::size_t i = 0; i < plan.start; ++i) {
    InstanceSpec spec = instance_spec(function.record);
    FunctionInstance& instance = function.instances[spec.id];
    instance.revision = spec.revision;
    instance.image_digest = spec.image_digest;
    instance.start_pending = true;
    owners_[spec.id] = name;
    std::string id = spec.id;
    tasks_.start(start_instance(name, std::move(id), std::move(spec)),
                 "starting an instance of " + name.full());
  }
}

awaitable<void> ControlPlane::start_instance(FunctionName name, std::string id, InstanceSpec spec) {
  std::string failure;
  try {
    co_await parts_.engine.start(std::move(spec));
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (!failure.empty()) {
    on_exit(id, failure);
    co_return;
  }
  const auto found = entries_.find(name);
  if (found == entries_.end()) co_return;
  const auto instance = found->second.function.instances.find(id);
  if (instance == found->second.function.instances.end()) co_return; // it has ended already
  instance->second.start_pending = false;
  if (instance->second.phase == Phase::stopping) parts_.engine.stop(id);
}

void ControlPlane::begin_stop(Entry& entry, const std::string& id) {
  FunctionInstance& instance = entry.function.instances.at(id);
  const auto backend = std::exchange(instance.backend, nullptr);
  const bool was_ready = instance.phase == Phase::ready;
  instance.phase = Phase::stopping;
  if (was_ready) {
    refresh_routes(entry);
    tasks_.start(retire(entry.function.name(), id, backend), "retiring " + id);
  } else if (!instance.start_pending) {
    parts_.engine.stop(id);
  }
}

awaitable<void>
ControlPlane::retire(FunctionName name, std::string id, std::shared_ptr<Backend> backend) {
  const auto found = entries_.find(name);
  const auto limit =
      found == entries_.end() ? kDefaultTimeout : call_timeout(found->second.function.record.spec);
  const auto deadline = Clock::now() + limit;
  asio::steady_timer timer(parts_.control);
  do {
    timer.expires_after(kDrainPoll);
    co_await timer.async_wait(as_tuple);
  } while (backend->in_flight.load() > 0 && Clock::now() < deadline);
  parts_.engine.stop(id);
}

void ControlPlane::on_ready(const std::string& id, const Endpoint& endpoint) {
  const auto owner = owners_.find(id);
  if (owner == owners_.end()) {
    parts_.engine.stop(id); // adopted, but its function is gone
    return;
  }
  Entry& entry = entries_.at(owner->second);
  FunctionInstance& instance = entry.function.instances.at(id);
  if (instance.phase != Phase::starting) return;
  instance.phase = Phase::ready;
  instance.ready_since = Clock::now();
  instance.backend = std::make_shared<Backend>();
  instance.backend->instance = id;
  instance.backend->endpoint = endpoint;
  if (instance.revision == entry.function.record.revision) entry.function.problem.clear();
  refresh_routes(entry);
  reconcile(owner->second);
}

void ControlPlane::on_exit(const std::string& id, const std::string& reason) {
  const auto owner = owners_.find(id);
  if (owner == owners_.end()) return;
  const FunctionName name = owner->second;
  owners_.erase(owner);
  Entry& entry = entries_.at(name);
  Function& function = entry.function;
  const FunctionInstance ended = std::move(function.instances.at(id));
  function.instances.erase(id);
  if (ended.phase != Phase::stopping && !stopping_) {
    const auto now = Clock::now();
    const auto served = ended.phase == Phase::ready
                            ? std::chrono::duration_cast<milliseconds>(now - ended.ready_since)
                            : milliseconds(0);
    if (ended.revision == function.record.revision) {
      const auto wait = function.back_off.failed(now, served);
      function.problem = reason;
      ++function.restarts;
      tasks_.start(retry_later(name), "restarting " + name.full());
      note(name,
           id,
           fmt::format("instance ended: {}; restarting in {}", reason, format_duration(wait)));
    } else {
      note(name, id, fmt::format("instance of an old revision ended: {}", reason));
    }
  }
  refresh_routes(entry);
  reconcile(name);
}

awaitable<void> ControlPlane::retry_later(FunctionName name) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) co_return;
  asio::steady_timer& timer = *found->second.retry;
  timer.expires_at(found->second.function.back_off
                       .retry_at()); // ends an earlier wait: that task finds nothing to do
  const auto [ec] = co_await timer.async_wait(as_tuple);
  if (!ec) reconcile(name);
}

void ControlPlane::on_log(const std::string& id,
                          const FunctionName& function,
                          std::chrono::system_clock::time_point when,
                          std::string_view text) {
  parts_.logs.append(function, id, when, text);
}

void ControlPlane::note(const FunctionName& name, const std::string& id, const std::string& text) {
  log_warning("{} {}: {}", name.full(), id, text);
  parts_.logs.append(name, id, std::chrono::system_clock::now(), text);
}

void ControlPlane::refresh_routes(Entry& entry) {
  entry.route = entry.removed ? nullptr : entry.function.route();
  publish_soon();
}

// Many changes in one turn of the loop make one snapshot.
void ControlPlane::publish_soon() {
  if (std::exchange(publishing_, true)) return;
  asio::post(parts_.control, [this] {
    publishing_ = false;
    auto table = std::make_shared<RouteTable>();
    for (const auto& [name, entry] : entries_) {
      if (!entry.route) continue;
      table->routes.emplace(name.full(), entry.route);
      if (name.space == kDefaultNamespace) table->routes.emplace(name.name, entry.route);
    }
    parts_.publish(std::move(table));
  });
}

const ControlPlane::Entry* ControlPlane::find(const FunctionName& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() || found->second.removed ? nullptr : &found->second;
}

std::vector<FunctionStatus> ControlPlane::list(const std::string& space) const {
  std::vector<FunctionStatus> all;
  for (const auto& [name, entry] : entries_)
    if (!entry.removed && name.space == space) all.push_back(entry.function.status(Clock::now()));
  return all;
}

std::optional<FunctionStatus> ControlPlane::status(const FunctionName& name) const {
  const Entry* entry = find(name);
  return entry == nullptr ? std::nullopt : std::optional(entry->function.status(Clock::now()));
}

std::optional<Engine::Usage> ControlPlane::usage(const FunctionName& name) const {
  const Entry* entry = find(name);
  if (entry == nullptr) return std::nullopt;
  Engine::Usage sum;
  for (const auto& [id, instance] : entry->function.instances) {
    const auto one = parts_.engine.usage(id);
    if (!one) continue;
    sum.memory_bytes += one->memory_bytes;
    sum.cpu += one->cpu;
  }
  return sum;
}

std::set<std::string> ControlPlane::used_images() const {
  std::set<std::string> used;
  for (const auto& [name, entry] : entries_) {
    if (!entry.removed) used.insert(entry.function.record.image_digest);
    for (const auto& [id, instance] : entry.function.instances)
      used.insert(instance.image_digest);
  }
  return used;
}

awaitable<void> ControlPlane::stop_all() {
  stopping_ = true;
  for (auto& [name, entry] : entries_) {
    entry.retry->cancel();
    std::vector<std::string> ids;
    for (const auto& [id, instance] : entry.function.instances)
      if (instance.phase != Phase::stopping) ids.push_back(id);
    for (const auto& id : ids)
      begin_stop(entry, id);
  }
  asio::steady_timer timer(parts_.control);
  while (!owners_.empty()) {
    timer.expires_after(kDrainPoll);
    co_await timer.async_wait(as_tuple);
  }
}

} // namespace cubeflash::daemon
