import { parseArgs } from "node:util";
import { measureGrowth } from "./growth.ts";
import { report } from "./report.ts";
import { runRounds } from "./rounds.ts";

/**
 * `npm run bench`: measures the product and its floors interleaved in one run, and writes the table, the
 * figures and the chart. See README.md beside this file for what each figure means.
 *
 *     npm run bench -- [--engine sqlite|postgres] [--rounds 5] [--seconds 3] [--accounts 1000]
 *                      [--only count,user] [--growth 1000000] [--dry]
 */
const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "sqlite" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    accounts: { type: "string", default: "1000" },
    /** Subjects to measure; all when left out. A partial run writes nothing. */
    only: { type: "string" },
    /** Also measure with this many accounts, and compare. */
    growth: { type: "string" },
    /** Print, write nothing. */
    dry: { type: "boolean", default: false },
  },
});
if (values.engine !== "sqlite" && values.engine !== "postgres")
  throw new Error("--engine is sqlite or postgres");

const options = {
  engine: values.engine,
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  accounts: Number(values.accounts),
  only: values.only?.split(",") ?? null,
} as const;
const progress = (text: string) => process.stderr.write(`${text}\n`);

const result = await runRounds(options, progress);
const growth = values.growth ? await measureGrowth(options, Number(values.growth), progress) : null;
report({ ...result, growth }, { write: !values.dry && options.only === null });
