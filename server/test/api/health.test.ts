import { describe, expect, it } from "vitest";
import { startTestApp } from "../support/test-app.ts";

describe("health", () => {
  it("is alive and ready, without a token and whatever the token", async () => {
    const test = await startTestApp();
    try {
      expect((await test.anonymous({ url: "/healthz" })).json()).toEqual({ status: "ok" });
      const ready = await test.as("garbage")({ url: "/readyz" });
      expect(ready.statusCode).toBe(200);
      expect(ready.json()).toEqual({
        status: "ok",
        checks: { database: "ok", schema: "ok", kv: "ok", installation: "ok" },
      });
    } finally {
      await test.close();
    }
  });

  it("is not ready once its database moved beyond it", async () => {
    const test = await startTestApp();
    try {
      await test.app.db.kysely
        .insertInto("schema_migrations")
        .values({ name: "9999-later.ts", applied_at: 1, oldest_program: 9999 })
        .execute();
      const ready = await test.anonymous({ url: "/readyz" });
      expect(ready.statusCode).toBe(503);
      expect(ready.json().checks).toEqual({
        ...{ database: "ok", schema: "unavailable", kv: "ok", installation: "ok" },
      });
      expect(ready.body).not.toMatch(/9999|version/);
    } finally {
      await test.close();
    }
  });

  it("tries a write and leaves nothing of it in the tables of accounts", async () => {
    const test = await startTestApp();
    try {
      expect((await test.anonymous({ url: "/readyz" })).statusCode).toBe(200);
      expect(await test.app.db.kysely.selectFrom("used_codes").selectAll().execute()).toEqual([]);
    } finally {
      await test.close();
    }
  });

  it("stays alive but is not ready without its database, and says which part is missing", async () => {
    const lines: string[] = [];
    const test = await startTestApp({ logTo: { write: (line) => void lines.push(line) } });
    await test.app.db.close();
    const ready = await test.anonymous({ url: "/readyz" });
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({ status: "unavailable", checks: { database: "unavailable" } });
    expect(ready.headers["retry-after"]).toBe("2");
    expect((await test.anonymous({ url: "/healthz" })).statusCode).toBe(200);
    expect(lines.some((line) => line.includes('"not ready"'))).toBe(true);

    const broken = await test.anonymous({ url: "/users/usernames/python01/count/" });
    expect(broken.statusCode).toBeGreaterThanOrEqual(500);
    expect(broken.body).not.toMatch(/sqlite|postgres|database|pool|stack|at /i);
    expect(Object.keys(broken.json())).toEqual(["detail"]);
    await test.app.api.close();
  });
});
