// SPDX-License-Identifier: Apache-2.0
// One request: the body on stdin, the answer of function/handler.js on stdout.
"use strict";

async function readAll(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(body) {
  try {
    // ignoreBOM keeps a byte order mark: the handler sees what was sent.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new Error("the request body is not UTF-8 text; for a Buffer set module.exports.binary = true");
  }
}

function encode(response) {
  if (response === undefined || response === null) {
    return "";
  }
  if (typeof response === "string" || response instanceof Uint8Array) {
    return response;
  }
  return JSON.stringify(response);
}

async function main() {
  // import() and not require(): it loads CommonJS and ECMAScript modules alike.
  const handler = (await import("./function/handler.js")).default;
  if (typeof handler !== "function") {
    throw new Error("function/handler.js does not export a function");
  }
  const body = await readAll(process.stdin);
  return encode(await handler(handler.binary ? body : decode(body)));
}

// Otherwise Node.js would end with status 0 and an empty answer.
process.on("beforeExit", () => {
  console.error("the handler never finished: its promise is still pending and nothing is left to wait for");
  process.exit(1);
});

main().then(
  // Exits by itself once all is written: a timer or a connection that the handler left open must not hold the answer back.
  (response) => process.stdout.write(response, () => process.exit()),
  (error) => {
    process.stderr.write(`${(error && error.stack) || error}\n`, () => process.exit(1));
  },
);
