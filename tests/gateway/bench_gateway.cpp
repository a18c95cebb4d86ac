// SPDX-License-Identifier: Apache-2.0
// A gateway with one function, "hello", on an instance that somebody else runs; for
// tests/gateway/bench. Not a test.
#include "daemon/gateway/gateway.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <signal.h>

#include <cstdio>
#include <cstdlib>

using namespace cubeflash::daemon;
namespace asio = boost::asio;

namespace {

cubeflash::awaitable<Reply> answer(Request) {
  Reply reply;
  reply.body = "control";
  co_return reply;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: bench_gateway PORT THREADS SOCKET\n", stderr);
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  asio::io_context control;
  const auto work = asio::make_work_guard(control);
  GatewayOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.threads = static_cast<unsigned>(std::atoi(argv[2]));
  Gateway gateway(options, control.get_executor(), answer);
  auto backend = std::make_shared<Backend>();
  backend->instance = "hello-0";
  backend->endpoint.unix_path = argv[3];
  auto route = std::make_shared<Route>();
  route->name.name = "hello";
  route->backends.push_back(backend);
  route->queue = gateway.make_wait_queue();
  route->stats = std::make_shared<FunctionStats>(gateway.threads());
  auto table = std::make_shared<RouteTable>();
  table->routes["hello"] = route;
  gateway.publish(table);
  gateway.start();
  control.run();
}
