// SPDX-License-Identifier: Apache-2.0
#include "cli/gateway_client.hpp"

#include "cli/http_transfer.hpp"
#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <array>

namespace cubeflash::cli {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kUploadStall{60};
constexpr std::size_t kMaxLogLine = 1U << 20U;
constexpr std::size_t kMaxMessage = 4096; // of a daemon's error text
const char* const kTokenHint = "give its admin token with CFLASH_TOKEN or --token; it is in the "
                               "file admin-token of the daemon's home";

std::string base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      encoded += i + k > text.size() ? '=' : kAlphabet[group >> (18U - 6U * k) & 63U];
  }
  return encoded;
}

ErrorKind kind_of(unsigned status) {
  switch (status) {
  case 400:
  case 422:
    return ErrorKind::invalid;
  case 401:
  case 403:
    return ErrorKind::denied;
  case 404:
    return ErrorKind::not_found;
  case 409:
    return ErrorKind::conflict;
  case 413:
    return ErrorKind::too_large;
  case 501:
    return ErrorKind::unsupported;
  case 502:
  case 503:
    return ErrorKind::unavailable;
  case 408:
  case 504:
    return ErrorKind::timeout;
  default:
    return ErrorKind::failed;
  }
}

// The registry API's errors are JSON, the others are text.
std::string message_of(std::string_view body) {
  const std::string text(trim(body.substr(0, kMaxMessage)));
  const auto answer = json::parse(text, nullptr, false);
  if (!answer.is_object() || !answer.contains("errors") || !answer["errors"].is_array() ||
      answer["errors"].empty())
    return text;
  const auto& first = answer["errors"][0];
  return first.is_object() && first.contains("message") && first["message"].is_string()
             ? first["message"].get<std::string>()
             : text;
}

// A daemon's text has its hint on the lines after the first.
[[noreturn]] void throw_status(const std::string& what, unsigned status, std::string_view body) {
  const auto text = message_of(body);
  const auto line_end = text.find('\n');
  auto hint =
      line_end == std::string::npos ? std::string() : std::string(trim(text.substr(line_end)));
  if (status == 401) hint = kTokenHint;
  throw Error(kind_of(status),
              fmt::format("{}: the gateway answered {}{}{}",
                          what,
                          status,
                          text.empty() ? "" : ": ",
                          text.substr(0, line_end)),
              hint);
}

bool succeeded(unsigned status) {
  return status >= 200 && status < 300;
}

json parse_answer(const std::string& what, const std::string& body) {
  return with_context(what, [&] { return parse_json(body); });
}

std::string space_query(const std::string& space) {
  return space.empty() ? std::string() : "?namespace=" + percent_encode(space);
}

std::string query_text(const std::vector<std::pair<std::string, std::string>>& query) {
  std::string text;
  for (const auto& [name, value] : query)
    text += fmt::format(
        "{}{}={}", text.empty() ? '?' : '&', percent_encode(name), percent_encode(value));
  return text;
}

// One complete line of ndjson at a time out of pieces of any size.
class LineSplitter {
 public:
  // False once `each` does not want more.
  bool feed(std::string_view piece, const std::function<bool(std::string_view)>& each) {
    buffer_.append(piece);
    std::size_t start = 0;
    for (std::size_t end = 0; (end = buffer_.find('\n', start)) != std::string::npos;
         start = end + 1)
      if (const auto line = trim(std::string_view(buffer_).substr(start, end - start));
          !line.empty() && !each(line))
        return false;
    buffer_.erase(0, start);
    if (buffer_.size() > kMaxLogLine)
      throw Error(ErrorKind::too_large, "a log line of the gateway is too long");
    return true;
  }

 private:
  std::string buffer_;
};

// A gateway of this machine that does not answer is most likely a daemon that was not started.
HttpAnswer ask(const HttpRequest& request, const BodySink& sink = {}) {
  try {
    return exchange(request, sink);
  } catch (const Error& error) {
    const auto host = host_of(request.url);
    if (error.kind() != ErrorKind::unavailable || !error.hint().empty() || !host ||
        !is_local_host(*host))
      throw;
    throw Error(error.kind(), error.what(), "is a daemon running? cflash daemon start starts one");
  }
}

// How every request to the management API starts.
class Api {
 public:
  Api(const std::string& url,
      const Credentials& credentials,
      bool verify_tls,
      std::chrono::milliseconds timeout)
      : url_(url), credentials_(credentials), verify_tls_(verify_tls), timeout_(timeout) {}

  HttpRequest request(std::string method, const std::string& path) const {
    HttpRequest request;
    request.method = std::move(method);
    request.url = url_ + path;
    request.verify_tls = verify_tls_;
    request.timeout = timeout_;
    if (!credentials_.token.empty())
      request.headers.push_back("Authorization: Bearer " + credentials_.token);
    else if (!credentials_.user.empty())
      request.headers.push_back("Authorization: Basic " +
                                base64(credentials_.user + ':' + credentials_.password));
    return request;
  }

