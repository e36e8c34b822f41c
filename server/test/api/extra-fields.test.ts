import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExtraFields } from "../../src/accounts/extra-fields.ts";
import type { SignUpEvent } from "../../src/hooks/hook-events.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

const label = { zh: "某项", en: "Something" };
const declared = [
  {
    name: "company",
    type: "text",
    label,
    required: true,
    min: 2,
    max: 20,
    read: ["user", "staff", "services"],
  },
  { name: "employees", type: "integer", label, min: 1, max: 1000 },
  { name: "size", type: "choice", label, choices: ["S", "L"] },
  { name: "founded", type: "date", label },
  { name: "listed", type: "boolean", label },
  { name: "rating", type: "integer", label, read: ["staff"], write: ["staff"] },
  { name: "level", type: "text", label, write: ["staff"] },
];

let third: ThirdPartyTest;
let root: Person;
let told: SignUpEvent[] = [];
beforeAll(async () => {
  third = await startThirdPartyTest({
    env: { SIGN_UP_FIELDS: JSON.stringify(declared) },
    hooks: {
      beforeSignUp(event) {
        told.push(event);
        return { allow: true };
      },
    },
  });
  root = await makePerson(third.test, "rootuser", { is_superuser: 1 });
});
afterAll(() => third.close());

const password = "12345678aA";
let count = 0;
async function signUp(fields?: unknown) {
  const email = `person${++count}@example.com`;
  return third.test.anonymous({
    method: "POST",
    url: "/users/",
    payload: {
      ...{ username: `person_${count}`, email, email_code: await third.test.codeFor(email), fields },
      ...{ password, password2: password, allow: "true" },
    },
  });
}
const profile = async (token: string) => (await third.test.as(token)({ url: "/user/" })).json().fields;
const patch = (token: string, fields: unknown) =>
  third.test.as(token)({ method: "PATCH", url: "/user/", payload: { fields } });
const none = { employees: null, size: null, founded: null, listed: null, level: null };

describe("declared fields at sign-up", () => {
  it("are kept as they are declared, and shown to their owner alone where they may be", async () => {
    told = [];
    const answer = await signUp({
      ...{ company: " 美多 ", employees: "12", size: "L", founded: "2020-02-29", listed: "true" },
    });
    expect(answer.statusCode, answer.body).toBe(201);
    expect(await profile(answer.json().token)).toEqual({
      ...{ company: "美多", employees: 12, size: "L", founded: "2020-02-29", listed: true, level: null },
    });
    expect(told).toMatchObject([{ fields: { company: "美多" } }]);
    expect(Object.keys(told[0]!.fields)).toEqual(["company"]);
    expect(await third.test.app.extraFields.of(answer.json().id, "services")).toEqual({ company: "美多" });
  });

  it.each([
    [undefined, { "fields.company": ["该字段是必填项。"] }],
    [{}, { "fields.company": ["该字段是必填项。"] }],
    [{ company: "" }, { "fields.company": ["该字段不能为空。"] }],
    [{ company: null }, { "fields.company": ["该字段不能为 null。"] }],
    [{ company: "美" }, { "fields.company": [expect.stringContaining("至少")] }],
    [{ company: "x".repeat(21) }, { "fields.company": [expect.stringContaining("不能超过")] }],
    [{ company: "a\u202eb" }, { "fields.company": [expect.stringContaining("不可见")] }],
    [{ company: "ab", employees: 1001 }, { "fields.employees": [expect.any(String)] }],
    [{ company: "ab", size: "M" }, { "fields.size": ["“M” 不是合法选项。"] }],
    [{ company: "ab", founded: "2021-02-29" }, { "fields.founded": [expect.stringContaining("日期")] }],
    [{ company: "ab", listed: "perhaps" }, { "fields.listed": [expect.any(String)] }],
    [{ company: "ab", rating: 5 }, { "fields.rating": ["您不能修改该字段。"] }],
    [{ company: "ab", __proto__x: 1 }, { "fields.__proto__x": ["没有这个参数或字段。"] }],
    [{ company: { a: 1 } }, { "fields.company": ["Not a valid string."] }],
    [["company"], { fields: ["期待为字典类型。"] }],
    ["company", { fields: ["期待为字典类型。"] }],
  ])("%j are refused with what is wrong", async (fields, problem) => {
    const answer = await signUp(fields);
    expect([answer.statusCode, answer.json()]).toMatchObject([400, problem]);
  });

  it("are asked for at a first log-in by a third party, too", async () => {
    const { bind_token } = await third.logIn("qq", "penguin");
    const post = (fields?: object) =>
      third.test.anonymous({
        method: "POST",
        url: "/oauth/qq/account/",
        payload: { bind_token, username: "penguin01", fields },
      });
    expect((await post()).json()).toMatchObject({ "fields.company": ["该字段是必填项。"] });
    const made = await post({ company: "QQ" });
    expect(await profile(made.json().token)).toEqual({ company: "QQ", ...none });
  });
});

