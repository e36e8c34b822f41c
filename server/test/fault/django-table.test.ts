import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, it } from "vitest";
import { djangoDatabase } from "../support/django-database.ts";
import { bareEnvironment } from "../support/false-clock.ts";
import { freePort } from "../support/free-port.ts";
import { describeWhere } from "../support/not-tested.ts";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
  waitUntil,
} from "../support/product-process.ts";

/** examples/django-table, as it is: an old Django site's users table, kept in step by a real server's webhooks. */
const python = "/usr/bin/python3";
describeWhere(existsSync(python))("a Django table beside the accounts", () => {
  const root = resolve(import.meta.dirname, "../../..");
  const main = join(root, "server/src/main.ts");
  const script = join(root, "examples/django-table/consumer.py");
  const folder = dataFolder();
  const file = join(folder.path, "old-site.sqlite3");
  let env: Record<string, string>;
  let product: ProductProcess;
  let consumer: ChildProcess | null = null;
  let said = "";
  let port: number;
  let table: DatabaseSync;
  let service: string;
  let endpoint: number;
  let secrets: string[];

  function manage(...words: string[]) {
    const ended = spawnSync(process.execPath, [main, ...words, "--json"], {
      env: { ...bareEnvironment(), SECRET_KEY: productSecretKey, ...env },
      ...{ encoding: "utf8", timeout: 60_000 },
    });
    expect(ended.status, `${words.join(" ")}: ${ended.stderr}`).toBe(0);
    return JSON.parse(ended.stdout);
  }
  async function startConsumer(given: readonly string[]): Promise<void> {
    consumer = spawn(python, [script, String(port), file], {
      env: {
        ...bareEnvironment(),
        ...{ ACCOUNTS_API: product.url, ACCOUNTS_SECRET: service, WEBHOOK_SECRETS: given.join(" ") },
        HOLD_SQL: "select count(*) from tb_order_info where user_id = ? and status < 4",
        PYTHONDONTWRITEBYTECODE: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const before = said.length;
    for (const stream of [consumer.stdout, consumer.stderr]) {
      stream?.on("data", (piece) => {
        said += piece;
      });
    }
    await waitUntil(() => said.slice(before).includes("is ready"), 60, `the consumer: ${said}`);
  }
  async function stopConsumer(): Promise<void> {
    const ended = consumer;
    consumer = null;
    if (ended === null || ended.exitCode !== null) return;
    const gone = new Promise((done) => ended.once("exit", done));
    ended.kill("SIGKILL");
    await gone;
  }
  const account = (name: string) =>
    Number(manage("user", "create", name, "--no-password", "--email", `${name}@example.com`).id);
  const row = (id: number) =>
    table.prepare("select * from tb_users where id = ?").get(id) as Record<string, unknown> | undefined;
  const order = (user: number, status: number) =>
    table.prepare("insert into tb_order_info (user_id, status) values (?, ?)").run(user, status);
  /** What failed is tried again after five seconds, and then after five minutes: a busy machine may miss the first. */
  const until = (condition: () => boolean, what: string, seconds = 60) =>
    waitUntil(condition, seconds, `${what}: ${said}`);
  /** As the server would send it, or as somebody else might. */
  async function send(event: object, how: { id?: string; secret?: string; at?: Date } = {}): Promise<number> {
    const { id = `msg_${crypto.randomUUID()}`, secret = secrets[0]!, at = new Date() } = how;
    const body = JSON.stringify(event);
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    };
    return (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, headers })).status;
  }

  beforeAll(async () => {
    port = await freePort();
    env = {
      ...{ DATA_DIR: join(folder.path, "data"), WEBHOOK_PRIVATE_HOSTS: "127.0.0.1" },
      WEB_PORT: String(await freePort()),
    };
    table = new DatabaseSync(file);
    // As Django's migrations make them.
    table.exec(`pragma busy_timeout = 20000; pragma journal_mode = wal;
      create table tb_users (id integer not null primary key autoincrement, password varchar(128) not null,
        last_login datetime null, is_superuser bool not null, username varchar(150) not null unique,
        first_name varchar(30) not null, last_name varchar(150) not null, email varchar(254) not null,
        is_staff bool not null, is_active bool not null, date_joined datetime not null,
        mobile varchar(11) null unique, email_active bool not null);
      create table tb_order_info (id integer not null primary key autoincrement, status smallint not null,
        user_id integer not null references tb_users (id) deferrable initially deferred);`);
    product = await startProduct("start", env);
    const scopes = ["--scope", "users.view_user", "--scope", "users.hold_deletion"];
    service = manage("service", "create", "old-site", ...scopes).secret;
    const made = manage("webhooks", "add", `http://127.0.0.1:${port}/`);
    [endpoint, secrets] = [Number(made.id), [made.secret]];
    await startConsumer(secrets);
  }, 300_000);
  afterAll(async () => {
    await stopConsumer();
    await product?.stop();
    table?.close();
    folder.release();
  });

  it("has a row for each account, which follows its name and state, and nobody logs in there by it", async () => {
    const id = account("python01");
    await until(() => row(id) !== undefined, "the row");
    expect(row(id)).toMatchObject({
      ...{ username: "python01", email: "python01@example.com", is_active: 1, is_staff: 0, is_superuser: 0 },
      ...{ password: expect.stringMatching(/^!.{20,}/), mobile: null },
    });
    table.prepare("update tb_users set is_staff = 1, password = 'pbkdf2_sha256$own' where id = ?").run(id);
    manage("user", "rename", "python01", "renamed01");
    await until(() => row(id)?.username === "renamed01", "the name");
    manage("user", "deactivate", "renamed01");
    await until(() => row(id)?.is_active === 0, "the state");
    expect(row(id)).toMatchObject({ is_staff: 1, password: "pbkdf2_sha256$own" });
  }, 300_000);

  it("takes nothing that is not signed, old, or too long, and a message twice without harm", async () => {
    const id = account("python02");
    await until(() => row(id) !== undefined, "the row");
    const gone = { type: "user.deleted", timestamp: "", data: { user_id: id, version: 9e15 } };
    const other = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const old = new Date(Date.now() - 301_000);
    expect(await send(gone, { secret: other })).toBe(401);
    expect(await send(gone, { at: old })).toBe(401);
    const bare = { method: "POST", body: JSON.stringify(gone) };
    expect((await fetch(`http://127.0.0.1:${port}/`, bare)).status).toBe(401);
    const long = { method: "POST", body: "x".repeat(70_000) };
    expect((await fetch(`http://127.0.0.1:${port}/`, long)).status).toBe(413);
    expect(row(id)).toBeDefined();
    const renewed = { type: "user.updated", timestamp: "", data: { user_id: id, version: 9e15 } };
    table.prepare("update tb_users set first_name = 'here' where id = ?").run(id);
    expect(await send(renewed, { id: "msg_twice" })).toBe(204);
    expect(row(id)).toMatchObject({ first_name: "" });
    table.prepare("update tb_users set first_name = 'again' where id = ?").run(id);
    expect(await send(renewed, { id: "msg_twice" })).toBe(204);
    expect(row(id), "nothing was asked a second time").toMatchObject({ first_name: "again" });
    // One that the row has already, by its version.
    const late = { type: "user.updated", timestamp: "", data: { user_id: id, version: 1 } };
    expect(await send(late)).toBe(204);
    expect(row(id)).toMatchObject({ first_name: "again" });
  }, 300_000);

  it("loses nothing while it is away", async () => {
    const id = account("python03");
    await until(() => row(id) !== undefined, "the row");
    await stopConsumer();
    manage("user", "rename", "python03", "renamed03");
    await startConsumer(secrets);
    await until(() => row(id)?.username === "renamed03", "the name", 400);
  }, 600_000);

  it("follows two accounts that exchange their names, and leaves a row of the site's own alone", async () => {
    const [one, other] = [account("python04"), account("python05")];
    await until(() => row(one) !== undefined && row(other) !== undefined, "the rows");
    await stopConsumer();
    // As after the time for which a name that was given up is held.
    const ours = new DatabaseSync(join(env.DATA_DIR!, "meiduo.sqlite3"));
    const rename = (from: string, to: string) => {
      manage("user", "rename", from, to);
      ours.exec("pragma busy_timeout = 20000; delete from held_names");
    };
    rename("python04", "between04");
    rename("python05", "python04");
    rename("between04", "python05");
    ours.close();
    await startConsumer(secrets);
    await until(
      () => row(one)?.username === "python05" && row(other)?.username === "python04",
      "the names",
      400,
    );
    table
      .prepare(`insert into tb_users (id, username, password, is_superuser, is_staff, is_active, first_name, last_name, email,
        date_joined, email_active) values (90001, 'local', '!', 1, 1, 1, '', '', '', '2026-01-01', 0)`)
      .run();
    const named = account("local");
    await until(() => said.includes(`account ${named} is not written: row 90001`), "the conflict");
    expect([row(named), row(90001)?.is_superuser]).toEqual([undefined, 1]);
  }, 600_000);

  it("has a row for each account of an import that it is told of, asks for none twice, and is told again of those it could not have", async () => {
    const source = join(folder.path, "source.sqlite3");
    const old = djangoDatabase(source);
    for (const id of [7001, 7002]) old.user({ id, username: `imported${id}`, email: `i${id}@example.com` });
    old.close();
    expect(manage("import-django", source, "--apply")).toMatchObject({ users: { imported: 2 } });
    await until(() => row(7001) !== undefined && row(7002) !== undefined, "the rows");
    expect(row(7002)).toMatchObject({ username: "imported7002", email: "i7002@example.com", is_active: 1 });
    // Again, as after an event that was cut off: who is here is not asked for, who is missing is.
    table.exec("update tb_users set first_name = 'kept' where id = 7001");
    table.exec("delete from tb_users where id = 7002; delete from accounts_versions where user_id = 7002");
    const imported = { type: "accounts.imported", timestamp: "", data: { user_ids: [7001, 7002] } };
    expect(await send(imported)).toBe(204);
    expect([row(7001)?.first_name, row(7002)?.username]).toEqual(["kept", "imported7002"]);
    // Of somebody who is gone by then there is no row.
    const gone = { ...imported, data: { user_ids: [99_999] } };
    expect(await send(gone)).toBe(204);
    expect(row(99_999)).toBeUndefined();
  }, 300_000);

  it("goes through the exchange of the secret: two sign, two are taken, and then the new one alone", async () => {
    const { secret } = manage("webhooks", "rotate", String(endpoint));
    await stopConsumer();
    await startConsumer([secret]);
    const id = account("python06");
    await until(() => row(id) !== undefined, "the row, by the new one");
    await stopConsumer();
    await startConsumer([...secrets, secret]);
    const data = { user_id: id, version: 1 };
    const event = { type: "user.updated", timestamp: "", data };
    for (const by of [secret, ...secrets]) expect(await send(event, { secret: by })).toBe(204);
    await stopConsumer();
    await startConsumer([secret]);
    expect(await send(event, { secret: secrets[0]! })).toBe(401);
    secrets = [secret];
  }, 600_000);

  it("switches off whose deletion was asked for, holds it for an open order, and on again", async () => {
    const [idle, busy] = [account("python07"), account("python08")];
    await until(() => row(idle) !== undefined && row(busy) !== undefined, "the rows");
    order(busy, 1);
    for (const name of ["python07", "python08"])
      manage("user", "delete", name, "--reason", "asked for", "--yes");
    await until(() => row(idle)?.is_active === 0 && row(busy)?.is_active === 0, "the state");
    const ours = new DatabaseSync(join(env.DATA_DIR!, "meiduo.sqlite3"), { readOnly: true });
    const holds = () => ours.prepare("select user_id, service from deletion_holds").all();
    await until(() => holds().length > 0, "the hold");
    expect(holds()).toEqual([{ user_id: busy, service: "old-site" }]);
    ours.close();
  }, 300_000);

  it("removes who was erased, keeps orders without a person, and never brings one back", async () => {
    const [idle, busy] = [account("python09"), account("python10")];
    await until(() => row(idle) !== undefined && row(busy) !== undefined, "the rows");
    order(busy, 4);
    for (const name of ["python09", "python10"])
      manage("user", "delete", name, "--reason", "asked for", "--now", "--yes");
    await until(() => row(idle) === undefined && row(busy)?.username === `deleted-${busy}`, "the erasure");
    expect(row(busy)).toMatchObject({ email: "", is_active: 0, password: "!", mobile: null });
    const late = { type: "user.updated", timestamp: "", data: { user_id: idle, version: 9e15 } };
    expect(await send(late)).toBe(204);
    expect(row(idle)).toBeUndefined();
  }, 300_000);

  it("gives the orders of an account that went into another to that one", async () => {
    const [kept, joined] = [account("python11"), account("python12")];
    await until(() => row(kept) !== undefined && row(joined) !== undefined, "the rows");
    order(joined, 2);
    manage("user", "join", "python11", "python12", "--reason", "the same person", "--yes");
    await until(() => row(joined) === undefined, "the joining");
    expect(table.prepare("select status from tb_order_info where user_id = ?").all(kept)).toEqual([
      { status: 2 },
    ]);
  }, 300_000);

  it("says that it has to be told again while the server can't be asked", async () => {
    const id = account("python13");
    await until(() => row(id) !== undefined, "the row");
    await product.kill();
    const renewed = { type: "user.updated", timestamp: "", data: { user_id: id, version: 9e15 } };
    expect(await send(renewed)).toBe(503);
    expect(row(id)).toMatchObject({ username: "python13", is_active: 1 });
    const imported = { type: "accounts.imported", timestamp: "", data: { user_ids: [id, 90_002] } };
    expect(await send(imported)).toBe(503);
    expect(row(90_002)).toBeUndefined();
  }, 120_000);
});
