// SPDX-License-Identifier: Apache-2.0
#include "watchdog/handler_environment.hpp"

#include <algorithm>
#include <map>

namespace cubeflash::watchdog {

namespace {

using VariableMap = std::map<std::string, std::string>;

VariableMap request_variables(const Request& request) {
  VariableMap variables;
  for (const auto& [name, values] : request.headers()) {
    std::string variable = "Http_" + name;
    std::replace(variable.begin(), variable.end(), '-', '_');
    variables[std::move(variable)] = values.front();
  }
  const auto length = std::to_string(request.content_length());
  variables["Http_Method"] = request.method();
  variables["Http_ContentLength"] = length;
  variables["Http_Content_Length"] = length;
  if (!request.query().empty()) variables["Http_Query"] = request.query();
  if (!request.path().empty()) variables["Http_Path"] = request.path();
  if (request.is_chunked()) variables["Http_Transfer_Encoding"] = "chunked";
  if (!request.host().empty()) variables["Http_Host"] = request.host();
  return variables;
}

} // namespace

std::vector<std::string> handler_environment(const std::vector<std::string>& inherited,
                                             const Request& request) {
  const auto variables = request_variables(request);
  std::vector<std::string> environment;
  environment.reserve(inherited.size() + variables.size());
  for (const auto& entry : inherited)
    if (!entry.starts_with("Http_") || !variables.contains(entry.substr(0, entry.find('='))))
      environment.push_back(entry);
  for (const auto& [name, value] : variables)
    environment.push_back(name + "=" + value);
  return environment;
}

} // namespace cubeflash::watchdog
