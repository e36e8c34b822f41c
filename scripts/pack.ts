import { resolve } from "node:path";
import { packPackage } from "./package-tarball.ts";
import { readTool } from "./read-options.ts";

/** `npm run pack -- --into <folder>`: the npm package `meiduo-accounts` of this checkout. Prints the tarball's path. */
const { values } = readTool("pack");
const folder = resolve(process.env.MEIDUO_CALLED_FROM ?? ".", values.into);
process.stdout.write(`${await packPackage(folder)}\n`);
