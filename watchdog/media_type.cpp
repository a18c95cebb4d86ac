// SPDX-License-Identifier: Apache-2.0
#include "watchdog/media_type.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cubeflash::watchdog {

namespace {

using namespace std::string_view_literals;

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kMagic{{
    {"\x89PNG\r\n\x1a\n"sv, "image/png"},
    {"\xff\xd8\xff"sv, "image/jpeg"},
    {"GIF87a"sv, "image/gif"},
    {"GIF89a"sv, "image/gif"},
    {"%PDF-"sv, "application/pdf"},
    {"\x1f\x8b\x08"sv, "application/x-gzip"},
    {"PK\x03\x04"sv, "application/zip"},
    {"<?xml"sv, "text/xml; charset=utf-8"},
}};

constexpr std::array<std::string_view, 6> kHtml{
    "<!doctype html", "<html", "<head", "<body", "<script", "<!--"};

// Control characters that no text holds (https://mimesniff.spec.whatwg.org/#binary-data-byte).
bool is_binary(unsigned char c) {
  return c <= 0x08 || c == 0x0b || (c >= 0x0e && c <= 0x1a) || (c >= 0x1c && c <= 0x1f);
}

} // namespace

std::string_view guess_media_type(std::string_view body) {
  body = body.substr(0, 512);
  for (const auto& [magic, type] : kMagic)
    if (body.starts_with(magic)) return type;
  const auto start = std::min(body.find_first_not_of(" \t\r\n\f"), body.size());
  for (const auto tag : kHtml)
    if (iequals(body.substr(start, tag.size()), tag)) return "text/html; charset=utf-8";
  if (std::any_of(body.begin(), body.end(), is_binary)) return "application/octet-stream";
  return "text/plain; charset=utf-8";
}

} // namespace cubeflash::watchdog
