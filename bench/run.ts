import { readAmount, readOptions, refuseOptions } from "../scripts/read-options.ts";
import { measureGrowth } from "./growth.ts";
import { report } from "./report.ts";
import { parts, runRounds } from "./rounds.ts";
import { useScratchFolder } from "./scratch-folder.ts";

/**
 * `npm run bench`: measures the product and its floors interleaved in one run, and writes the table, the
 * figures and the chart. See README.md beside this file for what each figure means.
 */
const usage = `
npm run bench -- [--rounds 5] [--seconds 3] [--accounts 1000] [--engine sqlite|postgres]
                 [--only count,user] [--growth 1000000] [--dry]

Measures the product and its floors; writes the table, the figures and the chart of bench/README.md.
测量本产品及其下限，并更新 bench/README.md 中的表格、数据和图。

  --rounds 5            rounds, every subject once in each 轮数，每轮每项测一次
  --seconds 3           seconds a subject and round 每轮每项的秒数
  --accounts 1000       accounts in the database 数据库中的账号数
  --engine sqlite       or postgres, which is PostgreSQL with Redis 或 postgres（PostgreSQL 和 Redis）
  --only count,user     these subjects alone; writes nothing 只测这几项，不写文件
  --growth 1000000      measure with this many accounts, too, and compare 另用这么多账号再测一次并比较
  --dry                 print, write nothing 只显示，不写文件
`;
const values = readOptions(usage, {
  engine: { type: "string", default: "sqlite" },
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "3" },
  accounts: { type: "string", default: "1000" },
  only: { type: "string" },
  growth: { type: "string" },
  dry: { type: "boolean", default: false },
});
const { engine } = values;
if (engine !== "sqlite" && engine !== "postgres")
  refuseOptions("--engine 可用的有：sqlite, postgres。", "--engine is one of sqlite, postgres.");

const only = values.only?.split(",") ?? null;
if (only?.some((part) => !parts.includes(part)))
  refuseOptions(`--only 可用的有：${parts.join(", ")}。`, `--only takes some of ${parts.join(", ")}.`);

const options = {
  engine,
  rounds: readAmount("--rounds", values.rounds, { whole: true }),
  seconds: readAmount("--seconds", values.seconds, { whole: false }),
  accounts: readAmount("--accounts", values.accounts, { whole: true }),
  only,
} as const;
const grown = values.growth === undefined ? null : readAmount("--growth", values.growth, { whole: true });
const progress = (text: string) => process.stderr.write(`${text}\n`);

useScratchFolder();
const result = await runRounds(options, progress);
const growth = grown === null ? null : await measureGrowth(options, grown, progress);
report({ ...result, growth }, { write: !values.dry && options.only === null });
