// SPDX-License-Identifier: Apache-2.0
// An engine with all it needs, driven by the test's thread: what it reports is written down, and a
// test waits for facts with a deadline.
#pragma once

#include "common/base/file.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/local/instance_directory.hpp"
#include "daemon/engine/local/local_engine.hpp"
#include "daemon/images/image_store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::daemon {

class Recorder : public InstanceObserver {
 public:
  void on_ready(const std::string& id, const Endpoint& endpoint) override { ready[id] = endpoint; }

  void on_exit(const std::string& id, const std::string& reason) override { exits[id] = reason; }

  void on_log(const std::string& id,
              const FunctionName& function,
              std::chrono::system_clock::time_point when,
              std::string_view text) override;

  bool has_line(const std::string& id, std::string_view part) const;

  std::map<std::string, Endpoint> ready;
  std::map<std::string, std::string> exits;
  std::map<std::string, std::vector<std::string>> lines; // the first 10,000 of each
  std::map<std::string, std::uint64_t> bytes; // of all lines, a line break counted for each
};

// Homes and images of this test program; removed at its end.
const std::filesystem::path& scratch_directory();

class EngineWorld {
 public:
  struct Setup {
    std::filesystem::path home{};   // empty: a new one
    std::filesystem::path images{}; // empty: the shared one
    bool sandbox = true;
    milliseconds start_timeout{60'000};
  };

  // Adopts what is in the home.
  explicit EngineWorld(Setup setup);

  // Releases what still runs, unless it is stopped before.
  ~EngineWorld();

  InstanceSpec spec(const std::string& id, const std::string& behave = "");

  // Throws what Engine::start throws.
  void start(InstanceSpec spec);

  void stop(const std::string& id) { engine_->stop(id); }

  void stop_all();

  bool wait(const std::function<bool()>& fact, milliseconds limit = milliseconds(30'000));
  bool wait_ready(const std::string& id);
  bool wait_exit(const std::string& id);

  // The whole response to a POST over the instance's endpoint.
  std::string post(const std::string& id, const std::string& body);

  InstanceDirectory directory(const std::string& id) const {
    return InstanceDirectory(instances_directory(setup_.home) / id);
  }

  Engine& engine() { return *engine_; }

  asio::io_context& control() { return control_; }

  const std::filesystem::path& home() const { return setup_.home; }

  Recorder seen;
  std::vector<AdoptedInstance> adopted;
  std::string image;

 private:
  Setup setup_;
  asio::io_context control_{1};
  asio::thread_pool workers_{2};
  std::unique_ptr<ImageStore> images_;
  std::unique_ptr<LocalEngine> engine_;
};

// Processes that carry the instance's marker, wherever they are.
std::vector<pid_t> processes_of(const std::string& id);

} // namespace cubeflash::daemon