describe("declared fields later", () => {
  it("change one by one, are emptied where they may be, and stay where they are not named", async () => {
    const { token } = (await signUp({ company: "ab", size: "S" })).json();
    expect((await patch(token, { employees: 3, size: "" })).json().fields).toMatchObject({
      employees: 3,
      size: null,
    });
    expect(await profile(token)).toEqual({ company: "ab", ...none, employees: 3 });
    expect((await patch(token, { company: "" })).json()).toMatchObject({
      "fields.company": ["该字段不能为空。"],
    });
    expect((await patch(token, { level: "gold" })).json()).toMatchObject({
      "fields.level": ["您不能修改该字段。"],
    });
    expect(await profile(token)).toEqual({ company: "ab", ...none, employees: 3 });
  });

  it("of two changes at once neither is lost", async () => {
    const { token } = (await signUp({ company: "ab" })).json();
    const changes = [{ employees: 3 }, { size: "S" }, { founded: "2020-01-01" }, { listed: true }];
    for (const answer of await Promise.all(changes.map((one) => patch(token, one)))) {
      expect(answer.statusCode).toBe(200);
    }
    expect(await profile(token)).toMatchObject({
      employees: 3,
      size: "S",
      founded: "2020-01-01",
      listed: true,
    });
  });

  it("are seen and written by staff where they may be, and that is in the audit log", async () => {
    const { id, token } = (await signUp({ company: "ab" })).json();
    const url = `/admin/users/${id}/`;
    const changed = await third.test.as(root.token)({
      method: "PATCH",
      url,
      payload: { fields: { rating: 5, level: "gold" } },
    });
    expect(changed.json().fields).toEqual({ company: "ab", ...none, rating: 5, level: "gold" });
    expect(await profile(token)).toEqual({ company: "ab", ...none, level: "gold" });
    const audit = await third.test.as(root.token)({ url: `/admin/audit/?kind=user&target=${id}` });
    expect(audit.json().results[0]).toMatchObject({
      ...{ action: "user.change", before: { "fields.rating": null, "fields.level": null } },
      after: { "fields.rating": 5, "fields.level": "gold" },
    });
    const wrong = await third.test.as(root.token)({
      method: "PATCH",
      url,
      payload: { fields: { rating: "x" } },
    });
    expect(wrong.json()).toMatchObject({ "fields.rating": [expect.any(String)] });
  });

  it("that no longer fit their declaration are shown as none", async () => {
    const { id } = (await signUp({ company: "abcdefgh", size: "L" })).json();
    const now = createExtraFields(third.test.app.db, [
      { name: "company", type: "text", label, required: true, max: 3, read: ["user"], write: ["user"] },
      { name: "size", type: "integer", label, required: false, read: ["user"], write: ["user"] },
    ]);
    expect(await now.of(id, "user")).toEqual({ company: null, size: null });
  });
});

describe("without declarations", () => {
  it("the profile has no fields, and what is sent is refused", async () => {
    const other = await startThirdPartyTest();
    try {
      const { token } = await other.test.signUp({ username: "python01", email: "a@example.com" });
      expect((await other.test.as(token)({ url: "/user/" })).json()).not.toHaveProperty("fields");
      const answer = await other.test.as(token)({
        method: "PATCH",
        url: "/user/",
        payload: { fields: { a: 1 } },
      });
      expect(answer.json()).toMatchObject({ "fields.a": ["没有这个参数或字段。"] });
    } finally {
      await other.close();
    }
  });
});
