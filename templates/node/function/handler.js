"use strict";

// Answers a request: input is the request body. Write nothing to the console: it becomes part of the response.
module.exports = async (input) => {
  return { status: "received", input };
};
