// SPDX-License-Identifier: Apache-2.0
// A daemon for tests to kill: engine_child HOME IMAGES DIGEST sandbox|plain ID... starts the
// instances, all at once, and says "starting", then "ready ID" for each; then it waits for its end.
#include "tests/engine/engine_world.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
  using namespace cubeflash::daemon;
  const std::vector<std::string> args(argv + 1, argv + argc);
  EngineWorld world({.home = args.at(0), .images = args.at(1), .sandbox = args.at(3) == "sandbox"});
  world.image = args.at(2);
  say("starting");
  for (std::size_t i = 4; i < args.size(); ++i)
    boost::asio::co_spawn(
        world.control(), world.engine().start(world.spec(args[i])), [](std::exception_ptr failure) {
          if (failure) std::rethrow_exception(failure);
        });
  std::size_t told = 0;
  for (;;) {
    world.wait([&] { return world.seen.ready.size() > told; });
    if (world.seen.ready.size() <= told) continue;
    told = world.seen.ready.size();
    for (const auto& [id, endpoint] : world.seen.ready)
      say("ready " + id);
  }
}
