import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statement } from "./database.ts";
import { nullKysely } from "./null-kysely.ts";
import { prepare } from "./sqlite-rows.ts";

let connection: DatabaseSync;
beforeEach(() => {
  connection = new DatabaseSync(":memory:");
  connection.exec("create table things (id integer primary key, word text, bytes blob)");
  connection.exec("insert into things values (1, 'one', x'00ff'), (2, null, null)");
});
afterEach(() => connection.close());

describe("rows", () => {
  it("hold what node:sqlite's own hold, in any order of columns, and of two columns with one name the last", () => {
    for (const sql of [
      "select id, word, bytes from things order by id",
      'select word as "__proto__x", id, word as same, id as same from things order by id',
      "select count(id) as n, max(word) as most from things",
      "select id from things where id > 5",
    ]) {
      const own = connection.prepare(sql);
      const rows = prepare(connection, sql);
      expect(rows.all([])).toEqual(own.all().map((row) => ({ ...row })));
      expect(rows.first([])).toEqual(own.get() === undefined ? null : { ...own.get() });
    }
  });

  it("have the table's columns at each reading where the query names none", () => {
    const rows = prepare(connection, "select * from things");
    expect(Object.keys(rows.first([])!)).toEqual(["id", "word", "bytes"]);
    connection.exec("alter table things add column more text default 'x'");
    expect(rows.first([])).toMatchObject({ id: 1, word: "one", more: "x" });
  });

  it("come of a write that returns some, and one that returns none says how many it changed", () => {
    const taken = prepare(connection, "delete from things where id = ? returning word");
    expect([taken.givesRows, taken.all([1]), taken.all([1])]).toEqual([true, [{ word: "one" }], []]);
    const changed = prepare(connection, "update things set word = ?");
    expect([changed.givesRows, changed.run(["x"]).changes]).toEqual([false, 1]);
  });
});

describe("a number behind limit", () => {
  it("is in the text, so that the statement is planned once; one that comes with the call is bound", () => {
    const some = statement("test.some", (db) => db.selectFrom("users").select("id").limit(3));
    expect(some.compiled("sqlite").sql).toMatch(/limit 3$/);
    expect(some.compiled("sqlite").bind({})).toEqual([]);
    const upTo = statement("test.upTo", (db, values: { most: number }) =>
      db.selectFrom("users").select("id").limit(values.most),
    );
    expect(upTo.compiled("sqlite").sql).toMatch(/limit \?$/);
    expect(upTo.compiled("sqlite").bind({ most: 7 })).toEqual([7]);
    // PostgreSQL's statements stay as they are.
    expect(nullKysely("postgres").selectFrom("users").select("id").limit(3).compile().parameters).toEqual([
      3,
    ]);
  });
});
