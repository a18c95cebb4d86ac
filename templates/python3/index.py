# SPDX-License-Identifier: Apache-2.0
# One request: the body on stdin, the answer of function/handler.py on stdout.
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "python"))
# Last, so that a handler's file can be imported by its plain name and never hides a module of the standard library.
sys.path.append(os.path.join(HERE, "function"))

from function import handler  # noqa: E402  (needs the paths above)


def wants_bytes(function):
    annotations = getattr(function, "__annotations__", {})
    return any(kind in (bytes, "bytes") for name, kind in annotations.items() if name != "return")


def read_request():
    body = sys.stdin.buffer.read()
    if wants_bytes(handler.handle):
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        sys.exit(f"the request body is not UTF-8 text ({error}); for raw bytes write: def handle(req: bytes)")


def write_response(response):
    if response is None:
        return
    if isinstance(response, (bytes, bytearray, memoryview)):
        sys.stdout.flush()  # what the handler printed comes first
        sys.stdout.buffer.write(response)
        return
    if isinstance(response, (dict, list)):
        import json  # here: most handlers never pay for it

        response = json.dumps(response, ensure_ascii=False)
    print(response)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    write_response(handler.handle(read_request()))
    sys.stdout.flush()
