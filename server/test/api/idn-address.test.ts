import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Browsers make x@xn--fsqu00a.xn--fiqs8s of x@例子.中国; both are one address, whatever asks for it. */
const typed = "张三@例子.中国";
const sent = "张三@xn--fsqu00a.xn--fiqs8s";
const forms = [typed, sent, "张三@例子。中国", "张三@XN--FSQU00A.xn--fiqs8s"];
const password = "12345678aA";

/** Seconds after which an address may have as many codes as ever. */
const tomorrow = 24 * 3600 + 1;

let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest();
});
afterAll(() => third.close());
const post = (url: string, payload: object) => third.test.anonymous({ method: "POST", url, payload });
const logIn = (username: string, word = password) =>
  post("/users/authorizations/", { username, password: word });

describe("an address in a domain of Chinese characters", () => {
  it("is signed up in the form the browser sends, by a code asked for in the other", async () => {
    const email_code = await third.test.codeFor(typed);
    expect(third.test.mailbox.at(-1)!.to).toBe(sent);
    const made = await post("/users/", {
      ...{ username: "zhangsan", email: sent, email_code, password, password2: password, allow: true },
    });
    expect(made.statusCode, made.body).toBe(201);
    expect(made.json().email).toBe(typed);
    const profile = await third.test.as(made.json().token)({ url: "/user/" });
    expect(profile.json().email).toBe(typed);
  });

  it.each(forms)("is the same account for %s", async (form) => {
    expect((await logIn(form)).statusCode).toBe(200);
    const count = await third.test.anonymous({ url: `/users/emails/${encodeURIComponent(form)}/count/` });
    expect(count.json()).toEqual({ email: form, count: 1 });
    third.test.clock.advance(tomorrow);
    await expect(third.test.codeFor(form)).rejects.toThrow(/no code in the mails/);
    third.test.clock.advance(tomorrow);
    const reset_code = await third.test.codeFor(form, "resetpwd");
    const reset = await post("/users/password/", {
      ...{ email: forms.find((other) => other !== form), email_code: reset_code },
      ...{ password: "another87Z", password2: "another87Z" },
    });
    expect(reset.statusCode, reset.body).toBe(200);
    expect((await logIn(form, "another87Z")).statusCode).toBe(200);
    third.test.clock.advance(tomorrow);
    const back = await third.test.codeFor(form, "resetpwd");
    expect(
      (await post("/users/password/", { email: form, email_code: back, password, password2: password }))
        .statusCode,
    ).toBe(200);
    // The notice of the change comes after the code: out of the way of the next.
    await third.test.runJobs();
    third.test.clock.advance(tomorrow);
    const root = await makePerson(third.test, `root${forms.indexOf(form)}`, { is_superuser: 1 });
    const found = await third.test.as(root.token)({
      url: `/admin/users/?search=${encodeURIComponent(form)}`,
    });
    expect(found.json().results.map((user: { email: string }) => user.email)).toEqual([typed]);
  });

  it("is not given to a second account, by any door", async () => {
    for (const [i, form] of forms.entries()) {
      const other = await makePerson(third.test, `other${i}`, { email: `other${i}@qq.com` });
      const email_code = await third.test.codeFor(form, "changeEmail", other.token);
      const payload = { email: form, email_code, current_password: password };
      const changed = await third.test.as(other.token)({ method: "PUT", url: "/user/email/", payload });
      expect(changed.json()).toHaveProperty("email", ["该邮箱已被注册。"]);
      third.test.clock.advance(tomorrow);
    }
  });

  it("finds its account to bind a third party to", async () => {
    const { bind_token } = await third.logIn("weibo", "emoji");
    const email_code = await third.test.codeFor(typed, "bindAccount");
    const bound = await post("/oauth/weibo/user/", { bind_token, email: sent, email_code, password });
    expect(bound.statusCode, bound.body).toBe(200);
    expect(bound.json()).toMatchObject({ username: "zhangsan", email: typed });
  });

  it("makes an account that is named by it, shown as it is read", async () => {
    const { bind_token } = await third.logIn("weibo", "long");
    const email_code = await third.test.codeFor("b@例子.中国", "bindAccount");
    const payload = { bind_token, email: "b@xn--fsqu00a.xn--fiqs8s", email_code, password };
    const bound = await post("/oauth/weibo/user/", payload);
    expect(bound.json()).toMatchObject({ username: "b@例子.中国", email: "b@例子.中国" });
    expect((await logIn("b@例子.中国")).json().username).toBe("b@例子.中国");
    expect((await third.test.as(bound.json().token)({ url: "/user/" })).statusCode).toBe(200);
  });

  it("moves with the account when an administrator changes it", async () => {
    const root = await makePerson(third.test, "rootmover", { is_superuser: 1 });
    const mover = await makePerson(third.test, "moverone");
    const patch = (payload: object) =>
      third.test.as(root.token)({ method: "PATCH", url: `/admin/users/${mover.id}/`, payload });
    expect((await patch({ email: "m@例子.中国" })).json().email).toBe("m@例子.中国");
    expect((await logIn("m@xn--fsqu00a.xn--fiqs8s")).statusCode).toBe(200);
    expect((await patch({ email: "m@qq.com" })).statusCode).toBe(200);
    for (const form of ["m@xn--fsqu00a.xn--fiqs8s", "m@例子.中国"]) {
      expect((await logIn(form)).statusCode).toBe(400);
      const count = await third.test.anonymous({ url: `/users/emails/${encodeURIComponent(form)}/count/` });
      // Given up, and held for its owner (held-names.race.test.ts).
      expect(count.json().count).toBe(1);
    }
  });
});

it.each([
  ["x@faß.de", "x@fass.de"],
  ["y@βόλος.gr", "y@βόλοσ.gr"],
])("%s leaves %s to its owner", async (one, other) => {
  const signUp = async (username: string, email: string) => {
    const email_code = await third.test.codeFor(email);
    const payload = { username, email, email_code, password, password2: password, allow: true };
    const made = await post("/users/", payload);
    expect(made.statusCode, made.body).toBe(201);
    return username;
  };
  const initial = one.slice(0, 1);
  const names = [await signUp(`${initial}person1`, one), await signUp(`${initial}person2`, other)];
  for (const [i, address] of [one, other].entries()) {
    expect((await logIn(address)).json().username).toBe(names[i]);
  }
});
