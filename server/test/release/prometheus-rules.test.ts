import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { notTested } from "../support/not-tested.ts";

/** Prometheus' own opinion of deploy/prometheus/rules.yaml. */
const rules = resolve(import.meta.dirname, "../../../deploy/prometheus/rules.yaml");
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

if (hasPromtool)
  test("promtool takes every rule", () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", rules], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
  });
else notTested("promtool (apt-get install prometheus)");
