# SPDX-License-Identifier: Apache-2.0
"""Real programs for the end-to-end tests: a daemon on a port of the kernel's choice, the CLI, HTTP calls.

Every test has its own home, project folder and cache below one temporary directory, which is kept and named when the
test fails."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BIN = pathlib.Path(os.environ["CFLASH_BIN"])
SOURCE = pathlib.Path(os.environ["CFLASH_SOURCE"])
DEADLINE = 60  # seconds that anything may take; sanitized builds are slow


def skip(reason):
    """Skips the test by name, or fails it where everything has to be there."""
    if os.environ.get("CFLASH_NO_SKIP") == "1":
        raise AssertionError(f"may not be skipped here: {reason}")
    print(f"SKIPPED: {reason}", flush=True)
    raise unittest.SkipTest(reason)


def need(*commands):
    for command in commands:
        if shutil.which(command) is None:
            skip(f"{command} is not installed")


def wait_until(condition, what, timeout=DEADLINE):
    """Polls `condition` until it gives something true, which is returned."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {timeout} s: {what}")


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


class Daemon:
    def __init__(self, home, environment=None, arguments=()):
        self.home = pathlib.Path(home)
        self.environment = environment or {}
        self.arguments = list(arguments)
        self.process = None
        self.port = 0

    def start(self):
        read, write = os.pipe()
        log = open(self.home.parent / "cflashd.log", "ab")
        self.process = subprocess.Popen(
            [BIN / "cflashd", "--home", self.home, "--listen", f"127.0.0.1:{self.port}", *self.arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[write], start_new_session=True,
            env={**os.environ, **self.environment, "CFLASH_READY_FD": str(write)})
        os.close(write)
        log.close()
        with os.fdopen(read, "rb") as ready:
            if ready.read(1) != b"\n":
                raise AssertionError("cflashd did not start:\n" + self.log())
        self.port = int((self.home / "daemon.pid").read_text().split()[1].rsplit(":", 1)[1])
        return self

    def log(self):
        file = self.home.parent / "cflashd.log"
        return file.read_text(errors="replace") if file.exists() else ""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self):
        return (self.home / "admin-token").read_text().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, timeout=DEADLINE):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("cflashd did not end after SIGTERM:\n" + self.log()) from None

    def request(self, method, path, body=None, headers=None, auth=True, timeout=DEADLINE):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = dict(headers or {})
            if auth and path.startswith(("/system", "/v2")):
                headers.setdefault("Authorization", f"Bearer {self.token}")
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def call(self, name, body=b"", **options):
        return self.request("POST", f"/function/{name}", body=body, **options)

    def status(self, name):
        answer = self.request("GET", f"/system/function/{name}")
        return answer.json() if answer.status == 200 else None

    def wait_ready(self, name, replicas=1):
        return wait_until(
            lambda: (self.status(name) or {}).get("availableReplicas", 0) >= replicas and self.status(name),
            f"{replicas} ready instance(s) of {name}; the last status: {self.status(name)}")


class TestCase(unittest.TestCase):
    """A directory, a daemon (unless daemon_wanted is False) and a project folder for each test."""

    daemon_wanted = True
    daemon_environment = {}

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="cflash-e2e-"))
        # Instances run under users of their own when the tests run as root.
        self.root.chmod(0o755)
        self.home = self.root / "home"
        self.project = self.root / "project"
        self.home.mkdir()
        self.project.mkdir()
        self.daemon = Daemon(self.home, self.daemon_environment)
        self.addCleanup(self._clean)
        if self.daemon_wanted:
            self.daemon.start()

    def _clean(self):
        try:
            self.daemon.stop()
        finally:
            outcome = self._outcome
            failed = bool(outcome and (not outcome.success))
            if failed:
                print(f"kept: {self.root}", file=sys.stderr)
            else:
                shutil.rmtree(self.root, ignore_errors=True)

    def environment(self, **more):
        return {**os.environ, "HOME": str(self.root), "CFLASH_HOME": str(self.home), "CFLASH_URL": self.daemon.url,
                "CFLASH_TEMPLATES": str(SOURCE / "templates"), "XDG_CACHE_HOME": os.environ.get(
                    "CFLASH_TEST_CACHE", str(self.root / "cache")), "NO_COLOR": "1", **more}

    def cflash(self, *arguments, input=None, code=0, cwd=None, env=None, timeout=300):
        """Runs the CLI in the project folder and checks its exit code."""
        if isinstance(input, str):
            input = input.encode()
        result = subprocess.run([BIN / "cflash", *arguments], input=input if input is not None else b"",
                                capture_output=True, cwd=cwd or self.project, env=self.environment(**(env or {})),
                                timeout=timeout, check=False)
        result.out = result.stdout.decode("utf-8", "replace")
        result.err = result.stderr.decode("utf-8", "replace")
        if code is not None:
            self.assertEqual(result.returncode, code, f"cflash {' '.join(map(str, arguments))}\n--- out\n{result.out}"
                                                      f"\n--- err\n{result.err}\n--- daemon\n{self.daemon.log()[-3000:]}")
        return result

    def stack(self, functions, **top):
        """Writes stack.yml; JSON is YAML."""
        content = {"version": "1.0", "provider": {"name": "openfaas"}, "functions": functions, **top}
        (self.project / "stack.yml").write_text(json.dumps(content, indent=1))

    def bash_function(self, name, script, **keys):
        """A bash function's folder and its stack entry."""
        folder = self.project / name
        folder.mkdir(exist_ok=True)
        (folder / "handler.sh").write_text(script)
        return {name: {"lang": "bash", "handler": f"./{name}", "image": f"{name}:latest", **keys}}

    def processes_of(self):
        """Pids of every process whose command line, environment or cgroup names this test's home."""
        mark = str(self.home).encode()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if mark in (entry / "cmdline").read_bytes() or mark in (entry / "environ").read_bytes():
                    if self.daemon.process is None or int(entry.name) != self.daemon.process.pid:
                        found.append(int(entry.name))
            except OSError:
                continue
        return found


def main():
    unittest.main(verbosity=2)
