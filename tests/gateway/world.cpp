// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/world.hpp"

namespace cubeflash::test {

namespace {

awaitable<daemon::Reply> nothing_here(daemon::Request request) {
  daemon::Reply reply;
  reply.status = 404;
  reply.body = "nothing at " + request.path;
  co_return reply;
}

} // namespace

daemon::GatewayOptions World::default_options(unsigned threads) {
  daemon::GatewayOptions options;
  options.port = 0;
  options.threads = threads;
  return options;
}

World::World(daemon::GatewayOptions options, daemon::RequestHandler handler)
    : work_(control_.get_executor()), control_thread_([this] { control_.run(); }) {
  if (!handler) handler = nothing_here;
  gateway_ = std::make_unique<daemon::Gateway>(options, control_.get_executor(), handler);
  gateway_->start();
}

World::~World() {
  gateway_.reset();
  work_.reset();
  control_.stop();
  control_thread_.join();
}

Route& World::function(const std::string& name) {
  Route& route = functions_[name];
  if (!route.queue) {
    route.name = FunctionName::parse(name);
    route.timeout = 5s;
    route.queue = gateway_->make_wait_queue();
    route.stats = std::make_shared<daemon::FunctionStats>(gateway_->threads());
  }
  return route;
}

std::shared_ptr<Backend> World::add(const std::string& name, const daemon::Endpoint& endpoint) {
  Route& route = function(name);
  auto backend = std::make_shared<Backend>();
  backend->instance = fmt::format("{}-{}", name, route.backends.size());
  backend->endpoint = endpoint;
  route.backends.push_back(backend);
  return backend;
}

void World::publish() {
  auto table = std::make_shared<daemon::RouteTable>();
  for (const auto& [name, route] : functions_) {
    auto copy = std::make_shared<const Route>(route);
    table->routes[route.name.full()] = copy;
    table->routes[route.name.brief()] = copy;
  }
  gateway_->publish(table);
}

void World::serve(const std::string& name, const std::vector<const Instance*>& instances) {
  for (const Instance* instance : instances)
    add(name, instance->endpoint());
  publish();
}

Message World::call(const std::string& request) {
  Wire wire = connect();
  wire.send(request);
  return wire.read_message(request.starts_with("HEAD "));
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

} // namespace cubeflash::test
