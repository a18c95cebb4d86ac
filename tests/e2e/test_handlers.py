# SPDX-License-Identifier: Apache-2.0
"""Handlers that misbehave: the caller gets an answer, the daemon and the other functions go on."""

import os
import pathlib
import socket
import threading
import time

import harness
from harness import wait_until

SCRIPTS = {
    "unread": "echo answered\n",  # never reads stdin
    "closed": "exec >&-; cat >/dev/null\n",
    "flood": "head -c 1000000000 /dev/zero\n",
    "fork": "(setsid sleep 1000 &) ; sleep 1000 & echo forked\n",
    "killed": "kill -9 $$\n",
    "stubborn": "trap '' TERM; sleep 1000\n",
    "ok": "cat\n",
}


class Handlers(harness.TestCase):
    def setUp(self):
        super().setUp()
        functions = {}
        for name, script in SCRIPTS.items():
            functions.update(self.bash_function(name, script))
        functions["stubborn"]["timeout"] = "1s"
        functions.update(self.bash_function("missing", "true\n", fprocess="no-such-program --flag"))
        self.stack(functions)
        self.cflash("up", "--parallel", "2")

    def rss(self, pid):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def test_never_reading_a_large_body(self):
        answer = self.daemon.call("unread", b"x" * (8 << 20))
        self.assertEqual((answer.status, answer.text), (200, "answered\n"))

    def test_closing_stdout_early(self):
        answer = self.daemon.call("closed", b"x" * 100000)
        self.assertEqual((answer.status, answer.text), (200, ""))

    def test_a_gigabyte_of_output_at_constant_memory(self):
        before = self.rss(self.daemon.process.pid)
        client = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=120)
        client.sendall(b"POST /function/flood HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        received, largest = 0, 0
        while piece := client.recv(1 << 20):
            received += len(piece)
            largest = max(largest, self.rss(self.daemon.process.pid))
        self.assertGreater(received, 1000000000)
        self.assertLess(largest - before, 32 << 20)

    def test_children_do_not_outlive_the_call(self):
        def sleepers():
            found = []
            for entry in pathlib.Path("/proc").iterdir():
                try:
                    if entry.name.isdigit() and (entry / "cmdline").read_bytes() == b"sleep\x001000\x00" and \
                            str(self.root).encode() in pathlib.Path(f"/proc/{entry.name}/environ").read_bytes() + \
                            os.readlink(entry / "cwd").encode() + b"".join(
                                [(pathlib.Path("/proc") / entry.name / "mountinfo").read_bytes()]):
                        found.append(entry.name)
                except OSError:
                    continue
            return found

        answer = self.daemon.call("fork")
        self.assertEqual((answer.status, answer.text), (200, "forked\n"))
        wait_until(lambda: not sleepers(), "the end of the handler's children")

    def test_killed_by_a_signal(self):
        answer = self.daemon.call("killed")
        self.assertEqual(answer.status, 500)

    def test_a_missing_program(self):
        answer = self.daemon.call("missing")
        self.assertEqual(answer.status, 500)
        self.assertIn("no-such-program", answer.text)

    def test_the_timeout_ends_what_ignores_sigterm(self):
        started = time.monotonic()
        answer = self.daemon.call("stubborn")
        self.assertIn(answer.status, (408, 504))
        self.assertLess(time.monotonic() - started, 20)

    def test_a_client_that_leaves_ends_its_process(self):
        client = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30)
        client.sendall(b"POST /function/fork HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        client.close()
        self.assertEqual(self.daemon.call("ok", b"x").text, "x")

    def test_others_are_served_meanwhile(self):
        threads = [threading.Thread(target=self.daemon.call, args=(name,)) for name in ("stubborn", "killed", "fork")]
        for thread in threads:
            thread.start()
        for _ in range(20):
            self.assertEqual(self.daemon.call("ok", b"x").text, "x")
        for thread in threads:
            thread.join()


class PlainHandlers(Handlers):
    """The same where no sandbox can be made."""

    daemon_environment = {"CFLASH_SANDBOX": "off"}


if __name__ == "__main__":
    harness.main()
