import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Env, envOf, inFolder, makeSite, run, useFolders } from "../support/backed-up-site.ts";
import { enginePairs } from "../support/test-engines.ts";

useFolders();

/** Every command that goes over all accounts or tables says how far it is, in the one form of cli/terminal/progress.ts. */
async function expectDrawn(env: Env, step: string, ...line: string[]): Promise<void> {
  const { code, said, drawn } = await run(env, ...line);
  expect([code, said]).toEqual([0, expect.not.stringContaining("%")]);
  const form = new RegExp(`^${step.padEnd(8)}[a-z_ ]* \\[[#-]{24}\\] [ \\d]{3}%  \\d+/\\d+$`);
  expect(drawn.slice(0, -1)).not.toEqual([]);
  expect(
    drawn.slice(0, -1).filter((text) => !form.test(text) && !/^(?:copy|compare|reading) /.test(text)),
  ).toEqual([]);
  expect([drawn.some((text) => form.test(text)), drawn.at(-1)]).toEqual([true, ""]);
}

test.each(enginePairs)("with %s", async (pair) => {
  const [here, there, third] = [
    await envOf(pair, "here"),
    await envOf(pair, "there"),
    await envOf(pair, "third"),
  ];
  await makeSite(here);
  writeFileSync(inFolder("seed.json"), JSON.stringify({ accounts: [{ username: "seeded" }] }));
  await expectDrawn(here, "writing", "user", "seed", inFolder("seed.json"));
  await expectDrawn(here, "compare", "backup", inFolder("backup.sqlite3"));
  await expectDrawn(here, "compare", "backup", inFolder("backup.sqlite3"), "--check");
  await expectDrawn(there, "compare", "restore", inFolder("backup.sqlite3"), "--yes", "--deleted", "none");
  await expectDrawn(here, "writing", "export-django", inFolder("site.json"));
  await expectDrawn(third, "writing", "import-django", inFolder("site.json"), "--apply");
});
