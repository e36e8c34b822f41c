"""
Keeps the users table of an old Django site in step with Meiduo Accounts, by its webhooks. Python's standard library alone:

    ACCOUNTS_API=https://api.example.com ACCOUNTS_SECRET=meiduo_svc_… WEBHOOK_SECRETS=whsec_… python3 consumer.py <port> <SQLite file>

- USERS_TABLE: tb_users (the default), or auth_user.
- WEBHOOK_SECRETS: apart by blanks; while one is replaced, both.
- ACCOUNTS_SECRET: a service credential with the scopes users.view_user and users.hold_deletion.
- HOLD_SQL: counts what is still open with somebody, such as unpaid orders: "select count(*) from tb_order_info where user_id = ? and status < 4".

Each event says what happened to whom, and no more: the account is read here, and its row written only where nothing later was
written before. So it may come twice, late, and in any order. What it can't do now it answers with 503, and is told again.
"""
import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

API = os.environ["ACCOUNTS_API"].rstrip("/")
SERVICE_SECRET = os.environ["ACCOUNTS_SECRET"]
WEBHOOK_SECRETS = os.environ["WEBHOOK_SECRETS"].split()
TABLE = os.environ.get("USERS_TABLE", "tb_users")
HOLD_SQL = os.environ.get("HOLD_SQL", "")
FILE = sys.argv[2]
LONGEST_BODY = 64 * 1024
TOLERANCE_SECONDS = 300
# Longer than an event is tried again, and than it can be sent once more by hand.
REMEMBERED_SECONDS = 40 * 86_400
# The version of an account that is erased: later than every other.
GONE = 2**62

if not TABLE.isidentifier():
    sys.exit("USERS_TABLE has to be the name of a table.")


def connect():
    connection = sqlite3.connect(FILE, timeout=20, isolation_level=None)
    connection.execute("pragma foreign_keys = on")
    return connection


def prepare():
    with connect() as connection:
        connection.execute("create table if not exists accounts_events (id text primary key, at integer not null)")
        # `successor`: of an account that went into another one.
        connection.execute(
            "create table if not exists accounts_versions"
            " (user_id integer primary key, version integer not null, successor integer)"
        )


def is_signed(headers, body):
    """Standard Webhooks: one of our secrets made one of the signatures, within five minutes."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = [one[3:].encode() for one in headers.get("webhook-signature", "").split() if one.startswith("v1,")]
    if not message_id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    if abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
        return False
    text = f"{message_id}.{stamp}.".encode() + body
    is_right = False
    for secret in WEBHOOK_SECRETS:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        right = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest())
        for one in given:
            is_right = hmac.compare_digest(one, right) or is_right
    return is_right


def ask(method, path, body=None):
    """What the account server answers; None for 404. Raises OSError for everything else that is no answer."""
    headers = {"authorization": f"Bearer {SERVICE_SECRET}", "accept": "application/json"}
    data = None
    if body is not None:
        data, headers["content-type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(f"{API}{path}", data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def read(user_id):
    return ask("GET", f"/admin/users/{user_id}/")


def kept_version(connection, user_id):
    found = connection.execute("select version from accounts_versions where user_id = ?", [user_id]).fetchone()
    return -1 if found is None else found[0]


def keep_version(connection, user_id, version, successor=None):
    connection.execute(
        "insert into accounts_versions (user_id, version, successor) values (?, ?, ?) on conflict (user_id)"
        " do update set version = excluded.version, successor = coalesce(excluded.successor, successor)",
        [user_id, version, successor],
    )


def columns_of(connection):
    return {row[1] for row in connection.execute(f"pragma table_info({TABLE})")}


def write_row(connection, account):
    """The row as the account is, unless something later was written. IntegrityError where a name is another row's."""
    user_id = account["id"]
    if account["version"] < kept_version(connection, user_id):
        return
    keep_version(connection, user_id, account["version"])
    columns = columns_of(connection)
    values = {
        "id": user_id,
        "username": account["username"],
        "email": account["email"] or "",
        "first_name": account["first_name"],
        "last_name": account["last_name"],
        # Nobody orders whose account is about to be erased.
        "is_active": int(account["is_active"] and account["deletion_due"] is None),
        # The tutorial's own; unique there, so one that is not there is null and not empty.
        "mobile": account["mobile"],
        "email_active": int(account["email_active"]),
    }
    values = {name: value for name, value in values.items() if name in columns}
    # Of a new row alone: nobody logs in here by a password, and who is staff here stays so.
    new = {"password": "!" + secrets.token_urlsafe(30), "is_staff": 0, "is_superuser": 0}
    new["date_joined"] = account["date_joined"].replace("T", " ").rstrip("Z")
    insert = {**values, **{name: value for name, value in new.items() if name in columns}}
    changed = ", ".join(f"{name} = excluded.{name}" for name in values if name != "id")
    connection.execute(
        f"insert into {TABLE} ({', '.join(insert)}) values ({', '.join('?' * len(insert))})"
        f" on conflict (id) do update set {changed}",
        list(insert.values()),
    )


def references(connection):
    """Tables and columns that refer to the users table: Django's foreign keys are looked at by the database no sooner than at the end."""
    tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    for table in tables:
        for key in connection.execute(f'pragma foreign_key_list("{table}")').fetchall():
            if key[2] == TABLE:
                yield table, key[3]


