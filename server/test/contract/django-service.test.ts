import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { djangoMissing } from "../support/django-site.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { forge } from "../support/forged-token.ts";
import { describeWhere } from "../support/not-tested.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** examples/django-service, as it is: an old Django service that makes its own row of whoever comes with a token of ours. */
describeWhere(djangoMissing === null)("a Django service beside the accounts", () => {
  const script = resolve(import.meta.dirname, "../../../examples/django-service/service.py");
  let folder: string;
  let table: DatabaseSync;
  let service: ChildProcess;
  let url: string;
  let accounts: TestApp;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "meiduo-service-"));
    const file = join(folder, "service.sqlite3");
    service = spawn("/usr/bin/python3", [script, "0", file], {
      env: { ...process.env, ACCOUNTS_SECRET_KEY: testSecretKey, PYTHONDONTWRITEBYTECODE: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    service.stderr!.on("data", (piece) => {
      said += piece;
    });
    url = await new Promise<string>((ready, failed) => {
      service.once("exit", () => failed(new Error(`the service ended:\n${said}`)));
      service.stdout!.on("data", (piece) => {
        const found = /http:\S+/.exec(String(piece));
        if (found) ready(found[0]);
      });
    });
    table = new DatabaseSync(file);
    table.exec("pragma busy_timeout = 20000");
    // PyJWT reads the machine's clock.
    accounts = await startTestApp({ clock: fakeClock(Date.now()) });
  }, 120_000);
  afterAll(async () => {
    service?.kill("SIGKILL");
    table?.close();
    await accounts?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (token: string | null, scheme = "JWT") => {
    const headers = token === null ? {} : { authorization: `${scheme} ${token}` };
    const answer = await fetch(url, { headers });
    return { status: answer.status, body: (await answer.json()) as { of?: string; row?: number } };
  };
  const rows = () =>
    table.prepare("select id, username, password, is_staff from auth_user order by id").all();
  const insert = (id: number, username: string, isActive = 1) =>
    table
      .prepare(
        `insert into auth_user (id, username, password, is_active, is_staff, is_superuser, first_name, last_name, email, date_joined)
         values (?, ?, '!', ?, 0, 0, '', '', '', '2026-01-01')`,
      )
      .run(id, username, isActive);

  it("makes the row on first sight, without a password, and finds it from then on", async () => {
    const person = await makePerson(accounts, "python01");
    for (const scheme of ["JWT", "Bearer"]) {
      expect(await ask(person.token, scheme)).toEqual({
        status: 200,
        body: { orders: [], of: "python01", row: person.id },
      });
    }
    expect(rows()).toMatchObject([
      { id: person.id, username: "python01", is_staff: 0, password: expect.stringMatching(/^!/) },
    ]);
  });

  it("makes one row of twenty requests at once", async () => {
    const person = await makePerson(accounts, "python02");
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(person.token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(rows().filter((row) => row.username === "python02")).toHaveLength(1);
  });

  it("refuses where the id or the name is another's, and leaves that row as it is", async () => {
    const [first, second] = [await makePerson(accounts, "python03"), await makePerson(accounts, "python04")];
    insert(first.id, "somebody");
    insert(9_001, "python04");
    const before = rows();
    expect((await ask(first.token)).status).toBe(401);
    expect((await ask(second.token)).status).toBe(401);
    expect(rows()).toEqual(before);
  });

  it("refuses somebody who is disabled there, nobody, and what is no access token of ours", async () => {
    const person = await makePerson(accounts, "python05");
    insert(person.id, "python05", 0);
    expect((await ask(person.token)).status).toBe(401);
    expect((await ask(null)).status).toBe(401);
    const other = await makePerson(accounts, "python06");
    const exp = Math.floor(Date.now() / 1000) + 600;
    const claims = { user_id: other.id, username: "python06", exp };
    const before = rows();
    for (const token of [
      ...["x", `${other.token}x`, forge({ ...claims, exp: 1 }), forge({ ...claims, token_type: "refresh" })],
      ...[
        forge({ ...claims, aud: "shop" }),
        forge({ ...claims, user_id: true }),
        forge({ ...claims, username: "" }),
      ],
      forge({ ...claims, exp: undefined }),
    ]) {
      expect([token.slice(-10), (await ask(token)).status]).toEqual([token.slice(-10), 401]);
    }
    const payload = { username: "python06", password, refresh: true };
    const logIn = await accounts.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    expect((await ask(logIn.json().refresh_token)).status).toBe(401);
    expect(rows()).toEqual(before);
    expect((await ask(logIn.json().token)).status).toBe(200);
  });
});
