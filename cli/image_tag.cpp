// SPDX-License-Identifier: Apache-2.0
#include "cli/image_tag.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"
#include "common/image/digest.hpp"

#include <map>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kDigestLength = 32;

std::string git(const fs::path& project, std::vector<std::string> args, std::string_view format) {
  args.insert(args.begin(), {"-C", project.empty() ? "." : project.string()});
  const auto result = run({.program = "git", .args = std::move(args)});
  const std::string answer(trim(result.out));
  if (!result.status.ok() || answer.empty())
    throw Error(ErrorKind::failed,
                fmt::format("--tag={}: git cannot tell: {}", format, trim(result.err)),
                "commit first, or use --tag=digest, which needs no git");
  return answer;
}

// What a tag may not hold becomes '-': a branch is called "feature/x".
std::string as_tag(std::string text) {
  for (auto& c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '-';
    if (!fine) c = '-';
  }
  return text;
}

// Of paths, content, links and executable bits.
std::string folder_digest(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto path = entry.path().lexically_relative(folder).generic_string();
    if (entry.is_symlink())
      files[path] = "link " + fs::read_symlink(entry.path()).string();
    else if (entry.is_regular_file())
      files[path] =
          fmt::format("{} {}",
                      (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none,
                      digest_of_file(entry.path()));
  }
  Hasher hasher;
  for (const auto& [path, content] : files)
    hasher.update(fmt::format("{}\n{}\n", path, content));
  return hasher.finish().substr(std::string_view("sha256:").size(), kDigestLength);
}

// Where the tag's colon is; a registry's port has a slash behind it.
std::size_t tag_position(const std::string& image) {
  const auto colon = image.rfind(':');
  return colon == std::string::npos || image.find('/', colon) != std::string::npos
             ? std::string::npos
             : colon;
}

} // namespace

std::string
tagged_image(const StackFunction& function, std::string_view format, const fs::path& project) {
  if (format.empty() || format == "latest") return function.image;
  const auto colon = tag_position(function.image);
  const auto name = function.image.substr(0, colon);
  const auto tagged = colon == std::string::npos ? function.image + ":latest" : function.image;
  if (format == "digest") return name + ':' + folder_digest(project / function.handler);
  if (format == "describe")
    return tagged + '-' + as_tag(git(project, {"describe", "--tags", "--always"}, format));
  if (format != "sha" && format != "branch")
    throw Error(
        ErrorKind::usage,
        fmt::format("--tag={}: no such format{}",
                    format,
                    did_you_mean(format, {"latest", "sha", "branch", "describe", "digest"})),
        "choose one of latest, sha, branch, describe, digest");
  const auto sha = git(project, {"rev-parse", "--short", "HEAD"}, format);
  if (format == "sha") return tagged + '-' + sha;
  return fmt::format(
      "{}-{}-{}", tagged, as_tag(git(project, {"rev-parse", "--abbrev-ref", "HEAD"}, format)), sha);
}

} // namespace cubeflash::cli