def remove_row(connection, user_id, successor=None):
    """For good: nothing that was read before is written after it. Where orders refer to it, nobody is left of it."""
    keep_version(connection, user_id, GONE, successor)
    if not any(
        connection.execute(f'select 1 from "{table}" where "{column}" = ? limit 1', [user_id]).fetchone()
        for table, column in references(connection)
    ):
        connection.execute(f"delete from {TABLE} where id = ?", [user_id])
        return
    blank = {"username": f"deleted-{user_id}", "password": "!", "email": "", "first_name": "", "last_name": ""}
    blank |= {"is_active": 0, "mobile": None, "email_active": 0, "last_login": None}
    blank = {name: value for name, value in blank.items() if name in columns_of(connection)}
    connection.execute(
        f"update {TABLE} set {', '.join(f'{name} = ?' for name in blank)} where id = ?", [*blank.values(), user_id]
    )


def name_holder(connection, account):
    """Whose row has a name of the account's."""
    for column in {"username", "mobile"} & columns_of(connection):
        if account[column] is not None:
            found = connection.execute(
                f"select id from {TABLE} where {column} = ? and id <> ?", [account[column], account["id"]]
            ).fetchone()
            if found is not None:
                return found[0]
    return None


def make_room(connection, account, holder):
    """
    A name that went from one account to another, whose event is still on the way: the row there gives it up now, and is brought
    in step after this one. False where it really is somebody else's: a row of this site's own, which is left as it is.
    """
    if kept_version(connection, holder) < 0:
        return False
    other = read(holder)
    if other is not None and other["username"] == account["username"]:
        return False
    with connection:
        connection.execute("begin immediate")
        if "mobile" in columns_of(connection):
            connection.execute(f"update {TABLE} set mobile = null where id = ?", [holder])
        connection.execute(f"update {TABLE} set username = ? where id = ?", [f"moved-{holder}", holder])
    return True


def bring(connection, user_id):
    """Reads the account, and writes or removes its row. Nothing is asked of the server while the table is locked."""
    moved = []
    for _ in range(4):
        account = read(user_id)
        try:
            with connection:
                connection.execute("begin immediate")
                if account is None:
                    remove_row(connection, user_id)
                else:
                    write_row(connection, account)
            break
        except sqlite3.IntegrityError:
            holder = name_holder(connection, account)
            if holder is None or not make_room(connection, account, holder):
                print(f"account {user_id} is not written: row {holder} has its name", file=sys.stderr, flush=True)
                break
            moved.append(holder)
    for holder in moved:
        bring(connection, holder)
    return account


def hold(connection, user_id):
    """Has the erasure wait for what is open here; the server says until when at most."""
    if HOLD_SQL == "" or connection.execute(HOLD_SQL, [user_id]).fetchone()[0] == 0:
        return
    until = (datetime.now(timezone.utc) + timedelta(days=21)).isoformat(timespec="seconds")
    try:
        ask("PUT", f"/users/{user_id}/deletion/hold/", {"reason": "open orders", "until": until})
    except urllib.error.HTTPError as error:
        # Cancelled meanwhile, or held for as long as it may be: nothing to hold any more.
        if error.code not in (400, 409):
            raise


def join(connection, joined, kept):
    """Two accounts became one: what refers to the one refers to the other from now on."""
    while True:
        found = connection.execute("select successor from accounts_versions where user_id = ?", [kept]).fetchone()
        if found is None or found[0] is None:
            break
        kept = found[0]
    if kept_version(connection, kept) < 0:
        bring(connection, kept)
    with connection:
        connection.execute("begin immediate")
        if connection.execute(f"select 1 from {TABLE} where id = ?", [kept]).fetchone():
            for table, column in references(connection):
                # Ignored where the kept one has the same already, such as a group.
                connection.execute(f'update or ignore "{table}" set "{column}" = ? where "{column}" = ?', [kept, joined])
        remove_row(connection, joined, successor=kept)


def deal_with(message_id, event):
    kind, data = event["type"], event["data"]
    user_id, version = data.get("user_id"), data.get("version")
    connection = connect()
    try:
        if connection.execute("select 1 from accounts_events where id = ?", [message_id]).fetchone():
            return
        if kind == "account.joined":
            join(connection, data["joined_id"], data["kept_id"])
        if kind == "accounts.imported":
            # Those that are here went before, and need not go again where this was cut off.
            for one in data["user_ids"]:
                if kept_version(connection, one) < 0:
                    bring(connection, one)
        if kind == "user.deleted":
            with connection:
                connection.execute("begin immediate")
                remove_row(connection, user_id)
        # What brings no version changes nothing that is kept here, and an old one is in the row already.
        elif version is not None and version > kept_version(connection, user_id):
            account = bring(connection, user_id)
            if account is not None and account["deletion_due"] is not None:
                hold(connection, user_id)
        with connection:
            connection.execute("begin immediate")
            now = int(time.time())
            connection.execute("insert or ignore into accounts_events (id, at) values (?, ?)", [message_id, now])
            connection.execute("delete from accounts_events where at < ?", [now - REMEMBERED_SECONDS])
    finally:
        connection.close()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.close_connection = True
        length = self.headers.get("content-length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LONGEST_BODY:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_signed(self.headers, body):
            return self.answer(401)
        try:
            deal_with(self.headers["webhook-id"], json.loads(body))
        except (OSError, sqlite3.OperationalError) as error:
            print(f"told again later: {error}", file=sys.stderr, flush=True)
            return self.answer(503)
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.send_header("connection", "close")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    try:
        for one in WEBHOOK_SECRETS:
            base64.b64decode(one.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        sys.exit("WEBHOOK_SECRETS has to be what `webhooks add` and `webhooks rotate` printed.")
    # A wrong address answers 404 to everything, which would remove everybody.
    if (ask("GET", "/admin/users/?limit=1") or {}).get("results") is None:
        sys.exit("ACCOUNTS_API is not the address of an account server.")
    prepare()
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver) as server:
        print(f"The consumer is ready: http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()
