// SPDX-License-Identifier: Apache-2.0
#include "cli/build/template_source.hpp"

#include "cli/stack/url_fetch.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"
#include "common/image/archive.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds kCloneTimeout{300'000};
constexpr milliseconds kFetchTimeout{300'000};
constexpr std::size_t kMaxArchive = 256U << 20U;
constexpr std::string_view kCommitPrefix = "sha-";

// "https://user:token@host/x" -> "https://host/x": credentials must not end up in a file or a
// message.
std::string without_credentials(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto host = scheme + 3;
  const auto path = url.find('/', host);
  const auto at = url.substr(0, path).rfind('@');
  return at == std::string::npos || at < host ? url : url.substr(0, host) + url.substr(at + 1);
}

// Without what points git at another repository (in a hook, say), and asking nobody.
std::vector<std::string> git_environment() {
  constexpr std::array<std::string_view, 7> kNotPassed{"GIT_DIR",
                                                       "GIT_WORK_TREE",
                                                       "GIT_INDEX_FILE",
                                                       "GIT_OBJECT_DIRECTORY",
                                                       "GIT_COMMON_DIR",
                                                       "GIT_NAMESPACE",
                                                       "GIT_TERMINAL_PROMPT"};
  std::vector<std::string> env;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto name = text.substr(0, text.find('='));
    if (std::find(kNotPassed.begin(), kNotPassed.end(), name) == kNotPassed.end())
      env.emplace_back(text);
  }
  env.emplace_back("GIT_TERMINAL_PROMPT=0");
  if (!environment_variable("GIT_SSH_COMMAND"))
    env.emplace_back("GIT_SSH_COMMAND=ssh -oBatchMode=yes");
  return env;
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// `url` may hold credentials, which git repeats in its messages.
std::string
run_git(std::vector<std::string> args, const std::string& what, const std::string& url) {
  if (!find_program("git"))
    throw Error(ErrorKind::not_found,
                "git is needed to pull templates and was not found",
                "apt install git");
  const auto result = run(Command{.program = "git",
                                  .args = std::move(args),
                                  .argv0 = {},
                                  .env = git_environment(),
                                  .cwd = {}},
                          RunOptions{.input = {}, .timeout = kCloneTimeout});
  if (result.timed_out)
    throw Error(ErrorKind::timeout,
                fmt::format("{} did not finish in {}", what, format_duration(kCloneTimeout)));
  if (!result.status.ok())
    throw Error(
        ErrorKind::unavailable,
        fmt::format("{} failed: {}",
                    what,
                    replace_all(std::string(trim(result.err)), url, without_credentials(url))));
  return std::string(trim(result.out));
}

TemplateOrigin clone(const std::string& url, const std::string& reference, const fs::path& into) {
  const std::string shown = without_credentials(url);
  const std::string what = "cloning " + shown;
  const bool commit = reference.starts_with(kCommitPrefix);
  std::vector<std::string> args{"clone", "--quiet"};
  // Not every server gives out a single commit, so that one is taken from the whole history.
  if (!commit) args.insert(args.end(), {"--depth", "1"});
  if (!commit && !reference.empty()) args.push_back("--branch=" + reference);
  args.insert(args.end(), {"--", url, into.string()});
  run_git(std::move(args), what, url);
  if (commit) {
    const std::string sha = reference.substr(kCommitPrefix.size());
    if (sha.empty() || sha.find_first_not_of("0123456789abcdef") != std::string::npos)
      throw Error(ErrorKind::invalid, fmt::format("\"{}\" is not a commit", reference));
    run_git({"-C", into.string(), "checkout", "--quiet", "--detach", sha}, what, url);
  }
  return {shown, reference, run_git({"-C", into.string(), "rev-parse", "HEAD"}, what, url)};
}

bool has_suffix_of_archive(std::string_view path) {
  constexpr std::array<std::string_view, 7> kSuffixes{
      ".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst", ".tar.bz2"};
  const std::string lower = to_lower(path.substr(0, path.find('?')));
  return std::any_of(
      kSuffixes.begin(), kSuffixes.end(), [&](auto suffix) { return lower.ends_with(suffix); });
}

bool is_git_url(std::string_view text) {
  for (std::string_view scheme : {"https://", "http://", "ssh://", "git://", "file://"})
    if (text.starts_with(scheme)) return true;
  // git's scp form, user@host:path
  const auto colon = text.find(':');
  return colon != std::string_view::npos && colon < text.find('/') && text.find('@') < colon;
}

bool is_bare_repository(const fs::path& directory) {
  return fs::is_regular_file(directory / "HEAD") && fs::is_directory(directory / "objects") &&
         fs::is_directory(directory / "refs");
}

bool holds_templates(const fs::path& folder) {
  std::error_code failure;
  for (auto item = fs::directory_iterator(folder, failure);
       !failure && item != fs::directory_iterator();
       item.increment(failure)) {
    std::error_code ignored;
    if (fs::is_regular_file(item->path() / "template.yml", ignored)) return true;
  }
  return false;
}

// The folder of templates in what was fetched: template/, itself, or either of them in the one
// directory that archives of a repository wrap around everything.
fs::path templates_in(const fs::path& root, const std::string& source) {
  std::vector<fs::path> places{root};
  std::vector<fs::path> children;
  for (const auto& item : fs::directory_iterator(root))
    children.push_back(item.path());
  if (children.size() == 1 && fs::is_directory(fs::symlink_status(children.front())))
    places.push_back(children.front());
  for (const auto& place : places) {
    // A link here could lead anywhere.
    if (fs::is_directory(fs::symlink_status(place / "template")) &&
        holds_templates(place / "template"))
      return place / "template";
    if (holds_templates(place)) return place;
  }
  throw Error(ErrorKind::not_found,
              fmt::format("{} holds no template", source),
              "a template is a directory template/NAME with a template.yml");
}

fs::path unpack(const fs::path& archive, const fs::path& workspace) {
  const fs::path into = workspace / "unpacked";
  fs::create_directory(into);
  extract_archive(archive, into);
  return into;
}

} // namespace

