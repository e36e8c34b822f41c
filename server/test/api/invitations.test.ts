import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGroups } from "../../src/permissions/groups.ts";
import { grant, makePerson, type Person, tokenOf } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

let third: ThirdPartyTest;
let root: Person;
let staff: Person;
let count = 0;

beforeAll(async () => {
  third = await startThirdPartyTest({ env: { SIGN_UP: "invitation", INVITATIONS_PER_MAKER: "3" } });
  root = await makePerson(third.test, "rootuser", { is_superuser: 1 });
});
beforeEach(async () => {
  third.test.clock.advance(60);
  root.token = await tokenOf(third.test, root.username);
  count++;
  staff = await makePerson(third.test, `inviter${count}`, { is_staff: 1, permissions: ["users.add_user"] });
});
afterAll(() => third.close());

const password = "12345678aA";
const invalid = "邀请无效、已过期或已用完。";

async function invite(by: Person, payload: Record<string, unknown> = {}) {
  return third.test.as(by.token)({ method: "POST", url: "/admin/invitations/", payload });
}

const tokenIn = (text: string) => /#invitation=([\w-]+)/.exec(text)?.[1] ?? "";

async function tokenBy(by: Person, payload: Record<string, unknown> = {}): Promise<string> {
  const answer = await invite(by, payload);
  expect(answer.statusCode, answer.body).toBe(201);
  return tokenIn(answer.json().link);
}

async function signUp(invitation?: string, email = `guest${++count}@example.com`) {
  const email_code = await third.test.codeFor(email);
  return third.test.anonymous({
    method: "POST",
    url: "/users/",
    payload: {
      ...{ username: `guest_${++count}`, email, email_code, invitation },
      ...{ password, password2: password, allow: "true" },
    },
  });
}

const refused = (answer: { statusCode: number; json(): { invitation?: string[] } }) => [
  answer.statusCode,
  answer.json().invitation,
];

async function someGroup(...permissions: string[]): Promise<number> {
  const { db } = third.test.app;
  return (await createGroups({ db }).add(db, { name: `group${++count}`, permissions })).id;
}

