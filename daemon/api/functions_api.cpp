// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/functions_api.hpp"

#include "common/base/error.hpp"
#include "common/model/api.hpp"
#include "daemon/api/error_reply.hpp"
#include "daemon/api/request_body.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash::daemon {

namespace {

std::string or_default(std::string space) {
  return space.empty() ? std::string(kDefaultNamespace) : std::move(space);
}

// The path's "NAME" or "NAME.NS"; a `namespace` query wins.
FunctionName named(const Request& request, const PathParameters& path) {
  FunctionName name = FunctionName::parse(path.at("name"));
  const auto space = request.query_value("namespace");
  if (!space.empty()) name.space = space;
  return name;
}

awaitable<FunctionSpec> read_spec(Request& request) {
  const auto json = co_await read_json(*request.body);
  FunctionSpec spec = function_spec_from_json(json);
  if (!spec.secrets.empty())
    throw Error(ErrorKind::invalid, fmt::format("unable to find secret: {}", spec.secrets.front()));
  co_return spec;
}

awaitable<Reply> list(ControlPlane& control, Request request, PathParameters) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& status : control.list(or_default(request.query_value("namespace"))))
    all.push_back(to_json(status));
  co_return json_reply(200, all);
}

awaitable<Reply> status(ControlPlane& control, Request request, PathParameters path) {
  const FunctionName name = named(request, path);
  const auto found = control.status(name);
  if (!found)
    throw Error(ErrorKind::not_found, fmt::format("function {} does not exist", name.brief()));
  auto json = to_json(*found);
  const auto wanted = request.query_value("usage");
  if (wanted == "1" || wanted == "true") {
    const auto usage = control.usage(name).value_or(Engine::Usage{});
    json["usage"] = {{"cpu", static_cast<double>(usage.cpu.count())},
                     {"totalMemoryBytes", static_cast<double>(usage.memory_bytes)}};
  }
  co_return json_reply(200, json);
}

awaitable<Reply> create(ControlPlane& control, Request request, PathParameters) {
  FunctionSpec spec = co_await read_spec(request);
  co_await control.deploy_new(std::move(spec));
  co_return empty_reply(202);
}

awaitable<Reply> update(ControlPlane& control, Request request, PathParameters) {
  FunctionSpec spec = co_await read_spec(request);
  co_await control.deploy_update(std::move(spec));
  co_return empty_reply(200);
}

awaitable<Reply> remove(ControlPlane& control, Request request, PathParameters) {
  const auto json = co_await read_json(*request.body);
  const DeleteRequest wanted = delete_request_from_json(json);
  if (wanted.name.empty()) throw Error(ErrorKind::invalid, "functionName is missing");
  FunctionName name = FunctionName::parse(wanted.name);
  const auto query = request.query_value("namespace");
  if (!wanted.space.empty())
    name.space = wanted.space;
  else if (!query.empty())
    name.space = query;
  co_await control.remove(name);
  co_return empty_reply(202);
}

awaitable<Reply> scale(ControlPlane& control, Request request, PathParameters path) {
  const auto json = co_await read_json(*request.body);
  const ScaleRequest wanted = scale_request_from_json(json);
  FunctionName name = named(request, path);
  // A body that names another function once scaled the wrong thing in upstream's history.
  if (!wanted.name.empty() && FunctionName::parse(wanted.name).name != name.name)
    throw Error(ErrorKind::invalid,
                fmt::format("serviceName \"{}\" is not the path's \"{}\"", wanted.name, name.name));
  if (!wanted.space.empty()) name.space = wanted.space;
  co_await control.scale(name, wanted.replicas);
  co_return empty_reply(202);
}

using Handler = awaitable<Reply> (*)(ControlPlane&, Request, PathParameters);

RouteHandler bound(ControlPlane& control, Handler handler) {
  return [&control, handler](Request request, PathParameters path) {
    return handler(control, std::move(request), std::move(path));
  };
}

} // namespace

void add_functions_api(Router& router, ControlPlane& control) {
  router.add("GET", "/system/functions", bound(control, list));
  router.add("POST", "/system/functions", bound(control, create));
  router.add("PUT", "/system/functions", bound(control, update));
  router.add("DELETE", "/system/functions", bound(control, remove));
  router.add("GET", "/system/function/{name}", bound(control, status));
  router.add("POST", "/system/scale-function/{name}", bound(control, scale));
}

} // namespace cubeflash::daemon
