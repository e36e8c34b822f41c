import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvLine } from "../../src/admin/user-export.ts";
import { grant, makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let server: TestApp;
let staff: Person;
let root: Person;
beforeAll(async () => {
  server = await startTestApp();
  staff = await makePerson(server, "staffuser", { is_staff: 1 });
  root = await makePerson(server, "rootuser", { is_superuser: 1 });
  await grant(server, staff.id, ["users.view_user"]);
});
afterAll(() => server.close());

const post = (who: Person, url: string, payload: object = {}) =>
  server.as(who.token)({ method: "POST", url, payload });
const entries = async (action: string) =>
  (await server.as(root.token)({ url: "/admin/audit/?limit=200" }))
    .json()
    .results.filter((entry: { action: string }) => entry.action === action);

describe("an export", () => {
  test("needs a permission of its own", async () => {
    const all = { format: "csv" };
    expect((await post(staff, "/admin/users/export/", all)).statusCode).toBe(403);
    await grant(server, staff.id, ["users.view_user", "users.export_user"]);
    expect((await post(staff, "/admin/users/export/", all)).statusCode).toBe(200);
    await grant(server, staff.id, ["users.view_user"]);
  });

  test("honours the filters, page after page, and begins with the mark that Excel looks for", async () => {
    for (let at = 0; at < 230; at++) {
      await server.app.db.kysely
        .insertInto("users")
        .values({
          ...{ username: `many${at}`, email: null, password_hash: "!", is_staff: at % 2 === 0 ? 1 : 0 },
          ...{ password_trimmed: 0, first_name: "", last_name: "", email_verified: 0, is_active: 1 },
          ...{ is_superuser: 0, credentials_version: 0, joined_at: 1, created_at: 1, updated_at: 1 },
        })
        .execute();
    }
    const answer = await post(root, "/admin/users/export/", {
      ...{ format: "csv", match: "contains", search: "MANY", is_staff: false },
    });
    expect(answer.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.payload.startsWith("\u{feff}id,username,email,")).toBe(true);
    const lines = answer.payload.trimEnd().split("\r\n").slice(1);
    expect(lines).toHaveLength(115);
    expect(lines.every((line) => /^\d+,many\d*[13579],/.test(line))).toBe(true);
    expect(await entries("user.export")).toMatchObject([
      { after: { format: "csv", match: "contains", search: "(given)", is_staff: false } },
      {},
    ]);
    expect((await entries("user.export-end"))[0]).toMatchObject({ after: { rows: 115 } });
  });

  test("has no hash, in either form", async () => {
    const answer = await post(root, "/admin/users/export/", { format: "jsonl", search: "rootuser" });
    const [line, ...more] = answer.payload.trimEnd().split("\n");
    expect(more).toEqual([]);
    expect(JSON.parse(line!)).toMatchObject({ id: root.id, username: "rootuser", is_superuser: true });
    expect(answer.payload).not.toMatch(/password|hash|argon2|version/);
  });

  test.each(["=1+1", "+86 138", "-1", "@sum", "\tx", "＝1", "'quoted"])("%j is no formula", (text) => {
    expect(csvLine([text])).toMatch(/^"'/);
  });

  test("quotes what needs it, and numbers are numbers", () => {
    expect(csvLine(['a"b', "x,y", "l\nm", 7, -3, null, true])).toBe('"a""b","x,y","l\nm",7,-3,,true\r\n');
  });
});

describe("what is masked", () => {
  test("leaves the server masked, and in full only with an entry in the audit log", async () => {
    const person = await makePerson(server, "somebody", { email: "somebody@163.com" });
    const url = `/admin/users/${person.id}/`;
    const read = async (path: string) => (await server.as(staff.token)({ url: path })).payload;
    expect(await read(`${url}?masked=true`)).toContain("s***@163.com");
    expect(await read("/admin/users/?masked=true&search=somebody")).toContain("s***@163.com");
    expect(await read("/admin/users/?masked=true&search=somebody")).not.toContain("somebody@163.com");
    const shown = await post(staff, `${url}reveal/`);
    expect(shown.json()).toMatchObject({ id: person.id, email: "somebody@163.com" });
    expect(await entries("user.reveal")).toMatchObject([
      { actor: { username: "staffuser" }, target: { kind: "user", id: person.id, name: "somebody" } },
    ]);
    await server.as(root.token)({ method: "PATCH", url, payload: { email: "other@163.com" } });
    const log = `/admin/audit/?kind=user&target=${person.id}`;
    const byRoot = async (path: string) => (await server.as(root.token)({ url: path })).payload;
    expect(await byRoot(log)).toContain("other@163.com");
    const masked = await byRoot(`${log}&masked=true`);
    expect(masked).toContain("o***@163.com");
    expect(masked).not.toMatch(/(somebody|other)@163\.com/);
  });
});

describe("the one search box", () => {
  const found = async (query: string) =>
    (await server.as(staff.token)({ url: `/admin/users/?${query}` }))
      .json()
      .results.map((row: { id: number }) => row.id);

  test("takes an id, a name, an address, a number and a key at a third party", async () => {
    const person = await makePerson(server, "needle", { email: "needle.in@hay.example" });
    await server.app.db.kysely
      .insertInto("bindings")
      .values({
        ...{ provider: "qq", account_key: "OPENID-77", user_id: person.id, is_alias: 0 },
        ...{ nickname: null, avatar: null, created_at: 1, unproved: 0 },
      })
      .execute();
    const number = { url: `/admin/users/${person.id}/`, payload: { mobile: "13800000077" } };
    expect((await server.as(root.token)({ method: "PATCH", ...number })).statusCode).toBe(200);
    const names = [String(person.id), "NEEDLE", "needle.in@hay.example", "13800000077", "+86 138-0000-0077"];
    for (const search of [...names, "OPENID-77"]) {
      const query = `match=exact&search=${encodeURIComponent(search)}`;
      expect(await found(query), search).toEqual([person.id]);
    }
    expect(await found("search=1380000007")).toEqual([person.id]);
    expect(await found("match=exact&search=needl")).toEqual([]);
    expect(await found("search=needl")).toEqual([person.id]);
    expect(await found("match=contains&search=IN@HAY")).toEqual([person.id]);
    expect(await found("match=contains&search=%25")).toEqual([]);
    expect(await found("provider=qq")).toEqual([person.id]);
    expect(await found("provider=weibo")).toEqual([]);
    expect(await found("confirmed=false&search=needle")).toEqual([]);
  });

  test("is narrowed by when an account was made and last logged in, the first of a time included and the last not", async () => {
    const day = (date: number) => Date.UTC(2026, 0, date);
    const ids: number[] = [];
    for (const date of [1, 2, 3]) {
      const { id } = await makePerson(server, `timed${date}`);
      const times = { joined_at: day(date), last_login_at: day(date + 10) };
      await server.app.db.kysely.updateTable("users").set(times).where("id", "=", id).execute();
      ids.push(id);
    }
    for (const [query, wanted] of [
      ["joined_from=2026-01-02T00:00:00Z", [1, 2]],
      ["joined_to=2026-01-02T00:00:00Z", [0]],
      ["joined_from=2026-01-02T08:00:00%2B08:00&joined_to=2026-01-03", [1]],
      ["seen_from=2026-01-13", [2]],
      ["seen_to=2026-01-13&joined_from=2026-01-02", [1]],
    ] as const) {
      expect(await found(`search=timed&${query}`), query).toEqual(wanted.map((at) => ids[at]));
    }
    const wish = { format: "jsonl", search: "timed", seen_from: "2026-01-12", seen_to: "2026-01-13" };
    const lines = (await post(root, "/admin/users/export/", wish)).payload.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([ids[1]]);
  });
});
