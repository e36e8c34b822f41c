import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertLeave } from "../../src/accounts/number-leave-store.ts";
import { type Classic, classicEnv, classicOf, password } from "../support/classic.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/**
 * What counts as use of a number on a site of the classic contract: its pages log in by number and password, for years without a
 * code, and show no cookie. And what a code to the number does, wherever these pages ask for it.
 */
let third: ThirdPartyTest;
let site: Classic;
beforeAll(async () => {
  third = await startThirdPartyTest({ env: { ...classicEnv, NUMBER_STALE_DAYS: "90" } });
  site = classicOf(third.test);
});
afterAll(() => third.close());

const day = 86_400;
const fresh = "another-8Bb";
const wait = (days: number) => site.test.clock.advance(days * day);
const rowOf = async (id: number) => (await site.test.app.users.byId(id))!;
const count = async (mobile: string) => (await site.get(`/mobiles/${mobile}/count/`)).json().count;
const logIn = (username: string, typed = password) =>
  site.send("POST", "/authorizations/", { username, password: typed });

/** The ticket of the code that was typed. */
async function typedTicket({ username, mobile }: { username: string; mobile: string }) {
  const begun = await site.get(`/accounts/${username}/sms/token/?${await site.picture()}`);
  site.test.clock.advance(61);
  const sent = await site.get(`/sms_codes/?access_token=${begun.json().access_token}`);
  expect(sent.statusCode, sent.body).toBe(200);
  const answer = await site.get(
    `/accounts/${username}/password/token/?sms_code=${await site.lastSms(mobile)}`,
  );
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().access_token as string;
}
const set = (id: number, access_token: string) =>
  site.send("POST", `/users/${id}/password/`, { password: fresh, password2: fresh, access_token });

async function firstLogIn(person: "penguin" | "long" | "emoji" | "rtl" | "xiaomei") {
  const { code } = await third.authorize("qq", { person });
  const answer = await site.get(`/oauth/qq/user/?code=${code}`);
  return answer.json() as { access_token: string; user_id?: number };
}
async function bind(mobile: string, typed: string, person: Parameters<typeof firstLogIn>[0]) {
  const { access_token } = await firstLogIn(person);
  const sms_code = await site.code(mobile);
  return site.send("POST", "/oauth/qq/user/", { mobile, password: typed, sms_code, access_token });
}

describe("who comes by number and password", () => {
  it("keeps the number past the days: it counts, is nobody else's, and finds the password", async () => {
    const person = await site.person();
    const { id, mobile } = person;
    for (let i = 0; i < 3; i++) {
      wait(80);
      expect((await logIn(mobile)).json().user_id).toBe(id);
    }
    wait(89);
    expect(await count(mobile)).toBe(1);
    const fields = { username: "newcomer9", password, password2: password, allow: "true" };
    const taken = await site.send("POST", "/users/", {
      ...fields,
      mobile,
      sms_code: await site.code(mobile),
    });
    expect([taken.statusCode, taken.json().mobile]).toEqual([400, ["具有 手机号 的 用户 已存在。"]]);
    // Another hour than that code's.
    site.test.clock.advance(3700);
    expect((await set(id, await typedTicket(person))).json()).toEqual({ message: "OK" });
    expect((await logIn(mobile, fresh)).json().user_id).toBe(id);
  });

  it("and who stays away for so long does not", async () => {
    const person = await site.person();
    wait(80);
    await logIn(person.mobile);
    wait(90);
    expect(await count(person.mobile)).toBe(0);
    const ticket = await typedTicket(person);
    expect((await set(person.id, ticket)).json().code).toBe("number_stale");
    // The code of a doubtful owner made nothing fresh.
    expect((await set(person.id, ticket)).json().code).toBe("number_stale");
    expect(await count(person.mobile)).toBe(0);
  });
});

describe("a code to the number that its owner asked to leave", () => {
  /** Somebody who asked, and what is left of it. */
  async function leaver() {
    const person = await site.person();
    site.test.clock.advance(1);
    const asked_at = site.test.clock.now();
    const { credentials_version } = await rowOf(person.id);
    const one = { id: `leave${person.id}`, user_id: person.id, credentials_version, asked_at };
    await insertLeave(site.test.app.db, { ...one, due_at: asked_at + 7 * day * 1000, told_at: null });
    const state = async () => (await site.get("/user/mobile/leave/", person.token)).json().state;
    expect(await state()).toBe("asked");
    return { ...person, state };
  }

  it("typed to find the password, shows that it is not lost", async () => {
    const { state, ...person } = await leaver();
    await typedTicket(person);
    expect(await state()).toBe("none");
  });

  it("typed to bind a third party, too", async () => {
    const { state, id, mobile } = await leaver();
    expect((await bind(mobile, password, "penguin")).json().user_id).toBe(id);
    expect(await state()).toBe("none");
    expect((await rowOf(id)).mobile_proved_at).toBe(site.test.clock.now());
  });
});

describe("a third party, bound by a number that somebody had before", () => {
  it("makes a newcomer an account of their own; who had the number loses it", async () => {
    const { id, username, mobile } = await site.person();
    wait(91);
    const bound = await bind(mobile, fresh, "long");
    expect(bound.statusCode, bound.body).toBe(200);
    const { user_id } = bound.json();
    expect(user_id).not.toBe(id);
    expect(await rowOf(user_id)).toMatchObject({ username: mobile, mobile, proved_mobile: mobile });
    expect(await rowOf(id)).toMatchObject({ username, mobile: null, proved_mobile: null });
    expect((await firstLogIn("long")).user_id).toBe(user_id);
    expect((await logIn(username)).json().user_id).toBe(id);
  });

  it("is the owner's who has come back, by the password", async () => {
    const { id, mobile } = await site.person();
    wait(91);
    expect((await bind(mobile, password, "emoji")).json().user_id).toBe(id);
    expect((await rowOf(id)).mobile).toBe(mobile);
  });

  it("takes nothing of an account that is in use: the password is wrong", async () => {
    const { id, mobile } = await site.person();
    wait(80);
    await logIn(mobile);
    wait(80);
    const refused = await bind(mobile, fresh, "rtl");
    expect([refused.statusCode, refused.json().message]).toEqual([400, "密码错误"]);
    expect((await rowOf(id)).mobile).toBe(mobile);
  });
});
