import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auditLineOf } from "../../src/audit/audit-line.ts";
import { type Classic, startClassic } from "../support/classic.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Whatever way a name, an address or a number becomes another one, programs that keep it are told, with a version of the account. */
let lines: { msg?: string; event?: string; userId?: number }[] = [];
const logTo = { write: (line: string) => void lines.push(JSON.parse(line)) };
const toldOf = (id: number) =>
  lines.filter(({ msg, userId }) => msg === "event" && userId === id).map(({ event }) => event);
const versionOf = async ({ app }: TestApp, id: number) => (await app.users.byId(id))!.version;

describe("of a change", () => {
  let test: TestApp;
  let root: Person;
  beforeAll(async () => {
    test = await startTestApp({ logTo });
    root = await makePerson(test, "rootuser", { is_superuser: 1 });
  });
  afterAll(() => test.close());

  const change = async (id: number, payload: object) => {
    const answer = await test.as(root.token)({ method: "PATCH", url: `/admin/users/${id}/`, payload });
    expect(answer.statusCode, answer.body).toBe(200);
  };

  it.each([
    ["another user name", { username: "staffed-name" }],
    ["a first address", { email: "staffed@qq.com" }],
    ["a number", { mobile: "13900003333" }],
  ])("by staff, %s", async (what, payload) => {
    const { id } = await makePerson(test, `staffed${what.length}`);
    lines = [];
    await change(id, payload);
    expect(toldOf(id)).toEqual(["user.updated", "user.login_names_changed"]);
  });

  it("by staff of something else, it is not told", async () => {
    const { id } = await makePerson(test, "staffed-else");
    lines = [];
    await change(id, { first_name: "三", is_staff: true });
    expect(toldOf(id)).toEqual(["user.updated"]);
  });

  it("that “this wasn’t me” takes back; and no secret of the account leaves with the entry", async () => {
    const { id, token } = await makePerson(test, "robbed01", { email: "robbed01@qq.com" });
    const email_code = await test.codeFor("thief@example.com", "changeEmail", token);
    const payload = { email: "thief@example.com", email_code, current_password: password };
    expect((await test.as(token)({ method: "PUT", url: "/user/email/", payload })).statusCode).toBe(200);
    await test.runJobs();
    const { text } = test.mailbox.findLast(
      ({ to, kind }) => to === "robbed01@qq.com" && kind === "email_changed",
    )!;
    const before = await versionOf(test, id);
    lines = [];
    const pressed = await test.anonymous({
      ...{ method: "POST", url: "/user/sessions/disown/" },
      payload: { token: /\/not-me#(\S+)/.exec(text)![1] },
    });
    expect(pressed.statusCode, pressed.body).toBe(200);
    expect((await test.app.users.byId(id))!.email).toBe("robbed01@qq.com");
    expect(toldOf(id)).toContain("user.login_names_changed");
    expect(await versionOf(test, id)).toBeGreaterThan(before);
    const { entries } = await test.app.audit.list({ limit: 1, targetId: id, action: "session.disowned" });
    const { before: was, after: is } = auditLineOf(entries[0]!);
    for (const values of [was, is]) {
      expect(values).toMatchObject({ credentials_version: "(masked)", email: "(masked)" });
      expect(Object.values(values).filter((value) => typeof value === "number")).toEqual([]);
    }
  });
});

describe("on a site whose pages confirm an address by a link", () => {
  let classic: Classic;
  beforeAll(async () => {
    classic = await startClassic({ env: { SIGN_UP_BY: "email,mobile" }, logTo });
  });
  afterAll(() => classic.test.close());

  it("one that is written down is told, and so is its confirmation", async () => {
    const { id, token } = await classic.person();
    const give = (email: string) => classic.send("PUT", "/email/", { email }, token);
    const before = await versionOf(classic.test, id);
    lines = [];
    await give("written1@163.com");
    expect(toldOf(id)).toEqual(["user.login_names_changed"]);
    const written = await versionOf(classic.test, id);
    expect(written).toBeGreaterThan(before);
    // Again is no change.
    await give("written1@163.com");
    expect(toldOf(id)).toHaveLength(1);
    await classic.test.runJobs();
    const { text } = classic.test.mailbox.findLast(({ to }) => to === "written1@163.com")!;
    lines = [];
    const link = /token=([\w.-]+)/.exec(text)![1];
    expect((await classic.get(`/emails/verification/?token=${link}`)).statusCode).toBe(200);
    expect(toldOf(id)).toEqual(["user.login_names_changed"]);
    expect(await versionOf(classic.test, id)).toBeGreaterThan(written);
  });

  it("and so is that of one that logs in already", async () => {
    const { id, token } = await classic.test.signUp({ username: "logsin01", email: "logsin01@qq.com" });
    const unconfirmed = { email_verified: 0 } as const;
    await classic.test.app.db.kysely.updateTable("users").set(unconfirmed).where("id", "=", id).execute();
    const given = await classic.send("PUT", "/email/", { email: "logsin01@qq.com" }, token);
    expect(given.statusCode, given.body).toBe(200);
    await classic.test.runJobs();
    const { text } = classic.test.mailbox.findLast(
      ({ to, kind }) => to === "logsin01@qq.com" && kind === "confirm_email",
    )!;
    const before = await versionOf(classic.test, id);
    lines = [];
    const link = /token=([\w.-]+)/.exec(text)![1];
    expect((await classic.get(`/emails/verification/?token=${link}`)).statusCode).toBe(200);
    expect(toldOf(id)).toEqual(["user.updated"]);
    expect(await versionOf(classic.test, id)).toBeGreaterThan(before);
  });
});

describe.each(["true", "false"])("with NEW_DEVICE_MAIL=%s", (NEW_DEVICE_MAIL) => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startTestApp({ env: { NEW_DEVICE_MAIL }, logTo });
  });
  afterEach(() => test.close());

  it("a log-in from a new device is an event, once", async () => {
    const { id, username } = await makePerson(test, "traveller1", { email: "traveller1@qq.com" });
    lines = [];
    for (let n = 0; n < 2; n++) {
      const answer = await test.anonymous({
        ...{ method: "POST", url: "/users/authorizations/", payload: { username, password } },
        headers: { "user-agent": "curl/8.14" },
      });
      expect(answer.statusCode).toBe(200);
    }
    expect(toldOf(id).filter((event) => event === "user.new_device")).toHaveLength(1);
    await test.runJobs();
    const mails = test.mailbox.filter(({ kind, to }) => kind === "new_device" && to === "traveller1@qq.com");
    expect(mails.length > 0).toBe(NEW_DEVICE_MAIL === "true");
  });
});