describe("with SIGN_UP=invitation", () => {
  it("nobody signs up without one, and is told so where the tutorial's pages look", async () => {
    const answer = await signUp();
    const text = "本站凭邀请注册，请打开邀请中的链接。";
    expect([answer.statusCode, answer.json()]).toEqual([400, { non_field_errors: [text], message: text }]);
  });

  it("a link lets in as many as it says, and then nobody; who came is in the audit log", async () => {
    const token = await tokenBy(staff, { max_uses: 2 });
    const first = await signUp(token);
    expect([first.statusCode, (await signUp(token)).statusCode]).toEqual([201, 201]);
    expect(refused(await signUp(token))).toEqual([400, [invalid]]);
    const { id } = first.json();
    const audit = await third.test.as(root.token)({ url: `/admin/audit/?kind=user&target=${id}` });
    expect(audit.json().results).toMatchObject([
      { action: "invitation.use", after: { maker: staff.id, group: null } },
    ]);
  });

  it.each(["x", "A".repeat(43)])("%s is none", async (token) => {
    expect(refused(await signUp(token))).toEqual([400, [invalid]]);
  });

  it("one that has ended, or was withdrawn, lets nobody in", async () => {
    const token = await tokenBy(staff, { days: 2 });
    third.test.clock.advance(2 * 24 * 3600 - 10);
    const later = await makePerson(third.test, `later${count}`, {
      is_staff: 1,
      permissions: ["users.add_user"],
    });
    expect(
      (
        await third.test.anonymous({
          method: "POST",
          url: "/users/invitations/",
          payload: { invitation: token },
        })
      ).statusCode,
    ).toBe(200);
    third.test.clock.advance(10);
    expect(refused(await signUp(token))).toEqual([400, [invalid]]);
    const made = await invite(later);
    const url = `/admin/invitations/${made.json().id}/`;
    expect((await third.test.as(later.token)({ method: "DELETE", url })).statusCode).toBe(204);
    expect(refused(await signUp(tokenIn(made.json().link)))).toEqual([400, [invalid]]);
    expect((await third.test.as(later.token)({ method: "DELETE", url })).statusCode).toBe(404);
  });

  it("a sign-up that fails uses nothing up", async () => {
    const token = await tokenBy(staff);
    const taken = await third.test.anonymous({
      method: "POST",
      url: "/users/",
      payload: {
        ...{
          username: "rootuser",
          email: "free@example.com",
          email_code: await third.test.codeFor("free@example.com"),
        },
        ...{ password, password2: password, allow: "true", invitation: token },
      },
    });
    expect(taken.statusCode).toBe(400);
    expect((await signUp(token)).statusCode).toBe(201);
  });

  it("neither the table, the queue nor the log of requests has what a link holds", async () => {
    const lines: string[] = [];
    const other = await startThirdPartyTest({ logTo: { write: (line) => void lines.push(line) } });
    try {
      const maker = await makePerson(other.test, "rootuser", { is_superuser: 1 });
      const call = (payload: object) =>
        other.test.as(maker.token)({ method: "POST", url: "/admin/invitations/", payload });
      const mailed = await call({ email: "guest@example.com" });
      expect(mailed.json().link).toBeNull();
      const jobs = JSON.stringify(await other.test.app.db.kysely.selectFrom("jobs").selectAll().execute());
      await other.test.runJobs();
      const token = tokenIn(other.test.mailbox.at(-1)!.text);
      expect(token).toHaveLength(43);
      const shown = tokenIn((await call({})).json().link);
      const rows = JSON.stringify(
        await other.test.app.db.kysely.selectFrom("invitations").selectAll().execute(),
      );
      for (const secret of [token, shown]) {
        expect(rows + jobs + lines.join("")).not.toContain(secret);
      }
      expect(rows).toContain("guest@example.com");
    } finally {
      await other.close();
    }
  });
});

describe("an invitation by mail", () => {
  it("works for its address alone, in any writing, and once", async () => {
    await invite(staff, { email: "Invited@例子.中国", max_uses: 9 });
    await third.test.runJobs();
    const mail = third.test.mailbox.at(-1)!;
    expect(mail.to).toBe("Invited@xn--fsqu00a.xn--fiqs8s");
    expect(mail.text).toContain(`${third.test.config.publicSiteUrl}/register#invitation=`);
    const token = tokenIn(mail.text);
    const check = await third.test.anonymous({
      method: "POST",
      url: "/users/invitations/",
      payload: { invitation: token },
    });
    expect(check.json()).toMatchObject({ email: "Invited@例子.中国" });
    expect(refused(await signUp(token))).toEqual([
      400,
      ["这份邀请是发给另一个邮箱的，请用收到邀请的邮箱注册。"],
    ]);
    expect((await signUp(token, "invited@例子.中国")).statusCode).toBe(201);
    expect(refused(await signUp(token))).toEqual([400, [invalid]]);
  });

  it("is not sent any more once it was withdrawn", async () => {
    const made = await invite(staff, { email: "withdrawn@example.com" });
    const url = `/admin/invitations/${made.json().id}/`;
    await third.test.as(staff.token)({ method: "DELETE", url });
    await third.test.runJobs();
    expect(third.test.mailbox.filter(({ to }) => to === "withdrawn@example.com")).toEqual([]);
  });
});

describe("by a third party", () => {
  it("a first log-in makes an account with an invitation, by name and by address", async () => {
    const token = await tokenBy(staff, { max_uses: 2 });
    const post = async (end: string, person: string, payload: Record<string, unknown>) => {
      const { bind_token } = await third.logIn("qq", person);
      return third.test.anonymous({
        method: "POST",
        url: `/oauth/qq/${end}/`,
        payload: { bind_token, ...payload },
      });
    };
    expect((await post("account", "penguin", { username: "penguin01" })).json().message).toBe(
      "本站凭邀请注册，请打开邀请中的链接。",
    );
    expect((await post("account", "penguin", { username: "penguin01", invitation: token })).statusCode).toBe(
      201,
    );
    const email = "qq@example.com";
    const form = { email, password, email_code: await third.test.codeFor(email, "bindAccount") };
    expect((await post("user", "emoji", form)).statusCode).toBe(400);
    expect((await post("user", "emoji", { ...form, invitation: token })).statusCode).toBe(200);
    expect(refused(await signUp(token))).toEqual([400, [invalid]]);
  });
});

