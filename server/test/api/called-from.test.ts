import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommand } from "../support/run-command.ts";

/**
 * A management command called from another folder works on the same accounts as the server: it once read that
 * folder's .env and quietly made a second, empty database in it.
 */
const folder = realpathSync(mkdtempSync(join(tmpdir(), "meiduo-called-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const elsewhere = join(folder, "elsewhere");
mkdirSync(elsewhere);

/** The door as it is, in a project that has been installed and only says how its program was started. */
function project(): string {
  const root = join(folder, "project");
  const repository = resolve(import.meta.dirname, "../../..");
  for (const name of ["scripts", "server/bin", "server/src/process", "node_modules"])
    mkdirSync(join(root, name), { recursive: true });
  const scripts = ["run", "install", "pinned-node"].map((name) => `scripts/${name}.mjs`);
  const processFiles = ["install-lock", "launcher"].map((name) => `server/src/process/${name}.mjs`);
  for (const name of [...scripts, "server/bin/meiduo.mjs", ...processFiles])
    copyFileSync(join(repository, name), join(root, name));
  for (const name of ["package-lock.json", "node_modules/.package-lock.json"])
    writeFileSync(join(root, name), JSON.stringify({ packages: {} }));
  writeFileSync(
    join(root, "server/src/main.ts"),
    "console.log(JSON.stringify([process.cwd(), process.env.MEIDUO_CALLED_FROM, process.argv.slice(2)]))",
  );
  return root;
}

test("npm run manage and npx meiduo work in the project, and say where the person stands", () => {
  const root = project();
  for (const script of [["scripts/run.mjs", "manage"], ["server/bin/meiduo.mjs"]]) {
    for (const env of [{ PATH: process.env.PATH }, { PATH: process.env.PATH, INIT_CWD: elsewhere }]) {
      const cwd = "INIT_CWD" in env ? root : elsewhere;
      const args = [join(root, script[0]!), ...script.slice(1), "user", "show", "me"];
      const ended = spawnSync(process.execPath, args, { cwd, env, encoding: "utf8" });
      expect([ended.status, ended.stderr]).toEqual([0, ""]);
      expect(JSON.parse(ended.stdout)).toEqual([root, elsewhere, ["user", "show", "me"]]);
    }
  }
});

test("without a command they say what there is, and start no server", () => {
  const root = project();
  for (const script of [["scripts/run.mjs", "manage"], ["server/bin/meiduo.mjs"]]) {
    const args = [join(root, script[0]!), ...script.slice(1)];
    const ended = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    expect(JSON.parse(ended.stdout)[2]).toEqual(["help"]);
  }
});

test("a file that is named is looked for where the person stands", async () => {
  const env = { DATA_DIR: join(folder, "data"), LANG: "C", MEIDUO_CALLED_FROM: elsewhere };
  const { code, stderr } = await runCommand(["import-django", "site.sqlite3"], env);
  expect([code, stderr]).toEqual([1, expect.stringContaining(join(elsewhere, "site.sqlite3"))]);
});
