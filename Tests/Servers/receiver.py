"""A receiver of webhooks, and a Slack, on a port of 127.0.0.1.

    python receiver.py PORT

POST /slack/WHAT answers as Slack does: "ok" wants a text in JSON, "busy" refuses twice with Retry-After 0, another word is
Slack's refusal. POST /hook/NAME checks the signature of Standard Webhooks, made with the secret "whsec_MDEyMzQ1Njc4OQ==", by code
of its own, and answers 401 if it is wrong; it refuses the first message of each id under /hook/flaky. GET /seen has what came.
"""

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

key = base64.b64decode("MDEyMzQ1Njc4OQ==")
seen, lock = [], threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, text, headers=()):
        body = text.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with lock:
            self.answer(200, json.dumps(seen))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with lock:
            count = sum(one["path"] == self.path for one in seen)
            seen.append({"path": self.path, "body": body.decode(), "headers": {k.lower(): v for k, v in self.headers.items()}})
        _, kind, what = self.path.split("/", 2)
        if kind == "slack":
            return self.slack(what, body, count)
        text = "%s.%s.%s" % (self.headers["webhook-id"], self.headers["webhook-timestamp"], body.decode())
        signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
        if "v1," + signature not in self.headers["webhook-signature"].split(" "):
            return self.answer(401, "wrong signature")
        if abs(time.time() - int(self.headers["webhook-timestamp"])) > 300:
            return self.answer(401, "too old")
        if what == "flaky" and count == 0:
            return self.answer(503, "later", [("Retry-After", "0")])
        self.answer(200, json.dumps({"got": json.loads(body)}), [("Content-Type", "application/json")])

    def slack(self, what, body, count):
        if what == "busy" and count < 2:
            return self.answer(429, "rate_limited", [("Retry-After", "0")])
        if what not in ("ok", "busy"):
            return self.answer(400, what)
        try:
            if json.loads(body).get("text"):
                return self.answer(200, "ok")
            self.answer(400, "no_text")
        except ValueError:
            self.answer(400, "invalid_payload")


class Server(ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
