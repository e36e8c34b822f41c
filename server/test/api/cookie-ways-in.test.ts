import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decideInSandbox } from "../../../sandbox/decide.ts";
import { asked, localPage, openPage, sessionCookieOf } from "../support/cookie-page.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";
import { waysIn } from "../support/ways-in.ts";

/** Every way in sets a session's cookie where it is asked to and by whom it may be, and never else. */
const minuteSeconds = 60;
let all: ThirdPartyTest;
beforeAll(async () => {
  all = await startThirdPartyTest();
});
afterAll(() => all.close());

let count = 0;
const fresh = () => `fresh${++count}`;
const signUp = (username: string) => all.test.signUp({ username, email: `${username}@qq.com` });
const ofSessions = waysIn(() => all).filter(({ opensNoSession }) => !opensNoSession);
/** Log-ins of accounts so far, by their last ones. */
const logIns = () =>
  all.test.app.db.kysely.selectFrom("users").select(["id", "last_login_at"]).orderBy("id").execute();

const fromSite = { host: localPage.host, origin: localPage.origin, "sec-fetch-site": "same-site" };

/** The session's cookie of an answer as a request brings it back; null where none was set. */
function sessionOf(answer: LightMyRequestResponse): string | null {
  return sessionCookieOf(answer)?.split(";")[0] ?? null;
}

describe.each(ofSessions)("a log-in by $title", ({ how, provider, prepare }) => {
  test("sets a session's cookie where it is asked to, and never else", async () => {
    all.test.clock.advance(minuteSeconds);
    const plain = await (await prepare(fresh(), { who: "long" }))(fromSite);
    expect(plain.json().token, plain.body).not.toBe("");
    expect(sessionOf(plain)).toBeNull();
    for (const wish of [{ who: "nameless" }, { who: "xiaomei", refresh: true }] as const) {
      all.test.clock.advance(minuteSeconds);
      const answer = await (await prepare(fresh(), wish))({ ...fromSite, ...asked });
      expect(answer.json().token, answer.body).toBe("");
      expect(answer.json()).not.toHaveProperty("refresh_token");
      const cookie = sessionOf(answer) ?? "";
      expect(sessionCookieOf(answer)?.includes("Max-Age")).toBe("refresh" in wish);
      const headers = { ...fromSite, ...asked, cookie };
      const own = await all.test.anonymous({ url: "/user/", headers });
      expect(own.json().id).toBe(answer.json().user_id);
      const row = await all.test.app.db.kysely
        .selectFrom("sessions")
        .select(["way", "provider"])
        .where("id", "=", /=(.{22})/.exec(cookie)?.[1] ?? "")
        .executeTakeFirst();
      expect(row).toEqual({ way: how, provider: provider ?? null });
    }
  });

  test("does nothing for a foreign page that asks for a cookie, and what it brought is still good", async () => {
    all.test.clock.advance(minuteSeconds);
    const last = await prepare(fresh(), { who: "namesake" });
    const before = await logIns();
    const foreign = await last({ ...fromSite, origin: "https://evil.example", ...asked });
    expect(foreign.statusCode, foreign.body).toBe(403);
    expect(foreign.headers).not.toHaveProperty("set-cookie");
    expect(await logIns()).toEqual(before);
    const own = await last({ ...fromSite, ...asked });
    expect([200, 201], own.body).toContain(own.statusCode);
    expect(sessionOf(own)).not.toBeNull();
  });
});

test("somebody with a cookie may log in by a third party, and add one to the account by saying so", async () => {
  const page = openPage(all.test, all.test.anonymous, localPage);
  const username = fresh();
  const { id } = await signUp(username);
  await page.logIn(username);
  const come = async (query: string) => {
    const { login_url: loginUrl } = (await page.call({ url: `/oauth/oidc/authorization/?${query}` })).json();
    const { answer } = await decideInSandbox(loginUrl, { person: "rtl", decision: "allow" });
    const { code, state } = Object.fromEntries(new URL(answer.headers.get("location")!).searchParams);
    return { code, state };
  };
  const own = await come("next=/&bind=true");
  const added = await page.call({ method: "POST", url: "/user/bindings/oidc/", payload: own });
  expect(added.statusCode, added.body).toBe(201);
  const query = new URLSearchParams((await come("next=/")) as Record<string, string>);
  const again = await page.call({ url: `/oauth/oidc/user/?${query}` });
  expect(again.json()).toMatchObject({ user_id: id, token: "" });
  const other = await come("next=/");
  expect((await page.call({ method: "POST", url: "/user/bindings/oidc/", payload: other })).statusCode).toBe(
    400,
  );
});
