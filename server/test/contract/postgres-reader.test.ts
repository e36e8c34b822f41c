import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { expect, test, vi } from "vitest";
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
}
