import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { PermanentFailure } from "../../src/engines/jobs/jobs.ts";
import type { Mailer, OutgoingMail } from "../../src/engines/mail/mail.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** What an operator asks about people, beside a running site. */
let app: TestApp;
let folder: string;
const sent: OutgoingMail[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-operator-"));
  const mailer: Mailer = {
    async send(mail) {
      if (mail.to.startsWith("full@"))
        throw new PermanentFailure("552 mailbox of <full@example.com> is full");
      sent.push(mail);
      app.mailbox.push(mail);
    },
    verify: async () => {},
    close: async () => {},
  };
  app = await startTestApp({ mailer, env: { LOGIN_FAILURE_LIMIT: "10" } });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(line: string, answers: string[] = [], language: "zh" | "en" = "en") {
  const terminal = saidTerminal(language, { answers });
  const config = { ...app.config, secretKey: testSecretKey };
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
const json = async (line: string) => {
  const { code, out, notes } = await run(`${line} --json`);
  expect([code, notes]).toEqual([0, ""]);
  return JSON.parse(out);
};
const logIn = async (username: string, password: string) => {
  const payload = { username, password };
  return (await app.anonymous({ method: "POST", url: "/users/authorizations/", payload })).statusCode;
};

describe("sms test", () => {
  test("sends one whose code opens nothing, and says why it can't", async () => {
    const said = await run("sms test 13800138000 --language en");
    expect([said.code, said.notes]).toEqual([0, ""]);
    expect(said.out).toMatch(/000000 is your sign-up code/);
    expect((await run("sms test 12345")).code).toBe(1);
    const abroad = await run("sms test +12025550123");
    expect(abroad.code).toBe(1);
    expect((await run("sms test 13800138000 --language tlh")).notes).toMatch(/is not offered/);
  });
});

describe("user create", () => {
  test("makes an account whose password comes from standard input and goes nowhere else", async () => {
    await run("group create clerks users.view_user");
    const made = await run(
      "user create staff01 --email Staff01@Example.COM --staff --group clerks --password-stdin --json",
      ["a long enough password"],
    );
    expect([made.code, made.notes]).toEqual([0, ""]);
    expect(JSON.parse(made.out)).toMatchObject({
      ...{ username: "staff01", email: "Staff01@example.com", is_staff: true, is_superuser: false },
      groups: ["clerks"],
    });
    expect(await logIn("staff01", "a long enough password")).toBe(200);
    const { entries } = await json("audit --about staff01");
    expect(entries).toMatchObject([{ action: "user.create", actor: { id: null, name: "wang (manage)" } }]);
    expect(JSON.stringify(entries)).not.toMatch(/long enough|argon|pbkdf/);
  });

  test("without a password its owner sets one; a taken name and a weak password are refused", async () => {
    expect((await run("user create later01 --email later01@example.com --no-password")).code).toBe(0);
    const code = await app.codeFor("later01@example.com", "resetpwd");
    const payload = {
      ...{ email: "later01@example.com", email_code: code },
      ...{ password: "own-password-1", password2: "own-password-1" },
    };
    const reset = await app.anonymous({ method: "POST", url: "/users/password/", payload });
    expect(reset.statusCode, reset.body).toBe(200);
    expect(await logIn("later01", "own-password-1")).toBe(200);
    const taken = await run("user create other01 --email later01@example.com --password-stdin", [
      "long enough pass",
    ]);
    expect([taken.code, taken.notes]).toEqual([1, expect.stringContaining("is taken")]);
    expect((await run("user create weak0001 --password-stdin", ["short"])).code).toBe(1);
    expect((await run("user create none0001 --no-password")).code).toBe(2);
    expect(
      (await run("user create group001 --password-stdin --group nobody", ["long enough pass"])).code,
    ).toBe(1);
    // Nothing of what was refused is there.
    expect((await run("user show other01")).code).toBe(1);
    expect((await run("user show group001")).code).toBe(1);
  });
});

describe("user seed", () => {
  const write = (seed: unknown) => writeFileSync(join(folder, "seed.json"), JSON.stringify(seed));
  const seed = {
    groups: [{ name: "客服", permissions: ["users.view_user"] }],
    accounts: [
      { username: "seeded01", email: "seeded01@example.com", is_staff: true, groups: ["客服"] },
      { username: "seeded02", permissions: ["users.view_user"] },
    ],
  };

  test("makes what is missing, and leaves what is there as it is", async () => {
    write(seed);
    expect(await json("user seed seed.json")).toEqual({
      ...{ groups: ["客服"], made: ["seeded01", "seeded02"], there: [] },
    });
    expect(await json("user show seeded01")).toMatchObject({ groups: ["客服"], usable_password: false });
    await run("user deactivate seeded01");
    expect(await json("user seed seed.json")).toEqual({
      groups: [],
      made: [],
      there: ["seeded01", "seeded02"],
    });
    expect((await json("user show seeded01")).is_active).toBe(false);
  });

  test.each([
    [
      { accounts: [{ username: "boss0001", is_superuser: true }] },
      /is_superuser is not known.*no superusers/,
    ],
    [{ accounts: [{ username: "boss0001", password: "12345678" }] }, /password is not known.*no passwords/],
    [
      { accounts: [{ username: "fine0001" }, { username: "fine0002", groups: ["nobody"] }] },
      /no group nobody/,
    ],
    [{ accounts: [{ username: "seeded01@example.com" }] }, /address or number of account/],
    [{ people: [] }, /accounts is missing/],
  ])("%j is refused as a whole", async (file, sentence) => {
    write(file);
    const refused = await run("user seed seed.json");
    expect([refused.code, refused.notes]).toEqual([1, expect.stringMatching(sentence)]);
    for (const name of ["boss0001", "fine0001", "fine0002"])
      expect((await run(`user show ${name}`)).code).toBe(1);
  });
});

describe("jobs list --to", () => {
  test("finds the mails to an address and the notices to its account, and shows no address", async () => {
    const { token } = await app.signUp({ username: "mailed01", email: "mailed01@example.com" });
    await app.signUp({ username: "mailed02", email: "mailed02@example.com" });
    const payload = {
      ...{ current_password: "12345678aA", password: "another-one-1", password2: "another-one-1" },
    };
    await app.as(token)({ method: "PUT", url: "/user/password/", payload });
    await app.runJobs();
    const { jobs } = await json("jobs list --to Mailed01@example.com");
    expect(jobs.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)).toEqual([
      ...["security-notice done", "verification-mail done"],
    ]);
    expect(JSON.stringify(jobs)).not.toContain("mailed01@");
    expect((await json("jobs list --to nobody@example.com")).jobs).toEqual([]);
    expect((await json("jobs list --to mailed01@example.com --limit 1")).jobs).toHaveLength(1);
    expect((await json("jobs list --to mailed01@example.com --state dead")).jobs).toEqual([]);
  });
});

describe("audit", () => {
  test("is filtered by account, actor, action and time", async () => {
    await run("user create audited1 --email audited1@example.com --no-password");
    await run("user make-staff audited1");
    const actions = async (line: string) =>
      (await json(line)).entries.map(({ action }: { action: string }) => action);
    expect(await actions("audit --about audited1")).toEqual(["user.change", "user.create"]);
    expect(await actions("audit --about audited1 --action user.create")).toEqual(["user.create"]);
    expect(await actions("audit --about audited1 --action user")).toHaveLength(2);
    expect(await actions("audit --about audited1 --action use")).toEqual([]);
    expect(await actions("audit --about audited1 --limit 1")).toEqual(["user.change"]);
    expect(await actions("audit --by audited1")).toEqual([]);
    app.clock.advance(7200);
    expect(await actions("audit --about audited1 --since 1h")).toEqual([]);
    expect(await actions("audit --about audited1 --since 3h")).toHaveLength(2);
    const { out } = await run("audit --about audited1", [], "zh");
    expect(out).toMatch(/user\.change {2}user #\d+ audited1 {2}wang \(manage\) {2}is_staff: 0 → 1\n/);
    expect((await run("audit --since yesterday")).code).toBe(2);
    expect((await run("audit --limit 0")).code).toBe(2);
  });
});

describe("user why", () => {
  const why = (name: string) => json(`user why ${name}`);

  test("of an account that nothing keeps out", async () => {
    await app.signUp({ username: "welcome1", email: "welcome1@example.com" });
    const found = await why("welcome1");
    expect(found).toMatchObject({ findings: [], account: { username: "welcome1" } });
    expect(found.mails).toMatchObject([{ kind: "register", state: "accepted" }]);
    expect((await run("user why welcome1", [], "zh")).out).toContain("没有发现妨碍登录的情况");
  });

  test("a disabled account, one without a password, an address that is not confirmed", async () => {
    await run("user create locked01 --email locked01@example.com --no-password");
    await run("user deactivate locked01");
    expect((await why("locked01")).findings).toEqual(["disabled", "no_password", "address_unconfirmed"]);
  });

  test("too many wrong passwords, by each name it has", async () => {
    await app.signUp({ username: "guessed1", email: "guessed1@example.com" });
    let status = 0;
    for (let tries = 0; tries < 20 && status !== 429; tries++)
      status = await logIn("guessed1@example.com", "wrong-one");
    expect(status).toBe(429);
    const { findings, counters } = await why("guessed1");
    expect(findings).toEqual([expect.stringMatching(/^throttled_/)]);
    expect(counters.length).toBeGreaterThan(0);
    // It looked, and counted nothing.
    expect((await why("guessed1")).counters).toEqual(counters);
    // Written some seconds after the answers.
    await vi.waitFor(
      async () => {
        const { refusals } = await why("guessed1");
        const reasons = refusals.map(({ reason }: { reason: string }) => reason);
        expect(reasons.toSorted()).toEqual(["throttled", "wrong_password"]);
      },
      { timeout: 60_000, interval: 200 },
    );
    const { out } = await run("user why guessed1");
    expect(out).toMatch(/refused: wrong password {2}127\.0\.0\.\* {2}×\d+/);
    expect(out).not.toContain("127.0.0.1");
  });

  test("a second factor, and a code that was wrong", async () => {
    await app.signUp({ username: "factor01", email: "factor01@example.com" });
    await switchOnSecondFactor(app, "factor01");
    expect((await why("factor01")).findings).toEqual(["second_factor"]);
    const post = (url: string, payload: object) => app.anonymous({ method: "POST", url, payload });
    const held = await post("/users/authorizations/", { username: "factor01", password: "12345678aA" });
    const refused = await post("/users/second-factor/", { step: held.json().step, code: "000000" });
    expect([held.statusCode, refused.statusCode]).toEqual([403, 400]);
    await vi.waitFor(
      async () =>
        expect((await why("factor01")).refusals).toMatchObject([{ reason: "second_factor", times: 1 }]),
      { timeout: 60_000, interval: 200 },
    );
    expect((await run("user why factor01")).out).toContain("refused: the second factor was not proved");
  });

  test.each(["bounced", "complained"] as const)("a mail that was %s", async (state) => {
    const name = `${state}1`;
    await app.signUp({ username: name, email: `${name}@example.com` });
    const set = { state, words: "550 no such mailbox" };
    const { db } = app.app;
    await db.kysely.updateTable("mails").set(set).where("to_key", "=", `${name}@example.com`).execute();
    expect((await why(name)).findings).toEqual([`mail_${state}`]);
    expect((await run(`user why ${name}`)).out).toContain(state === "bounced" ? "550" : "spam");
  });

  test("a name without an account, and the fate of the mails to it", async () => {
    const url = "/verifications/email_codes/full@example.com/";
    expect((await app.anonymous({ url })).statusCode).toBe(200);
    await app.runJobs();
    const { findings, mails, account } = await why("full@example.com");
    expect([account, findings]).toEqual([null, ["no_account", "mail_failed"]]);
    expect(mails).toMatchObject([{ state: "refused", words: expect.stringContaining("552") }]);
    const { out } = await run("user why full@example.com");
    expect(out).toContain("was not delivered");
    expect(out).not.toContain("full@example.com");
  });
});
