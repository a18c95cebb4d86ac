// SPDX-License-Identifier: Apache-2.0
#include "cli/gateway_client.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/image/digest.hpp"
#include "tests/cli/tiny_server.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <thread>
#include <utility>
#include <vector>

using namespace cubeflash;
using namespace cubeflash::cli;
using cubeflash::test::TinyReply;
using cubeflash::test::TinyRequest;
using cubeflash::test::TinyServer;

namespace {

using Lines = std::vector<std::string>;

FunctionSpec hello() {
  FunctionSpec spec;
  spec.name.name = "hello";
  spec.image = "hello:latest";
  return spec;
}

cubeflash::test::TinyHandler always(unsigned status, const std::string& body = {}) {
  return [=](const TinyRequest&) { return TinyReply{.status = status, .body = body}; };
}

// An image of one layer.
struct BuiltImage {
  TemporaryDirectory directory{std::filesystem::temp_directory_path()};
  OciLayout layout = OciLayout::create(directory.path());
  Descriptor layer = layout.put_blob("layer bytes", kLayerType);
  Descriptor config = layout.put_blob("{}", kConfigType);
  Descriptor manifest = layout.put_blob(
      to_json_text(ImageManifest{.config = config, .layers = {layer}, .annotations = {}}),
      kManifestType);

  BuiltImage() { layout.set_manifest(manifest, "v1"); }
};

} // namespace

TEST_CASE("GatewayClient: every status becomes the kind of error it means") {
  const std::vector<std::pair<unsigned, ErrorKind>> rows{{400, ErrorKind::invalid},
                                                         {401, ErrorKind::denied},
                                                         {403, ErrorKind::denied},
                                                         {404, ErrorKind::not_found},
                                                         {408, ErrorKind::timeout},
                                                         {409, ErrorKind::conflict},
                                                         {413, ErrorKind::too_large},
                                                         {422, ErrorKind::invalid},
                                                         {500, ErrorKind::failed},
                                                         {501, ErrorKind::unsupported},
                                                         {502, ErrorKind::unavailable},
                                                         {503, ErrorKind::unavailable},
                                                         {504, ErrorKind::timeout},
                                                         {302, ErrorKind::failed}};
  unsigned status = 0;
  const TinyServer server(
      [&](const TinyRequest&) { return TinyReply{.status = status, .body = "because\n"}; });
  const GatewayClient client(server.url(), {});
  for (const auto& row : rows) {
    status = row.first;
    CAPTURE(status);
    const auto error = error_of([&] { client.list({}); });
    CHECK(error.kind == row.second);
    CHECK(error.says("because"));
    CHECK(error.says(std::to_string(status)));
  }
}

TEST_CASE("GatewayClient: the second line of a daemon's error is its hint") {
  const TinyServer server(always(400, "no such mode\nchoose fork\n"));
  try {
    GatewayClient(server.url(), {}).deploy(hello());
    FAIL("must throw");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("choose") == std::string::npos);
    CHECK(error.hint() == "choose fork");
  }
}

TEST_CASE("GatewayClient: an answer that is not what it should be is an error, not a crash") {
  std::string body;
  const TinyServer server([&](const TinyRequest&) { return TinyReply{.body = body}; });
  const GatewayClient client(server.url(), {});
  for (const char* text : {"", "<html>", "{}", "[1]", "[{\"name\":5}]"}) {
    CAPTURE(text);
    body = text;
    CHECK(error_of([&] { client.list({}); }).thrown);
  }
  body = "[]";
  CHECK(client.list("dev").empty());
  CHECK(server.lines().back() == "GET /system/functions?namespace=dev");
}

TEST_CASE("deploy: PUT first, POST only when that says 404") {
  unsigned put_status = 404;
  const TinyServer server([&](const TinyRequest& request) {
    return TinyReply{.status = request.method == "PUT" ? put_status : 202};
  });
  const GatewayClient client(server.url(), {});
  auto outcome = client.deploy(hello());
  CHECK_FALSE(outcome.updated);
  CHECK(outcome.status == 202);
  CHECK(server.lines() == Lines{"PUT /system/functions", "POST /system/functions"});
  put_status = 200;
  outcome = client.deploy(hello());
  CHECK(outcome.updated);
  CHECK(outcome.status == 200);
  CHECK(server.lines().size() == 3);
  put_status = 500;
  CHECK(error_of([&] { client.deploy(hello()); }).kind == ErrorKind::failed);
  CHECK(server.lines().size() == 4);
}

TEST_CASE("deploy: without update it is POST alone, with the deployment as JSON") {
  const TinyServer server(always(202));
  GatewayClient(server.url(), {}).deploy(hello(), false);
  CHECK(server.lines() == Lines{"POST /system/functions"});
  const auto request = server.requests().front();
  CHECK(request.headers.at("content-type") == "application/json");
  CHECK(request.headers.count("expect") == 0);
  const auto body = nlohmann::json::parse(request.body);
  CHECK(body["service"] == "hello");
  CHECK(body["image"] == "hello:latest");
}

TEST_CASE("deploy: a daemon that goes away in the middle is named, and that it went") {
  const TinyServer server([](const TinyRequest&) { return TinyReply{.reset = true}; });
  const auto error = error_of([&] { GatewayClient(server.url(), {}).deploy(hello()); });
  CHECK(error.kind == ErrorKind::unavailable);
  CHECK(error.says("closed the connection in the middle of PUT /system/functions"));
  CHECK(error.says(server.url()));
}

