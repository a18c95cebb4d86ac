// SPDX-License-Identifier: Apache-2.0
"use strict";

const assert = require("node:assert");
const test = require("node:test");

const handle = require("./handler");

test("turns a heading and a paragraph into HTML", async () => {
  assert.strictEqual(await handle("# Title\n\nSome *text*.\n"), "<h1>Title</h1>\n<p>Some <em>text</em>.</p>\n");
});

test("escapes what is not HTML", async () => {
  assert.strictEqual(await handle("1 < 2 & `<b>`"), "<p>1 &lt; 2 &amp; <code>&lt;b&gt;</code></p>\n");
});

test("knows tables", async () => {
  const html = await handle("| a | b |\n|---|---|\n| 1 | 2 |\n");
  assert.match(html, /<table>[^]*<th>a<\/th>[^]*<td>2<\/td>/);
});

test("keeps code as it is", async () => {
  const html = await handle("```sh\necho '# no heading'\n```\n");
  assert.match(html, /<pre><code class="language-sh">echo &#39;# no heading&#39;\n<\/code><\/pre>/);
});

test("accepts an empty body", async () => {
  assert.strictEqual(await handle(""), "");
});
