// SPDX-License-Identifier: Apache-2.0
#include "cli/deploy_functions.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/image/digest.hpp"
#include "common/image/oci_layout.hpp"
#include "tests/cli/tiny_server.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace cubeflash;
using namespace cubeflash::cli;
using cubeflash::test::TinyReply;
using cubeflash::test::TinyRequest;
using cubeflash::test::TinyServer;

namespace {

using Lines = std::vector<std::string>;

StackFunction function(const std::string& name, const std::string& image) {
  StackFunction entry;
  entry.name = name;
  entry.image = image;
  return entry;
}

// A project with functions, some of which are built.
struct Project {
  TemporaryDirectory directory{std::filesystem::temp_directory_path()};
  StackFile stack;
  std::ostringstream out;
  std::ostringstream err;
  Context context{.out = out, .err = err};

  Project() { stack.directory = directory.path(); }

  void build(const std::string& name, const std::string& tag) const {
    const auto layout = OciLayout::create(directory.path() / "build/.images" / name);
    const auto config = layout.put_blob("{}", kConfigType);
    layout.set_manifest(layout.put_blob(to_json_text(ImageManifest{
                                            .config = config, .layers = {}, .annotations = {}}),
                                        kManifestType),
                        tag);
  }

  int deploy(const TinyServer& server, const DeployPlan& plan = {}) {
    return deploy_functions(stack, {}, plan, GatewayClient(server.url(), {}), context);
  }
};

// A daemon that takes everything and knows nothing yet.
TinyReply accept(const TinyRequest& request) {
  if (request.method == "HEAD") return {.status = 200};
  if (request.target.find("/manifests/") != std::string::npos)
    return {.status = 201, .headers = {{"Docker-Content-Digest", digest_of(request.body)}}};
  return {.status = request.method == "PUT" ? 404U : 202U};
}

} // namespace

TEST_CASE("deploy_functions: pushes what was built under the same tag, then registers, in "
          "faas-cli's words") {
  Project project;
  project.stack.functions = {function("hello", "hello:v1")};
  project.build("hello", "v1");
  const TinyServer server(accept);
  CHECK(project.deploy(server) == 0);
  const auto lines = server.lines();
  REQUIRE(lines.size() == 4);
  CHECK(lines[1] == "PUT /v2/hello/manifests/v1");
  CHECK(lines[3] == "POST /system/functions");
  CHECK(project.out.str() ==
        "Deploying: hello.\n\nDeployed. 202 Accepted.\nURL: " + server.url() + "/function/hello\n");
  CHECK(project.err.str() == "Next: cflash invoke hello\n");
}

TEST_CASE("deploy_functions: another tag, skip_build or no build at all pushes nothing") {
  Project project;
  project.build("other-tag", "v1");
  project.build("skipped", "latest");
  project.stack.functions = {
      function("other-tag", "x:v2"), function("skipped", "y"), function("unbuilt", "z")};
  project.stack.functions[1].skip_build = true;
  const TinyServer server(accept);
  CHECK(project.deploy(server) == 0);
  CHECK(server.lines() == Lines{"PUT /system/functions",
                                "POST /system/functions",
                                "PUT /system/functions",
                                "POST /system/functions",
                                "PUT /system/functions",
                                "POST /system/functions"});
}

TEST_CASE("deploy_functions: an image that nobody built gets the daemon's words and a hint") {
  Project project;
  project.stack.functions = {function("hello", "hello")};
  const TinyServer server([](const TinyRequest& request) {
    return TinyReply{.status = request.method == "PUT" ? 404U : 400U,
                     .body = "image hello:latest was never pushed"};
  });
  try {
    project.deploy(server);
    FAIL("must throw");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("was never pushed") != std::string::npos);
    CHECK(error.hint().find("cflash build") != std::string::npos);
  }
}

TEST_CASE("deploy_functions: one that fails does not stop the others; a daemon that is gone does") {
  Project project;
  project.stack.functions = {function("bad", "b"), function("good", "g")};
  const TinyServer server([](const TinyRequest& request) {
    return TinyReply{.status = request.body.find("\"bad\"") != std::string::npos ? 400U : 200U,
                     .body = "refused"};
  });
  CHECK(project.deploy(server) == 1);
  CHECK(project.err.str().find("cflash: bad: ") != std::string::npos);
  CHECK(project.out.str().find("Deployed. 200 OK.") != std::string::npos);
  const TinyServer dying([](const TinyRequest&) { return TinyReply{.reset = true}; });
  CHECK(error_of([&] { project.deploy(dying); }).kind == ErrorKind::unavailable);
  CHECK(dying.lines().size() == 1);
}

TEST_CASE("deploy_functions: replace removes first and does not mind when there is nothing") {
  Project project;
  project.stack.functions = {function("hello", "hello")};
  const TinyServer server([](const TinyRequest& request) {
    return TinyReply{.status = request.method == "DELETE" ? 404U : 202U};
  });
  CHECK(project.deploy(server, {.replace = true, .update = true, .wait = {}}) == 0);
  CHECK(server.lines() ==
        Lines{"DELETE /system/functions?namespace=openfaas-fn", "POST /system/functions"});
}

TEST_CASE(
    "deploy_functions: waiting ends with the reason when the function does not become ready") {
  Project project;
  project.stack.functions = {function("hello", "hello")};
  FunctionStatus status;
  status.spec.name.name = "hello";
  status.spec.image = "hello";
  status.replicas = 1;
  status.instances = {{"i", "backoff", "exit status 7", 5}};
  const TinyServer server([&](const TinyRequest& request) {
    return request.method == "GET" ? TinyReply{.body = to_json(status).dump()}
                                   : TinyReply{.status = 202};
  });
  CHECK(project.deploy(server,
                       {.replace = false, .update = true, .wait = std::chrono::seconds(60)}) == 1);
  CHECK(project.err.str().find("exit status 7") != std::string::npos);
}

TEST_CASE("spec_with_flags: flags win over the file, key by key") {
  auto entry = function("hello", "hello");
  entry.environment = {{"A", "file"}, {"B", "file"}};
  entry.limits = {.memory = "64Mi", .cpu = "1"};
  SpecFlags flags;
  flags.space = "dev";
  flags.environment = {"A=flag", "C=x=y"};
  flags.labels = {"l=1"};
  flags.limits.memory = "128Mi";
  flags.fprocess = "cat";
  flags.read_only = true;
  const auto spec = spec_with_flags(entry, flags);
  CHECK(spec.name.full() == "hello.dev");
  CHECK(spec.environment == StringMap{{"A", "flag"}, {"B", "file"}, {"C", "x=y"}});
  CHECK(spec.limits.memory == "128Mi");
  CHECK(spec.limits.cpu == "1");
  CHECK(spec.env_process == "cat");
  CHECK(spec.read_only_root);
  CHECK(spec.labels.at("l") == "1");
}

TEST_CASE("spec_with_flags: what can never be deployed is refused before anything is sent") {
  SpecFlags flags;
  flags.limits.memory = "a lot";
  CHECK(error_of([&] { spec_with_flags(function("hello", "hello"), flags); }).kind ==
        ErrorKind::invalid);
  flags = {};
  flags.secrets = {"s"};
  CHECK(error_of([&] { spec_with_flags(function("hello", "hello"), flags); }).kind ==
        ErrorKind::unsupported);
  StackFile stack;
  stack.functions = {function("hello", "UPPER CASE")};
  CHECK(error_of([&] { check_deployable(stack, {}); }).kind == ErrorKind::invalid);
}
