import { execFileSync } from "node:child_process";
import { compareWith } from "./against/against.ts";
import { measureGrowth } from "./growth.ts";
import { readBenchOptions, type TableOptions } from "./options.ts";
import { measurePeers } from "./peers/run-peers.ts";
import { report } from "./report.ts";
import { runRounds } from "./rounds.ts";
import { useScratchFolder } from "./scratch-folder.ts";

/** `npm run bench`: what the product costs, and whether that grew. README.md says what each figure means. */
const options = readBenchOptions();
const progress = (text: string) => process.stderr.write(`${text}\n`);
if (options.kind === "peers") await measurePeers(options, progress);
else if (options.kind === "against") process.exitCode = await compareWith(options, progress);
else await makeTables(options);

async function makeTables({ engines, growth: large, dry, ...how }: TableOptions): Promise<void> {
  useScratchFolder();
  // Else the first start would build it, in processes that come and go while it is measured.
  execFileSync(process.execPath, ["scripts/build-site.ts"], { stdio: ["ignore", "ignore", "inherit"] });
  for (const engine of engines) {
    const asked = { ...how, engine };
    const result = await runRounds(asked, progress);
    const growth = large === null ? null : await measureGrowth(asked, large, progress);
    report({ ...result, growth }, { write: !dry && how.only === null });
  }
}
