import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPage, sessionCookieOf, setCookies, shop } from "../support/cookie-page.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let owner: Person;
beforeEach(async () => {
  test = await startTestApp({ env: shop });
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(() => test.close());

const day = 86_400;
const sessionRows = () =>
  test.app.db.kysely.selectFrom("sessions").selectAll().orderBy("created_at").orderBy("id").execute();
const endedBy = async (id: string) => (await sessionRows()).find((row) => row.id === id)?.ended_by;
const idOf = (cookie: string | undefined) => cookie!.split(".")[0]!;

describe("a log-in that asks for a cookie", () => {
  it("is answered one of the host alone, for no script, and no token", async () => {
    const answer = await openPage(test).logIn();
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json()).toEqual({ token: "", user_id: owner.id, username: "python01" });
    expect(sessionCookieOf(answer)).toMatch(
      /^__Host-meiduo_session=[\w-]{22}\.0\.0\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect(setCookies(answer).map((set) => set.split("=")[0])).toContain("__Host-meiduo_device");
    expect(answer.headers["access-control-allow-credentials"]).toBe("true");
    expect(answer.headers["access-control-allow-origin"]).toBe("https://www.shop.example");
  });

  it("with refresh is answered one that outlives the browser, as long as the session", async () => {
    const answer = await openPage(test).logIn("python01", { refresh: true });
    expect(answer.json()).not.toHaveProperty("refresh_token");
    expect(sessionCookieOf(answer)).toMatch(/\.0\.1\.[\w-]{43}; .*; Secure; Max-Age=2592000$/);
  });

  it("stands for its account, in every kind of request, and in the list of sessions", async () => {
    const page = openPage(test);
    await page.logIn();
    expect((await page.call({ url: "/user/" })).json()).toMatchObject({ id: owner.id });
    const change = { method: "PATCH", url: "/user/", payload: { first_name: "P" } } as const;
    expect((await page.call(change)).json()).toMatchObject({ first_name: "P" });
    const { sessions } = (await page.call({ url: "/user/sessions/" })).json();
    const current = sessions.filter((one: { current: boolean }) => one.current);
    expect(current).toMatchObject([{ id: idOf(page.session()), way: "password" }]);
  });

  it("ends the session that its browser had, of whomever that was", async () => {
    await makePerson(test, "python02");
    const page = openPage(test);
    await page.logIn();
    const before = page.session();
    expect((await page.logIn("python02", { password: "wrong-8Bbbbb" })).statusCode).toBe(400);
    expect(await page.status()).toBe(200);
    await page.logIn("python02");
    expect(await endedBy(idOf(before))).toBe("log_in");
    page.cookies.set("__Host-meiduo_session", before!);
    expect(await page.status()).toBe(401);
  });

  it("keeps nothing in the table that could be shown instead; a token is no cookie, a cookie no token", async () => {
    const page = openPage(test);
    await page.logIn("python01", { refresh: true });
    const cookie = page.session()!;
    expect(JSON.stringify(await sessionRows())).not.toContain(cookie.split(".")[3]);
    for (const show of [
      () => test.anonymous({ url: "/user/", headers: { authorization: `JWT ${cookie}` } }),
      () =>
        test.anonymous({
          ...{ method: "POST", url: "/user/tokens/refresh/" },
          payload: { refresh_token: cookie },
        }),
    ]) {
      expect((await show()).statusCode).toBe(401);
    }
    const payload = { username: "python01", password, refresh: true };
    const tokens = await test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    for (const token of [tokens.json().token, tokens.json().refresh_token]) {
      page.cookies.set("__Host-meiduo_session", token);
      expect(await page.status()).toBe(401);
    }
  });
});

describe("without the header", () => {
  it("a way in sets no cookie, and a cookie that came along is none", async () => {
    const page = openPage(test);
    await page.logIn();
    for (const value of [undefined, "", "Cookie", "cookie, cookie", "token"]) {
      const headers = { "x-meiduo-session": value };
      expect((await page.call({ url: "/user/", headers })).statusCode).toBe(401);
      expect((await page.call({ url: "/users/usernames/x1234/count/", headers })).statusCode).toBe(200);
      const payload = { username: "python01", password };
      const answer = await page.call({ method: "POST", url: "/users/authorizations/", payload, headers });
      expect(answer.json().token).not.toBe("");
      expect(sessionCookieOf(answer)).toBeUndefined();
    }
    expect(await page.status()).toBe(200);
  });

  it("drf-simplejwt's paths set none whoever asks, and answer as ever", async () => {
    const answer = await openPage(test).call({
      ...{ method: "POST", url: "/api/token/" },
      payload: { username: "python01", password },
    });
    expect(Object.keys(answer.json())).toEqual(["refresh", "access"]);
    expect(answer.json().access).not.toBe("");
    expect(sessionCookieOf(answer)).toBeUndefined();
  });
});

describe("an Authorization header", () => {
  it("goes before the cookie, right or wrong, and is asked nothing of", async () => {
    const other = await makePerson(test, "python02");
    const page = openPage(test);
    await page.logIn();
    const as = (authorization: string, further = {}) =>
      page.call({ url: "/user/", headers: { authorization, ...further } });
    expect((await as(`JWT ${other.token}`)).json().id).toBe(other.id);
    expect((await as(`JWT ${other.token}`, { origin: "https://evil.example" })).statusCode).toBe(200);
    expect((await as("JWT x.y.z")).statusCode).toBe(401);
    expect(await page.status()).toBe(200);
  });
});

describe("a cookie that is no good", () => {
  const page = () => openPage(test);
  const bad: Record<string, (it: ReturnType<typeof page>) => unknown> = {
    forged: (it) => it.cookies.set("__Host-meiduo_session", `${"a".repeat(22)}.0.0.${"b".repeat(43)}`),
    "of another number": (it) =>
      it.cookies.set("__Host-meiduo_session", it.session()!.replace(/\.0\.0\./, ".1.0.")),
    "made to last": (it) =>
      it.cookies.set("__Host-meiduo_session", it.session()!.replace(/\.0\.0\./, ".0.1.")),
    "of a session ended elsewhere": async (it) =>
      test.as(owner.token)({ method: "DELETE", url: `/user/sessions/${idOf(it.session())}/` }),
    "of credentials that changed": () => test.as(owner.token)({ method: "POST", url: "/user/tokens/end/" }),
    "of a session past its end": () => test.clock.advance(day),
    "of a disabled account": () =>
      test.app.db.kysely.updateTable("users").set({ is_active: 0 }).where("id", "=", owner.id).execute(),
    "of an account that is gone": () =>
      test.app.db.kysely.deleteFrom("users").where("id", "=", owner.id).execute(),
  };
  it.each(Object.keys(bad))("(%s) counts as none and is deleted", async (kind) => {
    const visitor = page();
    await visitor.logIn();
    await bad[kind]!(visitor);
    const before = visitor.session()!;
    const open = await visitor.call({ url: "/users/usernames/x1234/count/" });
    expect(open.statusCode, open.body).toBe(200);
    expect(sessionCookieOf(open)).toBe(
      "__Host-meiduo_session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0",
    );
    visitor.cookies.set("__Host-meiduo_session", before);
    const closed = await visitor.call({ url: "/user/" });
    expect(closed.statusCode).toBe(401);
    expect(closed.json()).toMatchObject({ detail: "身份认证信息未提供。" });
    expect(visitor.session()).toBeUndefined();
  });

  it("of no form at all is not even read", async () => {
    const visitor = page();
    for (const value of ["", "x", "a.b.c.d", `${"a".repeat(22)}.-1.0.${"b".repeat(43)}`, "x".repeat(7000)]) {
      visitor.cookies.set("__Host-meiduo_session", value);
      expect((await visitor.call({ url: "/users/usernames/x1234/count/" })).statusCode).toBe(200);
      expect(await visitor.status()).toBe(401);
    }
  });

  it("does not keep its browser from logging in", async () => {
    const visitor = page();
    await visitor.logIn();
    await bad["of credentials that changed"]!(visitor);
    expect((await visitor.logIn()).statusCode).toBe(200);
    expect(await visitor.status()).toBe(200);
  });
});

describe("the end of a session in a cookie", () => {
  it.each([
    ["a log-out", "DELETE", () => "/user/sessions/current/", "log_out"],
    ["ending it by its id", "DELETE", (id: string) => `/user/sessions/${id}/`, "owner"],
    ["logging out everywhere", "POST", () => "/user/tokens/end/", null],
  ] as const)("by %s deletes the cookie, and the session with it", async (_title, method, url, by) => {
    const page = openPage(test);
    await page.logIn();
    const cookie = page.session()!;
    const answer = await page.call({ method, url: url(idOf(cookie)) });
    expect(answer.statusCode, answer.body).toBeLessThan(300);
    expect(page.session()).toBeUndefined();
    expect(await endedBy(idOf(cookie))).toBe(by);
    page.cookies.set("__Host-meiduo_session", cookie);
    expect(await page.status()).toBe(401);
  });

  it("of all others leaves this one and its cookie", async () => {
    const [page, other] = [openPage(test), openPage(test)];
    await page.logIn();
    await other.logIn();
    const answer = await page.call({ method: "DELETE", url: "/user/sessions/" });
    expect(answer.json()).toEqual({ ended: 2 });
    expect(await page.status()).toBe(200);
    expect(await other.status()).toBe(401);
  });

  it.each([
    ["twelve hours for staff", "staffuser", 12 * 3600, 1700],
    ["a day for visitors", "python01", day, 3600],
  ])("comes after %s in all, however much it is used", async (_title, username, life, step) => {
    await makePerson(test, "staffuser", { is_staff: 1 });
    const page = openPage(test);
    await page.logIn(username);
    for (let passed = step; passed < life; passed += step) {
      test.clock.advance(step);
      expect(await page.status()).toBe(200);
    }
    test.clock.advance(step);
    expect(await page.status()).toBe(401);
  });

  it("comes after half an hour without use for staff, and after a fortnight for a visitor's that lasts", async () => {
    await makePerson(test, "staffuser", { is_staff: 1 });
    const [staff, visitor] = [openPage(test), openPage(test)];
    await staff.logIn("staffuser", { refresh: true });
    await visitor.logIn("python01", { refresh: true });
    test.clock.advance(1799);
    expect(await staff.status()).toBe(200);
    test.clock.advance(1800);
    expect(await staff.status()).toBe(401);
    test.clock.advance(14 * day - 3600);
    expect(await visitor.status()).toBe(200);
    test.clock.advance(14 * day);
    expect(await visitor.status()).toBe(401);
  });
});

describe("a change of the own account with a session in a cookie", () => {
  it("answers a new password by another cookie that lasts as the former, and no token", async () => {
    for (const refresh of [false, true]) {
      const page = openPage(test);
      await page.logIn("python01", { refresh });
      const before = page.session()!;
      const payload = { current_password: password, password, password2: password };
      const answer = await page.call({ method: "PUT", url: "/user/password/", payload });
      expect(answer.json()).toEqual({ message: "OK", token: "" });
      expect(sessionCookieOf(answer)?.includes("Max-Age")).toBe(refresh);
      expect(idOf(page.session())).not.toBe(idOf(before));
      expect(await page.status()).toBe(200);
      page.cookies.set("__Host-meiduo_session", before);
      expect(await page.status()).toBe(401);
    }
  });

  it("answers a new user name without a token, and goes on", async () => {
    const page = openPage(test);
    await page.logIn();
    const payload = { username: "python77", current_password: password };
    const answer = await page.call({ method: "PUT", url: "/user/username/", payload });
    expect(answer.json()).toMatchObject({ username: "python77" });
    expect(answer.json()).not.toHaveProperty("token");
    expect(await page.status()).toBe(200);
  });
});
