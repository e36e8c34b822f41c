import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { checkFallbacks } from "../../src/cli/doctor/fallback-check.ts";
import { claimsOf, forge } from "../support/forged-token.ts";
import { makePerson, password, tokenOf } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** `manage keys` beside a running site. */
const open: TestApp[] = [];
const folder = mkdtempSync(join(tmpdir(), "meiduo-keys-"));
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

async function site(env: Record<string, string> = { TOKEN_ALGORITHM: "ES256" }): Promise<TestApp> {
  const app = await startTestApp({ env });
  open.push(app);
  return app;
}
type Settings = Partial<TestApp["config"]> & { readonly secretKey: string };
const presentKey: Settings = { secretKey: testSecretKey };

async function run(app: TestApp, line: string, language: "zh" | "en" = "en", settings = presentKey) {
  const terminal = saidTerminal(language);
  const config = { ...app.config, ...settings };
  const code = await runCommandLine(line.split(" "), {
    ...{ terminal, clock: app.clock, folder, openDatabase, host: unstopped },
    loadConfig: async () => config,
    completeConfig: () => config,
    readSource: () => ({ SECRET_KEY: testSecretKey, MEIDUO_CALLED_BY: "wang" }),
    refuseBeside: () => {},
  });
  const { out, notes } = terminal.said;
  return { code, out, notes };
}
const json = async (app: TestApp, line: string, settings = presentKey) => {
  const { code, out, notes } = await run(app, `${line} --json`, "en", settings);
  expect([code, notes]).toEqual([0, ""]);
  return JSON.parse(out);
};
const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()).kid;
const statusOf = async (app: TestApp, token: string) => (await app.as(token)({ url: "/user/" })).statusCode;
/** As the site does every few seconds. */
const read = (app: TestApp) => app.app.maintenance.run();

test("show: under HS256 there is nothing to show, and nothing is written", async () => {
  const app = await site({});
  expect(await json(app, "keys")).toEqual({ algorithm: "HS256", keys: [] });
  expect((await run(app, "keys show")).out).toContain("SECRET_KEY signs every token (HS256).");
  expect((await run(app, "keys rotate")).notes).toContain("set TOKEN_ALGORITHM first");
  expect((await run(app, "keys drop HS256 --now --yes")).code).toBe(1);
  expect(await app.app.db.kysely.selectFrom("signing_keys").selectAll().execute()).toEqual([]);
});

test("rotate: published now, it signs after an hour; asked again the same key waits; --now brings it forward", async () => {
  const app = await site();
  await makePerson(app, "python01");
  const first = kidOf(await tokenOf(app, "python01"));
  const next = await json(app, "keys rotate");
  expect(Date.parse(next.signsFrom)).toBe(app.clock.now() + 3_600_000);
  expect((await json(app, "keys rotate")).kid).toBe(next.kid);
  await read(app);
  expect(kidOf(await tokenOf(app, "python01"))).toBe(first);
  const shown = await json(app, "keys show");
  expect(shown.keys.map(({ kid, state }: { kid: string; state: string }) => [kid, state])).toEqual([
    ["HS256", "previous"],
    [first, "current"],
    [next.kid, "next"],
  ]);
  expect((await run(app, "keys show")).out).not.toContain("s1.");
  expect((await json(app, "keys rotate --now")).kid).toBe(next.kid);
  await read(app);
  expect(kidOf(await tokenOf(app, "python01"))).toBe(next.kid);
  const actions = await app.app.db.kysely.selectFrom("audit_entries").select(["action", "target"]).execute();
  expect(actions.filter(({ action }) => action === "system.rotate-keys").at(-1)?.target).toBe(next.kid);
});

test("drop says whom it logs out, does nothing without --now --yes, and then ends exactly these", async () => {
  const app = await site();
  await makePerson(app, "python01");
  await makePerson(app, "python02");
  const lost = await tokenOf(app, "python01");
  const payload = { username: "python02", password, refresh: true };
  const renewing = (await app.anonymous({ method: "POST", url: "/users/authorizations/", payload })).json();
  const kid = kidOf(lost);
  // makePerson logs in as well.
  const text =
    "It would end 3 sessions of 2 accounts; the 1 with refresh tokens get another token and go on.";
  for (const line of [`keys drop ${kid}`, `keys drop ${kid} --now`, `keys drop ${kid} --yes`]) {
    const asked = await run(app, line);
    expect([asked.code, asked.notes]).toEqual([1, expect.stringContaining(text)]);
  }
  expect((await run(app, `keys drop ${kid}`, "zh")).notes).toContain("2 个账号的 3 个登录");
  expect(await statusOf(app, lost)).toBe(200);

  expect(await json(app, `keys drop ${kid} --now --yes`)).toEqual({ kid, sessions: 3, accounts: 2 });
  await read(app);
  expect([await statusOf(app, lost), await statusOf(app, renewing.token)]).toEqual([401, 401]);
  const answer = await app.anonymous({
    ...{ method: "POST", url: "/user/tokens/refresh/", payload: { refresh_token: renewing.refresh_token } },
  });
  expect(answer.statusCode).toBe(200);
  expect(await statusOf(app, answer.json().token)).toBe(200);
  expect(kidOf(answer.json().token)).not.toBe(kid);
  const rows = await app.app.db.kysely
    .selectFrom("signing_keys")
    .selectAll()
    .where("kid", "=", kid)
    .execute();
  expect(rows).toMatchObject([{ sealed: null, dropped_at: app.clock.now() }]);
  const ended = await app.app.db.kysely
    .selectFrom("sessions")
    .select("id")
    .where("ended_by", "=", "key_dropped")
    .execute();
  expect(ended.map(({ id }) => id)).toContain(claimsOf(lost).sid);
  const { keys } = (await app.anonymous({ url: "/.well-known/jwks.json" })).json();
  expect(keys.map((key: { kid: string }) => key.kid)).not.toContain(kid);
  expect((await run(app, `keys drop ${kid} --now --yes`)).notes).toContain("dropped already");
  expect((await run(app, "keys drop nothing")).notes).toContain("There is no such key");
});

