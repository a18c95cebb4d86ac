// SPDX-License-Identifier: Apache-2.0
// How --help looks. It refuses to know what any command does.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace cubeflash::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();

  // One blank line between groups.
  std::string
  make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;

  // The value's name and default. What a value may be is for the description.
  std::string make_option_opts(const CLI::Option* option) const override;
};

} // namespace cubeflash::cli
