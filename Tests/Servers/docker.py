"""A daemon that speaks as much of Docker's HTTP as moonwheel.docker uses, without containers.

    python docker.py SOCKET

A container does what its command says: WORDS are the names of its steps, in their order.

    out=TEXT err=TEXT   writes a line
    sleep=SECONDS       goes on for that time; a signal ends it
    stubborn            does not mind SIGTERM
    exit=CODE           the code at its end
    flaky=N             the first N connections that wait for its end break
    memory              is killed for its memory

Of images, "here:1" and "here:latest" are there; "far:1" can be pulled; any other cannot. GET /state tells what there is and
what was asked.
"""

import json
import os
import socketserver
import struct
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

lock = threading.Condition()
containers, images, requests = {}, {"here:1", "here:latest"}, []


class Container:
    def __init__(self, name, spec):
        self.id, self.name, self.spec = uuid.uuid4().hex + uuid.uuid4().hex, name, spec
        self.log, self.code, self.state = b"", 0, "created"
        self.breaks, self.out_of_memory, self.signals = 0, False, []
        self.is_stubborn = False
        for word in spec.get("Cmd") or []:
            if word.startswith("flaky="):
                self.breaks = int(word[6:])

    def write(self, stream, text):
        data = text.encode()
        # Frames of any size, as they come from a pipe.
        for start in range(0, len(data), 16384):
            piece = data[start:start + 16384]
            self.log += struct.pack(">BxxxI", stream, len(piece)) + piece

    def run(self):
        for word in self.spec.get("Cmd") or []:
            name, _, value = word.partition("=")
            with lock:
                if name == "out":
                    self.write(1, value + "\n")
                elif name == "err":
                    self.write(2, value + "\n")
                elif name == "many":
                    self.write(1, ("x" * 99 + "\n") * int(value))
                elif name == "stubborn":
                    self.is_stubborn = True
                elif name == "exit":
                    self.code = int(value)
                elif name == "memory":
                    self.code, self.out_of_memory = 137, True
                elif name == "sleep":
                    end = time.monotonic() + float(value)
                    while self.state == "running" and time.monotonic() < end:
                        lock.wait(end - time.monotonic())
            if self.state != "running":
                return
        with lock:
            self.state = "exited"
            lock.notify_all()

    def signal(self, name):
        self.signals.append(name)
        if self.state == "running" and (name == "KILL" or not self.is_stubborn):
            self.state, self.code = "exited", {"KILL": 137, "TERM": 143}[name]
            lock.notify_all()


def find(key):
    for container in containers.values():
        if key in (container.id, container.name):
            return container
    return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def answer(self, status, value=None, raw=None, kind="application/json"):
        body = raw if raw is not None else b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status != 204 and status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, message):
        self.answer(status, {"message": message})

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def begin_chunks(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()

    def handle_any(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        words = parts.path.strip("/").split("/")
        if words != ["state"]:
            with lock:
                requests.append(self.command + " " + parts.path)
        self.route(words, query, body)

    do_GET = do_POST = do_DELETE = handle_any

    def route(self, words, query, body):
        if words == ["state"]:
            with lock:
                list_ = [
                    {"name": c.name, "id": c.id, "state": c.state, "spec": c.spec, "signals": c.signals}
                    for c in containers.values()
                ]
                return self.answer(200, {"containers": list_, "requests": list(requests)})
        if words == ["images", "create"]:
            return self.pull(query)
        if words == ["containers", "create"]:
            return self.create(query, body)
        if words == ["containers", "json"]:
            with lock:
                return self.answer(200, [
                    {"Id": c.id, "Names": ["/" + c.name], "Image": c.spec["Image"], "State": c.state,
                     "Status": "Up 1 second", "Created": 1700000000, "Labels": c.spec.get("Labels")}
                    for c in containers.values() if query.get("all") or c.state == "running"
                ])
        if words[0] != "containers" or len(words) < 2:
            return self.refuse(404, "page not found")
        with lock:
            container = find(words[1])
        if container is None:
            return self.refuse(404, "No such container: " + words[1])
        if self.command == "DELETE":
            with lock:
                if container.state == "running" and not query.get("force"):
                    return self.refuse(409, "cannot remove a running container")
                container.signal("KILL")
                del containers[container.id]
            return self.answer(204)
        return getattr(self, "do_" + words[2])(container, query)

    def pull(self, query):
        image = query["fromImage"] + ":" + query.get("tag", "latest")
        self.begin_chunks()
        try:
            for step in range(3):
                self.chunk(json.dumps({"status": "Downloading", "progressDetail": {"current": step}}).encode() + b"\r\n")
            if image == "far:1":
                with lock:
                    images.add(image)
                self.chunk(json.dumps({"status": "Downloaded newer image for " + image}).encode() + b"\r\n")
            else:
                text = "manifest for %s not found: manifest unknown" % image
                self.chunk(json.dumps({"errorDetail": {"message": text}, "error": text}).encode() + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        except BrokenPipeError:
            pass

    def create(self, query, body):
        image, name = body["Image"], query["name"]
        if ":" not in image:
            image += ":latest"
        with lock:
            if image not in images:
                return self.refuse(404, "No such image: " + image)
            if find(name):
                return self.refuse(409, 'Conflict. The container name "/%s" is already in use' % name)
            container = Container(name, body)
            containers[container.id] = container
        self.answer(201, {"Id": container.id, "Warnings": []})

    def do_start(self, container, query):
        if "fail" in (container.spec.get("Cmd") or []):
            return self.refuse(400, 'exec: "fail": executable file not found in $PATH: unknown')
        with lock:
            if container.state == "running":
                return self.answer(304)
            container.state = "running"
        threading.Thread(target=container.run, daemon=True).start()
        self.answer(204)

    def do_wait(self, container, query):
        self.begin_chunks()
        with lock:
            if container.breaks > 0:
                container.breaks -= 1
                self.close_connection = True
                return
            while container.state == "running":
                lock.wait()
            code = container.code
        try:
            self.chunk(json.dumps({"StatusCode": code}).encode())
            self.wfile.write(b"0\r\n\r\n")
        except BrokenPipeError:
            pass

    def do_logs(self, container, query):
        with lock:
            log = container.log
        tail = query.get("tail", "all")
        if tail != "all":
            frames, at = [], 0
            while at < len(log):
                size = 8 + struct.unpack(">I", log[at + 4:at + 8])[0]
                frames.append(log[at:at + size])
                at += size
            log = b"".join(frames[-max(1, int(tail) // 160):])
        self.answer(200, raw=log, kind="application/vnd.docker.multiplexed-stream")

    def do_kill(self, container, query):
        with lock:
            if container.state != "running":
                return self.refuse(409, "container %s is not running" % container.id)
            container.signal("KILL")
        self.answer(204)

    def do_stop(self, container, query):
        with lock:
            container.signal("TERM")
            if container.is_stubborn:
                container.signal("KILL")
        self.answer(204)

    def do_json(self, container, query):
        with lock:
            self.answer(200, {"Id": container.id, "State": {"Status": container.state, "OOMKilled": container.out_of_memory}})


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


if __name__ == "__main__":
    path = sys.argv[1]
    if os.path.exists(path):
        os.unlink(path)
    Server(path, Handler).serve_forever()
