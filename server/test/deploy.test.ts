import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { variables } from "../src/config/env.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");
const read = (path: string) => readFileSync(join(deploy, path), "utf8");
/** Of the images, and of compose.yaml itself. */
const foreign = /^(NODE_ENV|POSTGRES_\w+|REDIS_PASSWORD|DATA_DIR)$/;

function unknownNames(text: string, pattern: RegExp): string[] {
  const names = [...text.matchAll(pattern)].map((match) => match[1] as string);
  expect(names.length).toBeGreaterThan(0);
  return names.filter((name) => !(name in variables) && !foreign.test(name));
}

test("every variable in deploy/ is one the product reads", () => {
  expect(unknownNames(read("example.env"), /^([A-Z_]+)=/gm)).toEqual([]);
  expect(unknownNames(read("compose.yaml"), /^ {4}([A-Z_]+):/gm)).toEqual([]);
  expect(unknownNames(read("helm/meiduo-accounts/values.yaml"), /^ {2}([A-Z_]+):/gm)).toEqual([]);
  expect(unknownNames(read("Dockerfile"), /^ENV (?:\S+=\S+ )*?([A-Z_]+)=/gm)).toEqual([]);
});

test("a stop is given more time than the product takes for it", () => {
  for (const [file, pattern] of [
    ["compose.yaml", /stop_grace_period: (\d+)s/],
    ["systemd/meiduo-accounts-web.service", /TimeoutStopSec=(\d+)/],
    ["systemd/meiduo-accounts-work.service", /TimeoutStopSec=(\d+)/],
    ["helm/meiduo-accounts/templates/_pod.tpl", /terminationGracePeriodSeconds: (\d+)/],
  ] as const) {
    expect(Number(pattern.exec(read(file))?.[1]), file).toBeGreaterThan(10);
  }
});

test("proxies replace X-Forwarded-For, so that a visitor's own never arrives", () => {
  for (const file of ["nginx/compose.conf", "nginx/meiduo-accounts.conf"]) {
    const lines = read(file).match(/X-Forwarded-For .*/g) ?? [];
    expect(lines.length, file).toBe(2);
    for (const line of lines) expect(line).toBe("X-Forwarded-For $remote_addr;");
  }
});

// nginx itself judges its configuration where it is installed; elsewhere the rules above are what is checked.
if (existsSync("/usr/sbin/nginx")) {
  test.each(["compose.conf", "meiduo-accounts.conf"])("nginx accepts %s", (file) => {
    const folder = mkdtempSync(join(tmpdir(), "meiduo-nginx-"));
    const fixtures = join(import.meta.dirname, "fixtures");
    const text = read(`nginx/${file}`)
      .replaceAll(/\/etc\/letsencrypt\S*fullchain.pem/g, join(fixtures, "localhost-cert.pem"))
      .replaceAll(/\/etc\/letsencrypt\S*privkey.pem/g, join(fixtures, "localhost-key.pem"))
      // Only nginx from 1.27 resolves names of an upstream again, and "api" is a name of compose's network.
      .replaceAll(/server api:(\d+) resolve /g, "server 127.0.0.1:$1 ");
    writeFileSync(join(folder, "site.conf"), text);
    const main = `pid ${folder}/pid; error_log stderr; events {} http { access_log off; include ${folder}/site.conf; }`;
    writeFileSync(join(folder, "nginx.conf"), main);
    const checked = spawnSync("/usr/sbin/nginx", ["-t", "-c", join(folder, "nginx.conf")], {
      encoding: "utf8",
    });
    rmSync(folder, { recursive: true });
    expect(checked.stderr).toContain("test is successful");
    expect(checked.status).toBe(0);
  });
}
