#!/usr/bin/env python3
"""A partner's webhook receiver, small enough to read whole.

It verifies each delivery with the package `standardwebhooks`, applies it exactly once by its `webhook-id` in one
SQLite transaction, checks that each learner's events arrive in order, and answers 204. docs/partners.md explains why
it does what it does.

    CAIRN_WEBHOOK_SECRET=whsec_... python3 receiver.py --port 9000 --database inbox.sqlite

The secret may also come from a file (--secret-file). --fail-first, --status and --delay misbehave on purpose, for
tests. With --port 0 the system chooses a port; the first line on standard output says which.
"""

import argparse
import json
import os
import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

BODY_BYTES_MAX = 1 << 20

SCHEMA = """
CREATE TABLE IF NOT EXISTS delivery (
  webhook_id  TEXT PRIMARY KEY,              -- what makes a second copy harmless; keep it for at least 30 days
  sequence    INTEGER NOT NULL,
  type        TEXT NOT NULL,
  learner     TEXT,                          -- pairwise: no other partner knows this learner by this id
  body        TEXT NOT NULL,
  received_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS learner (id TEXT PRIMARY KEY, last_sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS note (what TEXT NOT NULL, sequence INTEGER, at REAL NOT NULL);
"""


class Inbox:
    """What has arrived. One connection, one lock: SQLite has one writer anyway."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(SCHEMA)

    def accept(self, webhook_id, event):
        """Applies an event once. Returns "new" or "repeated". When this returns, it is on disk."""
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                answer = self._apply(webhook_id, event)
                self.db.execute("COMMIT")
                return answer
            except BaseException:
                self.db.execute("ROLLBACK")
                raise

    def _apply(self, webhook_id, event):
        sequence, learner = int(event["sequence"]), event.get("subject")
        inserted = self.db.execute(
            "INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (webhook_id, sequence, event["type"], learner, json.dumps(event), time.time()))
        if inserted.rowcount == 0:
            return "repeated"
        if learner is not None:
            self._follow(learner, sequence)
        if event["type"] == "notifications.retraction":
            self._take_back(event["data"]["events"])
        return "new"

    def _follow(self, learner, sequence):
        """Order is promised for each learner. A new event from before the last one is worth a note."""
        row = self.db.execute("SELECT last_sequence FROM learner WHERE id = ?", (learner,)).fetchone()
        if row is not None and sequence < row[0]:
            self.db.execute("INSERT INTO note VALUES ('late', ?, ?)", (sequence, time.time()))
        self.db.execute(
            "INSERT INTO learner VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET last_sequence = "
            "max(last_sequence, excluded.last_sequence)", (learner, sequence))

    def _take_back(self, ids):
        """The duty: what these events brought is deleted. Their ids go too, because the learner may consent again,
        and then the same events come again under the same ids."""
        self.db.executemany("DELETE FROM delivery WHERE webhook_id = ?", [(i,) for i in ids])


class Behavior:
    """How to misbehave."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.seen = 0

    def status(self):
        """A status to answer instead of doing the work, or None."""
        if self.options.delay:
            time.sleep(self.options.delay)
        with self.lock:
            self.seen += 1
            if self.seen <= self.options.fail_first:
                return 500
        return self.options.status


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    inbox = webhook = behavior = None

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            return self.answer(411, close=True)
        if not 0 <= length <= BODY_BYTES_MAX:
            return self.answer(413, close=True)
        body = self.rfile.read(length)
        try:
            # Over the bytes as they came. Parsing and writing them again would change them.
            event = self.webhook.verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError):
            return self.answer(401)
        status = self.behavior.status()
        if status is not None:
            return self.answer(status)
        try:
            outcome = self.inbox.accept(self.headers["webhook-id"], event)
        except (KeyError, TypeError, ValueError):
            return self.answer(422)
        except sqlite3.Error:
            return self.answer(503)
        print(json.dumps({"outcome": outcome, "sequence": event["sequence"], "type": event["type"]}), flush=True)
        self.answer(204)

    def answer(self, status, close=False):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()

    def log_message(self, *_):
        pass


def secret(options):
    if options.secret_file:
        with open(options.secret_file, encoding="ascii") as file:
            return file.read().strip()
    value = os.environ.get("CAIRN_WEBHOOK_SECRET", "")
    if not value:
        sys.exit("Set CAIRN_WEBHOOK_SECRET or give --secret-file: GET /v1/subscriptions/{id}/secret tells it.")
    return value


def main():
    parser = argparse.ArgumentParser(description="Receives a Cairn subscription's webhooks, each exactly once.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--database", default="inbox.sqlite")
    parser.add_argument("--secret-file")
    parser.add_argument("--fail-first", type=int, default=0, metavar="N", help="answer 500 to the first N deliveries")
    parser.add_argument("--status", type=int, help="answer this status to everything and keep nothing")
    parser.add_argument("--delay", type=float, default=0, metavar="SECONDS", help="wait before answering")
    options = parser.parse_args()
    Handler.webhook = Webhook(secret(options))
    Handler.inbox = Inbox(options.database)
    Handler.behavior = Behavior(options)
    server = ThreadingHTTPServer((options.host, options.port), Handler)
    print(json.dumps({"listening": f"http://{options.host}:{server.server_address[1]}/"}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
