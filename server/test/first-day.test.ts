import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";

/** What a newcomer and the hosting site find at the root, held to what it speaks of. */
const root = resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

it("CONTRIBUTING opens with commands that there are, the quick ones first", () => {
  const opening = /```sh\n(.*?)```/s.exec(read("CONTRIBUTING.md"))![1]!;
  const commands = [...opening.matchAll(/^(?:npm (?:run )?)([\w:]+)(?: -- (\w+))?/gm)].map(
    ([, name, step]) => [name, step],
  );
  expect(commands).toEqual([
    ["dev", undefined],
    ["seed", undefined],
    ["test", "unit"],
    ["test", undefined],
  ]);
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  // By the launcher, which installs first.
  for (const [name] of commands) expect(scripts[name!]).toBe(`node scripts/run.mjs ${name}`);
});

it("the hosting site's workflow runs what a person runs, on the Node that runs the product", () => {
  const { jobs } = parse(read(".github/workflows/test.yml")) as {
    jobs: Record<string, { steps: { run?: string; with?: Record<string, string> }[] }>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  expect(steps.map((step) => step.run).filter(Boolean)).toEqual(["bash .ci/run < /dev/null"]);
  expect(steps.some((step) => step.with?.["node-version-file"] === ".nvmrc")).toBe(true);
  const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
  expect(read(".nvmrc").trim()).toBe(devDependencies.node!.split(".")[0]);
});
