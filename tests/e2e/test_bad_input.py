# SPDX-License-Identifier: Apache-2.0
"""Mistakes of people: each gets a clear error with its place, and nothing is half-done."""

import os
import re
import shutil
import socket
import subprocess
import threading

import harness


class BadInput(harness.TestCase):
    def refused(self, *arguments, says, code=1, **options):
        result = self.cflash(*arguments, code=code, **options)
        for text in [says] if isinstance(says, str) else says:
            self.assertRegex(result.err, text)
        self.assertNotRegex(result.err, r"terminate called|Aborted|Segmentation|std::|YAML::")
        return result

    def write(self, text):
        (self.project / "stack.yml").write_bytes(text if isinstance(text, bytes) else text.encode())

    def test_stack_files(self):
        head = "version: 1.0\nprovider: {name: openfaas}\n"
        rows = {
            "empty": ("", r"stack\.yml"),
            "not YAML": ("functions: [\n", r"stack\.yml:\d+:\d+"),
            "binary": (bytes(range(256)), r"stack\.yml"),
            "wrong type": (head + "functions: 7\n", r"stack\.yml:3:12"),
            "no functions": (head + "functions: {}\n", r"stack\.yml"),
            "duplicate": (head + "functions:\n  a: {lang: bash, handler: ./a}\n  a: {lang: bash, handler: ./b}\n",
                          r"stack\.yml:5:3.*a"),
            "bad name": (head + "functions:\n  Bad_Name: {lang: bash, handler: ./a}\n", r"stack\.yml:4:3.*Bad_Name"),
            "deep": ("a: " + "[" * 100000 + "\n", r"stack\.yml"),
            "huge": ("# " + "x" * (3 << 20) + "\n", r"stack\.yml"),
            "bomb": ("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
                f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)) + head, r"."),
            "later work": (head + "functions:\n  a: {lang: bash, handler: ./a, mode: zygote}\n",
                           r"stack\.yml:4:\d+.*not supported yet"),
            "unsupported key": (head + "functions:\n  a: {lang: bash, handler: ./a, scaling: {min: 0}}\n",
                                r"stack\.yml:4:\d+.*not supported yet"),
            "provider": ("version: 1.0\nprovider: {name: lambda}\nfunctions:\n  a: {lang: bash, handler: ./a}\n",
                         r"stack\.yml:2:\d+.*lambda"),
        }
        for name, (text, says) in rows.items():
            with self.subTest(name):
                self.write(text)
                self.refused("build", says=says)
        self.assertFalse((self.project / "build").exists())

    def test_an_unknown_key_is_a_warning_with_a_suggestion(self):
        self.bash_function("echo", "cat\n")
        self.write("version: 1.0\nprovider: {name: openfaas}\nfunctions:\n"
                   "  echo: {lang: bash, handler: ./echo, enviroment: {A: b}}\n")
        built = self.cflash("build")
        self.assertRegex(built.err, r'stack\.yml:4:\d+.*enviroment.*environment')

    def test_handlers(self):
        self.stack({"gone": {"lang": "bash", "handler": "./gone"}})
        self.refused("build", says=[r"gone", r"stack\.yml:\d+"])
        self.stack(self.bash_function("link", "cat\n"))
        os.symlink("/etc/passwd", self.project / "link/outside")
        self.refused("build", says="outside")
        self.stack(self.bash_function("pipe", "cat\n"))
        os.mkfifo(self.project / "pipe/fifo")
        self.refused("build", says="fifo")

    def test_an_unreadable_handler_file(self):
        if os.geteuid() == 0 and not shutil.which("setpriv"):
            harness.skip("root reads every file and setpriv is not installed")
        self.stack(self.bash_function("secret", "cat\n"))
        (self.project / "secret/private").write_text("x")
        (self.project / "secret/private").chmod(0)
        user = ["setpriv", "--reuid", "100001", "--regid", "100001", "--clear-groups"] if os.geteuid() == 0 else []
        if user:
            os.chown(self.project, 100001, 100001)
        # Copies, because an ordinary user may not reach the folder that the programs were built in.
        programs = self.root / "bin"
        programs.mkdir()
        for name in ("cflash", "cflash-watchdog"):
            shutil.copy(harness.BIN / name, programs)
        shutil.copytree(harness.SOURCE / "templates", self.root / "templates")
        result = subprocess.run([*user, programs / "cflash", "build"], cwd=self.project, capture_output=True,
                                env=self.environment(HOME=str(self.project), XDG_CACHE_HOME=str(self.project / "c"),
                                                     CFLASH_TEMPLATES=str(self.root / "templates")), check=False)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(b"private", result.stderr)

    def test_names_and_templates(self):
        for name in ("Hello", "-x", "a" * 64, "a_b", "a/b", "../x", ""):
            with self.subTest(name):
                self.refused("new", "--lang", "bash", "--", name, says=".", code=None)
                self.assertEqual(list(self.project.iterdir()), [])
        self.refused("new", "hello", "--lang", "pyton3", says="python3")
        self.assertEqual(list(self.project.iterdir()), [])

    def test_new_overwrites_nothing(self):
        (self.project / "hello").mkdir()
        (self.project / "hello/mine").write_text("precious")
        self.refused("new", "hello", "--lang", "bash", says="hello")
        self.assertEqual((self.project / "hello/mine").read_text(), "precious")
        self.assertEqual([p.name for p in self.project.iterdir()], ["hello"])

    def test_a_build_step_that_fails_keeps_its_log(self):
        harness.need("python3", "pip3")
        self.cflash("new", "hello", "--lang", "python3")
        (self.project / "hello/requirements.txt").write_text("no such requirement !!\n")
        failed = self.refused("build", says=["hello", r"\.log"])
        log = re.search(r"\S+\.log", failed.err).group(0)
        self.assertTrue((self.project / log).exists(), log)

    def test_usage_errors_exit_with_2(self):
        for arguments in (["biuld"], ["build", "--paralel", "2"], ["invoke"], ["scale", "x"], ["scale", "x", "many"],
                          ["list", "--sort", "colour"]):
            with self.subTest(arguments):
                self.refused(*arguments, says=".", code=2)
        self.assertIn("build", self.cflash("biuld", code=2).err)

    def test_no_daemon(self):
        self.daemon.stop()
        refused = self.refused("list", says=self.daemon.url)
        self.assertNotIn("curl", refused.err.lower())
        self.daemon.start()

    def test_a_daemon_that_goes_away_in_the_middle_of_a_deploy(self):
        self.stack(self.bash_function("echo", "cat\n"))
        self.cflash("build")
        server = socket.create_server(("127.0.0.1", 0))

        def hang_up():
            for _ in range(20):
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                client.recv(100)
                client.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        self.refused("deploy", "--gateway", url, says=url)
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        self.cflash("deploy")

    def test_calling_what_is_not_there(self):
        self.refused("invoke", "nothing", says=["404", "nothing"], input="x")
        self.refused("describe", "nothing", says="nothing")
        self.refused("logs", "nothing", "--tail=false", says="nothing")


if __name__ == "__main__":
    harness.main()
