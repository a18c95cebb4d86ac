// SPDX-License-Identifier: Apache-2.0
// A real gateway on a port of the kernel's choice with a control thread, and functions to route to.
#pragma once

#include "common/base/file.hpp"
#include "daemon/gateway/gateway.hpp"
#include "daemon/gateway/wait_queue.hpp"
#include "tests/gateway/instance.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace cubeflash::test {

using daemon::Backend;
using daemon::Route;
using namespace std::chrono_literals;

inline const std::string kGet = "GET /function/f HTTP/1.1\r\nHost: h\r\n\r\n";

class World {
 public:
  explicit World(daemon::GatewayOptions options = default_options(2),
                 daemon::RequestHandler handler = {});
  ~World();

  static daemon::GatewayOptions default_options(unsigned threads = 2);

  daemon::Gateway& gateway() { return *gateway_; }

  // Kept until changed; publish() makes the gateway see it.
  Route& function(const std::string& name);
  std::shared_ptr<Backend> add(const std::string& name, const daemon::Endpoint& endpoint);
  void publish();

  // add() and publish() of one function with these instances.
  void serve(const std::string& name, const std::vector<const Instance*>& instances);

  Wire connect() { return Wire::to_port(gateway_->port()); }

  // One request on a connection of its own.
  Message call(const std::string& request_head_and_body);

  Message get(const std::string& path) {
    return call("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
  }

  std::string socket_path(const std::string& name) const { return directory_.path() / name; }

  void end_gateway() { gateway_.reset(); }

 private:
  TemporaryDirectory directory_{"/tmp", "cf-gateway-"};
  boost::asio::io_context control_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread control_thread_;
  std::map<std::string, Route> functions_;
  std::unique_ptr<daemon::Gateway> gateway_;
};

// Waits until it holds, ten seconds at most.
bool eventually(const std::function<bool()>& condition);

} // namespace cubeflash::test
