import { afterAll, beforeEach } from "vitest";
import { dataFolder, startProduct } from "./product-process.ts";
import { runCommand } from "./run-command.ts";

/**
 * `start` with nothing but a folder of data, another for each test of the file: as on a machine where nothing is set, so
 * the key is made by the product. They are removed when the file is done.
 */
export function startsInOwnFolder() {
  const releases: (() => void)[] = [];
  const own = {
    /** May be set to another within the test's own. */
    folder: "",
    /** Variables over those; by default none. */
    settings: (over: Record<string, string> = {}) => ({
      ...{ DATA_DIR: own.folder, SECRET_KEY: "", WEB_PORT: "0" },
      ...over,
    }),
    /** Resolves when it is ready. */
    started: (over: Record<string, string> = {}) => startProduct("start", own.settings(over)),
    /** For a start that ends by itself. */
    refused: (over: Record<string, string> = {}) =>
      runCommand(["start"], { ...own.settings(), API_PORT: "0", ...over }),
  };
  beforeEach(() => {
    const made = dataFolder();
    own.folder = made.path;
    releases.push(made.release);
  });
  afterAll(() => {
    for (const release of releases) release();
  });
  return own;
}
