import { expect, test } from "vitest";
import { readDevConfig } from "./dev-settings.ts";

const unit = {
  ...{ user: "meiduo", group: "meiduo", folder: "/opt/meiduo-accounts", stateFolder: null },
  environment: { DATA_DIR: "/var/lib/meiduo-accounts", ENVIRONMENT: "production" },
  environmentFiles: [],
};

test("beside an installed service a command of development needs a folder of its own", () => {
  expect(() => readDevConfig({}, "npm run seed", { unit })).toThrow("set DATA_DIR");
  expect(readDevConfig({ DATA_DIR: "/tmp/mine" }, "npm run seed", { unit }).dataDir).toBe("/tmp/mine");
  expect(readDevConfig({}, "npm run seed", null).environment).toBe("development");
});
