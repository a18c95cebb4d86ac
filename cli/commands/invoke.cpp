// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/invoke.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "cli/key_value.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace cubeflash::cli {

namespace {

constexpr std::size_t kMaxRefusal = 4096; // shown of the body of an answer that is no success

const std::vector<std::string> kMethods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

std::string checked_method(const std::string& text) {
  std::string method = text;
  std::transform(method.begin(), method.end(), method.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end())
    throw Error(
        ErrorKind::usage,
        fmt::format("--method {}: not a method of functions{}", text, did_you_mean(text, kMethods)),
        "choose one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  return method;
}

// A file or a pipe is a body on purpose. Anything else (a terminal, /dev/null, an inherited socket)
// is one only for methods that usually have a body: a GET must not wait for it.
bool sends_body(const std::string& method, int fd) {
  if (method == "HEAD") return false;
  if (method == "POST" || method == "PUT" || method == "PATCH") return true;

  struct stat status {};

  return ::fstat(fd, &status) == 0 &&
         (S_ISFIFO(status.st_mode) || (S_ISREG(status.st_mode) && status.st_size > 0));
}

InvokeRequest make_request(const InvokeOptions& options, Context& context) {
  InvokeRequest request;
  request.function = named_function(options.function, options.api.space);
  request.method = checked_method(options.method);
  for (const auto& text : options.query)
    request.query.push_back(parse_key_value(text, "--query"));
  for (const auto& header : options.headers) {
    const auto colon = header.find(':');
    if (colon == 0 || colon == std::string::npos ||
        header.find_first_of("\r\n") != std::string::npos)
      throw Error(ErrorKind::usage,
                  fmt::format("--header {}: no header", header),
                  "write --header \"Name: value\"");
    request.headers.push_back(header);
  }
  if (sends_body(request.method, context.in_fd)) {
    request.body_fd = context.in_fd;
    const bool typed =
        std::any_of(request.headers.begin(), request.headers.end(), [](const std::string& header) {
          return iequals(header.substr(0, 13), "content-type:");
        });
    if (!typed) request.headers.push_back("Content-Type: " + options.content_type);
  }
  return request;
}

} // namespace

void add_invoke(Cli& cli) {
  auto options = std::make_shared<InvokeOptions>();
  CLI::App& command = cli.add("invoke", "Call a function with standard input as the body");
  command.add_option("function", options->function, "NAME or NAME.NAMESPACE")
      ->required()
      ->type_name("");
  command.add_option("-m,--method", options->method, "HTTP method")
      ->type_name("METHOD")
      ->capture_default_str();
  command.add_option("--content-type", options->content_type, "What the body is")
      ->type_name("TYPE")
      ->capture_default_str();
  add_list_option(command, "--query", options->query, "Query parameter; repeatable", "K=V");
  add_list_option(command, "-H,--header", options->headers, "HTTP header; repeatable", "\"K: V\"");
  command.add_flag("-a,--async", options->async, "Queue the call instead of waiting for it");
  add_api_flags(command, options->api);
  cli.add_yaml_flag(command, "Stack file whose gateway is used", "Gateway");
  command.footer(
      "Examples:\n  echo hi | cflash invoke hello\n  cflash invoke hello -m GET --query name=you");
  cli.on(command, options, run_invoke);
}

int run_invoke(const InvokeOptions& options, Context& context) {
  if (options.async) throw Error(ErrorKind::unsupported, "--async is not supported yet");
  const auto request = make_request(options, context);
  const auto client = connect(options.api, options.stack, context);
  if (request.body_fd >= 0 && ::isatty(request.body_fd) == 1)
    context.err << "Reading from STDIN - hit (Control + D) to stop.\n" << std::flush;
  std::string refusal;
  const auto outcome = client.invoke(request, [&](unsigned status, std::string_view piece) {
    if (status < 200 || status > 299) {
      refusal.append(piece.substr(0, kMaxRefusal - std::min(kMaxRefusal, refusal.size())));
      return;
    }
    context.out.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush();
  });
  if (outcome.status >= 200 && outcome.status <= 299) return kExitOk;
  throw Error(ErrorKind::failed,
              fmt::format("server returned unexpected status code: {} - {}",
                          outcome.status,
                          trim(refusal)));
}

} // namespace cubeflash::cli
