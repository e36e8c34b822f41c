import { type AddressInfo, connect, createServer, Socket } from "node:net";
import pg from "pg";
import { expect, test, vi } from "vitest";
import { type Statement, statement } from "../../src/engines/database/database.ts";
import { openPostgres } from "../../src/engines/database/postgres.ts";
import { queryOn } from "../../src/engines/database/postgres-query.ts";
import { PostgresReader } from "../../src/engines/database/postgres-reader.ts";
import { notTested } from "../support/not-tested.ts";
import { freshPostgresUrl, hasProductionEngines } from "../support/test-engines.ts";

if (!hasProductionEngines) notTested("reads of one turn on PostgreSQL");
else {
  test("queries of one turn of the event loop leave in one write, and each gets its own answer", async () => {
    const server = new URL(await freshPostgresUrl());
    const writes: number[] = [];
    // What arrives together was written together: the sender's socket has no delay.
    const between = createServer((near) => {
      const far = connect(Number(server.port || 5432), server.hostname);
      near.on("data", (bytes) => {
        writes.push(bytes.length);
        far.write(bytes);
      });
      far.on("data", (bytes) => near.write(bytes));
      for (const [one, other] of [[near, far] as const, [far, near] as const]) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
    const url = new URL(server);
    url.hostname = "127.0.0.1";
    url.port = String((between.address() as AddressInfo).port);
    const reader = new PostgresReader({ connectionString: url.href });
    const ask = (n: number) => reader.query({ name: "one", text: "select $1::int as n", values: [n] });
    try {
      expect(await ask(0)).toEqual([{ n: 0 }]);
      writes.length = 0;
      const asked = Array.from({ length: 20 }, (_, n) => ask(n));
      expect(await Promise.all(asked)).toEqual(asked.map((_, n) => [{ n }]));
      expect(writes).toHaveLength(1);
      // And the next turn isn't held back by the last one.
      expect(await ask(7)).toEqual([{ n: 7 }]);
      expect(writes).toHaveLength(2);
    } finally {
      await reader.close();
      await new Promise((resolve) => between.close(resolve));
    }
  });

  test("a connection that breaks while a turn's queries are held fails them, and the next query has another", async () => {
    const reader = new PostgresReader({ connectionString: await freshPostgresUrl() });
    const ask = (n: number) => reader.query({ name: "one", text: "select $1::int as n", values: [n] });
    const cork = vi.spyOn(Socket.prototype, "cork");
    try {
      expect(await ask(0)).toEqual([{ n: 0 }]);
      cork.mockClear();
      const asked = Promise.allSettled([ask(1), ask(2)]);
      const [socket] = cork.mock.contexts as Socket[];
      socket?.destroy(new Error("broken"));
      // Still in the turn that holds the writes: nothing of it may reach, or wait for, the connection after.
      const late = ask(3).catch((error: unknown) => error);
      expect((await asked).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      expect(await late).toBeInstanceOf(Error);
      const after = await Promise.all([ask(4), ask(5)]);
      expect(after).toEqual([[{ n: 4 }], [{ n: 5 }]]);
    } finally {
      cork.mockRestore();
      await reader.close();
    }
  });

  test("a statement asks for its columns once, and its rows are the driver's own", async () => {
    const url = await freshPostgresUrl();
    const plain = new pg.Client({ connectionString: url });
    await plain.connect();
    const reader = new PostgresReader({ connectionString: url });
    const write = vi.spyOn(Socket.prototype, "write");
    const text = `select $1::int8 as big, $2::text as word, null::text as nothing, true as yes, 1.5::float8 as half,
      'a'::varchar as "__proto__", '{"a":[1]}'::jsonb as json, '\\x00ff'::bytea as bytes, 2 as twice, 3 as twice`;
    try {
      const values = ["9", "小美 \u{1f600}"];
      const [expected] = (await plain.query(text, values)).rows;
      const read = { name: "kinds", text, values };
      for (let i = 0; i < 3; i++) {
        write.mockClear();
        expect(await reader.query(read)).toEqual([expected]);
        const sent = Buffer.concat(write.mock.calls.map(([bytes]) => bytes as Buffer)).toString("latin1");
        // Describe of the unnamed portal.
        expect(sent.includes("D\0\0\0\x06P\0")).toBe(i === 0);
      }
      expect(await reader.query({ name: "none", text: "select 1 as one where false", values: [] })).toEqual(
        [],
      );
      expect(await reader.query({ name: "none", text: "select 1 as one where false", values: [] })).toEqual(
        [],
      );
    } finally {
      write.mockRestore();
      await reader.close();
      await plain.end();
    }
  });

  test("a table that another process changes meanwhile is read as it is then", async () => {
    const url = await freshPostgresUrl();
    const plain = new pg.Client({ connectionString: url });
    await plain.connect();
    await plain.query("create table things (one int, two int)");
    await plain.query("insert into things values (1, 2)");
    const reader = new PostgresReader({ connectionString: url });
    const ask = () => reader.query({ name: "all", text: "select * from things", values: [] });
    try {
      for (let i = 0; i < 2; i++) expect(await ask()).toEqual([{ one: 1, two: 2 }]);
      await plain.query("alter table things drop column one, add column three int");
      for (let i = 0; i < 2; i++) expect(await ask()).toEqual([{ two: 2, three: null }]);
      await plain.query("alter table things add column four int default 4");
      const several = await Promise.all([ask(), ask(), ask()]);
      expect(several).toEqual(several.map(() => [{ two: 2, three: null, four: 4 }]));
    } finally {
      await reader.close();
      await plain.end();
    }
  });

  test("in a transaction a changed table is 'try again' once, and outside no write is lost or done twice", async () => {
    const url = await freshPostgresUrl();
    const plain = new pg.Client({ connectionString: url });
    await plain.connect();
    await plain.query("create table things (n int)");
    const database = openPostgres({ url, poolSize: 1 });
    const add = statement(
      "things.add",
      (db) =>
        db
          .insertInto("things" as "users")
          .values({ n: 1 } as never)
          .returningAll() as never,
    ) as Statement<object, Record<string, number>>;
    const addInOne = () => database.transaction((transaction) => transaction.all(add, {}));
    try {
      for (let i = 0; i < 2; i++) expect(await database.all(add, {})).toEqual([{ n: 1 }]);
      await plain.query("alter table things add column m int default 2");
      expect(await database.all(add, {})).toEqual([{ n: 1, m: 2 }]);
      await plain.query("alter table things add column l int default 3");
      await expect(addInOne()).rejects.toMatchObject({ code: "unavailable" });
      expect(await addInOne()).toEqual([{ n: 1, m: 2, l: 3 }]);
      expect((await plain.query("select count(*)::int as count from things")).rows).toEqual([{ count: 4 }]);
    } finally {
      await database.close();
      await plain.end();
    }
  });

  test("a statement that a pooler prepared anew, with other columns, is refused once and never misread", async () => {
    const client = new pg.Client({ connectionString: await freshPostgresUrl() });
    await client.connect();
    const ask = () => queryOn(client, { name: "all", text: "select 1 as one", values: [] });
    try {
      for (let i = 0; i < 2; i++) expect(await ask()).toEqual([{ one: 1 }]);
      await client.query("deallocate all");
      await client.query('prepare "all" as select 2 as two, 1 as one');
      await expect(ask()).rejects.toThrow("all: a row has 2 columns in place of 1");
      expect(await ask()).toEqual([{ two: 2, one: 1 }]);
    } finally {
      await client.end();
    }
  });

  test("a value that can't be sent, or another text under the name, fails alone", async () => {
    const reader = new PostgresReader({ connectionString: await freshPostgresUrl() });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const ask = (value: unknown) =>
      reader.query({ name: "one", text: "select $1::text as one", values: [value] });
    try {
      // Before the statement is prepared, and after.
      for (let i = 0; i < 2; i++) {
        const failed = expect(ask(circular)).rejects.toThrow("circular");
        expect(await Promise.all([ask("a"), ask("b")])).toEqual([[{ one: "a" }], [{ one: "b" }]]);
        await failed;
      }
      const other = { name: "one", text: "select 2 as two", values: [] };
      await expect(reader.query(other)).rejects.toThrow("must be unique");
      expect(await ask("c")).toEqual([{ one: "c" }]);
    } finally {
      await reader.close();
    }
  });

  test("writes that give no rows, and ones that fail, leave the next query as it is", async () => {
    const client = new pg.Client({ connectionString: await freshPostgresUrl() });
    await client.connect();
    await client.query("create table things (id int primary key, word text not null)");
    const insert = (id: number, word: string | null) =>
      queryOn(client, { name: "insert", text: "insert into things values ($1, $2)", values: [id, word] });
    const give = (id: number) =>
      queryOn(client, {
        name: "give",
        text: "delete from things where id = $1 returning word",
        values: [id],
      });
    try {
      for (const id of [1, 2, 3]) expect(await insert(id, `w${id}`)).toEqual([]);
      await expect(insert(3, "again")).rejects.toThrow("duplicate key");
      await expect(insert(4, null)).rejects.toThrow("not-null");
      expect(await give(1)).toEqual([{ word: "w1" }]);
      expect(await give(1)).toEqual([]);
      expect(await give(2)).toEqual([{ word: "w2" }]);
      expect(await insert(2, "back")).toEqual([]);
    } finally {
      await client.end();
    }
  });
}
