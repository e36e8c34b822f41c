import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { missingEngines } from "./server/test/support/engines.ts";
import { pairTests, storeRaces } from "./server/test/support/pair-tests.ts";
import { besideSources, unitTests } from "./server/test/support/unit-tests.ts";

const globalSetup = "server/test/support/global-setup.ts";
const unit = unitTests();

/**
 * Every suite by name; scripts/test.ts runs them in the order and company that suits the machine. Where `isolate` is false the
 * files of a process load the application once between them, which halves what a run computes: what a test changes in the process
 * it changes back, and no support module has hooks of its own (server/test/tidy/shape.ts).
 */
export default defineConfig({
  // As Node finds it by the root's package.json, which Vite doesn't read for that.
  resolve: {
    alias: [{ find: /^meiduo-accounts$/, replacement: resolve("server/src/embed/meiduo-accounts.ts") }],
  },
  test: {
    // The logs of servers under test go to files or nowhere, not between the reporter's lines.
    env: { LOG_LEVEL: "silent" },
    // Only for what hangs: on a machine shared with others a start of the product takes a minute.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    projects: [
      "client",
      "web",
      "e2e",
      // What one runs after every change: no engine is started for it, and its files share their processes.
      { extends: true, test: { name: "unit", include: unit, isolate: false, maxWorkers: 2 } },
      {
        extends: true,
        test: {
          name: "server",
          globalSetup,
          isolate: false,
          // Half of their time they wait for hashes, engines and processes; vitest's own choice on two cores is one.
          maxWorkers: 2,
          include: [
            ...besideSources,
            "server/test/{api,contract,conformance,property}/**/*.test.ts",
            "server/test/*.test.ts",
          ],
          exclude: [...unit, "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: { name: "race", globalSetup, isolate: false, include: ["server/test/race/**/*.test.ts"] },
      },
      // What runs the application once more, on PostgreSQL and Redis. Where those are missing global-setup.ts says
      // so, and fails under CI.
      ...(missingEngines().length > 0
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: "postgres+redis",
                globalSetup,
                isolate: false,
                maxWorkers: 2,
                env: { TEST_ENGINES: "postgres+redis" },
                include: pairTests(),
              },
            },
            {
              extends: true as const,
              test: {
                name: "race-on-postgres",
                globalSetup,
                isolate: false,
                env: { TEST_ENGINES: "postgres" },
                include: storeRaces(),
              },
            },
          ]),
      // The npm package, packed once and installed by npm as others install it.
      {
        extends: true,
        test: {
          name: "package",
          globalSetup: "server/test/package/packed-package.ts",
          include: ["server/test/package/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      // Long, and only by `npm run test:release`.
      {
        extends: true,
        test: {
          name: "release",
          globalSetup: "server/test/package/packed-package.ts",
          include: ["server/test/release/**/*.test.ts"],
          fileParallelism: false,
          bail: 1,
        },
      },
      {
        extends: true,
        test: {
          name: "fault",
          globalSetup,
          include: ["server/test/fault/**/*.test.ts"],
          setupFiles: ["server/test/support/product-watch.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
