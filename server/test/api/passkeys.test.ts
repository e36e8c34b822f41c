import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addPasskey, logInBy, logInOptions } from "../support/passkeys.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { softwarePasskey, type Wrongly } from "../support/software-passkey.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  test = await startTestApp({ logTo: { write: (line) => void lines.push(line) } });
});
afterAll(() => test.close());

let count = 0;
const person = (): Promise<Person> => {
  const username = `passkey${++count}`;
  return makePerson(test, username, { email: `${username}@qq.com` });
};
const post = (url: string, payload: object, token?: string, headers = {}) =>
  (token === undefined ? test.anonymous : test.as(token))({ method: "POST", url, payload, headers });
const list = async (token: string) => (await test.as(token)({ url: "/user/passkeys/" })).json();
const refused = "通行密钥没有通过验证，请重试，或使用其他方式。";
const ended = "等待太久或已经用过，请再试一次。";
const auditOf = async (id: number) =>
  (
    await test.app.db.kysely.selectFrom("audit_entries").selectAll().where("target_id", "=", id).execute()
  ).filter(({ action }) => action === "user.passkey-counter");

describe("adding one", () => {
  it("takes the present password, tells the owner, and shows in the list", async () => {
    const { token, username } = await person();
    const begin = (body: object = { current_password: password }) =>
      post("/user/passkeys/options/", body, token);
    const begun = await begin();
    expect(begun.headers["cache-control"]).toBe("no-store");
    const { options } = begun.json();
    expect(options).toMatchObject({
      ...{ rp: { id: "localhost", name: "美多商城" }, attestation: "none", timeout: 300_000 },
      user: { name: username, displayName: username, id: expect.stringMatching(/^[\w-]{43}$/) },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ alg, type: "public-key" })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      excludeCredentials: [],
    });
    const device = softwarePasskey({ aaguid: "fbfc3007-154e-4ecc-8c0b-6e020557d7bd" });
    const passkey = device.register(options);
    const added = await post("/user/passkeys/", { passkey }, token);
    expect(added.statusCode, added.body).toBe(201);
    const now = new Date(test.clock.now()).toISOString();
    const shown = {
      ...{ id: expect.stringMatching(/^[\w-]{22}$/), credential_id: device.id, name: "iCloud Keychain" },
      ...{ synced: true, created_at: now, last_used_at: null },
    };
    expect(added.json()).toEqual({ passkey: shown, recovery_codes: [] });
    expect(await list(token)).toEqual({
      ...{ passkeys: [shown], rp_id: "localhost", user_handle: options.user.id },
    });
    const again = (await begin()).json().options;
    expect(again.user.id, "the same each time").toBe(options.user.id);
    expect(again.excludeCredentials).toMatchObject([{ id: device.id, transports: ["internal", "hybrid"] }]);
    await test.runJobs();
    expect(test.mailbox.at(-1)).toMatchObject({ subject: "【美多商城】已添加通行密钥" });

    test.clock.advance(901);
    expect((await begin({})).json()).toMatchObject({ code: "reauthentication_required" });
    expect((await begin()).statusCode).toBe(200);
  });

  it.each(["ES256", "EdDSA", "RS256"] as const)("works with %s", async (algorithm) => {
    const { id, token } = await person();
    const { device } = await addPasskey(test, token, {}, { algorithm });
    const done = await logInBy(test, device.show(await logInOptions(test)));
    expect(done.json(), done.body).toMatchObject({ user_id: id });
  });

  const wrong: readonly (readonly [string, Wrongly])[] = [
    ["a page of another origin", { origin: "http://evil.example:8080" }],
    ["a page of the site's by plain http", { origin: "http://127.0.0.1:8080" }],
    ["a passkey of another site", { rpId: "evil.example" }],
    ["nobody verified", { isUserVerified: false }],
    ["a page in a frame of another origin", { crossOrigin: true }],
    ["an answer to another question", { type: "webauthn.get" }],
    ["another id than the device's own", { id: "bm90IG1pbmU" }],
  ];
  it.each(wrong)("refuses %s", async (_what, wrongly) => {
    const { token } = await person();
    const { options } = (await post("/user/passkeys/options/", { current_password: password }, token)).json();
    const passkey = softwarePasskey().register(options, wrongly);
    const answer = await post("/user/passkeys/", { passkey }, token);
    if (wrongly.id === undefined) expect(answer.json()).toMatchObject({ message: refused });
    expect(
      (await list(token)).passkeys.filter(
        ({ credential_id }: { credential_id: string }) => credential_id === wrongly.id,
      ),
    ).toEqual([]);
  });

  it("refuses a challenge of somebody else, of a log-in, of five minutes ago, and a second time", async () => {
    const [one, other] = [await person(), await person()];
    const begin = async () =>
      (await post("/user/passkeys/options/", { current_password: password }, one.token)).json().options;
    const add = (passkey: object, token: string) => post("/user/passkeys/", { passkey }, token);
    const options = await begin();
    expect((await add(softwarePasskey().register(options), other.token)).json().message).toBe(ended);
    expect((await add(softwarePasskey().register(options), one.token)).json().message, "used up").toBe(ended);
    const ofLogIn = { ...options, challenge: (await logInOptions(test)).challenge };
    expect((await add(softwarePasskey().register(ofLogIn), one.token)).json().message).toBe(ended);
    const late = await begin();
    test.clock.advance(301);
    expect((await add(softwarePasskey().register(late), one.token)).json().message).toBe(ended);
    const there = await addPasskey(test, one.token);
    const twice = there.device.register(await begin());
    expect((await add(twice, one.token)).json().message).toBe("这个通行密钥已经添加过了。");
    const garbage = { id: "x", response: { clientDataJSON: "????", attestationObject: 7 } };
    for (const shown of [{}, garbage, { response: null }]) {
      expect((await add(shown, one.token)).json()).toMatchObject({ message: refused });
    }
  });

  it("an account has at most twenty", async () => {
    const { id, token } = await person();
    const made = await addPasskey(test, token);
    const { device: _device, ...rest } = made;
    expect(rest.recoveryCodes).toEqual([]);
    const [row] = await test.app.db.kysely
      .selectFrom("passkeys")
      .selectAll()
      .where("user_id", "=", id)
      .execute();
    const rows = Array.from({ length: 19 }, (_, n) => ({
      ...row!,
      id: `more${n}-${id}`,
      credential_id: `more${n}-${id}`,
    }));
    await test.app.db.kysely.insertInto("passkeys").values(rows).execute();
    const full = await post("/user/passkeys/options/", { current_password: password }, token);
    expect([full.statusCode, full.json().message]).toEqual([
      400,
      "一个账号最多 20 个通行密钥，请先删除不用的。",
    ]);
  });
});

