import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { missingEngines } from "./support/engines.ts";
import { filesOf } from "./support/loaded-files.ts";
import { pairTests, storeRaces } from "./support/pair-tests.ts";

const root = resolve(import.meta.dirname, "../..");

describe("the suite on PostgreSQL and Redis", () => {
  const pairs = pairTests();

  it.each([
    ["server/test/api/sign-up.test.ts", "starts the application"],
    ["server/test/api/oauth-bind.test.ts", "starts it by way of its support"],
    ["server/test/conformance/rebuilt-backend.test.ts", "starts it by way of a file beside it"],
    ["server/test/property/any-request.test.ts", "starts the application"],
    ["server/test/race/sign-up.race.test.ts", "starts the application"],
  ])("has %s: it %s", (file) => {
    expect(pairs).toContain(file);
  });

  it.each([
    ["server/test/api/documents.test.ts", "has no engine"],
    ["server/test/api/manage.test.ts", "opens SQLite by itself"],
    ["server/test/conformance/rebuilt-original.test.ts", "has the rebuild's own database"],
    ["server/test/race/end-all-tokens.race.test.ts", "goes over both pairs by itself"],
    ["server/test/race/migrate.race.test.ts", "names its engines"],
  ])("has not %s: it %s", (file) => {
    expect(pairs).not.toContain(file);
  });

  it.runIf(missingEngines().length === 0)("is a project of the configuration", async () => {
    const { default: config } = await import("../../vitest.config.ts");
    const projects = config.test!.projects!.flatMap((one) =>
      typeof one === "object" && "test" in one ? [one.test!] : [],
    );
    const suite = projects.find(({ name }) => name === "postgres+redis")!;
    expect(suite.include).toEqual(pairs);
    expect(suite.exclude).toBeUndefined();
  });

  it.runIf(missingEngines().length === 0)(
    "has the races about the store on PostgreSQL alone, too",
    async () => {
      const { default: config } = await import("../../vitest.config.ts");
      const projects = config.test!.projects!.flatMap((one) =>
        typeof one === "object" && "test" in one ? [one.test!] : [],
      );
      const suite = projects.find(({ name }) => name === "race-on-postgres")!;
      expect(suite.include).toEqual(storeRaces());
      expect(storeRaces()).toEqual(
        expect.arrayContaining(
          ["sms", "captcha", "classic-tickets", "wider-network"].map(
            (name) => `server/test/race/${name}.race.test.ts`,
          ),
        ),
      );
      expect(suite.env).toEqual({ TEST_ENGINES: "postgres" });
    },
  );

  it("misses nobody: the pair is read in one place", () => {
    const readers = filesOf(["server/{src,test}/**/*.ts", "sandbox/**/*.ts"]).filter((file) =>
      /\bprocess\.env\.TEST_ENGINES\b/.test(readFileSync(join(root, file), "utf8")),
    );
    // The second starts the engines of every project, and asks whether there shall be any.
    expect(readers).toEqual(["server/test/support/chosen-pair.ts", "server/test/support/global-setup.ts"]);
  });
});
