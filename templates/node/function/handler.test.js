"use strict";

const assert = require("node:assert");
const test = require("node:test");

const handle = require("./handler");

test("answers with the request body", async () => {
  assert.deepStrictEqual(await handle("hello"), { status: "received", input: "hello" });
});

test("accepts an empty body", async () => {
  assert.deepStrictEqual(await handle(""), { status: "received", input: "" });
});
