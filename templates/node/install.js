// SPDX-License-Identifier: Apache-2.0
// Installs the packages of the handler folder given: what its lock file says, else what package.json asks for.
"use strict";

const { spawnSync } = require("node:child_process");
const { existsSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const folder = process.argv[2];
const locked = existsSync(join(folder, "package-lock.json")) || existsSync(join(folder, "npm-shrinkwrap.json"));
// Packages that were installed on the developer's machine may be for another Node.js or another processor.
rmSync(join(folder, "node_modules"), { recursive: true, force: true });

const npm = [locked ? "ci" : "install", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier"];
const result = spawnSync("npm", npm, { cwd: folder, stdio: "inherit" });
if (result.error) {
  throw result.error;
}
// npm's own note of what it installed; it varies with the registry that was used.
rmSync(join(folder, "node_modules", ".package-lock.json"), { force: true });
process.exit(result.status ?? 1);
