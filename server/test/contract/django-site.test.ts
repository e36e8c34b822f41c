import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/engines/database/database.ts";
import { defaultHashers } from "../../src/passwords/hasher-names.ts";
import { createPasswords } from "../../src/passwords/passwords.ts";
import { createGroups } from "../../src/permissions/groups.ts";
import { createPermissions } from "../../src/permissions/permissions.ts";
import { contents, exportTo, runImport } from "../support/django-import.ts";
import { djangoChecks, djangoMissing, djangoService, djangoSite } from "../support/django-site.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { claimsOf, forge } from "../support/forged-token.ts";
import { someone } from "../support/holders.ts";
import { describeWhere } from "../support/not-tested.ts";
import { makePerson, tokenOf } from "../support/people.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/**
 * Side by side with a real Django: it verifies our hashes, loads our export, takes our tokens; we read its
 * database and its dumpdata and take its tokens.
 */
const vectors = new URL("../vectors/import/", import.meta.url).pathname;

test("Django is there to be tested with", () => {
  if (djangoMissing !== null && !process.env.CI) {
    process.stderr.write(`\nNOT TESTED against a real Django, missing: ${djangoMissing}\n\n`);
    return;
  }
  expect(djangoMissing).toBeNull();
});

describeWhere(djangoMissing === null)("with a real Django", () => {
  let folder: string;
  let db: Database;
  let site: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "meiduo-site-"));
    site = join(folder, "site.sqlite3");
    db = await temporarySqlite();
    await createPermissions({ db }).declare();
    await runImport(db, join(vectors, "original-database.sqlite3"));
    const groups = createGroups({ db });
    await groups.addPermission(db, { app: "mall", codename: "refund_order", name: "Can refund" });
    const permissions = ["mall.refund_order", "users.view_user"];
    const support = await groups.add(db, { name: "客服", permissions });
    await groups.setOfUser(db, 1, [support.id]);
    await groups.grantToUser(db, 2, ["auth.view_group"]);
    await db.kysely.updateTable("users").set({ mobile: null }).where("id", "=", 8).execute();
    await db.kysely.deleteFrom("login_names").where("name_key", "=", "13800000008").execute();
    djangoSite(site, ["migrate"]);
  }, 120_000);
  afterAll(async () => {
    await db?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("it verifies what we hash, with every hasher it has", { timeout: 120_000 }, async () => {
    const pairs: [string, string][] = [];
    const expected: boolean[] = [];
    // Django 3.2 has no scrypt.
    for (const hasher of defaultHashers.filter((name) => name !== "scrypt")) {
      const passwords = createPasswords({ hashers: [hasher] });
      for (const password of ["12345678aA", " 密码 $😀$ "]) {
        const encoded = await passwords.hash(password, someone);
        pairs.push([encoded, password], [encoded, `${password}x`]);
        expected.push(true, false);
      }
    }
    const unusable = createPasswords().unusable();
    expect(djangoChecks([...pairs, [unusable, unusable]])).toEqual([...expected, false]);
  });

  test("it loads our export, its users log in there, and what they may do is the same", {
    timeout: 120_000,
  }, async () => {
    const file = join(folder, "export.json");
    await exportTo(db, file);
    djangoSite(site, ["loaddata", file]);
    const truth = JSON.parse(readFileSync(join(vectors, "ground-truth.json"), "utf8")) as {
      users: { username: string; password: string | null; is_active?: boolean }[];
    };
    const input = truth.users.map((user) => JSON.stringify([user.username, user.password ?? "x"])).join("\n");
    const loggedIn = djangoSite(site, ["login"], input)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) !== null);
    expect(loggedIn).toEqual(truth.users.map((user) => user.password !== null && user.is_active !== false));
    const permissions = JSON.parse(djangoSite(site, ["permissions"])) as Record<string, string[]>;
    expect(permissions.python01).toEqual(["mall.refund_order", "users.view_user"]);
    expect(permissions["全民python"]).toEqual(["auth.view_group"]);
    expect(permissions.disabled1).toEqual([]);
    expect(permissions.admin).toContain("mall.refund_order");
  });

  test("its database and its dumpdata come back as what went out", { timeout: 120_000 }, async () => {
    const file = join(folder, "export.json");
    await exportTo(db, file);
    djangoSite(site, ["loaddata", file]);
    const dump = join(folder, "dump.json");
    djangoSite(site, ["dumpdata", dump]);
    const ours = await contents(db);
    for (const source of [site, dump]) {
      const other = await temporarySqlite();
      try {
        await createPermissions({ db: other }).declare();
        await runImport(other, source);
        const { permissions, ...rest } = await contents(other);
        const { permissions: ownPermissions, ...ownRest } = ours;
        expect(rest).toEqual(ownRest);
        expect(permissions).toEqual(expect.arrayContaining(ownPermissions));
      } finally {
        await other.close();
      }
    }
  });

  test("a site with a table for each provider takes its bindings back, and gives them again", {
    timeout: 120_000,
  }, async () => {
    const classic = join(folder, "classic.sqlite3");
    djangoSite(classic, ["migrate"]);
    const file = join(folder, "classic.json");
    const written = await exportTo(db, file, {
      bindingModels: ["oauth.oauthqquser", "oauth.oauthsinauser"],
    });
    expect(written.filter(({ fields }) => "loginType" in fields)).toEqual([]);
    djangoSite(classic, ["loaddata", file]);
    const dump = join(folder, "classic-dump.json");
    djangoSite(classic, ["dumpdata", dump]);
    const ours = (await contents(db)).bindings as { provider: string }[];
    const expected = ours.filter(({ provider }) => provider === "qq" || provider === "weibo");
    expect(expected.length).toBeGreaterThan(1);
    for (const source of [classic, dump]) {
      const other = await temporarySqlite();
      try {
        await createPermissions({ db: other }).declare();
        await runImport(other, source);
        expect((await contents(other)).bindings).toEqual(expected);
      } finally {
        await other.close();
      }
    }
  });

  describe("tokens under one SECRET_KEY", () => {
    let server: TestApp;
    beforeAll(async () => {
      // PyJWT reads the machine's clock, and so must we: under any other, its answer depends on today's date.
      server = await startTestApp({ clock: fakeClock(Date.now()) });
    });
    afterAll(() => server.close());

    test("PyJWT takes ours, with the claims that drf-jwt reads", async () => {
      const { token, id } = await server.signUp({ username: "sidebyside", email: "side@example.com" });
      const claims = JSON.parse(djangoSite(":memory:", ["verify", testSecretKey], token));
      expect(claims).toMatchObject({ user_id: id, username: "sidebyside", email: "side@example.com" });
      expect(Object.keys(claims).slice(0, 4)).toEqual(["user_id", "username", "exp", "email"]);
    });

    test("we take those of PyJWT, and no longer under another key", async () => {
      await server.app.db.kysely
        .updateTable("users")
        .set({ username: "python01" })
        .where("id", "=", 1)
        .execute();
      const theirs = djangoSite(":memory:", ["token", testSecretKey]).trim();
      const answer = await server.as(theirs)({ url: "/user/" });
      expect([answer.statusCode, answer.json().username]).toEqual([200, "python01"]);
      const foreign = djangoSite(":memory:", ["token", `${testSecretKey}x`]).trim();
      expect((await server.as(foreign)({ url: "/user/" })).statusCode).toBe(401);
    });
  });

  describe.each(["ES256", "RS256"])("tokens under %s", (algorithm) => {
    test("a service takes them by the key set, through changes of the key under load, and no others", {
      timeout: 120_000,
    }, async () => {
      const env = { TOKEN_ALGORITHM: algorithm, TOKEN_KEY_DAYS: "1" };
      const server = await startTestApp({ clock: fakeClock(Date.now()), env });
      const address = await server.app.api.listen({ port: 0, host: "127.0.0.1" });
      const service = djangoService(`${address}/.well-known/jwks.json`);
      try {
        const { id } = await makePerson(server, "sidebyside");
        const kids = new Set<string>();
        let older = await tokenOf(server, "sidebyside");
        for (let hours = 0; hours < 80; hours += 4) {
          await server.app.maintenance.run();
          const [token, other] = await Promise.all([
            tokenOf(server, "sidebyside"),
            tokenOf(server, "sidebyside"),
          ]);
          kids.add(JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()).kid);
          for (const one of [token, older, other]) {
            expect(await service.ask(one)).toEqual([200, { user_id: id }]);
            expect((await server.as(one)({ url: "/user/" })).statusCode).toBe(200);
          }
          older = token;
          server.clock.advance(4 * 3600);
        }
        expect(kids.size).toBeGreaterThanOrEqual(3);
        const [header, payload] = older.split(".");
        expect((await service.ask(`${header}.${payload}.${"A".repeat(86)}`))[0]).toBe(401);
        expect((await service.ask(forge(claimsOf(older))))[0]).toBe(401);
      } finally {
        await service.close();
        await server.close();
      }
    });
  });
});
