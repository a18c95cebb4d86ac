// SPDX-License-Identifier: Apache-2.0
// What names and link targets an archive may hold: relative ones that stay inside. Pure text; it
// refuses to know the disk.
#pragma once

#include <string>
#include <string_view>

namespace cubeflash {

// "./a//b/" -> "a/b"; "" for the archive's root itself. Throws Error(invalid), naming the entry,
// for an absolute path, a
// ".." and what is longer than a path may be.
std::string clean_entry_path(std::string_view name);

// Throws Error(invalid) unless a symlink at `path` (clean) to `target` stays inside whatever else
// the archive holds. A
// ".." is allowed only at the start of a target: after a name it would climb from wherever that
// name leads, which may be another link.
void check_symlink_target(std::string_view path, std::string_view target);

} // namespace cubeflash
