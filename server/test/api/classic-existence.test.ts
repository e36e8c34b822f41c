import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Classic, password, startClassic } from "../support/classic.ts";
import { cookieIn } from "../support/devices.ts";
import type { TestApp } from "../support/test-app.ts";

/**
 * What the classic contract's calls tell and cost with a number or name that is somebody's, and with one that is not: where
 * the contract does not itself say it (docs/threats.md), nothing differs.
 */
let site: Classic;
let stranger: TestApp["anonymous"];
beforeAll(async () => {
  site = await startClassic();
  // No device that an account knows: that has counters of its own.
  stranger = ({ headers, ...request }) =>
    site.test.anonymous({ ...request, headers: { ...headers, "x-forwarded-for": "203.0.113.8" } });
});
afterAll(() => site.test.close());

/** The answers of the work, the statements it made, a job's among them, and the store's verbs. */
async function seen(work: () => Promise<Awaited<ReturnType<TestApp["anonymous"]>>[]>) {
  const { db, kv } = site.test.app;
  const spies = [vi.spyOn(db, "first"), vi.spyOn(db, "all")];
  const batch = vi.spyOn(kv, "batch");
  try {
    const answers = await work();
    const names = spies.flatMap(({ mock }) => mock.calls.map(([statement]) => statement.name));
    return {
      answers: answers.map(({ statusCode, body }) => [statusCode, body]),
      asked: names.filter((name) => !/^(installation\.|signing_keys\.|jobs\.(?!insert))/.test(name)),
      verbs: batch.mock.calls.map(([operations]) => operations.map(({ verb }) => verb)),
    };
  } finally {
    vi.restoreAllMocks();
  }
}

const get = (url: string) => stranger({ url });
const smsTo = async (mobile: string) => {
  await site.test.runJobs();
  return site.test.smsBox.filter(({ to }) => to === mobile);
};

describe("row 3, a code to a number", () => {
  it("answers and costs the same with an account and without, the second time too", async () => {
    const { mobile } = await site.person();
    const nobodys = site.number();
    site.test.clock.advance(3700);
    await site.test.runJobs();
    const [before, none] = [await smsTo(mobile), await smsTo(nobodys)].map(({ length }) => length);
    const ask = (to: string) =>
      seen(async () => [
        await get(`/sms_codes/${to}/?${await site.picture()}`),
        await get(`/sms_codes/${to}/?${await site.picture()}`),
        await get(`/sms_codes/${to}/`),
      ]);
    const known = await ask(mobile);
    expect(await ask(nobodys)).toEqual(known);
    expect(known.answers.map(([status]) => status)).toEqual([200, 400, 400]);
    expect([known.verbs.length > 0, known.asked.length > 0]).toEqual([true, true]);
    // Sign-up's code goes to whoever asks; to bind a third party, a number that has an account needs it, too.
    expect([(await smsTo(mobile)).length - before!, (await smsTo(nobodys)).length - none!]).toEqual([1, 1]);
  });
});

describe("row 8, a code by a ticket", () => {
  it("sends nothing for what is no ticket, and says the same of every one", async () => {
    const { username, mobile } = await site.person();
    await site.test.runJobs();
    const { access_token: ticket } = (
      await get(`/accounts/${username}/sms/token/?${await site.picture()}`)
    ).json();
    site.test.clock.advance(601);
    const before = (await smsTo(mobile)).length;
    const ask = (token: string) => seen(async () => [await get(`/sms_codes/?access_token=${token}`)]);
    const over = await ask(ticket);
    expect(await ask("x".repeat(43))).toEqual(over);
    expect(over.answers[0]![0]).toBe(400);
    expect((await smsTo(mobile)).length).toBe(before);
  });

  it("answers the same of an account that went away meanwhile as of a ticket made up", async () => {
    const gone = await site.person();
    const { access_token: ticket } = (
      await get(`/accounts/${gone.username}/sms/token/?${await site.picture()}`)
    ).json();
    const users = site.test.app.db.kysely.updateTable("users").where("id", "=", gone.id);
    await users.set({ is_active: 0 }).execute();
    const answers = [
      await get(`/sms_codes/?access_token=${ticket}`),
      await get("/sms_codes/?access_token=x"),
    ];
    expect(answers[0]!.body).toBe(answers[1]!.body);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 400]);
  });
});

