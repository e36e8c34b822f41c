import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openShop } from "../../../docs/examples/embedded-shop.ts";
import { AppError, declareErrors, invalidFields } from "../../src/errors/errors.ts";
import { createPermissions } from "../../src/permissions/permissions.ts";
import { bareEnvironment } from "../support/false-clock.ts";
import { freePort } from "../support/free-port.ts";
import { someone } from "../support/holders.ts";
import { grant, makePerson, type Person, password } from "../support/people.ts";
import { dataFolder, waitUntil } from "../support/product-process.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The example of docs/from-django.md, run as it stands there. */
const secret = "shared-secret-of-the-gateway";
const docs = new URL("../../../docs/", import.meta.url);
let server: TestApp;
let clerk: Person;
let boss: Person;
beforeAll(async () => {
  server = await startTestApp({ create: (context, overrides) => openShop(context, secret, overrides) });
  clerk = await makePerson(server, "clerk");
  boss = await makePerson(server, "boss", { is_superuser: 1 });
});
afterAll(() => server.close());

const refund = (authorization?: string) =>
  server.anonymous({
    method: "POST",
    url: "/orders/refunds/",
    headers: authorization === undefined ? {} : { authorization },
  });

test.each(["from-django.md", "from-django.zh.md"])("the example is in %s, letter for letter", (page) => {
  for (const name of ["embedded-shop.ts", "embedded-shop-main.ts"]) {
    const example = readFileSync(new URL(`examples/${name}`, docs), "utf8");
    expect(readFileSync(new URL(page, docs), "utf8")).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
  }
});