  HttpAnswer send_json(std::string method, const std::string& path, const json& body) const {
    auto call = request(std::move(method), path);
    call.headers.emplace_back("Content-Type: application/json");
    call.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    return ask(call);
  }

 private:
  const std::string& url_;
  const Credentials& credentials_;
  bool verify_tls_;
  std::chrono::milliseconds timeout_;
};

// Uploads one blob unless it is there. Returns the bytes sent.
std::uint64_t push_blob(const Api& api,
                        const OciLayout& layout,
                        const std::string& repository,
                        const Descriptor& blob) {
  const auto path = fmt::format("/v2/{}/blobs/{}", repository, blob.digest);
  const auto known = ask(api.request("HEAD", path));
  if (succeeded(known.status)) return 0;
  if (known.status != 404) throw_status("looking for a layer", known.status, {});
  const Fd file = open_file(layout.blob_path(blob.digest), O_RDONLY);

  struct stat status {};

  if (::fstat(file.get(), &status) != 0)
    throw SystemError(errno, "reading {}", layout.blob_path(blob.digest).string());
  auto upload =
      api.request("POST", fmt::format("/v2/{}/blobs/uploads/?digest={}", repository, blob.digest));
  upload.headers.emplace_back("Content-Type: application/octet-stream");
  upload.body_fd = file.get();
  upload.body_size = static_cast<std::uint64_t>(status.st_size);
  upload.timeout =
      std::chrono::milliseconds(0); // a layer may be large; only standing still is an error
  upload.stall_timeout = kUploadStall;
  const auto answer = ask(upload);
  if (answer.status != 201)
    throw_status(fmt::format("uploading {}", blob.digest), answer.status, answer.body);
  return *upload.body_size;
}

} // namespace

GatewayClient::GatewayClient(std::string url,
                             Credentials credentials,
                             bool verify_tls,
                             std::chrono::milliseconds timeout)
    : url_(std::move(url)), credentials_(std::move(credentials)), verify_tls_(verify_tls),
      timeout_(timeout) {}

bool GatewayClient::healthy() const {
  try {
    const Credentials nobody;
    return ask(Api(url_, nobody, verify_tls_, std::chrono::seconds(2)).request("GET", "/healthz"))
               .status == 200;
  } catch (const Error&) {
    return false;
  }
}

SystemInfo GatewayClient::info() const {
  const auto answer =
      ask(Api(url_, credentials_, verify_tls_, timeout_).request("GET", "/system/info"));
  if (answer.status != 200) throw_status("asking for the version", answer.status, answer.body);
  return system_info_from_json(parse_answer("/system/info", answer.body));
}

std::vector<FunctionStatus> GatewayClient::list(const std::string& space) const {
  const Api api(url_, credentials_, verify_tls_, timeout_);
  const auto answer = ask(api.request("GET", "/system/functions" + space_query(space)));
  if (answer.status != 200) throw_status("listing functions", answer.status, answer.body);
  const auto array = parse_answer("/system/functions", answer.body);
  if (!array.is_array())
    throw Error(ErrorKind::failed, "/system/functions: the gateway's answer is no list");
  std::vector<FunctionStatus> functions;
  for (const auto& entry : array)
    functions.push_back(function_status_from_json(entry));
  return functions;
}

FunctionStatus GatewayClient::status(const FunctionName& function) const {
  const Api api(url_, credentials_, verify_tls_, timeout_);
  const auto answer = ask(api.request(
      "GET", "/system/function/" + percent_encode(function.name) + space_query(function.space)));
  if (answer.status == 404)
    throw Error(ErrorKind::not_found,
                fmt::format("no such function: {}", function.brief()),
                "cflash list shows what there is");
  if (answer.status != 200)
    throw_status("asking for " + function.brief(), answer.status, answer.body);
  return function_status_from_json(parse_answer("/system/function", answer.body));
}

DeployOutcome GatewayClient::deploy(const FunctionSpec& spec, bool update) const {
  const Api api(url_, credentials_, verify_tls_, timeout_);
  const auto body = to_json(spec);
  HttpAnswer answer;
  if (update) answer = api.send_json("PUT", "/system/functions", body);
  bool updated = update && answer.status != 404;
  if (!updated) answer = api.send_json("POST", "/system/functions", body);
  if (update && answer.status == 409) { // somebody else created it in between
    answer = api.send_json("PUT", "/system/functions", body);
    updated = true;
  }
  if (answer.status != 200 && answer.status != 201 && answer.status != 202)
    throw_status(fmt::format("function \"{}\" was not deployed", spec.name.brief()),
                 answer.status,
                 answer.body);
  return {answer.status, updated};
}

