import { globSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { besideSources, needsTooMuch, unitTests } from "./support/unit-tests.ts";

describe("the unit suite", () => {
  const units = unitTests();
  const all = globSync(besideSources, { cwd: resolve(import.meta.dirname, "../..") });

  it.each([
    ["server/src/kernel/mask.test.ts", "reads its own file"],
    ["server/src/config/config.test.ts", "says argon2 in a text alone"],
    ["server/src/passwords/password-policy.test.ts", "stands beside what hashes"],
  ])("has %s: it %s", (file) => {
    expect(units).toContain(file);
  });

  it.each([
    ["server/src/passwords/passwords.test.ts", "hashes"],
    ["server/src/passwords/hash-priority.test.ts", "changes the process it runs in"],
    ["server/src/engines/database/sqlite-lock.test.ts", "opens a database"],
    ["server/src/permissions/permissions.test.ts", "opens a database by way of its support"],
    ["server/src/process/install-lock.test.ts", "starts processes"],
    ["server/src/config/service-links.test.ts", "starts processes by way of its support"],
  ])("has not %s: it %s", (file) => {
    // One that moved away would be in no suite under this name, whatever it starts.
    expect(all).toContain(file);
    expect(units).not.toContain(file);
  });

  it("divides the tests beside sources: each in one suite", async () => {
    expect(units.length).toBeGreaterThan(40);
    expect(units.every((file) => all.includes(file))).toBe(true);
    const { default: config } = await import("../../vitest.config.ts");
    const projects = config.test!.projects!.flatMap((one) =>
      typeof one === "object" && "test" in one ? [one.test!] : [],
    );
    const [unit, server] = ["unit", "server"].map((name) => projects.find((one) => one.name === name)!);
    expect(unit!.include).toEqual(units);
    expect(server!.include).toEqual(expect.arrayContaining(besideSources));
    expect(server!.exclude).toEqual(expect.arrayContaining(units));
  });

  it("looks through what a file loads, not at what it only takes types of", () => {
    expect(needsTooMuch("server/src/engines/database/sqlite.ts")).toBe(true);
    expect(needsTooMuch("server/src/app/app.ts")).toBe(true);
    expect(needsTooMuch("server/src/engines/database/database.ts")).toBe(false);
    expect(needsTooMuch("server/src/kernel/clock.ts")).toBe(false);
  });
});
