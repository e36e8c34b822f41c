import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "e2e",
    include: ["**/*.test.ts"],
    // One browser and one server at a time: journeys measure what people feel, not how a crowded machine behaves.
    fileParallelism: false,
    pool: "forks",
    // No second tries: a journey that fails now and then says that something is not waited for.
    testTimeout: 60_000,
    // The product starts in 3 s, on a busy machine in 80.
    hookTimeout: 180_000,
  },
});
