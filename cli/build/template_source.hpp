// SPDX-License-Identifier: Apache-2.0
// Where templates are pulled from: a git repository, a folder, an archive; brought to a local
// folder of templates. It refuses to know where they go.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cubeflash::cli {

// A letter or digit, then letters, digits, '.', '_', '-'; at most 100 characters.
bool is_template_name(std::string_view name);

// Where a pulled template came from: its meta.json.
struct TemplateOrigin {
  std::string repository; // without credentials
  std::string reference;  // branch or tag; empty: the default
  std::string sha;        // empty when it is no git repository
};

struct FetchedTemplates {
  std::filesystem::path folder; // holds <name>/template.yml
  TemplateOrigin origin;
};

// Brings `source` into `workspace` (a local folder stays where it is). Throws Error(not_found |
// unavailable | timeout | invalid | too_large).
FetchedTemplates fetch_templates(const std::string& source, const std::filesystem::path& workspace);

void write_origin(const TemplateOrigin& origin, const std::filesystem::path& template_directory);

// Whether meta.json names this branch or tag, or ("sha-...") this commit.
bool was_pulled_as(const std::filesystem::path& template_directory, const std::string& reference);

} // namespace cubeflash::cli
