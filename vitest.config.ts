import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      "client",
      "web",
      {
        test: {
          name: "server",
          include: ["server/**/*.test.ts"],
          pool: "forks",
          globalSetup: "server/test/support/global-setup.ts",
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
