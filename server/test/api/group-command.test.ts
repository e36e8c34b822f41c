import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { siteCommands } from "../support/site-commands.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** `manage group rename` and `manage permission`: what the console's page of groups does besides. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());
const { run, json, entriesBy } = siteCommands(() => site);

describe("manage group rename", () => {
  it("gives a group another name, with the console's entry in the audit log, and leaves the rest", async () => {
    const { id } = await json("group create clerks users.view_user");
    const person = await makePerson(site, "member01");
    await run("group add clerks member01");
    expect(await json(["group", "rename", "clerks", "客服 一组"])).toEqual({
      ...{ id, name: "客服 一组", permissions: ["users.view_user"] },
    });
    expect((await site.app.groups.ofUser(person.id)).map(({ name }) => name)).toEqual(["客服 一组"]);
    expect(await entriesBy(1)).toMatchObject([
      {
        ...{ action: "group.change", targetKind: "group", targetId: id, target: "clerks" },
        ...{ before: { name: "clerks" }, after: { name: "客服 一组" } },
      },
    ]);
    expect((await run("group show clerks")).code).toBe(1);
  });

  it("refuses what the console refuses, in the reader's language", async () => {
    await run("group create one");
    await run("group create two");
    const taken = await run("group rename one two", "zh");
    expect([taken.code, taken.notes]).toEqual([1, "name: 已存在同名的用户组。\n"]);
    expect((await run(["group", "rename", "one", "x".repeat(151)])).code).toBe(1);
    expect((await run(["group", "rename", "one", " "])).code).toBe(1);
    expect((await run("group rename nowhere three")).notes).toContain("no group nowhere");
    expect(await json("group show one")).toMatchObject({ name: "one" });
  });
});

describe("manage permission", () => {
  const made = { permission: "shop.refund_order", app: "shop", model: "", codename: "refund_order" };

  it("makes one that can be granted, and says so in the audit log", async () => {
    expect(await json(["permission", "create", "shop.refund_order", "Can refund order"])).toEqual({
      ...{ ...made, name: "Can refund order" },
    });
    expect(await entriesBy(1)).toMatchObject([
      { action: "permission.create", targetKind: "permission", target: "shop.refund_order" },
    ]);
    expect(await json("permission list")).toContainEqual({ ...made, name: "Can refund order" });
    expect((await run("permission")).out).toMatch(/^users\.view_user +Can view user$/m);
    expect(await json("group create refunders shop.refund_order")).toMatchObject({
      permissions: ["shop.refund_order"],
    });
  });

  it.each([
    ["shop.refund_order", "Again", /already/],
    ["shop", "No codename", /codename/],
    ["shop.two.dots", "Two dots", /letters, digits and underscores/],
    ["shop.other", "", /name/],
  ])("refuses %s", async (full, name, words) => {
    const said = await run(["permission", "create", full, name]);
    expect(said.code).toBe(1);
    expect(said.notes).toMatch(words);
  });
});