bool is_template_name(std::string_view name) {
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= 100 && letter_or_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         });
}

FetchedTemplates fetch_templates(const std::string& source, const fs::path& workspace) {
  const auto hash = source.rfind('#');
  const std::string place = source.substr(0, hash);
  const std::string reference = hash == std::string::npos ? "" : source.substr(hash + 1);
  if (place.empty() || place.front() == '-')
    throw Error(ErrorKind::invalid,
                fmt::format("\"{}\" is neither a URL, a folder nor an archive", source));
  TemplateOrigin origin{without_credentials(place), reference, {}};
  const bool web = place.starts_with("http://") || place.starts_with("https://");
  if (web && has_suffix_of_archive(place)) {
    write_file_atomic(workspace / "archive", fetch_url(place, kMaxArchive, kFetchTimeout));
    return {templates_in(unpack(workspace / "archive", workspace), origin.repository), origin};
  }
  const bool directory = fs::is_directory(place);
  if (is_git_url(place) || (directory && (!reference.empty() || is_bare_repository(place)))) {
    origin =
        clone(directory ? fs::absolute(place).string() : place, reference, workspace / "clone");
    return {templates_in(workspace / "clone", origin.repository), origin};
  }
  if (directory) return {templates_in(place, place), origin};
  if (fs::is_regular_file(place)) return {templates_in(unpack(place, workspace), place), origin};
  throw Error(ErrorKind::not_found,
              fmt::format("\"{}\" is neither a URL nor an existing folder or archive", source));
}

void write_origin(const TemplateOrigin& origin, const fs::path& template_directory) {
  const nlohmann::ordered_json meta{
      {"repository", origin.repository},
      {"ref_name", origin.reference},
      {"sha", origin.sha},
      {"written_at", format_rfc3339(std::chrono::system_clock::now())}};
  write_file_atomic(template_directory / "meta.json",
                    meta.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

bool was_pulled_as(const fs::path& template_directory, const std::string& reference) {
  std::error_code ignored;
  if (!fs::is_regular_file(template_directory / "meta.json", ignored)) return false;
  const auto meta =
      nlohmann::json::parse(read_file(template_directory / "meta.json", 1U << 16U), nullptr, false);
  if (!meta.is_object()) return false;
  const auto field = [&](const char* name) {
    const auto found = meta.find(name);
    return found != meta.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!reference.starts_with(kCommitPrefix)) return field("ref_name") == reference;
  const std::string sha = reference.substr(kCommitPrefix.size());
  return !sha.empty() && field("sha").starts_with(sha);
}

} // namespace cubeflash::cli
