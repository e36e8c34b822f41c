import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { USERNAME: "optional" } });
});
afterAll(() => test.close());

const password = "12345678aA";
async function signUp(email: string, more: object = {}) {
  const email_code = await test.codeFor(email);
  return test.anonymous({
    method: "POST",
    url: "/users/",
    payload: { email, email_code, password, password2: password, allow: "true", ...more },
  });
}

describe("with USERNAME=optional", () => {
  it.each([
    ["zhang.san@example.com", {}, "zhang.san"],
    ["lisi.wu@example.com", { username: "" }, "lisi.wu"],
    ["zhang.san@example.org", {}, /^zhang\.san\d{3}$/],
    ["admin@example.com", {}, /^user\d{8}$/],
    ["wangwu@example.com", { username: "chosen01" }, "chosen01"],
  ])("%s with %j is called %s, and logs in by that and by the address", async (email, more, name) => {
    const answer = await signUp(email, more);
    expect(answer.statusCode, answer.body).toBe(201);
    const { username } = answer.json();
    if (name instanceof RegExp) expect(username).toMatch(name);
    else expect(username).toBe(name);
    for (const given of [username, email]) {
      const logIn = await test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username: given, password },
      });
      expect([given, logIn.statusCode]).toEqual([given, 200]);
    }
  });

  it("a name that is chosen keeps its rules, and is not replaced where it is taken", async () => {
    expect((await signUp("rules@example.com", { username: "ab" })).json().username).toEqual([
      expect.stringContaining("至少"),
    ]);
    expect((await signUp("rules2@example.com", { username: "chosen01" })).json().username).toEqual([
      "已存在一位使用该名字的用户。",
    ]);
  });

  it("is told to the site", () => {
    expect(test.app.signUp.username).toBe("optional");
  });
});

describe("with USERNAME=later", () => {
  let later: TestApp;
  beforeAll(async () => {
    later = await startTestApp({ env: { USERNAME: "later" } });
  });
  afterAll(() => later.close());

  async function signUpLater(email: string, more: object = {}): Promise<string> {
    const email_code = await later.codeFor(email);
    const payload = { email, email_code, password, password2: password, allow: "true", ...more };
    const answer = await later.anonymous({ method: "POST", url: "/users/", payload });
    expect(answer.statusCode, answer.body).toBe(201);
    return answer.json().token;
  }
  const profile = async (token: string) => (await later.as(token)({ url: "/user/" })).json();
  const patch = (token: string, payload: object) =>
    later.as(token)({ method: "PATCH", url: "/user/", payload });
  const rename = (token: string, username: string) => {
    const payload = { username, current_password: password };
    return later.as(token)({ method: "PUT", url: "/user/username/", payload });
  };

  it("a name is due for who chose none, until they choose one, which they may put right at once", async () => {
    const token = await signUpLater("due01@example.com");
    expect(await profile(token)).toMatchObject({ username: "due01", username_due: true });
    expect((await rename(token, "chosne02")).json()).toMatchObject({
      username: "chosne02",
      username_due: false,
    });
    expect((await rename(token, "chosen02")).json()).toMatchObject({ username: "chosen02" });
    expect((await rename(token, "chosen03")).statusCode).toBe(400);
    expect(await profile(token)).toMatchObject({ username: "chosen02", username_due: false });
  });

  it("nobody is asked again who keeps the made one", async () => {
    const token = await signUpLater("kept001@example.com");
    await patch(token, { username_due: true, first_name: "三" });
    expect((await profile(token)).username_due).toBe(true);
    expect((await patch(token, { username_due: false })).json()).toMatchObject({
      ...{ username: "kept001", username_due: false },
    });
    await patch(token, { username_due: true });
    expect((await profile(token)).username_due).toBe(false);
  });

  it("it is not due for who chose one, or was given one by staff", async () => {
    expect((await profile(await signUpLater("a@example.com", { username: "chosen09" }))).username_due).toBe(
      false,
    );
    const token = await signUpLater("given01@example.com");
    const { id } = await profile(token);
    const root = await makePerson(later, "rootuser", { is_superuser: 1 });
    const url = `/admin/users/${id}/`;
    await later.as(root.token)({ method: "PATCH", url, payload: { username: "given02" } });
    expect(await profile(token)).toMatchObject({ username: "given02", username_due: false });
  });

  it("is told to the site, and nothing of it is said elsewhere", async () => {
    expect(later.app.signUp.username).toBe("later");
    const { token } = await makePerson(test, "elsewhere01");
    expect((await test.as(token)({ url: "/user/" })).json()).not.toHaveProperty("username_due");
  });
});

describe("without it", () => {
  it("a user name is required, but of staff who make an account", async () => {
    const other = await startTestApp();
    try {
      const email_code = await other.codeFor("a@example.com");
      const answer = await other.anonymous({
        method: "POST",
        url: "/users/",
        payload: { email: "a@example.com", email_code, password, password2: password, allow: "true" },
      });
      expect(answer.json()).toMatchObject({ username: ["该字段是必填项。"] });
      const root = await makePerson(other, "rootuser", { is_superuser: 1 });
      const made = await other.as(root.token)({
        method: "POST",
        url: "/admin/users/",
        payload: { email: "zhaoliu@example.com" },
      });
      expect(made.json().username).toBe("zhaoliu");
    } finally {
      await other.close();
    }
  });
});
