// SPDX-License-Identifier: Apache-2.0
// What should run, made so: keeps the functions, starts, replaces and stops their instances, and
// tells the data plane. Everything happens on the control thread. It refuses to know HTTP and
// engines' ways.
#pragma once

#include "common/net/task_group.hpp"
#include "daemon/control/function.hpp"
#include "daemon/control/image_collector.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/images/image_store.hpp"
#include "daemon/logs/log_store.hpp"
#include "daemon/store/function_store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::daemon {

// What the control plane works with; all of it outlives the control plane.
struct ControlParts {
  Engine& engine;
  FunctionStore& store;
  ImageStore& images;
  LogStore& logs;
  asio::any_io_executor control;
  asio::any_io_executor store_pool; // one thread: SQLite's writer
  asio::any_io_executor pool;       // other blocking work
  unsigned data_threads = 1;
  std::function<void(std::shared_ptr<const RouteTable>)> publish;
  std::function<std::shared_ptr<WaitQueue>()> make_queue;
};

class ControlPlane final : public InstanceObserver {
 public:
  explicit ControlPlane(ControlParts parts);

  // Loads the state, takes over what still runs, starts what is missing.
  awaitable<void> start();

  // Durable once they return; instances follow. deploy_new throws Error(conflict) for a known name,
  // deploy_update Error(not_found) for an unknown one; both Error(not_found) when the image was
  // never pushed.
  awaitable<void> deploy_new(FunctionSpec spec);
  awaitable<void> deploy_update(FunctionSpec spec);
  awaitable<void> remove(FunctionName name);
  awaitable<void> scale(FunctionName name, std::uint64_t replicas);

  std::vector<FunctionStatus> list(const std::string& space) const;
  std::optional<FunctionStatus> status(const FunctionName& name) const;
  std::optional<Engine::Usage> usage(const FunctionName& name) const;

  // Stops every instance and starts no more. Returns when all are gone; the engine's own deadlines
  // bound it.
  awaitable<void> stop_all();

  void on_ready(const std::string& id, const Endpoint& endpoint) override;
  void on_exit(const std::string& id, const std::string& reason) override;
  void on_log(const std::string& id,
              const FunctionName& function,
              std::chrono::system_clock::time_point when,
              std::string_view text) override;

 private:
  // A function that is removed lives on here until its last instance has ended.
  struct Entry {
    Function function;
    bool removed = false;
    std::shared_ptr<const Route> route;
    std::unique_ptr<asio::steady_timer> retry;
  };

  using Entries = std::map<FunctionName, Entry>;

  void add(FunctionRecord record);
  awaitable<std::string> image_digest(const FunctionSpec& spec);
  awaitable<void> adopt();
  awaitable<void> start_instance(FunctionName name, std::string id, InstanceSpec spec);
  awaitable<void> retire(FunctionName name, std::string id, std::shared_ptr<Backend> backend);
  awaitable<void> retry_later(FunctionName name);
  void reconcile(const FunctionName& name);
  void begin_stop(Entry& entry, const std::string& id);
  void refresh_routes(Entry& entry);
  void publish_soon();
  void note(const FunctionName& name, const std::string& id, const std::string& text);
  const Entry* find(const FunctionName& name) const;
  std::set<std::string> used_images() const;

  ControlParts parts_;
  Entries entries_;
  std::map<std::string, FunctionName> owners_; // instance id -> function
  ImageCollector collector_;
  TaskGroup tasks_;
  bool publishing_ = false; // a publication is on its way
  bool stopping_ = false;
};

} // namespace cubeflash::daemon
