// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/images_api.hpp"

#include "common/base/error.hpp"
#include "common/net/blocking.hpp"
#include "daemon/api/error_reply.hpp"
#include "daemon/api/request_body.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash::daemon {

namespace {

constexpr std::size_t kMaxManifestBytes = 4U << 20U; // the specification's advice
constexpr std::uint64_t kMaxBlobBytes = 4ULL << 30U;

void require_digest(std::string_view text) {
  if (!is_digest(text))
    throw Error(ErrorKind::invalid, fmt::format("\"{}\" is not a sha256 digest", text));
}

awaitable<Reply> version() {
  co_return json_reply(200, nlohmann::json::object());
}

awaitable<Reply> has_blob(ImageStore& images, asio::any_io_executor pool, std::string digest) {
  require_digest(digest);
  const auto size = co_await run_blocking(pool, [&] { return images.blob_size(digest); });
  if (!size) throw Error(ErrorKind::not_found, fmt::format("blob {} is not here", digest));
  Reply reply;
  reply.headers = {{"Docker-Content-Digest", digest}, {"Content-Length", std::to_string(*size)}};
  co_return reply;
}

awaitable<Reply>
put_blob(ImageStore& images, asio::any_io_executor pool, Request request, std::string repository) {
  const std::string digest = request.query_value("digest");
  if (digest.empty())
    throw Error(ErrorKind::unsupported,
                "uploads in pieces are not supported yet",
                "send the blob with ?digest=");
  require_digest(digest);
  auto upload = co_await run_blocking(
      pool, [&images] { return std::optional(images.begin_upload(kMaxBlobBytes)); });
  for (;;) {
    const std::string piece = co_await request.body->read();
    if (piece.empty()) break;
    co_await run_blocking(pool, [&] { upload->append(piece); });
  }
  co_await run_blocking(pool, [&] { upload->commit(digest); });
  Reply reply;
  reply.status = 201;
  reply.headers = {{"Location", fmt::format("/v2/{}/blobs/{}", repository, digest)},
                   {"Docker-Content-Digest", digest}};
  co_return reply;
}

awaitable<Reply> put_manifest(ImageStore& images,
                              asio::any_io_executor pool,
                              Request request,
                              std::string repository,
                              std::string reference) {
  const char separator = is_digest(reference) ? '@' : ':';
  const auto parsed = ImageReference::parse(repository + separator + reference);
  const std::string manifest = co_await read_body(*request.body, kMaxManifestBytes);
  const std::string digest =
      co_await run_blocking(pool, [&] { return images.put_manifest(parsed, manifest); });
  Reply reply;
  reply.status = 201;
  reply.headers = {{"Location", fmt::format("/v2/{}/manifests/{}", repository, digest)},
                   {"Docker-Content-Digest", digest}};
  co_return reply;
}

// Errors under /v2/ have a form of their own.
awaitable<Reply> as_registry(awaitable<Reply> work) {
  try {
    co_return co_await std::move(work);
  } catch (const Error& error) {
    co_return registry_error_reply(error);
  }
}

} // namespace

void add_images_api(Router& router, ImageStore& images, asio::any_io_executor pool) {
  router.add("GET", "/v2", [](Request, PathParameters) { return version(); });
  router.add(
      "HEAD", "/v2/{repository...}/blobs/{digest}", [&images, pool](Request, PathParameters path) {
        return as_registry(has_blob(images, pool, path.at("digest")));
      });
  router.add("POST",
             "/v2/{repository...}/blobs/uploads",
             [&images, pool](Request request, PathParameters path) {
               return as_registry(
                   put_blob(images, pool, std::move(request), path.at("repository")));
             });
  router.add("PUT",
             "/v2/{repository...}/manifests/{reference}",
             [&images, pool](Request request, PathParameters path) {
               return as_registry(put_manifest(
                   images, pool, std::move(request), path.at("repository"), path.at("reference")));
             });
}

} // namespace cubeflash::daemon
