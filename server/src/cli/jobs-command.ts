import type { JobState, JobsAdmin, JobView } from "../engines/jobs/jobs.ts";
import { readArguments, UsageError } from "./terminal/read-arguments.ts";

/** `npm run jobs -- list|show|retry|drain`: what an operator does about background jobs. */
const usage = {
  zh: `用法：
  npm run jobs -- list [--state waiting|running|done|dead] [--limit 50] [--json]
  npm run jobs -- show <任务编号> [--json]
  npm run jobs -- retry <任务编号>|all       重新执行失败的任务
  npm run jobs -- drain --yes                永久删除等待中和失败的任务
`,
  en: `Usage:
  npm run jobs -- list [--state waiting|running|done|dead] [--limit 50] [--json]
  npm run jobs -- show <id> [--json]
  npm run jobs -- retry <id>|all       puts dead letters back
  npm run jobs -- drain --yes          removes waiting jobs and dead letters for good
`,
} as const;

/** In Chinese; in English the names are those that --state takes. */
const stateNames: Readonly<Record<JobState, string>> = {
  waiting: "等待中",
  running: "执行中",
  done: "已完成",
  dead: "已失败",
};

interface Said {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * Runs it and returns what to print and the exit code: 0 done, 1 nothing found, 2 not understood. `open` is called only
 * for a command that was understood: --help and mistakes touch neither configuration nor data.
 */
export async function jobsCommand(
  open: () => Promise<JobsAdmin>,
  args: readonly string[],
  language: "zh" | "en",
): Promise<Said> {
  const said = (zh: string, en: string, exitCode = 0) => ({ text: language === "zh" ? zh : en, exitCode });
  const data = (text: string) => ({ text, exitCode: 0 });
  if (args.includes("--help") || args.includes("-h")) return data(usage[language]);
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { text: `${error[language]}\n${usage[language]}`, exitCode: 2 };
  }
  const { values, positionals } = parsed;
  const [verb = "list", id] = positionals;
  if (verb === "list") {
    const state = values.state as JobState | undefined;
    const limit = Number(values.limit);
    if (state && !["waiting", "running", "done", "dead"].includes(state)) return said(usage.zh, usage.en, 2);
    if (!Number.isInteger(limit) || limit < 1) return said(usage.zh, usage.en, 2);
    const admin = await open();
    const [jobs, counts] = await Promise.all([
      admin.list(state ? { state, limit } : { limit }),
      admin.counts(),
    ]);
    if (values.json) return data(JSON.stringify({ counts, jobs }, null, 2));
    const summary = Object.entries(counts).map(
      ([name, count]) => `${language === "zh" ? stateNames[name as JobState] : name} ${count}`,
    );
    return data([summary.join(" · "), ...jobs.map((job) => line(job, language))].join("\n"));
  }
  if (verb === "show" && id) {
    const job = await (await open()).show(id);
    return job
      ? data(JSON.stringify(describe(job), null, 2))
      : said(`没有任务“${id}”。`, `There is no job "${id}".`, 1);
  }
  if (verb === "retry" && id) {
    const count = await (await open()).retry(id);
    if (count > 0) return said(`已重新排队：${count}。`, `Put back: ${count}.`);
    return id === "all"
      ? said("没有失败的任务。", "There are no dead letters.", 1)
      : said(`没有失败的任务“${id}”。`, `There is no dead letter "${id}".`, 1);
  }
  if (verb === "drain") {
    if (!values.yes) {
      return said(
        "等待中的任务将被永久删除；确认请加 --yes。",
        "This removes waiting jobs for good; add --yes to do it.",
        2,
      );
    }
    const count = await (await open()).drain();
    return said(`已删除：${count}。`, `Removed: ${count}.`);
  }
  return said(usage.zh, usage.en, 2);
}

function parse(args: readonly string[]) {
  return readArguments(
    args,
    {
      state: { type: "string" },
      limit: { type: "string", default: "50" },
      json: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
    },
    { min: 0, max: 2 },
  );
}

function describe(job: JobView) {
  const time = (at: number) => new Date(at).toISOString();
  return { ...job, createdAt: time(job.createdAt), runAt: time(job.runAt) };
}

function line(job: JobView, language: "zh" | "en"): string {
  const created = new Date(job.createdAt).toISOString().slice(0, 19);
  const error = job.lastError ? `  ${job.lastError}` : "";
  // Chinese characters are two columns wide: all of these names have as many.
  const state = language === "zh" ? stateNames[job.state] : job.state.padEnd(7);
  const runs = language === "zh" ? `执行 ${job.attempts} 次` : `runs ${job.attempts}`;
  return `${created}  ${state}  ${job.name.padEnd(22)}  ${runs}  ${job.id}${error}`;
}
