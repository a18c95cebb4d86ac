// SPDX-License-Identifier: Apache-2.0
// Markdown in, HTML out (GitHub's dialect: tables, task lists, links without brackets).
"use strict";

const { marked } = require("marked");

// Markdown may hold HTML, scripts included, and it comes through as it is, which is right for a text of one's own. Before
// showing somebody else's to a browser, send the answer through a sanitizer.
module.exports = async (input) => marked.parse(input, { async: false, gfm: true });
