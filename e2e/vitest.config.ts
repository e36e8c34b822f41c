import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "e2e",
    include: ["**/*.test.ts"],
    // Two browsers with a product each: journeys wait for both more than they compute. What is measured runs alone
    // (scripts/test.ts).
    maxWorkers: 2,
    pool: "forks",
    // No second tries: a journey that fails now and then says that something is not waited for.
    testTimeout: 60_000,
    // Of one second, a busy machine takes ten.
    expect: { poll: { timeout: 20_000 } },
    // The product starts in 3 s, on a busy machine in 80.
    hookTimeout: 180_000,
  },
});
