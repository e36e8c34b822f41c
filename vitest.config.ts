import { defineConfig } from "vitest/config";

/** Every suite by name; scripts/test.ts runs them in the order and company that suits the machine. */
export default defineConfig({
  test: {
    // The logs of servers under test go to files or nowhere, not between the reporter's lines.
    env: { LOG_LEVEL: "silent" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      "client",
      "web",
      {
        extends: true,
        test: {
          name: "server",
          include: [
            "server/src/**/*.test.ts",
            "server/test/{api,contract,conformance,property}/**/*.test.ts",
            "server/test/*.test.ts",
            "sandbox/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
        },
      },
      { extends: true, test: { name: "race", include: ["server/test/race/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "fault",
          include: ["server/test/fault/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