TEST_CASE("GatewayClient: a daemon that never answers is a timeout") {
  const TinyServer silent([&](const TinyRequest&) -> TinyReply {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    return {};
  });
  const GatewayClient client(silent.url(), {}, true, std::chrono::milliseconds(150));
  CHECK(error_of([&] { client.list({}); }).kind == ErrorKind::timeout);
}

TEST_CASE("GatewayClient: nothing that listens is unavailable, and not healthy") {
  std::string url;
  {
    const TinyServer server(always(200));
    url = server.url();
    CHECK(GatewayClient(url, {}).healthy());
    CHECK(server.lines() == Lines{"GET /healthz"});
  }
  CHECK_FALSE(GatewayClient(url, {}).healthy());
  const auto error = error_of([&] { GatewayClient(url, {}).list({}); });
  CHECK(error.kind == ErrorKind::unavailable);
  CHECK(error.says("cannot connect to " + url));
}

TEST_CASE(
    "GatewayClient: a token is a bearer, a user is basic, and the health check tells neither") {
  const TinyServer server(always(200, "[]"));
  GatewayClient(server.url(), {.token = "t"}).list({});
  GatewayClient(server.url(), {.user = "admin", .password = "pass"}).list({});
  GatewayClient(server.url(), {.user = "a", .password = ""}).list({});
  CHECK(GatewayClient(server.url(), {.token = "t"}).healthy());
  const auto requests = server.requests();
  CHECK(requests[0].headers.at("authorization") == "Bearer t");
  CHECK(requests[1].headers.at("authorization") == "Basic YWRtaW46cGFzcw==");
  CHECK(requests[2].headers.at("authorization") == "Basic YTo=");
  CHECK(requests[3].headers.count("authorization") == 0);
}

TEST_CASE("GatewayClient: a name is no way into another path") {
  const TinyServer server(always(404));
  const GatewayClient client(server.url(), {});
  CHECK(error_of([&] { client.status({"../x?y", "a b"}); }).kind == ErrorKind::not_found);
  CHECK(server.lines().front() == "GET /system/function/..%2Fx%3Fy?namespace=a%20b");
}

TEST_CASE("remove and scale: path, body and words") {
  unsigned status = 202;
  const TinyServer server([&](const TinyRequest&) { return TinyReply{.status = status}; });
  const GatewayClient client(server.url(), {});
  client.remove({"hello"});
  client.scale({"hello"}, 3);
  const auto requests = server.requests();
  CHECK(requests[0].method == "DELETE");
  CHECK(nlohmann::json::parse(requests[0].body)["functionName"] == "hello");
  CHECK(requests[1].target == "/system/scale-function/hello?namespace=openfaas-fn");
  CHECK(nlohmann::json::parse(requests[1].body)["replicas"] == 3);
  status = 404;
  CHECK(error_of([&] { client.remove({"hello"}); }).what == "No existing function to remove");
}

TEST_CASE("push_image: asks for each blob, sends what is missing, then the manifest") {
  const BuiltImage image;
  const TinyServer server([&](const TinyRequest& request) -> TinyReply {
    if (request.method == "HEAD")
      return {.status =
                  request.target.find(image.config.digest) != std::string::npos ? 200U : 404U};
    if (request.method == "POST") return {.status = 201};
    return {.status = 201, .headers = {{"Docker-Content-Digest", digest_of(request.body)}}};
  });
  const auto sent = GatewayClient(server.url(), {})
                        .push_image(image.layout, ImageReference::parse("team/hello:v1"));
  CHECK(sent == image.layer.size + image.manifest.size);
  CHECK(server.lines() == Lines{"HEAD /v2/team/hello/blobs/" + image.layer.digest,
                                "POST /v2/team/hello/blobs/uploads/?digest=" + image.layer.digest,
                                "HEAD /v2/team/hello/blobs/" + image.config.digest,
                                "PUT /v2/team/hello/manifests/v1"});
  const auto requests = server.requests();
  CHECK(requests[1].body == "layer bytes");
  CHECK(requests[1].headers.at("content-length") == "11");
  CHECK(requests[1].headers.at("content-type") == "application/octet-stream");
  CHECK(requests[3].headers.at("content-type") == kManifestType);
}

TEST_CASE("push_image: a digest that is not the manifest's is refused, and a registry's words are "
          "shown") {
  const BuiltImage image;
  std::string digest = digest_of("something else");
  const TinyServer server([&](const TinyRequest& request) -> TinyReply {
    if (request.method == "HEAD") return {.status = 200};
    if (digest.empty())
      return {.status = 400, .body = R"({"errors":[{"code":"X","message":"a blob is missing"}]})"};
    return {.status = 201, .headers = {{"Docker-Content-Digest", digest}}};
  });
  const GatewayClient client(server.url(), {});
  const auto reference = ImageReference::parse("hello:v1");
  CHECK(error_of([&] { client.push_image(image.layout, reference); }).says("stored " + digest));
  digest.clear();
  const auto error = error_of([&] { client.push_image(image.layout, reference); });
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.says(": a blob is missing"));
}

TEST_CASE("push_image: a layer that the daemon drops in the middle is an error") {
  const BuiltImage image;
  const TinyServer server([&](const TinyRequest& request) -> TinyReply {
    if (request.method == "HEAD") return {.status = 404};
    return {.reset = true};
  });
  const auto error = error_of([&] {
    GatewayClient(server.url(), {}).push_image(image.layout, ImageReference::parse("hello:v1"));
  });
  CHECK(error.kind == ErrorKind::unavailable);
}
