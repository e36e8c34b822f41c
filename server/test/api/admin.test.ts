import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grant, makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let server: TestApp;
let root: Person;
let staff: Person;

beforeAll(async () => {
  server = await startTestApp();
  root = await makePerson(server, "rootuser", { is_superuser: 1, email: "root@example.com" });
  staff = await makePerson(server, "staffuser", {
    is_staff: 1,
    permissions: [
      "users.view_user",
      "users.change_user",
      "auth.change_group",
      "auth.add_group",
      "auth.delete_group",
    ],
  });
});
afterAll(() => server.close());

const byRoot = (method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE", url: string, payload?: object) =>
  server.as(root.token)({ method, url, ...(payload ? { payload } : {}) });
const byStaff: typeof byRoot = (method, url, payload) =>
  server.as(staff.token)({ method, url, ...(payload ? { payload } : {}) });

describe("the list of accounts", () => {
  test("is read page by page, each account once, and holds no secret", async () => {
    for (let i = 0; i < 5; i++) await makePerson(server, `paged${i}`);
    const seen: number[] = [];
    let next: number | null = 0;
    while (next !== null) {
      const answer = await byStaff("GET", `/admin/users/?limit=2&after=${next}`);
      expect(answer.statusCode).toBe(200);
      const page: { results: { id: number }[]; next: number | null } = answer.json();
      expect(page.results.length).toBeLessThanOrEqual(2);
      expect(answer.body).not.toMatch(/argon2|password|credentials/);
      seen.push(...page.results.map(({ id }) => id));
      next = page.next;
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    const { count } = await server.app.db.kysely
      .selectFrom("users")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    expect(seen).toHaveLength(count);
  });

  test("whatever the filter and the size of a page, the pages together are what the filter says", async () => {
    const group = (await byRoot("POST", "/admin/groups/", { name: "paged", permissions: [] })).json();
    for (let i = 0; i < 9; i++) {
      const standing = { is_active: i % 3 === 0 ? 0 : 1, email: `pages${i}@example.com` } as const;
      const { id } = await makePerson(server, `pages${i}`, standing);
      if (i % 2 === 0)
        await server.app.db.kysely
          .insertInto("user_groups")
          .values({ user_id: id, group_id: group.id })
          .execute();
    }
    const all = await server.app.db.kysely.selectFrom("users").selectAll().orderBy("id").execute();
    const isPaged = (name: string) => /^pages\d$/.test(name);
    const filters: [string, (row: (typeof all)[number]) => boolean][] = [
      ["", () => true],
      ["is_active=false", (row) => row.is_active === 0],
      ["search=PAGES", (row) => isPaged(row.username)],
      ["search=pages&is_active=true", (row) => isPaged(row.username) && row.is_active === 1],
      [`group=${group.id}`, (row) => isPaged(row.username) && Number(row.username.slice(5)) % 2 === 0],
      ["search=nobody-at-all", () => false],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...filters),
        fc.integer({ min: 1, max: 12 }),
        async ([query, wanted], limit) => {
          const seen: number[] = [];
          for (let next: number | null = 0; next !== null; ) {
            const page: { results: { id: number }[]; next: number | null } = (
              await byStaff("GET", `/admin/users/?${query}&limit=${limit}&after=${next}`)
            ).json();
            expect(page.results.length).toBeLessThanOrEqual(limit);
            seen.push(...page.results.map(({ id }) => id));
            next = page.next;
          }
          expect(seen).toEqual(all.filter(wanted).map(({ id }) => id));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("is searched by the beginning of any log-in name and filtered by flags", async () => {
    const found = async (query: string) =>
      (await byStaff("GET", `/admin/users/?${query}`))
        .json()
        .results.map((row: { username: string }) => row.username);
    await makePerson(server, "searchable", { email: "needle@example.com" });
    expect(await found("search=SEARCHAB")).toEqual(["searchable"]);
    expect(await found("search=needle@")).toEqual(["searchable"]);
    expect(await found("search=needle%25")).toEqual([]);
    expect(await found("search=archable")).toEqual([]);
    expect(await found("is_superuser=true")).toEqual(["rootuser"]);
    expect(await found("is_staff=true")).toEqual(["staffuser"]);
  });
});

describe("a change", () => {
  test("moves log-in names, and is in the audit log with who, before and after", async () => {
    const person = await makePerson(server, "moving", { email: "old@example.com" });
    const answer = await byStaff("PATCH", `/admin/users/${person.id}/`, {
      email: "New@Example.com",
      mobile: "13800000001",
      last_name: "张",
    });
    expect(answer.json()).toMatchObject({
      full_name: "张",
      email: "New@example.com",
      mobile: "13800000001",
      email_active: false,
    });
    const logIn = (username: string) =>
      server.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });
    expect((await logIn("old@example.com")).statusCode).toBe(400);
    expect((await logIn("new@example.com")).statusCode).toBe(200);
    expect((await logIn("13800000001")).statusCode).toBe(200);
    const log = (await byRoot("GET", `/admin/audit/?kind=user&target=${person.id}`)).json();
    expect(log.results).toMatchObject([
      {
        actor: { id: staff.id, username: "staffuser" },
        action: "user.change",
        target: { kind: "user", id: person.id, name: "moving" },
        before: { email: "old@example.com", mobile: null, last_name: "" },
        after: { email: "New@example.com", mobile: "13800000001", last_name: "张" },
        request_id: answer.headers["x-request-id"],
      },
    ]);
    await server.runJobs();
    const notices = server.mailbox.filter(({ to }) => to === "old@example.com");
    expect(notices).toHaveLength(1);
    // Nobody knows the owner's language here: the administrator's says nothing of it.
    for (const part of [notices[0]!.subject, notices[0]!.text, notices[0]!.html]) {
      expect(part).toMatch(/邮箱.*address/s);
    }
  });

  test("to somebody else's name is a field error and changes nothing", async () => {
    const person = await makePerson(server, "envious", { email: "envious@example.com" });
    const answer = await byStaff("PATCH", `/admin/users/${person.id}/`, {
      username: "ROOTUSER",
      email: "root@example.com",
      first_name: "x",
    });
    expect(answer.statusCode).toBe(400);
    expect(Object.keys(answer.json())).toEqual(expect.arrayContaining(["username", "email"]));
    expect((await byStaff("GET", `/admin/users/${person.id}/`)).json()).toMatchObject({
      username: "envious",
      email: "envious@example.com",
      first_name: "",
    });
    const entries = (await byRoot("GET", `/admin/audit/?kind=user&target=${person.id}`)).json().results;
    expect(entries.map(({ action }: { action: string }) => action)).toEqual(["user.reveal"]);
  });

  test("deactivating ends the account's tokens, also after it is active again", async () => {
    const person = await makePerson(server, "sleeper");
    const own = () => server.as(person.token)({ url: "/user/" });
    expect((await own()).statusCode).toBe(200);
    await byStaff("PATCH", `/admin/users/${person.id}/`, { is_active: false });
    expect((await own()).statusCode).toBe(401);
    await byStaff("PATCH", `/admin/users/${person.id}/`, { is_active: true });
    expect((await own()).statusCode).toBe(401);
    expect((await server.as(await tokenOf(server, "sleeper"))({ url: "/user/" })).statusCode).toBe(200);
  });

  test("ending tokens ends every earlier one", async () => {
    const person = await makePerson(server, "leaver");
    await byStaff("POST", `/admin/users/${person.id}/end-tokens/`);
    expect((await server.as(person.token)({ url: "/user/" })).statusCode).toBe(401);
    expect((await server.as(await tokenOf(server, "leaver"))({ url: "/user/" })).statusCode).toBe(200);
  });

  test("a password reset mails the owner; the administrator learns nothing", async () => {
    const person = await makePerson(server, "forgetful", { email: "forgetful@example.com" });
    const answer = await byStaff("POST", `/admin/users/${person.id}/password-reset/`);
    expect([answer.statusCode, answer.json()]).toEqual([200, { message: "OK" }]);
    await server.runJobs();
    // The mail about the log-in's new device may have come after it.
    const texts = server.mailbox.filter(({ to }) => to === "forgetful@example.com").map(({ text }) => text);
    const email_code = /^ *([2-9A-HJKMNP-Z]{6})$/m.exec(texts.join("\n"))![1]!;
    const chosen = "a better password";
    const reset = await server.anonymous({
      method: "POST",
      url: "/users/password/",
      payload: { email: "forgetful@example.com", email_code, password: chosen, password2: chosen },
    });
    expect(reset.statusCode).toBe(200);
    const log = (await byRoot("GET", `/admin/audit/?kind=user&target=${person.id}`)).body;
    expect(log).toContain("user.password-reset");
    expect(log).not.toContain(email_code);
    const without = await makePerson(server, "nomail");
    const refused = await byStaff("POST", `/admin/users/${without.id}/password-reset/`);
    expect([refused.statusCode, Object.keys(refused.json())]).toEqual([400, ["email", "message"]]);
  });
});

describe("groups and permissions", () => {
  test("a group's permissions reach its members and leave with it", async () => {
    const person = await makePerson(server, "member");
    const mine = async () => (await server.as(person.token)({ url: "/user/permissions/" })).json();
    await byRoot("POST", "/admin/permissions/", {
      app: "mall",
      codename: "refund_order",
      name: "Can refund",
    });
    const group = (
      await byRoot("POST", "/admin/groups/", { name: "客服", permissions: ["mall.refund_order"] })
    ).json();
    expect(group).toMatchObject({ name: "客服", permissions: ["mall.refund_order"] });
    expect(await mine()).toEqual({ is_staff: false, is_superuser: false, permissions: [] });
    const view = (await byRoot("PUT", `/admin/users/${person.id}/groups/`, { groups: [group.id] })).json();
    expect(view).toMatchObject({ groups: [{ id: group.id, name: "客服" }], permissions: [] });
    expect((await mine()).permissions).toEqual(["mall.refund_order"]);
    expect((await byRoot("DELETE", `/admin/groups/${group.id}/`)).statusCode).toBe(204);
    expect((await mine()).permissions).toEqual([]);
    expect((await byRoot("GET", `/admin/groups/${group.id}/`)).statusCode).toBe(404);
    const actions = (await byRoot("GET", `/admin/audit/?kind=group&target=${group.id}`))
      .json()
      .results.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(["group.delete", "group.create"]);
  });

  test.each([
    ["GET", "/admin/users/?nonsense=1", "nonsense"],
    ["GET", "/admin/users/?is_stafff=true", "is_stafff"],
    ["GET", "/admin/groups/?nonsense=1", "nonsense"],
    ["GET", "/admin/permissions/?nonsense=1", "nonsense"],
    ["GET", "/admin/audit/?nonsense=1", "nonsense"],
  ] as const)("%s %s names the parameter that there is not", async (method, url, field) => {
    const answer = await byRoot(method, url);
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { [field]: ["没有这个参数或字段。"], message: "没有这个参数或字段。" },
    ]);
  });

  test("a misspelt field changes nothing and says so", async () => {
    const person = await makePerson(server, "misspelt");
    const answer = await byRoot("PATCH", `/admin/users/${person.id}/`, { is_stafff: true, first_name: "Li" });
    expect([answer.statusCode, Object.keys(answer.json())[0]]).toEqual([400, "is_stafff"]);
    expect((await byRoot("GET", `/admin/users/${person.id}/`)).json().first_name).toBe("");
  });

  test("unknown and taken names are field errors", async () => {
    const person = await makePerson(server, "ungranted");
    const errors = async (...call: Parameters<typeof byRoot>) => {
      const answer = await byRoot(...call);
      return [answer.statusCode, Object.keys(answer.json())[0]];
    };
    expect(
      await errors("PUT", `/admin/users/${person.id}/permissions/`, { permissions: ["no.such"] }),
    ).toEqual([400, "permissions"]);
    expect(await errors("PUT", `/admin/users/${person.id}/groups/`, { groups: [4040] })).toEqual([
      400,
      "groups",
    ]);
    await byRoot("POST", "/admin/groups/", { name: "taken" });
    expect(await errors("POST", "/admin/groups/", { name: "taken" })).toEqual([400, "name"]);
    expect(
      await errors("POST", "/admin/permissions/", { app: "users", codename: "view_user", name: "x" }),
    ).toEqual([400, "codename"]);
    expect(await errors("POST", "/admin/permissions/", { app: "a.b", codename: "x", name: "x" })).toEqual([
      400,
      "app",
    ]);
  });
});

describe("the limits of an administrator who is no superuser", () => {
  const view = async (id: number) => (await byRoot("GET", `/admin/users/${id}/`)).json();

  test("no self-promotion", async () => {
    const before = await view(staff.id);
    const own = `/admin/users/${staff.id}/`;
    for (const flags of [
      { is_superuser: true },
      { is_staff: false },
      { is_active: false },
      { email: "thief@example.com" },
      { mobile: "13800000009" },
    ]) {
      expect((await byStaff("PATCH", own, flags)).statusCode).toBe(403);
    }
    expect(
      (await byStaff("PUT", `${own}permissions/`, { permissions: ["auth.add_permission"] })).statusCode,
    ).toBe(403);
    expect((await byStaff("PUT", `${own}groups/`, { groups: [] })).statusCode).toBe(403);
    expect(await view(staff.id)).toEqual(before);
  });

  test("no touching a superuser, nor anyone who may do more", async () => {
    const stronger = await makePerson(server, "stronger", {
      is_staff: 1,
      permissions: ["auth.add_permission"],
    });
    const asleep = await makePerson(server, "asleep", { is_active: 0, permissions: ["auth.add_permission"] });
    for (const target of [root, stronger, asleep]) {
      const url = `/admin/users/${target.id}/`;
      const before = await view(target.id);
      expect((await byStaff("PATCH", url, { email: "mine@example.com" })).statusCode).toBe(403);
      expect((await byStaff("PATCH", url, { is_active: target === asleep })).statusCode).toBe(403);
      expect((await byStaff("POST", `${url}end-tokens/`)).statusCode).toBe(403);
      expect((await byStaff("POST", `${url}password-reset/`)).statusCode).toBe(403);
      expect((await byStaff("PUT", `${url}permissions/`, { permissions: [] })).statusCode).toBe(403);
      expect(await view(target.id)).toEqual(before);
    }
  });

  test("no making staff or superusers", async () => {
    const person = await makePerson(server, "climber");
    for (const flags of [{ is_superuser: true }, { is_staff: true }]) {
      expect((await byStaff("PATCH", `/admin/users/${person.id}/`, flags)).statusCode).toBe(403);
    }
    expect(await view(person.id)).toMatchObject({ is_staff: false, is_superuser: false });
  });

  test("no granting of what one does not have, directly, by a group, or by changing a group", async () => {
    const person = await makePerson(server, "protege");
    const url = `/admin/users/${person.id}/`;
    expect(
      (await byStaff("PUT", `${url}permissions/`, { permissions: ["users.view_user"] })).statusCode,
    ).toBe(200);
    const too = { permissions: ["users.view_user", "auth.add_permission"] };
    expect((await byStaff("PUT", `${url}permissions/`, too)).statusCode).toBe(403);
    expect((await byStaff("POST", "/admin/groups/", { name: "coup", ...too })).statusCode).toBe(403);
    const strong = (
      await byRoot("POST", "/admin/groups/", { name: "strong", permissions: ["auth.add_permission"] })
    ).json();
    expect((await byStaff("PUT", `${url}groups/`, { groups: [strong.id] })).statusCode).toBe(403);
    expect((await byStaff("DELETE", `/admin/groups/${strong.id}/`)).statusCode).toBe(403);
    const weak = (await byStaff("POST", "/admin/groups/", { name: "weak" })).json();
    expect((await byStaff("PUT", `${url}groups/`, { groups: [weak.id] })).statusCode).toBe(200);
    expect((await byStaff("PATCH", `/admin/groups/${weak.id}/`, too)).statusCode).toBe(403);
    expect(await view(person.id)).toMatchObject({
      groups: [{ name: "weak" }],
      permissions: ["users.view_user"],
    });
    expect((await byRoot("GET", "/admin/groups/")).body).not.toContain("coup");
  });

  test("no other name for a group that gives what one does not have: two that exchange theirs would be given by mistake", async () => {
    const granting = { permissions: ["auth.add_permission"] };
    const wardens = (await byRoot("POST", "/admin/groups/", { name: "wardens", ...granting })).json();
    const helpers = (await byStaff("POST", "/admin/groups/", { name: "helpers" })).json();
    const rename = async (group: { id: number }, name: string, more: object = {}) =>
      (await byStaff("PATCH", `/admin/groups/${group.id}/`, { name, ...more })).statusCode;
    expect(await rename(wardens, "helpers of old")).toBe(403);
    expect(await rename(wardens, "helpers of old", granting)).toBe(403);
    expect(await rename(wardens, "wardens")).toBe(200);
    expect(await rename(helpers, "helpers of old", { permissions: ["users.view_user"] })).toBe(200);
    expect((await byRoot("GET", `/admin/groups/${wardens.id}/`)).json()).toEqual(wardens);
  });

  test("a permission without being staff opens nothing under /admin/", async () => {
    const person = await makePerson(server, "outsider", { permissions: ["users.view_user"] });
    expect((await server.as(person.token)({ url: "/admin/users/" })).statusCode).toBe(403);
    await grant(server, person.id, []);
  });
});

test("the last active superuser stays one; of two who demote each other at once one remains", async () => {
  const demote = (actor: Person, target: Person) =>
    server.as(actor.token)({
      method: "PATCH",
      url: `/admin/users/${target.id}/`,
      payload: { is_superuser: false },
    });
  expect((await demote(root, root)).statusCode).toBe(403);
  const second = await makePerson(server, "secondroot", { is_superuser: 1 });
  const answers = await Promise.all([demote(root, second), demote(second, root)]);
  const [done, refused] = answers.map(({ statusCode }) => statusCode).sort();
  // The last one may not go, or the other one is no superuser any more when it is asked.
  expect([done, [400, 403].includes(refused!)]).toEqual([200, true]);
  const left = await server.app.db.kysely
    .selectFrom("users")
    .select("username")
    .where("is_superuser", "=", 1)
    .execute();
  expect(left).toHaveLength(1);
});
