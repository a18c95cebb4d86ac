# SPDX-License-Identifier: Apache-2.0
"""new, build, deploy, invoke: what the project is for, in each language."""

import json
import time

import harness
from harness import SOURCE, need


class MainJob(harness.TestCase):
    def make(self, lang, *commands):
        need(*commands)
        self.cflash("new", "hello", "--lang", lang)
        self.cflash("up")
        answer = self.cflash("invoke", "hello", input="world")
        self.assertNotEqual(answer.out, "")
        return answer.out

    def test_python3(self):
        self.assertIn("world", self.make("python3", "python3"))

    def test_node(self):
        self.assertIn("world", self.make("node", "node"))

    def test_go(self):
        self.assertIn("world", self.make("go", "go"))

    def test_cpp(self):
        self.assertIn("world", self.make("cpp", "g++", "make"))

    def test_bash(self):
        self.assertIn("world", self.make("bash", "bash"))

    def test_an_edit_gives_a_new_answer_and_no_edit_builds_nothing(self):
        self.stack(self.bash_function("echo", "echo one\n"))
        self.cflash("up")
        self.assertEqual(self.daemon.call("echo").text, "one\n")
        before = self.daemon.status("echo")["instances"]
        again = self.cflash("up")
        self.assertIn("unchanged", (again.out + again.err).lower())
        self.assertEqual(self.daemon.status("echo")["instances"], before, "an unchanged function was restarted")
        (self.project / "echo/handler.sh").write_text("echo two\n")
        self.cflash("up")
        harness.wait_until(lambda: self.daemon.call("echo").text == "two\n", "the new answer")

    def test_an_update_under_load_loses_no_call(self):
        self.stack(self.bash_function("echo", "cat\n"))
        self.cflash("up")
        import threading
        failures, stop, calls = [], threading.Event(), [0]

        def load():
            while not stop.is_set():
                answer = self.daemon.call("echo", b"x")
                calls[0] += 1
                if answer.status != 200:
                    failures.append((answer.status, answer.text))

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        for round_ in range(3):
            (self.project / "echo/handler.sh").write_text(f"cat # {round_}\n")
            self.cflash("up")
        time.sleep(0.5)
        stop.set()
        for thread in threads:
            thread.join()
        self.assertGreater(calls[0], 20)
        self.assertEqual(failures, [])

    def test_list_describe_scale_logs_remove(self):
        self.stack(self.bash_function("echo", "echo to-the-log >&2; cat\n", environment={"combine_output": "false"}))
        self.cflash("up")
        self.assertIn("echo", self.cflash("list").out)
        listed = json.loads(self.cflash("list", "--json").out)
        self.assertEqual([f["name"] for f in listed], ["echo"])
        self.cflash("scale", "echo", "3")
        self.daemon.wait_ready("echo", 3)
        described = self.cflash("describe", "echo").out
        self.assertRegex(described, r"Replicas:\s+3")
        self.assertIn("Ready", described)
        self.cflash("ready", "echo")
        self.cflash("invoke", "echo", input="x")
        logs = harness.wait_until(
            lambda: (lambda text: text if "to-the-log" in text else None)(
                self.cflash("logs", "echo", "--tail=false").out), "the line in the logs")
        self.assertIn("Forking fprocess", logs)
        self.assertIn("Wrote 1 Bytes", logs)
        self.cflash("remove", "echo")
        self.assertEqual(self.daemon.call("echo").status, 404)
        harness.wait_until(lambda: not self.processes_of(), f"the end of {self.processes_of()}")

    def test_streams_a_large_body_both_ways(self):
        self.stack(self.bash_function("echo", "cat\n"))
        self.cflash("up")
        body = bytes(range(256)) * 4096 * 32  # 32 MiB
        self.assertEqual(self.cflash("invoke", "echo", input=body).stdout, body)

    def test_examples(self):
        need("python3", "node", "go", "g++", "make", "curl")
        stack = SOURCE / "examples/stack.yml"
        import shutil
        import subprocess
        # A copy: a build writes beside the stack file.
        shutil.copytree(stack.parent, self.project / "examples", ignore=shutil.ignore_patterns("build"))
        shutil.copy(SOURCE / "README.md", self.project / "README.md")
        self.cflash("up", "-f", "stack.yml", cwd=self.project / "examples")
        check = subprocess.run([self.project / "examples/check"], cwd=self.project / "examples", capture_output=True,
                               env=self.environment(PATH=f"{harness.BIN}:{__import__('os').environ['PATH']}"),
                               check=False, timeout=300)
        self.assertEqual(check.returncode, 0, check.stdout.decode() + check.stderr.decode())


class PlainProcesses(MainJob):
    """The same where no sandbox can be made."""

    daemon_environment = {"CFLASH_SANDBOX": "off"}


if __name__ == "__main__":
    harness.main()
