import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findInstalledService, refuseBeside } from "./installed-service.ts";

const folder = mkdtempSync(join(tmpdir(), "meiduo-etc-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const deploy = new URL("../../../deploy/systemd/", import.meta.url);

function etc(name: string, { unit = true, dropIn = "" } = {}): string {
  const path = join(folder, name);
  const units = join(path, "etc/systemd/system");
  mkdirSync(join(units, "meiduo-accounts-web.service.d"), { recursive: true });
  if (unit)
    cpSync(new URL("meiduo-accounts-web.service", deploy), join(units, "meiduo-accounts-web.service"));
  if (dropIn !== "") writeFileSync(join(units, "meiduo-accounts-web.service.d/override.conf"), dropIn);
  writeFileSync(join(path, "etc/meiduo-accounts.env"), "SECRET_KEY=x\n");
  return path;
}
const inForce = { DATA_DIR: "/var/lib/meiduo-accounts", ENVIRONMENT: "production" };
const refusal = (at: string | null, source: Record<string, string>, ...line: string[]) => {
  try {
    refuseBeside(at === null ? null : findInstalledService(at), source, line);
    return null;
  } catch (error) {
    return error as Error & { zh: string };
  }
};

test("a machine without an installation refuses nothing", () => {
  mkdirSync(join(folder, "empty"));
  expect(findInstalledService(join(folder, "empty"))).toBeNull();
  expect(refusal(join(folder, "empty"), {}, "createsuperuser")).toBeNull();
});

test.each([
  ["doctor"],
  ["jobs", "list", "--state", "dead"],
  ["createsuperuser", "--username", "boss"],
  ["check-config"],
  ["migrate"],
  ["user", "show", "#17"],
])("%s, without the service's settings, is refused with the line to run", (...line) => {
  const error = refusal(etc(line[0]!), {}, ...line);
  const typed = line.join(" ").replace("#17", "'#17'");
  expect(error?.message).toContain(`/deploy/systemd/meiduo-accounts ${typed}, or set DATA_DIR`);
  expect(error?.zh).toContain(typed);
});

test("a start is left to systemd, and the password of an address is not repeated", () => {
  const path = etc("others");
  expect(refusal(path, {}, "start")?.message).toContain("sudo systemctl restart meiduo-accounts-web");
  const move = refusal(path, {}, "move-data", "--to", "postgres://me:hunter2@host/db");
  expect(move?.message).toContain("move-data --to 'postgres://…@host/db'");
  expect(move?.message).not.toContain("hunter2");
});

test("a tool of development is not a line to run on the service", () => {
  const path = etc("tools");
  const refuse = (source: Record<string, string>) => refuseBeside(findInstalledService(path), source, null);
  expect(() => refuse({})).toThrow("set DATA_DIR for a set-up of its own");
  expect(() => refuse({})).not.toThrow("sudo");
  expect(() => refuse({ DATA_DIR: "./data" })).not.toThrow();
});

test("the service's settings pass, half of them don't, and a set-up of its own passes", () => {
  const path = etc("settings");
  expect(refusal(path, inForce, "doctor")).toBeNull();
  expect(refusal(path, { DATA_DIR: inForce.DATA_DIR }, "doctor")).not.toBeNull();
  expect(refusal(path, { DATABASE_URL: "postgres://u@h/db" }, "doctor")).not.toBeNull();
  expect(refusal(path, { DATA_DIR: "./data" }, "doctor")).toBeNull();
  const moved = etc("moved", { dropIn: "[Service]\nEnvironment=DATA_DIR=/srv/accounts\n" });
  expect(refusal(moved, { ...inForce, DATA_DIR: "/srv/accounts" }, "doctor")).toBeNull();
});

test("without a unit the file of variables is what tells", () => {
  const path = etc("bare", { unit: false });
  expect(refusal(path, {}, "doctor")).not.toBeNull();
  expect(refusal(path, { ENVIRONMENT: "production" }, "doctor")).toBeNull();
});

test.each(["run", "usr/local/lib", "usr/lib", "lib"])(
  "a unit that a package put into /%s is found, too",
  (place) => {
    const path = etc(`packaged-${place.replaceAll("/", "-")}`, {
      unit: false,
      dropIn: "[Service]\nEnvironment=DATA_DIR=/srv/accounts\n",
    });
    const units = join(path, place, "systemd/system");
    mkdirSync(join(units, "meiduo-accounts-web.service.d"), { recursive: true });
    cpSync(new URL("meiduo-accounts-web.service", deploy), join(units, "meiduo-accounts-web.service"));
    // Hidden by the one of the same name in /etc.
    writeFileSync(
      join(units, "meiduo-accounts-web.service.d/override.conf"),
      "[Service]\nEnvironment=DATA_DIR=/nowhere\n",
    );
    expect(findInstalledService(path)?.unit?.user).toBe("meiduo");
    expect(findInstalledService(path)?.unit?.environment.DATA_DIR).toBe("/srv/accounts");
    expect(refusal(path, {}, "doctor")).not.toBeNull();
    expect(refusal(path, { ...inForce, DATA_DIR: "/srv/accounts" }, "doctor")).toBeNull();
  },
);
