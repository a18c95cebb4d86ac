// SPDX-License-Identifier: Apache-2.0
// cflash invoke: calls a function, standard input in, standard output out, in constant memory.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

namespace cubeflash::cli {

class Cli;

struct InvokeOptions {
  StackFlags stack;
  ApiFlags api;
  std::string function;
  std::string method = "POST";
  std::string content_type = "text/plain";
  std::vector<std::string> query;   // k=v
  std::vector<std::string> headers; // "Name: value"
  bool async = false;
};

void add_invoke(Cli& cli);
int run_invoke(const InvokeOptions& options, Context& context);

} // namespace cubeflash::cli
