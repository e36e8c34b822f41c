import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DjangoUser, djangoDatabase } from "../../../test/support/django-database.ts";
import { runImport } from "../../../test/support/django-import.ts";
import { enginePairs, temporaryDatabase } from "../../../test/support/test-engines.ts";
import { createUsers } from "../../accounts/users.ts";
import type { Database } from "../../engines/database/database.ts";
import { systemClock } from "../../kernel/clock.ts";

/** Names that come over: what nobody could type is put right, all of it is reported, nothing stops the import. */
let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-names-"));
  source = join(folder, "source.sqlite3");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(enginePairs)("into %s", (pair) => {
  let db: Database;
  beforeEach(async () => {
    db = await temporaryDatabase(pair);
  });
  afterEach(() => db.close());

  const importUsers = async (...users: Omit<DjangoUser, "id">[]) => {
    const made = djangoDatabase(source);
    for (const [index, user] of users.entries()) made.user({ id: index + 1, ...user });
    made.close();
    const { findings } = await runImport(db, source);
    return findings
      .filter(({ kind }) => !["unusable_password", "empty_mobile"].includes(kind))
      .map(({ kind, id, detail }) => [kind, id, detail]);
  };
  const find = (name: string) => createUsers({ db, clock: systemClock }).byLoginName(name);

  test("blanks around a name are taken off, so that it can be typed", async () => {
    const told = await importUsers({
      ...{ username: " blank01\u3000", email: "\tblank@QQ.com ", mobile: "13800000001 " },
    });
    expect(told).toEqual([
      ["blanks_removed", 1, "user name"],
      ["blanks_removed", 1, "e-mail"],
      ["blanks_removed", 1, "mobile"],
    ]);
    for (const name of ["blank01", "blank@qq.com", "13800000001"]) expect((await find(name))?.id).toBe(1);
    expect(await find("blank01")).toMatchObject({ username: "blank01", email: "blank@qq.com" });
    expect(
      (await runImport(db, source)).kinds.filter((kind) => kind !== "unusable_password"),
      "the record holds what stands here",
    ).toEqual([]);
  });

  test("a name that is another's without its blanks is the older account's", async () => {
    const told = await importUsers({ username: "python01" }, { username: "python01 ", email: "p@qq.com" });
    expect(told).toEqual([
      ["blanks_removed", 2, "user name"],
      ["case_only_duplicate", 2, "python01, also #1"],
    ]);
    expect((await find("python01"))?.id).toBe(1);
    expect((await find("p@qq.com"))?.id).toBe(2);
  });

  test("an address is taken out of what stands around it, what is none is left out, what is odd is reported", async () => {
    const told = await importUsers(
      { username: "bobby1", email: "Bob <bob@QQ.com>" },
      { username: "noone1", email: "not an address" },
      { username: "ivan01", email: "иван@qq.com" },
      { username: "blank1", email: "   " },
      { username: "idn001", email: "x@例子.中国" },
      { username: "idn002", email: "X@xn--fsqu00a.xn--fiqs8s" },
      { username: "mobil1", mobile: "021-123" },
      { username: "mobil2", mobile: "+86 13800000001" },
    );
    expect(told).toEqual([
      ["address_taken_out", 1, "of Bob <bob@QQ.com>"],
      ["not_an_address", 2, "not an address"],
      ["odd_address", 3, "иван@qq.com"],
      ["odd_mobile", 7, "021-123"],
      ["country_code_removed", 8, "+86 13800000001"],
      ["duplicate_email", 5, expect.stringContaining("also #6")],
      ["duplicate_email", 6, expect.stringContaining("also #5")],
    ]);
    expect(await find("bob@qq.com")).toMatchObject({ id: 1, email: "bob@qq.com" });
    expect(await find("noone1")).toMatchObject({ email: null });
    expect(await find("13800000001")).toMatchObject({ username: "mobil2" });
    expect((await find("иван@qq.com"))?.id).toBe(3);
    expect(await find("idn001")).toMatchObject({ email: "x@xn--fsqu00a.xn--fiqs8s" });
  });

  test("an address in Chinese letters is found in both writings", async () => {
    expect(await importUsers({ username: "idn001", email: "x@例子.中国" })).toEqual([]);
    for (const form of ["x@例子.中国", "X@xn--fsqu00a.xn--fiqs8s"]) expect((await find(form))?.id).toBe(1);
  });

  test("a name whose folded form has no room keeps the account and is reported", async () => {
    const told = await importUsers(
      { username: "ß".repeat(150), email: "long@qq.com" },
      { username: "ŉ".repeat(150) },
    );
    expect(told).toEqual([
      ["name_too_long", 1, "username"],
      ["name_too_long", 2, "username"],
      ["unreachable", 2, ""],
    ]);
    expect((await find("long@qq.com"))?.username).toBe("ß".repeat(150));
  });

  test("names that deceive are kept and said; those of people lose what nobody sees", async () => {
    const told = await importUsers(
      { username: "ad\u200bmin" },
      { username: "pаypal" },
      { username: "Bob Smith", first_name: "\u202eBob" },
    );
    expect(told).toEqual([
      ["deceptive_username", 1, ""],
      ["deceptive_username", 2, ""],
      ["field_cut", 3, "first_name: 4 characters"],
    ]);
    expect(await find("Bob Smith")).toMatchObject({ first_name: "Bob" });
  });

  test("reserved names and numbers as names come over without a word", async () => {
    const told = await importUsers({ username: "admin" }, { username: "13800000009", mobile: "13800000009" });
    expect(told).toEqual([]);
    expect((await find("13800000009"))?.id).toBe(2);
  });
});