describe("rows 7 and 9, where the contract tells who has an account", () => {
  it("row 7 says and costs the same behind a wrong picture, whoever it is", async () => {
    const { username } = await site.person();
    const wrong = async (name: string) => {
      const query = (await site.picture()).replace(/text=\w+/, "text=WWWW");
      return seen(async () => [await get(`/accounts/${name}/sms/token/?${query}`)]);
    };
    const known = await wrong(username);
    expect(await wrong("nobody-there")).toEqual(known);
    // The picture alone is looked at.
    expect([known.answers[0]![0], known.asked.filter((name) => !name.startsWith("kv."))]).toEqual([400, []]);
  });

  it("row 7 says no more of one without a proved number than of none", async () => {
    const { token, mobile } = await site.person();
    const claimed = site.number();
    site.test.clock.advance(61);
    const old_sms_code = await site.test.smsCodeFor(mobile, token);
    const payload = { mobile: claimed, current_password: password, old_sms_code };
    const claim = await site.test.as(token)({ method: "PATCH", url: "/user/", payload });
    expect(claim.statusCode, claim.body).toBe(200);
    const ask = async (name: string) =>
      seen(async () => [await get(`/accounts/${name}/sms/token/?${await site.picture()}`)]);
    const unproved = await ask(claimed);
    const nobodys = await ask(site.number());
    expect(unproved.answers).toEqual(nobodys.answers);
    expect(unproved.answers[0]![0]).toBe(404);
  });
});

describe("find-password with a number of doubtful owner", () => {
  const day = 86_400_000;
  const fresh = { password: "another-8Bb", password2: "another-8Bb" };
  let stale: Classic;
  beforeAll(async () => {
    stale = await startClassic({ env: { NUMBER_STALE_DAYS: "90" } });
  });
  afterAll(() => stale.test.close());

  /** As if nobody had proved the number or logged in since. */
  const unusedFor = (id: number, days: number) => {
    const at = stale.test.clock.now() - days * day;
    const set = { mobile_proved_at: at, last_login_at: at };
    return stale.test.app.db.kysely.updateTable("users").set(set).where("id", "=", id).execute();
  };
  /** As far as the ticket that sets the password. */
  async function ticketOf({ username, mobile }: { username: string; mobile: string }) {
    const url = `/accounts/${username}/sms/token/?${await stale.picture()}`;
    const { access_token } = (await stale.get(url)).json();
    stale.test.clock.advance(61);
    expect((await stale.get(`/sms_codes/?access_token=${access_token}`)).statusCode).toBe(200);
    const sms_code = await stale.lastSms(mobile);
    const shown = await stale.get(`/accounts/${username}/password/token/?sms_code=${sms_code}`);
    expect(shown.statusCode, shown.body).toBe(200);
    return shown.json().access_token as string;
  }
  const set = (id: number, access_token: string, cookie?: string) =>
    stale.test.anonymous({
      ...{ method: "POST", url: `/users/${id}/password/`, payload: { ...fresh, access_token } },
      headers: cookie === undefined ? {} : { cookie },
    });

  it("a stale number sets none: number_stale, with its text as the message that the page shows", async () => {
    const person = await stale.person();
    await unusedFor(person.id, 90);
    const ticket = await ticketOf(person);
    const before = await stale.test.app.users.byId(person.id);
    for (let i = 0; i < 2; i++) {
      const answer = await set(person.id, ticket);
      expect([answer.statusCode, answer.json()]).toEqual([
        403,
        { code: "number_stale", new_account: true, message: expect.stringContaining("很久没有在此验证过") },
      ]);
    }
    expect(await stale.test.app.users.byId(person.id)).toEqual(before);
    expect((await stale.get("/user/", person.token)).statusCode).toBe(200);
  });

  it("until then it sets one, and the number is proved anew by it", async () => {
    const person = await stale.person();
    await unusedFor(person.id, 89);
    expect((await set(person.id, await ticketOf(person))).json()).toEqual({ message: "OK" });
    const after = await stale.test.app.users.byId(person.id);
    expect(after!.mobile_proved_at).toBe(stale.test.clock.now());
  });

  it("in a browser that the account knows it sets one, however old the proof", async () => {
    const [username, mobile] = ["knownbrowser", stale.number()];
    const form = { username, password, password2: password, mobile, allow: "true" };
    const made = await stale.send("POST", "/users/", { ...form, sms_code: await stale.code(mobile) });
    const { id } = made.json();
    await unusedFor(id, 400);
    const cookie = cookieIn(made.headers["set-cookie"]);
    const answer = await set(id, await ticketOf({ username, mobile }), cookie);
    expect([answer.statusCode, answer.json()]).toEqual([200, { message: "OK" }]);
  });

  it("a number that nobody proved gets no ticket and no SMS, and one that lost its proof uses none", async () => {
    const person = await stale.person();
    const ticket = await ticketOf(person);
    const users = stale.test.app.db.kysely.updateTable("users").where("id", "=", person.id);
    await users.set({ proved_mobile: null }).execute();
    const late = await set(person.id, ticket);
    expect([late.statusCode, late.json()]).toEqual([400, { message: "无效的access_token" }]);
    const asked = await stale.get(`/accounts/${person.username}/sms/token/?${await stale.picture()}`);
    expect([asked.statusCode, asked.json()]).toEqual([404, { message: "此账户不存在" }]);
    const guess = await stale.get(`/accounts/${person.username}/password/token/?sms_code=000000`);
    expect([guess.statusCode, guess.json()]).toEqual([404, { message: "此账户不存在" }]);
  });
});