describe("the example, started as the page says", () => {
  const start = (env: Record<string, string>) =>
    spawn(process.execPath, [fileURLToPath(new URL("examples/embedded-shop-main.ts", docs))], {
      env: { ...bareEnvironment(), LOG_LEVEL: "warn", ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });

  test("serves the shop's routes and the accounts', and ends when it is told to", {
    timeout: 60_000,
  }, async () => {
    const folder = dataFolder();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = start({
      DATA_DIR: folder.path,
      HOST: "127.0.0.1",
      API_PORT: String(port),
      GATEWAY_SECRET: secret,
    });
    const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
    try {
      await waitUntil(async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200, 30);
      const refused = await fetch(`${url}/orders/refunds/`, { method: "POST" });
      expect(refused.status).toBe(401);
      expect((await fetch(`${url}/usernames/somebody/count/`)).status).toBe(200);
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    } finally {
      child.kill("SIGKILL");
      await ended;
      folder.release();
    }
  });

  test("does not start without a secret, which would let everybody in", { timeout: 60_000 }, async () => {
    const folder = dataFolder();
    const child = start({ DATA_DIR: folder.path, API_PORT: "0" });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    folder.release();
    expect([code, said]).toEqual([1, expect.stringContaining("needs 16 characters")]);
  });
});

describe("a permission that the embedding program declares", () => {
  test("exists from the start, is asked for by its route, and is granted like any other", async () => {
    const { results } = (await server.as(boss.token)({ url: "/admin/permissions/" })).json();
    expect(results).toContainEqual(expect.objectContaining({ permission: "mall.refund_order" }));
    expect((await refund()).statusCode).toBe(401);
    expect((await refund(`JWT ${clerk.token}`)).statusCode).toBe(403);
    expect((await refund(`JWT ${boss.token}`)).json()).toEqual({ refunded_by: "boss" });
    await grant(server, clerk.id, ["mall.refund_order"]);
    expect((await refund(`JWT ${clerk.token}`)).json()).toEqual({ refunded_by: "clerk" });
    await grant(server, clerk.id, []);
    expect((await refund(`JWT ${clerk.token}`)).statusCode).toBe(403);
  });

  test("is made once, however often the program starts", async () => {
    const declarations = [{ app: "mall", codename: "refund_order", name: "Can refund order" }];
    await createPermissions({ db: server.app.db, declarations }).declare();
    const rows = await server.app.db.kysely
      .selectFrom("permissions")
      .selectAll()
      .where("codename", "=", "refund_order")
      .execute();
    expect(rows).toMatchObject([{ app: "mall", model: "order", name: "Can refund order" }]);
  });

  test.each([
    [{ app: "mall", codename: "refund order", name: "x" }, /needs app and codename/],
    [{ app: "", codename: "refund_order", name: "x" }, /needs app and codename/],
    [{ app: "mall", codename: "refund_order", name: "" }, /a name/],
    [{ app: "users", codename: "view_user", name: "Mine" }, /declared twice/],
  ])("is refused where it could never be granted: %j", (declaration, reason) => {
    const { db } = server.app;
    expect(() => createPermissions({ db, declarations: [declaration] })).toThrow(reason);
  });
});

describe("an embedding program's own error codes", () => {
  const fail = declareErrors({
    shop_closed: { status: 409, shape: "message", zh: "{opens}开门。", en: "Open at {opens}." },
    card_refused: { status: 400, shape: "non_field_errors", zh: "卡被拒绝。", en: "The card was refused." },
  });
  let shop: TestApp;
  const log: string[] = [];
  beforeAll(async () => {
    shop = await startTestApp({
      logTo: { write: (line) => log.push(line) },
      describe: async (api) => {
        const route = (url: string, error: () => unknown) =>
          api.get(url, { config: { auth: "ignored" } }, async () => {
            throw error();
          });
        route("/closed/", () =>
          fail("shop_closed", { parameters: { opens: "9:00" }, retryAfterSeconds: 60 }),
        );
        route("/card/", () => fail("card_refused"));
        route("/undeclared/", () => new AppError("made_up" as never));
        route("/undeclared-field/", () => invalidFields({ field: "size", code: "too_big" as never }));
        route("/own-field/", () =>
          invalidFields({
            field: "size",
            code: "too_big" as never,
            texts: { zh: "太大了。", en: "Too big." },
          }),
        );
      },
    });
  });
  afterAll(() => shop.close());

  test("are answered in both languages and both forms", async () => {
    const closed = await shop.anonymous({ url: "/closed/" });
    expect([closed.statusCode, closed.json(), closed.headers["retry-after"]]).toEqual([
      409,
      { message: "9:00开门。" },
      "60",
    ]);
    const card = await shop.anonymous({ url: "/card/", headers: { "accept-language": "en" } });
    expect(card.json()).toEqual({
      non_field_errors: ["The card was refused."],
      message: "The card was refused.",
    });
    const problem = await shop.anonymous({
      url: "/closed/",
      headers: { accept: "application/problem+json", "accept-language": "en" },
    });
    expect(problem.json()).toMatchObject({ status: 409, code: "shop_closed", title: "Open at 9:00." });
    const field = await shop.anonymous({ url: "/own-field/" });
    expect([field.statusCode, field.json()]).toEqual([400, { size: ["太大了。"], message: "太大了。" }]);
  });

  test.each(["/undeclared/", "/undeclared-field/"])(
    "undeclared, are a mistake of the program: %s",
    async (url) => {
      log.length = 0;
      const answer = await shop.anonymous({ url });
      expect(answer.statusCode).toBe(500);
      expect(answer.json().detail).toContain(String(answer.headers["x-request-id"]));
      expect(log.join("")).toMatch(/made_up|invalid_fields/);
    },
  );

  test("are refused at the start where they could not be answered", () => {
    const good = { status: 409, shape: "message", zh: "a", en: "a" } as const;
    expect(() => declareErrors({ not_found: good })).toThrow(/not_found is taken/);
    for (const wrong of [{ status: 200 }, { shape: "html" }, { zh: "" }, { en: undefined }]) {
      expect(() => declareErrors({ x: { ...good, ...wrong } as never })).toThrow(/needs a status/);
    }
  });
});

test("Django's questions about an account have their answers on the app", async () => {
  const { users, permissions, passwords, groups } = server.app;
  const support = await groups.add(server.app.db, { name: "support", permissions: ["mall.refund_order"] });
  const asked = await makePerson(server, "askedabout", { permissions: ["users.view_user"] });
  await groups.setOfUser(server.app.db, asked.id, [support.id]);
  const user = (await users.byLoginName("askedabout"))!;
  expect([
    await permissions.has(user, "mall.refund_order"),
    await permissions.hasAll(user, ["mall.refund_order", "users.view_user"]),
    await permissions.hasAll(user, ["mall.refund_order", "users.change_user"]),
    await permissions.hasAnyOf(user, "mall"),
    await permissions.hasAnyOf(user, "goods"),
  ]).toEqual([true, true, false, true, false]);
  expect(await permissions.all(user)).toEqual(["mall.refund_order", "users.view_user"]);
  expect(await permissions.ofGroups(user)).toEqual(["mall.refund_order"]);
  expect(await permissions.all({ ...user, is_active: 0 })).toEqual([]);
  expect((await passwords.verify(password, user.password_hash, someone)).ok).toBe(true);
  expect(passwords.isUsable(passwords.unusable())).toBe(false);
});

describe("the example's authenticator", () => {
  test("takes the gateway's word, and nobody else's", async () => {
    expect((await refund(`Gateway ${secret} ${boss.id}`)).json()).toEqual({ refunded_by: "boss" });
    expect((await refund(`Gateway ${secret} ${clerk.id}`)).statusCode).toBe(403);
    for (const header of [
      `Gateway wrong ${boss.id}`,
      `Gateway ${secret}`,
      `Gateway ${secret} 99999`,
      `Gateway ${secret} 1.5`,
      "Gateway",
      `Other ${secret} ${boss.id}`,
    ]) {
      expect([header, (await refund(header)).statusCode]).toEqual([header, 401]);
    }
  });

  test("cannot let a disabled account in", async () => {
    const gone = await makePerson(server, "gonesoon", { is_active: 0, is_superuser: 1 });
    expect((await refund(`Gateway ${secret} ${gone.id}`)).statusCode).toBe(401);
  });
});
