# SPDX-License-Identifier: Apache-2.0
"""`cflash daemon` and the daemon that `cflash up` starts by itself."""

import json

import harness


class DaemonCommands(harness.TestCase):
    daemon_wanted = False

    def tearDown(self):
        self.cflash("daemon", "stop", code=None)

    def environment(self, **more):
        environment = super().environment(**more)
        if "CFLASH_URL" not in more:
            environment.pop("CFLASH_URL")
        return environment

    def test_start_status_logs_stop(self):
        self.assertEqual(self.cflash("daemon", "status", code=1).returncode, 1)
        self.cflash("daemon", "start", "--listen", "127.0.0.1:0")
        status = json.loads(self.cflash("daemon", "status", "--json").out)
        self.assertTrue(status["running"])
        # Without a gateway given, the account's own daemon is found wherever it listens.
        self.assertEqual(self.cflash("list", "-q").out, "")
        again = self.cflash("daemon", "start", "--listen", "127.0.0.1:0", code=None)
        self.assertIn(str(status["pid"]), again.out + again.err)
        self.assertIn("listening", self.cflash("daemon", "logs").out)
        self.cflash("daemon", "stop")
        self.assertEqual(self.cflash("daemon", "status", code=1).returncode, 1)
        self.cflash("daemon", "stop", code=None)

    def test_a_home_that_cannot_be_used_is_named(self):
        (self.root / "file").write_text("x")
        failed = self.cflash("daemon", "start", "--listen", "127.0.0.1:0", "--home", str(self.root / "file"), code=1)
        self.assertIn(str(self.root / "file"), failed.err)


if __name__ == "__main__":
    harness.main()
