import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { makePerson, tokenOf } from "../support/people.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** `manage users`: what the console's list of users does. */
let app: TestApp;
let folder: string;
const ids: Record<string, number> = {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-users-"));
  app = await startTestApp();
  ids.root = (await makePerson(app, "rootuser", { is_superuser: 1 })).id;
  for (const name of ["many01", "many02", "many03"]) ids[name] = (await makePerson(app, name)).id;
  ids.staff01 = (await makePerson(app, "staff01", { is_staff: 1 })).id;
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(line: string) {
  const terminal = saidTerminal("en");
  const config = { ...app.config, secretKey: testSecretKey };
  const code = await runCommandLine(line.split(" "), {
    ...{ terminal, clock: app.clock, folder, openDatabase, host: unstopped },
    loadConfig: async () => config,
    completeConfig: () => config,
    readSource: () => ({ SECRET_KEY: testSecretKey, MEIDUO_CALLED_BY: "wang" }),
    refuseBeside: () => {},
  });
  const { out, notes } = terminal.said;
  return { code, out, notes };
}
async function json(line: string) {
  const { code, out, notes } = await run(`${line} --json`);
  expect([code, notes]).toEqual([0, ""]);
  return JSON.parse(out);
}
const namesOf = (rows: { username: string }[]) => rows.map(({ username }) => username);
const bulkEntries = async () => {
  const { entries } = await app.app.audit.list({ limit: 50, targetKind: "system" });
  return entries.filter(({ action }) => action.startsWith("bulk.")).toReversed();
};

describe("manage users list", () => {
  it("finds by the console's filters, in the order of the ids", async () => {
    expect(namesOf(await json("users --search many"))).toEqual(["many01", "many02", "many03"]);
    expect(namesOf(await json("users list --search any0 --match contains --limit 2"))).toEqual([
      "many01",
      "many02",
    ]);
    expect(namesOf(await json("users list --staff yes"))).toEqual(["staff01"]);
    expect(namesOf(await json("users list --superuser yes"))).toEqual(["rootuser"]);
    expect((await run("users list --search nobody")).out).toBe("No account fits.\n");
    expect((await run("users list --search many01")).out).toContain("many01");
  });

  it.each([
    ["users list --limit 0", 2, /--limit/],
    ["users list --active perhaps", 2, /--active/],
    ["users list --in-group nowhere", 1, /no group nowhere/],
    ["users list --joined-from yesterday", 1, /joined_from/],
    ["users export", 2, /--into/],
    ["users change explode --reason because", 2, /disable, enable/],
    ["users change disable", 2, /--reason/],
    ["users change disable --reason because --confirm many", 2, /--confirm/],
    ["users change add-to-group --reason because", 2, /which group/],
    ["users change add-to-group nowhere --reason because", 1, /no group nowhere/],
  ])("says of %s what is wrong", async (line, code, words) => {
    const said = await run(line);
    expect(said.code).toBe(code);
    expect(said.notes).toMatch(words);
  });
});

describe("manage users export", () => {
  it("writes what fits into a file of one's own, and into the audit log without what was typed", async () => {
    const file = join(folder, "many.csv");
    expect(await json(`users export --search many --into ${file}`)).toEqual({ file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file, "utf8").trimEnd().split("\r\n");
    expect(lines.map((line) => line.split(",")[1])).toEqual(["username", "many01", "many02", "many03"]);
    const { entries } = await app.app.audit.list({ limit: 2, targetKind: "system" });
    expect(entries.map(({ action, actor, after }) => [action, actor.name, after])).toEqual([
      ["user.export-end", "wang (manage)", { rows: 3 }],
      ["user.export", "wang (manage)", { format: "csv", match: "prefix", search: "(given)" }],
    ]);
  });

  it("says where it can't write, and no trace of an export is left", async () => {
    const before = (await app.app.audit.list({ limit: 1 })).entries[0]!.id;
    const said = await run(`users export --into ${join(folder, "not", "there.csv")}`);
    expect([said.code, said.notes]).toEqual([1, expect.stringContaining("no such folder")]);
    expect((await app.app.audit.list({ limit: 1 })).entries[0]!.id).toBe(before);
  });
});

describe("manage users change", () => {
  const many = "--search many --reason spring-cleaning";
  const active = async () =>
    Promise.all(
      ["many01", "many02", "many03"].map(async (name) => (await app.app.users.byId(ids[name]!))!.is_active),
    );

  it("only counts without --confirm, and does nothing where there are others by now", async () => {
    expect(await json(`users change disable ${many}`)).toEqual({ count: 3, changed: 0 });
    const said = await run(`users change disable ${many} --confirm 2`);
    expect([said.code, said.notes]).toEqual([1, expect.stringContaining("There are 3 by now, not 2")]);
    expect([await active(), await bulkEntries()]).toEqual([[1, 1, 1], []]);
  });

  it("changes each, says so in the audit log, and brings them back", async () => {
    expect(await json(`users change disable ${many} --confirm 3`)).toMatchObject({ done: 3, refused: {} });
    expect(await active()).toEqual([0, 0, 0]);
    const { entries } = await app.app.audit.list({
      limit: 10,
      targetId: ids.many02!,
      action: "user.disable",
    });
    expect(entries.map(({ after, actor }) => [actor.name, after])).toEqual([
      ["wang (manage)", expect.objectContaining({ reason: "spring-cleaning" })],
    ]);
    expect(namesOf(await json("users list --active no"))).toEqual(["many01", "many02", "many03"]);
    expect(await json(`users change enable ${many} --confirm 3`)).toMatchObject({ done: 3 });
    expect(await active()).toEqual([1, 1, 1]);
    expect((await bulkEntries()).map(({ action, after }) => [action, after.bulk ?? after.done])).toEqual([
      ["bulk.start", "disable"],
      ["bulk.end", 3],
      ["bulk.start", "enable"],
      ["bulk.end", 3],
    ]);
  });

  it("adds to a group, removes from it, and ends log-ins", async () => {
    expect((await run("group create pupils")).code).toBe(0);
    await json(`users change add-to-group pupils ${many} --confirm 3`);
    expect(namesOf(await json("users list --in-group pupils"))).toEqual(["many01", "many02", "many03"]);
    await json(`users change remove-from-group pupils --in-group pupils --reason holidays --confirm 3`);
    expect(await json("users list --in-group pupils")).toEqual([]);
    const before = (await app.app.users.byId(ids.many01!))!.credentials_version;
    await json(`users change end-tokens ${many} --confirm 3`);
    expect((await app.app.users.byId(ids.many01!))!.credentials_version).not.toBe(before);
  });

  it("leaves the last superuser, says so, and does the others", async () => {
    const said = await json("users change disable --active yes --reason closing --confirm 5");
    expect(said).toMatchObject({ count: 5, done: 4, refused: { last_superuser: 1 } });
    expect((await app.app.users.byId(ids.root!))!.is_active).toBe(1);
  });
});

describe("manage users runs", () => {
  it("lists what the console did to many at once, and of one what became of the accounts", async () => {
    const as = app.as(await tokenOf(app, "rootuser"));
    const payload = {
      ...{ ids: [ids.many01, ids.many02], action: "disable", reason: "junk accounts", confirm: 2 },
    };
    const begun = await as({ method: "POST", url: "/admin/users/bulk/", payload });
    expect(begun.statusCode, begun.body).toBe(202);
    const { id } = begun.json();
    expect((await run("users runs")).out).toContain("under way  disable  2 accounts  rootuser");
    await app.runJobs();
    expect(await json("users runs")).toEqual((await as({ url: "/admin/users/bulk/" })).json().results);
    const one = await json(`users runs ${id}`);
    expect(one).toEqual((await as({ url: `/admin/users/bulk/${id}/` })).json());
    expect(one.outcomes).toEqual({ done: 2 });
    expect((await run(`users runs ${id}`)).out).toMatch(/junk accounts\n {2}done 2\n$/);
    const said = await run("users runs nothing");
    expect([said.code, said.notes]).toEqual([1, "There is no run nothing.\n"]);
  });
});