test("drop HS256: after the change, what SECRET_KEY signed ends before its time", async () => {
  const app = await site();
  await app.app.db.kysely
    .updateTable("signing_keys")
    .set({ signs_from: app.clock.now() + 1000 })
    .where("turn", "=", 2)
    .execute();
  await read(app);
  await makePerson(app, "python01");
  const old = await tokenOf(app, "python01");
  expect(kidOf(old)).toBeUndefined();
  expect((await run(app, "keys drop HS256 --now --yes")).notes).toContain("SECRET_KEY signs tokens");
  app.clock.advance(2);
  const fresh = await tokenOf(app, "python01");
  expect((await json(app, "keys drop HS256 --now --yes")).sessions).toBe(2);
  await read(app);
  expect([await statusOf(app, old), await statusOf(app, fresh)]).toEqual([401, 200]);
});

test("drop HS256: it stays dropped, whatever day HS256_TOKENS_UNTIL has and however long ago it was", async () => {
  const app = await site({ TOKEN_ALGORITHM: "ES256", HS256_TOKENS_UNTIL: "2100-01-01" });
  const { id } = await makePerson(app, "python01");
  const ofAnotherService = () =>
    forge({ user_id: id, username: "python01", email: "", exp: Math.floor(app.clock.now() / 1000) + 60 });
  expect(await statusOf(app, ofAnotherService())).toBe(200);
  await json(app, "keys drop HS256 --now --yes");
  await read(app);
  expect(await statusOf(app, ofAnotherService())).toBe(401);
  // By now every token of before is over, and what is over is purged.
  app.clock.advance(10 * 86_400);
  await read(app);
  expect(await statusOf(app, ofAnotherService())).toBe(401);
});

test("reencrypt: after it the old SECRET_KEY is needed by nothing that is kept, and it says until when by tokens", async () => {
  const app = await site({ TOKEN_ALGORITHM: "ES256", SESSION_IDLE: "864000", STAFF_SESSION_IDLE: "3600" });
  await makePerson(app, "python01");
  const token = await tokenOf(app, "python01");
  const both = {
    secretKey: "another-key-0123456789-abcdefghij-0123456789",
    secretKeyFallbacks: [testSecretKey],
  };
  const doctor = async (settings: Settings) => {
    const found = await checkFallbacks({ ...app.config, ...settings }, app.clock);
    return found.map(({ level, en }) => `${level}: ${en}`);
  };
  expect(await doctor(presentKey)).toEqual([]);
  expect(await doctor(both)).toEqual([
    expect.stringContaining("warn: SECRET_KEY_FALLBACKS still holds 2 values"),
  ]);
  const during = await restartedSite(app, both);
  expect((await during.as(token)({ url: "/user/" })).statusCode).toBe(200);

  const until = app.clock.now() + (10 * 86_400 + 900) * 1000;
  const done = await json(app, "keys reencrypt", both);
  expect(done).toEqual({ values: 1, fallbacksNeededUntil: new Date(until).toISOString() });
  expect((await json(app, "keys reencrypt", both)).values).toBe(0);
  expect((await during.anonymous({ url: "/readyz" })).statusCode).toBe(200);
  await during.close();
  expect(await doctor(both)).toEqual([expect.stringContaining("ok: SECRET_KEY_FALLBACKS is needed until")]);
  app.clock.advance(10 * 86_400 + 900);
  expect(await doctor(both)).toEqual([expect.stringContaining("warn: Nothing needs SECRET_KEY_FALLBACKS")]);
  app.clock.advance(-10 * 86_400 - 900);

  const after = await restartedSite(app, { ...both, secretKeyFallbacks: [] });
  expect((await after.as(token)({ url: "/user/" })).statusCode).toBe(200);
  await after.close();
  const lost = restartedSite(app, { ...presentKey, secretKeyFallbacks: [] });
  await expect(lost).rejects.toThrow(/SECRET_KEY is not the one/);
  expect(
    (await run(app, "keys reencrypt", "en", { ...both, secretKey: "x".repeat(40), secretKeyFallbacks: [] }))
      .code,
  ).toBe(1);
});