describe("logging in by one", () => {
  it("needs no name and no second factor, and is a log-in like others", async () => {
    const { id, username, token } = await person();
    const { device } = await addPasskey(test, token, { name: "我的手机" });
    await switchOnSecondFactor(test, username);
    test.clock.advance(60);
    const options = await logInOptions(test);
    expect(options).toEqual({
      ...{ challenge: expect.stringMatching(/^[\w-]{43}$/), rpId: "localhost", timeout: 300_000 },
      userVerification: "required",
    });
    const done = await post("/users/passkeys/", { passkey: device.show(options), refresh: true });
    expect(done.json(), done.body).toMatchObject({
      ...{ user_id: id, username, token: expect.any(String), refresh_token: expect.any(String) },
    });
    expect((await test.app.users.byId(id))?.last_login_at).toBe(test.clock.now());
    const { passkeys } = await list(done.json().token);
    expect(passkeys[0]).toMatchObject({
      name: "我的手机",
      last_used_at: new Date(test.clock.now()).toISOString(),
    });
    const row = await test.app.db.kysely
      .selectFrom("sessions")
      .select(["way", "factor"])
      .where("user_id", "=", id)
      .orderBy("created_at", "desc")
      .executeTakeFirst();
    expect(row).toEqual({ way: "passkey", factor: "passkey" });
    expect(lines.join("")).not.toContain(options.challenge);
  });

  it("shows each answer once, within five minutes, in the browser that asked", async () => {
    const { token } = await person();
    const { device } = await addPasskey(test, token);
    const shown = device.show(await logInOptions(test));
    expect((await logInBy(test, shown)).statusCode).toBe(200);
    expect((await logInBy(test, shown)).json().message).toBe(ended);
    const late = device.show(await logInOptions(test));
    test.clock.advance(301);
    expect((await logInBy(test, late)).json().message).toBe(ended);
    const firefox = {
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    };
    const elsewhere = device.show(await logInOptions(test, firefox));
    expect((await logInBy(test, elsewhere)).json().message).toBe(ended);
    expect(
      (await logInBy(test, device.show({ challenge: "A".repeat(43), rpId: "localhost" }))).json().message,
    ).toBe(ended);
  });

  const wrong: readonly (readonly [string, Wrongly])[] = [
    ["a page of another origin", { origin: "https://localhost.evil.example" }],
    ["a passkey of another site", { rpId: "evil.example" }],
    ["nobody verified", { isUserVerified: false }],
    ["a page in a frame of another origin", { crossOrigin: true }],
    ["an answer to another question", { type: "webauthn.create" }],
    ["the handle of somebody else", { userHandle: "A".repeat(43) }],
    ["no handle", { userHandle: null }],
  ];
  it.each(wrong)("refuses %s", async (_what, wrongly) => {
    const { token } = await person();
    const { device } = await addPasskey(test, token);
    const answer = await logInBy(test, device.show(await logInOptions(test), wrongly));
    expect([answer.statusCode, answer.json().message]).toEqual([400, refused]);
    expect(String(answer.headers["set-cookie"] ?? "")).toBe("");
  });

  it("refuses a signature of another device, and what is no answer at all", async () => {
    const { token } = await person();
    const { device } = await addPasskey(test, token);
    const stranger = softwarePasskey();
    const { user_handle } = await list(token);
    const forged = stranger.show(await logInOptions(test), { id: device.id, userHandle: user_handle });
    expect((await logInBy(test, forged)).json().message).toBe(refused);
    for (const shown of [{}, { id: 7 }, { response: "x" }]) {
      const answer = await post("/users/passkeys/", { passkey: shown });
      expect([answer.statusCode, answer.json().message]).toEqual([400, refused]);
    }
    expect((await post("/users/passkeys/", {})).json()).toMatchObject({ passkey: [expect.any(String)] });
    const unknown = stranger.show(await logInOptions(test));
    expect((await logInBy(test, unknown)).json().message).toBe(
      "这个通行密钥已不在任何账号中，请使用其他方式登录。",
    );
  });

  it("refuses a counter that falls, and the audit log says so", async () => {
    const { id, token } = await person();
    const { device } = await addPasskey(test, token, {}, { counts: true, isSynced: false });
    expect((await list(token)).passkeys[0]).toMatchObject({ synced: false });
    expect((await logInBy(test, device.show(await logInOptions(test)))).statusCode).toBe(200);
    for (const counter of [2, 1, 0]) {
      const copied = device.show(await logInOptions(test), { counter });
      expect((await logInBy(test, copied)).json().message).toBe(refused);
    }
    const entries = await auditOf(id);
    const facts = entries.map(({ before, after }) => [JSON.parse(before).counter, JSON.parse(after).shown]);
    expect(entries.map(({ actor_id, actor }) => [actor_id, actor])).toEqual(
      entries.map(() => [null, "(passkey)"]),
    );
    expect(facts).toEqual([
      [2, 2],
      [2, 1],
      [2, 0],
    ]);
    expect((await logInBy(test, device.show(await logInOptions(test)))).statusCode, "the real one").toBe(200);
  });

  it("refuses a disabled account", async () => {
    const { id, token } = await person();
    const { device } = await addPasskey(test, token);
    await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).where("id", "=", id).execute();
    const answer = await logInBy(test, device.show(await logInOptions(test)));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('token"');
  });

  it("counts per network in production's measure", async () => {
    const limited = await startTestApp({ env: { LOGIN_ATTEMPT_LIMIT_PER_CLIENT: "2" } });
    try {
      for (let i = 0; i < 2; i++) await logInOptions(limited);
      const third = await limited.anonymous({ method: "POST", url: "/users/passkeys/options/" });
      expect(third.statusCode).toBe(429);
    } finally {
      await limited.close();
    }
  });
});

describe("where the address can have none", () => {
  it.each([
    ["http://www.meiduo.com:8080", "plain http"],
    ["https://192.0.2.7", "a number"],
  ])("at %s (%s) each call says so", async (PUBLIC_SITE_URL) => {
    const site = await startTestApp({ env: { PUBLIC_SITE_URL } });
    try {
      const { token } = await makePerson(site, "nobody01");
      const calls = [
        site.anonymous({ method: "POST", url: "/users/passkeys/options/" }),
        site.as(token)({
          method: "POST",
          url: "/user/passkeys/options/",
          payload: { current_password: password },
        }),
        site.anonymous({ method: "POST", url: "/users/passkeys/", payload: { passkey: {} } }),
      ];
      for (const answer of await Promise.all(calls)) {
        expect([answer.statusCode, answer.json().message]).toEqual([
          400,
          expect.stringContaining("需要 https 和域名"),
        ]);
      }
      expect((await site.as(token)({ url: "/user/passkeys/" })).json()).toMatchObject({ rp_id: null });
    } finally {
      await site.close();
    }
  });
});
