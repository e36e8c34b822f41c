import { parseArgs } from "node:util";
import type { JobState, JobsAdmin, JobView } from "./jobs.ts";

/** `npm run jobs -- list|show|retry|drain`: what an operator does about background jobs. */
const usage = `Usage:
  npm run jobs -- list [--state waiting|running|done|dead] [--limit 50] [--json]
  npm run jobs -- show <id> [--json]
  npm run jobs -- retry <id>|all       puts dead letters back
  npm run jobs -- drain --yes          removes waiting jobs and dead letters for good
`;

/** Runs it and returns what to print and the exit code: 0 done, 1 nothing found, 2 not understood. */
export async function jobsCommand(
  admin: JobsAdmin,
  args: readonly string[],
): Promise<{ text: string; exitCode: number }> {
  const said = (text: string, exitCode = 0) => ({ text, exitCode });
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return said(`${(error as Error).message}\n${usage}`, 2);
  }
  const { values, positionals } = parsed;
  const [verb = "list", id] = positionals;
  if (verb === "list") {
    const state = values.state as JobState | undefined;
    const limit = Number(values.limit);
    if (state && !["waiting", "running", "done", "dead"].includes(state)) return said(usage, 2);
    if (!Number.isInteger(limit) || limit < 1) return said(usage, 2);
    const [jobs, counts] = await Promise.all([
      admin.list(state ? { state, limit } : { limit }),
      admin.counts(),
    ]);
    if (values.json) return said(JSON.stringify({ counts, jobs }, null, 2));
    const summary = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
    return said([summary.join(" · "), ...jobs.map(line)].join("\n"));
  }
  if (verb === "show" && id) {
    const job = await admin.show(id);
    return job ? said(JSON.stringify(describe(job), null, 2)) : said(`There is no job "${id}".`, 1);
  }
  if (verb === "retry" && id) {
    const count = await admin.retry(id);
    return count > 0
      ? said(`Put back: ${count}.`)
      : said(id === "all" ? "There are no dead letters." : `There is no dead letter "${id}".`, 1);
  }
  if (verb === "drain") {
    if (!values.yes) return said("This removes waiting jobs for good; add --yes to do it.", 2);
    return said(`Removed: ${await admin.drain()}.`);
  }
  return said(usage, 2);
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      state: { type: "string" },
      limit: { type: "string", default: "50" },
      json: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
    },
  });
}

function describe(job: JobView) {
  const time = (at: number) => new Date(at).toISOString();
  return { ...job, createdAt: time(job.createdAt), runAt: time(job.runAt) };
}

function line(job: JobView): string {
  const created = new Date(job.createdAt).toISOString().slice(0, 19);
  const error = job.lastError ? `  ${job.lastError}` : "";
  return `${created}  ${job.state.padEnd(7)}  ${job.name.padEnd(22)}  runs ${job.attempts}  ${job.id}${error}`;
}