describe("the group of an invitation", () => {
  it("is one that its maker could grant, and the account is in it", async () => {
    const group = await someGroup("users.view_user");
    expect((await invite(staff, { group })).statusCode).toBe(403);
    await grant(third.test, staff.id, ["users.add_user", "users.view_user"]);
    expect((await invite(staff, { group })).statusCode).toBe(403);
    await grant(third.test, staff.id, ["users.add_user", "users.change_user", "users.view_user"]);
    const answer = await signUp(await tokenBy(staff, { group }));
    const shown = await third.test.as(root.token)({ url: `/admin/users/${answer.json().id}/` });
    expect(shown.json().groups).toMatchObject([{ id: group }]);
    expect((await invite(staff, { group: 999_999 })).json().group).toEqual(["没有编号为 999999 的用户组。"]);
  });

  it.each([
    [
      "may not grant it any more",
      (id: number) => grant(third.test, id, ["users.add_user", "users.change_user"]),
    ],
    [
      "may not invite any more",
      (id: number) => grant(third.test, id, ["users.change_user", "users.view_user"]),
    ],
    ["is staff no more", (id: number) => set(id, { is_staff: 0 })],
    ["is disabled", (id: number) => set(id, { is_active: 0 })],
  ])("goes with its maker's right: one who %s lets nobody in", async (_what, lose) => {
    await grant(third.test, staff.id, ["users.add_user", "users.change_user", "users.view_user"]);
    const token = await tokenBy(staff, { group: await someGroup("users.view_user") });
    await lose(staff.id);
    expect(refused(await signUp(token))).toEqual([400, [invalid]]);
  });

  it("that became more powerful than its maker is not granted", async () => {
    await grant(third.test, staff.id, ["users.add_user", "users.change_user"]);
    const group = await someGroup();
    const token = await tokenBy(staff, { group });
    const { db } = third.test.app;
    await createGroups({ db }).change(db, group, { permissions: ["auth.delete_group"] });
    expect(refused(await signUp(token))).toEqual([400, [invalid]]);
  });

  const set = (id: number, change: { is_staff?: 0; is_active?: 0 }) =>
    third.test.app.db.kysely.updateTable("users").set(change).where("id", "=", id).execute();
});

describe("limits and keeping", () => {
  it("one maker has so many that can be used, not counting those that can't", async () => {
    const tokens = [await tokenBy(staff), await tokenBy(staff), await tokenBy(staff)];
    const more = await invite(staff);
    expect([more.statusCode, more.json().message]).toEqual([400, "您已有 3 份未用完的邀请，请先撤回一些。"]);
    expect((await signUp(tokens[0])).statusCode).toBe(201);
    expect((await invite(staff)).statusCode).toBe(201);
  });

  it("lists them by pages, and forgets those that ended 30 days ago", async () => {
    const before = await third.test.as(root.token)({ url: "/admin/invitations/?limit=2" });
    const { results, next } = before.json();
    expect(results).toHaveLength(2);
    const page = await third.test.as(root.token)({ url: `/admin/invitations/?limit=2&before=${next}` });
    expect(page.json().results[0].id).toBeLessThan(next);
    await third.test.app.maintenance.run();
    const ids = () => third.test.app.db.kysely.selectFrom("invitations").select("id").execute();
    expect((await ids()).length).toBeGreaterThan(2);
    third.test.clock.advance(120 * 24 * 3600);
    await third.test.app.maintenance.run();
    expect(await ids()).toEqual([]);
  });
});
