import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/**
 * The lines of "Upgrades" in docs/scaling.md, run in a folder in place of `/`. What a test can't have (root, systemd, the
 * registry, a history with tags) is played by scripts that write down what they were asked, and where the link led then.
 */
const text = readFileSync(resolve(import.meta.dirname, "../../docs/scaling.md"), "utf8");
const section = /### Upgrades\n(.*?)\n### /s.exec(text)![1]!;
const [convert, upgrade, back] = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, lines]) => lines!);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "meiduo-upgrade-"));
  for (const folder of ["bin", "checkout/deploy/systemd", "opt/meiduo-accounts", "etc/systemd/system"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "checkout/deploy/systemd/meiduo-accounts-web.service"), "");
  const note = `echo "$(basename "$0") $* [$(basename "$(readlink -f ${root}/opt/meiduo-accounts)")]" >> ${root}/notes`;
  const script = (path: string, body: string) =>
    writeFileSync(join(root, path), `#!/bin/sh\nset -e\n${body}\n`, { mode: 0o755 });
  script("bin/sudo", 'exec "$@"');
  script("bin/systemctl", note);
  script("bin/npm", `${note}\ntest -e deploy && mkdir node_modules`);
  script(
    "bin/git",
    `case $1 in describe) cat ${root}/version ;; archive) tar -c -C ${root}/checkout . ;; esac`,
  );
  script("checkout/deploy/systemd/meiduo-accounts", `test -e "$(dirname "$0")/../../node_modules"\n${note}`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function run(lines: string | undefined): string[] {
  writeFileSync(join(root, "notes"), "");
  const here = lines!.replaceAll(/(?<![\w$"}])\/(opt|etc)\//g, `${root}/$1/`);
  const env = { PATH: `${root}/bin:${process.env.PATH}` };
  const { status, stderr } = spawnSync("bash", ["-euc", here], { env, cwd: root, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return readFileSync(join(root, "notes"), "utf8").trim().split("\n");
}

const release = (version: string) => writeFileSync(join(root, "version"), `${version}\n`);
const inUse = () => realpathSync(join(root, "opt/meiduo-accounts"));
const restart = "systemctl restart meiduo-accounts-web meiduo-accounts-work";

test("the recipe builds, checks and migrates a release beside the one that serves, switches, and leads back", () => {
  writeFileSync(join(root, "opt/meiduo-accounts/installed"), "");
  expect(run(convert)).toEqual([`${restart} [first]`]);
  expect(existsSync(join(inUse(), "installed"))).toBe(true);
  let before = "first";
  for (const version of ["v2", "v3"]) {
    release(version);
    expect(run(upgrade)).toEqual([
      `npm run build [${before}]`,
      `meiduo-accounts check-config [${before}]`,
      `meiduo-accounts migrate [${before}]`,
      `systemctl daemon-reload [${version}]`,
      `${restart} [${version}]`,
    ]);
    expect(existsSync(join(root, "etc/systemd/system/meiduo-accounts-web.service"))).toBe(true);
    before = version;
  }
  // The first release came without units of its own in this test.
  expect(run(back)).toEqual(["systemctl daemon-reload [v2]", `${restart} [v2]`]);
  expect(existsSync(join(inUse(), "node_modules"))).toBe(true);
});
