// SPDX-License-Identifier: Apache-2.0
// The grammar of image names (distribution-spec, spec.md "Pulling manifests", and the registry host
// before them).
#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/image/digest.hpp"
#include "common/image/oci_layout.hpp"

#include <algorithm>

namespace cubeflash {

namespace {

constexpr std::size_t kMaxRepository = 255;
constexpr std::size_t kMaxTag = 128;

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_alnum(char c) {
  return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool is_path_component(std::string_view text) {
  if (text.empty() || !is_lower_alnum(text.front()) || !is_lower_alnum(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    const auto start = i;
    while (i < text.size() && !is_lower_alnum(text[i]))
      ++i;
    const auto separator = text.substr(start, i - start);
    if (!separator.empty() && separator != "." && separator != "_" && separator != "__" &&
        separator.find_first_not_of('-') != std::string_view::npos)
      return false;
    while (i < text.size() && is_lower_alnum(text[i]))
      ++i;
  }
  return true;
}

// A first component with a dot, a port or the name localhost is a host, as Docker reads it.
bool is_host(std::string_view text) {
  auto name = text;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    if (!parse_integer<std::uint16_t>(text.substr(colon + 1))) return false;
    name = text.substr(0, colon);
  } else if (text.find('.') == std::string_view::npos && text != "localhost") {
    return false;
  }
  const auto labels = split(name, '.');
  return std::all_of(labels.begin(), labels.end(), [](const std::string& label) {
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
  });
}

bool is_repository(std::string_view text) {
  if (text.size() > kMaxRepository) return false;
  const auto parts = split(text, '/');
  const auto first = parts.begin() + (parts.size() > 1 && is_host(parts.front()) ? 1 : 0);
  return std::all_of(
      first, parts.end(), [](const std::string& part) { return is_path_component(part); });
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > kMaxTag || text.front() == '.' || text.front() == '-')
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || c == '_' || c == '.' || c == '-';
  });
}

} // namespace

ImageReference ImageReference::parse(std::string_view text) {
  const auto refuse = [text](std::string_view why) {
    throw Error(
        ErrorKind::invalid,
        fmt::format("image \"{}\": {}", text.substr(0, kMaxRepository), why),
        "an image is NAME[:TAG], e.g. render:latest or registry.example.com:5000/team/render:1.0");
  };
  ImageReference reference;
  auto rest = text;
  if (const auto at = rest.find('@'); at != std::string_view::npos) {
    reference.digest = rest.substr(at + 1);
    if (!is_digest(reference.digest)) refuse("the digest is not sha256: and 64 hex digits");
    rest = rest.substr(0, at);
  } else {
    reference.tag = "latest";
  }
  // A colon before a slash belongs to the host's port.
  if (const auto colon = rest.rfind(':');
      colon != std::string_view::npos && rest.find('/', colon) == std::string_view::npos) {
    reference.tag = rest.substr(colon + 1);
    if (!is_tag(reference.tag))
      refuse("the tag must be 1 to 128 letters, digits, \"_\", \".\" or \"-\"");
    rest = rest.substr(0, colon);
  }
  if (rest.empty()) refuse("has no name");
  if (std::any_of(rest.begin(), rest.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
      !is_repository(rest))
    refuse("the name must be in lower case");
  if (!is_repository(rest)) refuse("the name is not valid");
  reference.repository = rest;
  return reference;
}

std::string ImageReference::text() const {
  auto whole = repository;
  if (!tag.empty()) whole += ":" + tag;
  if (!digest.empty()) whole += "@" + digest;
  return whole;
}

} // namespace cubeflash
