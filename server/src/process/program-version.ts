import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** This program's version: of the first package.json above this file, which is the server's or that of the npm package. */
export function programVersion(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}
