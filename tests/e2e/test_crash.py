# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the daemon at any point: nothing acknowledged is lost, what runs is taken over, nothing is left behind."""

import json
import random
import signal
import subprocess
import threading
import time

import harness
from harness import wait_until


class Crash(harness.TestCase):
    def deploy_echo(self):
        self.stack(self.bash_function("echo", "cat\n"))
        self.cflash("up")

    def instance_ids(self, name="echo"):
        return {i["id"] for i in self.daemon.status(name).get("instances", []) if i["phase"] == "ready"}

    def test_running_instances_are_taken_over(self):
        self.deploy_echo()
        self.cflash("scale", "echo", "2")
        self.daemon.wait_ready("echo", 2)
        ids, processes = self.instance_ids(), set(self.processes_of())
        self.daemon.kill()
        self.daemon.start()
        self.daemon.wait_ready("echo", 2)
        self.assertEqual(self.instance_ids(), ids)
        self.assertEqual(set(self.processes_of()), processes)
        self.assertEqual(self.daemon.call("echo", b"still here").text, "still here")

    def test_output_of_a_taken_over_instance_is_still_logged(self):
        self.deploy_echo()
        self.daemon.kill()
        self.daemon.start()
        self.daemon.wait_ready("echo")
        self.daemon.call("echo", b"12345")
        wait_until(lambda: "Wrote 5 Bytes" in self.daemon.request("GET", "/system/logs?name=echo").text, "the line")

    def test_a_removed_functions_instance_ends_though_the_daemon_was_killed(self):
        self.deploy_echo()
        body = json.dumps({"functionName": "echo"})
        self.assertEqual(self.daemon.request("DELETE", "/system/functions", body).status, 202)
        self.daemon.kill()
        self.daemon.start()
        self.assertIsNone(self.daemon.status("echo"))
        wait_until(lambda: not self.processes_of(), "the end of every instance")

    def test_nothing_acknowledged_is_lost_over_random_kills(self):
        self.deploy_echo()
        chance = random.Random(20)
        present, uncertain = {"echo"}, set()
        for round_ in range(12):
            stop = threading.Event()

            def change():
                number = 0
                while not stop.is_set():
                    number += 1
                    name = f"f{round_}-{number}"
                    uncertain.add(name)
                    try:
                        spec = {"service": name, "image": "echo:latest"}
                        if self.daemon.request("POST", "/system/functions", json.dumps(spec)).status == 202:
                            present.add(name)
                            uncertain.discard(name)
                        if number % 2 == 0:
                            uncertain.add(name)
                            present.discard(name)
                            body = json.dumps({"functionName": name})
                            if self.daemon.request("DELETE", "/system/functions", body).status == 202:
                                uncertain.discard(name)
                    except OSError:
                        return
                    except Exception:  # the connection broke in the middle of an answer
                        return

            thread = threading.Thread(target=change)
            thread.start()
            time.sleep(chance.uniform(0.01, 0.6))
            self.daemon.kill()
            stop.set()
            thread.join()
            self.daemon.start()
            listed = {f["name"] for f in self.daemon.request("GET", "/system/functions").json()}
            self.assertLessEqual(present, listed, f"lost after kill {round_}")
            self.assertLessEqual(listed, present | uncertain, f"came back after kill {round_}")
            # The uncertain ones are settled now; all go, so that the next round starts small.
            for name in listed - {"echo"}:
                self.daemon.request("DELETE", "/system/functions", json.dumps({"functionName": name}))
            present, uncertain = {"echo"}, set()
        self.daemon.wait_ready("echo")
        self.assertEqual(self.daemon.call("echo", b"x").text, "x")
        # One bwrap and the watchdog inside it, or the watchdog alone: not more than the one instance has.
        wait_until(lambda: len(self.processes_of()) <= 3, f"only echo's processes: {self.processes_of()}")

    def test_sigterm_lets_running_calls_finish_and_leaves_nothing(self):
        self.stack(self.bash_function("slow", "sleep 1.5; echo done\n"))
        self.cflash("up")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.daemon.call("slow")))
        thread.start()
        wait_until(lambda: self.daemon.status("slow")["invocationCount"] >= 1
                   if "invocationCount" in self.daemon.status("slow") else False, "the call's start")
        self.daemon.stop()
        thread.join()
        self.assertEqual((answers[0].status, answers[0].text), (200, "done\n"))
        self.assertEqual(self.daemon.process.returncode, 0)
        self.assertEqual(self.processes_of(), [])
        self.daemon.start()
        self.daemon.wait_ready("slow")

    def test_a_second_daemon_on_the_same_home_is_refused(self):
        second = subprocess.run([harness.BIN / "cflashd", "--home", self.home, "--listen", "127.0.0.1:0"],
                                capture_output=True, timeout=60, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"another cflashd (pid {self.daemon.process.pid})", second.stderr.decode())
        self.assertEqual(self.daemon.request("GET", "/healthz").status, 200)

    def test_a_port_in_use_is_named(self):
        second = subprocess.run([harness.BIN / "cflashd", "--home", self.root / "other", "--listen",
                                 f"127.0.0.1:{self.daemon.port}"], capture_output=True, timeout=60, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"127.0.0.1:{self.daemon.port}", second.stderr.decode())

    def test_a_crashing_function_is_restarted_with_a_reason(self):
        self.deploy_echo()
        spec = {"service": "broken", "image": "echo:latest", "envVars": {"port": "8080", "mode": "nonsense"}}
        self.assertEqual(self.daemon.request("POST", "/system/functions", json.dumps(spec)).status, 202)
        reason = wait_until(lambda: next((i["reason"] for i in self.daemon.status("broken").get("instances", [])
                                          if i["phase"] == "backoff"), None), "a visible reason")
        self.assertIn("exit", reason)
        self.assertIn(self.daemon.call("echo", b"x").status, (200,))
        self.assertIn("broken", self.cflash("describe", "broken").out)

    def test_a_killed_instance_is_replaced(self):
        self.deploy_echo()
        before = self.instance_ids()
        for pid in self.processes_of():
            try:
                __import__("os").kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        wait_until(lambda: self.instance_ids() and not self.instance_ids() & before, "a new instance")
        wait_until(lambda: self.daemon.call("echo", b"x").text == "x", "its answer")


class PlainCrash(Crash):
    """The same where no sandbox can be made."""

    daemon_environment = {"CFLASH_SANDBOX": "off"}


if __name__ == "__main__":
    harness.main()
