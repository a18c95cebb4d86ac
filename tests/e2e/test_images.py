# SPDX-License-Identifier: Apache-2.0
"""Pushing images: what is broken on the way is refused, two at once do not mix, skopeo can push as well."""

import hashlib
import json
import os
import socket
import subprocess
import threading

import harness
from harness import need, wait_until


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Images(harness.TestCase):
    def upload(self, data, announced, **options):
        return self.daemon.request("POST", f"/v2/x/blobs/uploads/?digest={announced}", data,
                                   {"Content-Type": "application/octet-stream"}, **options)

    def test_a_blob_is_verified_by_its_digest(self):
        data = b"content" * 1000
        self.assertEqual(self.daemon.request("HEAD", f"/v2/x/blobs/{digest(data)}").status, 404)
        self.assertEqual(self.upload(data, digest(data + b"x")).status, 400)
        self.assertEqual(self.daemon.request("HEAD", f"/v2/x/blobs/{digest(data)}").status, 404)
        self.assertEqual(self.upload(data, digest(data)).status, 201)
        answer = self.daemon.request("HEAD", f"/v2/x/blobs/{digest(data)}")
        self.assertEqual((answer.status, answer.headers["Content-Length"]), (200, str(len(data))))
        for bad in ("", "sha256:x", "sha256:../../../../etc/passwd", "md5:00"):
            self.assertIn(self.upload(data, bad).status, (400, 501), bad)

    def test_a_truncated_upload_leaves_nothing(self):
        data = b"y" * 1000000
        client = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30)
        client.sendall(f"POST /v2/x/blobs/uploads/?digest={digest(data)} HTTP/1.1\r\nHost: x\r\nContent-Length: "
                       f"{len(data)}\r\nAuthorization: Bearer {self.daemon.token}\r\n\r\n".encode() + data[:500000])
        client.close()
        self.assertEqual(self.daemon.request("HEAD", f"/v2/x/blobs/{digest(data)}").status, 404)
        wait_until(lambda: not [p for p in (self.home / "images").rglob("*") if p.is_file() and p.stat().st_size],
                   "no leftover of the upload")

    def test_a_manifest_needs_its_blobs(self):
        config = b"{}"
        manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                               "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
                                          "digest": digest(config), "size": len(config)}, "layers": []})
        self.assertEqual(self.daemon.request("PUT", "/v2/x/manifests/latest", manifest).status, 400)
        for bad in ("", "{}", "[]", "nonsense", "{" * 100000):
            self.assertEqual(self.daemon.request("PUT", "/v2/x/manifests/latest", bad).status, 400, bad[:20])

    def test_an_unknown_image_cannot_be_deployed(self):
        spec = {"service": "x", "image": "never-pushed:latest"}
        answer = self.daemon.request("POST", "/system/functions", json.dumps(spec))
        self.assertEqual(answer.status, 400)
        self.assertIn("never-pushed:latest", answer.text)

    def test_a_corrupt_layer_on_the_way_is_refused_by_the_cli_too(self):
        self.stack(self.bash_function("echo", "cat\n"))
        self.cflash("build")
        blobs = self.project / "build/.images/echo/blobs/sha256"
        layer = max(blobs.iterdir(), key=lambda p: p.stat().st_size)
        layer.chmod(0o644)
        with open(layer, "r+b") as file:
            file.seek(layer.stat().st_size // 2)
            file.write(b"\0\0\0\0")
        refused = self.cflash("deploy", code=1)
        self.assertIn("digest", refused.err)
        self.assertIsNone(self.daemon.status("echo"))

    def test_two_deploys_of_one_function_at_once(self):
        self.stack(self.bash_function("echo", "cat\n"))
        self.cflash("up")
        codes = []

        def deploy(value):
            spec = {"service": "echo", "image": "echo:latest", "envVars": {"V": str(value)}}
            codes.append(self.daemon.request("PUT", "/system/functions", json.dumps(spec)).status)

        threads = [threading.Thread(target=deploy, args=(i,)) for i in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(all(code in (200, 202) for code in codes), codes)
        wait_until(lambda: [i["phase"] for i in self.daemon.status("echo")["instances"]] == ["ready"],
                   "one instance of the last revision")
        self.assertEqual(self.daemon.call("echo", b"x").text, "x")

    def test_two_ups_of_one_project_at_once(self):
        self.stack(self.bash_function("echo", "cat\n"))
        results = []
        threads = [threading.Thread(target=lambda: results.append(self.cflash("up", code=None))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([r.returncode for r in results], [0, 0, 0], [r.err for r in results])
        self.assertEqual(self.daemon.call("echo", b"x").text, "x")

    def test_skopeo_accepts_a_built_image(self):
        need("skopeo")
        self.stack(self.bash_function("echo", "cat\n"))
        self.cflash("build")
        inspected = subprocess.run(["skopeo", "inspect", f"oci:{self.project}/build/.images/echo:latest"],
                                   capture_output=True, check=False)
        self.assertEqual(inspected.returncode, 0, inspected.stderr)
        self.assertEqual(len(json.loads(inspected.stdout)["Layers"]), 1)

    def test_a_full_disk_is_an_error_and_not_the_end(self):
        mounted = self.root / "small"
        mounted.mkdir()
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", mounted],
                               capture_output=True, check=False)
        if mount.returncode != 0:
            harness.skip(f"mounting a small tmpfs: {mount.stderr.decode().strip()}")
        try:
            self.daemon.stop()
            self.daemon = harness.Daemon(mounted / "home")
            (mounted / "home").mkdir()
            self.daemon.start()
            self.home = self.daemon.home
            data = os.urandom(200 << 20)
            (self.root / "blob").write_bytes(data)
            # curl reads an answer that comes before it has sent everything.
            answer = subprocess.run(
                ["curl", "-s", "-w", "%{http_code}", "-H", f"Authorization: Bearer {self.daemon.token}",
                 "--data-binary", f"@{self.root}/blob", f"{self.daemon.url}/v2/x/blobs/uploads/?digest={digest(data)}"],
                capture_output=True, check=False, timeout=60)
            self.assertRegex(answer.stdout.decode().lower(), "space.*5[0-9][0-9]")
            self.stack(self.bash_function("echo", "cat\n"))
            self.cflash("up")
            self.assertEqual(self.daemon.call("echo", b"x").text, "x")
            self.daemon.stop()
        finally:
            self.daemon.stop()
            subprocess.run(["umount", "-l", mounted], check=False)


if __name__ == "__main__":
    harness.main()
