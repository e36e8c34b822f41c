import { readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { packClient } from "../../../client/test/support/packed-client.ts";
import { emptyFolder } from "../support/empty-folder.ts";

/** Half a thousand packages from the registry: too long for every push, which holds the example against uni-app's types. */
const example = resolve(import.meta.dirname, "../../../examples/uni-app");

test("the mini program of examples/ is installed with the packed client, and built by uni-app", async () => {
  const tarball = packClient();
  const folder = emptyFolder({ filledFrom: example });
  try {
    await folder.install(tarball);
    const { code, output } = await folder.run("npm run typecheck && npm run build");
    expect(code, output).toBe(0);
    const built = (file: string) => readFileSync(join(folder.path, "dist/build/mp-weixin", file), "utf8");
    expect(JSON.parse(built("app.json")).pages).toEqual([
      "pages/own-profile",
      "pages/log-in",
      "pages/sign-up",
    ]);
    expect(built("common/vendor.js")).toContain("x-http-method-override");
  } finally {
    await folder.remove();
    rmSync(dirname(tarball), { recursive: true, force: true });
  }
}, 900_000);
