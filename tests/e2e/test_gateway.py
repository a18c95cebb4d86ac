# SPDX-License-Identifier: Apache-2.0
"""The gateway and the management API as stock clients see them."""

import base64
import json
import socket

import harness
from harness import wait_until


class Gateway(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.stack({**self.bash_function("show", "env; cat\n"), **self.bash_function("fail", "exit 3\n")})
        self.cflash("up")

    def basic(self, user, password):
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    def test_verbs_headers_path_and_query_reach_the_function(self):
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = self.daemon.request(verb, "/function/show/a/b%20c?x=1&y=%41", headers={"X-One": "1"})
            self.assertEqual(answer.status, 200, verb)
            self.assertIn(f"Http_Method={verb}\n", answer.text)
            self.assertIn("Http_Path=/a/b c\n", answer.text)
            self.assertIn("Http_Query=x=1&y=%41\n", answer.text)
            self.assertIn("Http_X_One=1\n", answer.text)
            for header in ("X-Call-Id", "X-Start-Time", "X-Duration-Seconds", "X-Served-By"):
                self.assertTrue(answer.headers[header], header)
        self.assertIn("Http_X_Call_Id=", answer.text)

    def test_a_call_id_is_kept(self):
        answer = self.daemon.call("show", headers={"X-Call-Id": "mine"})
        self.assertEqual(answer.headers["X-Call-Id"], "mine")
        self.assertIn("Http_X_Call_Id=mine\n", answer.text)

    def test_the_namespaced_name_is_the_same_function(self):
        self.assertEqual(self.daemon.call("show.openfaas-fn").status, 200)
        self.assertEqual(self.daemon.call("show.other").status, 404)
        for name in ("nothing", ".openfaas-fn", ""):
            answer = self.daemon.call(name)
            self.assertEqual(answer.status, 404, name)
            if name:
                self.assertTrue(answer.text.startswith("error finding function"), answer.text)

    def test_a_failing_function_is_a_500(self):
        answer = self.daemon.call("fail")
        self.assertEqual(answer.status, 500)
        self.assertIn("exit status 3", answer.text)

    def test_management_needs_credentials(self):
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"},
                        self.basic("admin", "wrong"), self.basic("root", self.daemon.token)):
            answer = self.daemon.request("GET", "/system/functions", headers=headers, auth=False)
            self.assertEqual(answer.status, 401)
            self.assertEqual(answer.headers["WWW-Authenticate"], 'Basic realm="Restricted"')
            self.assertEqual(answer.text, "invalid credentials")
        answer = self.daemon.request("GET", "/system/functions", headers=self.basic("admin", self.daemon.token))
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.daemon.request("GET", "/healthz", auth=False).status, 200)
        self.assertEqual((self.home / "admin-token").stat().st_mode & 0o777, 0o600)

    def test_info_has_every_field(self):
        info = self.daemon.request("GET", "/system/info").json()
        self.assertTrue(info["provider"]["provider"])
        self.assertTrue(info["provider"]["orchestration"])
        for version in (info["version"], info["provider"]["version"]):
            self.assertTrue(version["release"])
            self.assertTrue(version["sha"])
        self.assertTrue(info["arch"])

    def test_put_of_an_unknown_function_is_404_and_post_of_a_known_one_409(self):
        spec = {"service": "fresh", "image": "show:latest"}
        self.assertEqual(self.daemon.request("PUT", "/system/functions", json.dumps(spec)).status, 404)
        self.assertEqual(self.daemon.request("POST", "/system/functions", json.dumps(spec)).status, 202)
        self.assertEqual(self.daemon.request("POST", "/system/functions", json.dumps(spec)).status, 409)
        self.assertIn(self.daemon.request("PUT", "/system/functions", json.dumps(spec)).status, (200, 202))
        self.daemon.wait_ready("fresh")
        body = json.dumps({"functionName": "fresh"})
        self.assertEqual(self.daemon.request("DELETE", "/system/functions", body).status, 202)
        self.assertEqual(self.daemon.request("DELETE", "/system/functions", body).status, 404)

    def test_what_was_deployed_comes_back_verbatim(self):
        spec = {"service": "fresh", "image": "show:latest", "envProcess": "env", "envVars": {"A": "b=c", "E": ""},
                "labels": {"l": '{"json": [1]}'}, "annotations": {"a": "x"}, "limits": {"memory": "64Mi"},
                "requests": {"memory": "32Mi"}, "constraints": ["k=v"], "readOnlyRootFilesystem": True}
        self.assertEqual(self.daemon.request("POST", "/system/functions", json.dumps(spec)).status, 202)
        status = self.daemon.status("fresh")
        for key in ("image", "envProcess", "envVars", "annotations", "limits", "requests", "constraints",
                    "readOnlyRootFilesystem"):
            self.assertEqual(status[key], spec[key], key)
        self.assertEqual(status["labels"], {**spec["labels"], "faas_function": "fresh"})
        self.assertEqual(status["namespace"], "openfaas-fn")
        bare = self.daemon.status("fail")
        for key in ("envVars", "limits", "requests"):
            self.assertNotIn(key, bare)
        self.assertEqual(bare["annotations"], {})

    def test_scale(self):
        def scale(body, name="show"):
            return self.daemon.request("POST", f"/system/scale-function/{name}", json.dumps(body)).status

        self.assertEqual(scale({"serviceName": "show", "replicas": 3}), 202)
        self.assertEqual(self.daemon.status("show")["replicas"], 3)
        self.daemon.wait_ready("show", 3)
        self.assertEqual(scale({"replicas": 1}), 202)
        wait_until(lambda: self.daemon.status("show")["availableReplicas"] == 1, "one instance")
        self.assertEqual(scale({"serviceName": "other", "replicas": 1}), 400)
        self.assertEqual(scale({"replicas": 1}, "nothing"), 404)
        self.assertEqual(scale({"replicas": -1}), 400)
        self.assertEqual(scale({"replicas": 100000}), 400)
        self.assertEqual(self.daemon.request("POST", "/system/scale-function/show", "{").status, 400)

    def test_logs(self):
        self.daemon.call("show")
        wait_until(lambda: "Wrote" in self.daemon.request("GET", "/system/logs?name=show").text, "the log")
        lines = [json.loads(line) for line in self.daemon.request("GET", "/system/logs?name=show").text.splitlines()]
        self.assertTrue(all(line["name"] == "show" and line["instance"] and line["timestamp"] for line in lines))
        one = self.daemon.request("GET", "/system/logs?name=show&tail=1").text.splitlines()
        self.assertEqual(len(one), 1)
        self.assertEqual(self.daemon.request("GET", "/system/logs?name=show&since=2100-01-01T00:00:00Z").text, "")
        for bad in ("", "?name=show&tail=x", "?name=show&since=yesterday", "?name=show&follow=maybe", "?name=../x"):
            self.assertEqual(self.daemon.request("GET", f"/system/logs{bad}").status, 422, bad)
        self.assertEqual(self.daemon.request("GET", "/system/logs?name=nothing").status, 404)

    def test_logs_follow_until_the_client_leaves(self):
        client = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30)
        client.sendall(f"GET /system/logs?name=show&follow=true&tail=1 HTTP/1.1\r\nHost: x\r\n"
                       f"Authorization: Bearer {self.daemon.token}\r\n\r\n".encode())
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += client.recv(65536)
        self.daemon.call("show", b"12345")
        while b"Wrote" not in seen.split(b"\r\n\r\n", 1)[1]:
            piece = client.recv(65536)
            self.assertTrue(piece, seen)
            seen += piece
        client.close()
        self.assertEqual(self.daemon.call("show").status, 200)

    def test_unknown_paths_and_methods(self):
        self.assertEqual(self.daemon.request("GET", "/nothing").status, 404)
        self.assertEqual(self.daemon.request("PATCH", "/system/functions").status, 405)
        self.assertEqual(self.daemon.request("POST", "/system/functions", "[]").status, 400)
        self.assertEqual(self.daemon.request("POST", "/system/functions", "x" * (2 << 20)).status, 413)

    def test_deep_json_is_an_error_and_not_the_end(self):
        self.assertEqual(self.daemon.request("POST", "/system/functions", "[" * 500000).status, 400)
        self.assertEqual(self.daemon.request("GET", "/healthz").status, 200)


if __name__ == "__main__":
    harness.main()