void GatewayClient::remove(const FunctionName& function) const {
  const auto answer =
      Api(url_, credentials_, verify_tls_, timeout_)
          .send_json("DELETE",
                     "/system/functions" + space_query(function.space),
                     to_json(DeleteRequest{.name = function.name, .space = function.space}));
  if (answer.status == 404) throw Error(ErrorKind::not_found, "No existing function to remove");
  if (!succeeded(answer.status))
    throw_status("removing " + function.brief(), answer.status, answer.body);
}

void GatewayClient::scale(const FunctionName& function, std::uint64_t replicas) const {
  const auto answer =
      Api(url_, credentials_, verify_tls_, timeout_)
          .send_json("POST",
                     "/system/scale-function/" + percent_encode(function.name) +
                         space_query(function.space),
                     to_json(ScaleRequest{
                         .name = function.name, .space = function.space, .replicas = replicas}));
  if (!succeeded(answer.status))
    throw_status("scaling " + function.brief(), answer.status, answer.body);
}

std::uint64_t GatewayClient::push_image(const OciLayout& layout,
                                        const ImageReference& reference) const {
  const Api api(url_, credentials_, verify_tls_, timeout_);
  const auto descriptor = layout.manifest_descriptor();
  const auto text = read_file(layout.blob_path(descriptor.digest));
  const auto manifest = parse_manifest(text);
  std::uint64_t sent = 0;
  for (const auto& layer : manifest.layers)
    sent += push_blob(api, layout, reference.repository, layer);
  sent += push_blob(api, layout, reference.repository, manifest.config);
  auto put = api.request("PUT",
                         fmt::format("/v2/{}/manifests/{}",
                                     reference.repository,
                                     reference.digest.empty() ? reference.tag : reference.digest));
  put.headers.push_back(fmt::format(
      "Content-Type: {}", descriptor.media_type.empty() ? kManifestType : descriptor.media_type));
  put.body = text;
  const auto answer = ask(put);
  if (answer.status != 201)
    throw_status("pushing image " + reference.text(), answer.status, answer.body);
  const auto stored = answer.header("Docker-Content-Digest");
  if (stored != descriptor.digest)
    throw Error(ErrorKind::failed,
                fmt::format("pushing image {}: the gateway stored {}, not {}",
                            reference.text(),
                            stored.empty() ? "an unknown digest" : stored,
                            descriptor.digest));
  return sent + text.size();
}

GatewayClient::InvokeOutcome GatewayClient::invoke(const InvokeRequest& request,
                                                   const Sink& sink) const {
  // No credentials: /function passes Authorization on to the function, which must never see the
  // admin's token.
  const Credentials nobody;
  auto call = Api(url_, nobody, verify_tls_, std::chrono::milliseconds(0))
                  .request(request.method,
                           "/function/" + percent_encode(request.function.brief()) + request.path +
                               query_text(request.query));
  call.headers = request.headers;
  call.body_fd = request.body_fd;
  if (request.body_fd >= 0) {
    struct stat status {};

    const off_t at = ::lseek(request.body_fd, 0, SEEK_CUR);
    if (at >= 0 && ::fstat(request.body_fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size >= at)
      call.body_size = static_cast<std::uint64_t>(status.st_size - at);
  }
  auto answer = ask(call, [&](const HttpAnswer& head, std::string_view piece) {
    sink(head.status, piece);
    return true;
  });
  return {answer.status, std::move(answer.headers)};
}

void GatewayClient::logs(const LogQuery& query,
                         const std::function<bool(const LogLine&)>& each) const {
  std::vector<std::pair<std::string, std::string>> parameters{
      {"name", query.function.name},
      {"namespace", query.function.space},
      {"follow", query.follow ? "true" : "false"},
      {"tail", std::to_string(query.tail)}};
  if (query.instance) parameters.emplace_back("instance", *query.instance);
  if (!query.since.empty()) parameters.emplace_back("since", query.since);
  // A stream that is followed may be silent for ever: no deadline.
  const auto call =
      Api(url_, credentials_, verify_tls_, query.follow ? std::chrono::milliseconds(0) : timeout_)
          .request("GET", "/system/logs" + query_text(parameters));
  LineSplitter lines;
  std::string refusal;
  const auto answer = ask(call, [&](const HttpAnswer& head, std::string_view piece) {
    if (head.status == 200)
      return lines.feed(
          piece, [&](std::string_view line) { return each(log_line_from_json(parse_json(line))); });
    refusal.append(piece.substr(0, kMaxMessage - std::min(kMaxMessage, refusal.size())));
    return true;
  });
  if (answer.status == 404)
    throw Error(ErrorKind::not_found,
                fmt::format("no such function: {}", query.function.brief()),
                "cflash list shows what there is");
  if (answer.status != 200)
    throw_status("reading the log of " + query.function.brief(), answer.status, refusal);
}

} // namespace cubeflash::cli
