import { createJobChanges, type JobChangesDeps, type JobVerb } from "../admin/job-changes.ts";
import type { JobFilter, JobState, JobsAdmin, JobView } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import { type Command, defineCommand, show } from "./command/command.ts";
import type { AppContext } from "./command/contexts.ts";
import { mailsTo } from "./manage/mails-to.ts";
import { UsageError } from "./terminal/read-arguments.ts";
import { CommandFailure, type Terminal } from "./terminal/terminal.ts";

/** In Chinese; in English the names are those that --state takes. */
const stateNames: Readonly<Record<JobState, string>> = {
  waiting: "等待中",
  running: "执行中",
  done: "已完成",
  dead: "已失败",
};

const id = { zh: "<任务编号>", en: "<id>" } as const;

/** What an operator does about background jobs. */
export const jobs: Command = defineCommand({
  name: "jobs",
  group: "look",
  needs: "app",
  npmScript: true,
  json: true,
  zh: "后台任务",
  en: "background jobs",
  verbs: {
    list: { zh: "各状态的数量和最近的任务", en: "how many in each state, and the latest" },
    show: { words: id, zh: "一个任务的全部内容", en: "all of one" },
    retry: {
      words: { zh: "<任务编号>|all", en: "<id>|all" },
      zh: "重新执行失败的任务",
      en: "puts dead letters back",
    },
    discard: {
      words: id,
      zh: "永久删除一个等待中或失败的任务",
      en: "removes one that waits, or a dead letter, for good",
    },
    drain: {
      confirm: {
        zh: "等待中的任务将被永久删除；确认请加 --yes。",
        en: "This removes waiting jobs for good; add --yes to do it.",
      },
      zh: "永久删除等待中和失败的任务",
      en: "removes waiting jobs and dead letters for good",
    },
  },
  defaultVerb: "list",
  options: {
    state: {
      type: "string",
      choices: Object.keys(stateNames),
      of: "list",
      zh: "只列这种状态的",
      en: "only those in this state",
    },
    limit: {
      type: "string",
      value: "<n>",
      default: "50",
      of: "list",
      zh: "最多几个",
      en: "at most this many",
    },
    to: {
      type: "string",
      value: { zh: "<邮箱>", en: "<address>" },
      of: "list",
      zh: "只列发给这个邮箱的，包括发给其账号的通知",
      en: "only those that mail this address, notices to its account too",
    },
  },
  check({ values }) {
    if (values.to === "") throw new UsageError("--to 请写邮箱。", "--to takes an address.");
    if (!/^[1-9]\d*$/.test(values.limit)) {
      throw new UsageError("--limit 请写大于 0 的整数。", "--limit must be a whole number above 0.");
    }
  },
  async run({ app, actor, terminal }, { verb, words: [id = ""], values, json }) {
    const { jobs: admin, users } = app;
    const zh = terminal.language === "zh";
    if (verb === "list") {
      const matching = values.to === undefined ? undefined : await mailsTo(values.to, users);
      await list(admin, terminal, { ...values, json, matching });
    } else if (verb === "show") {
      const job = await admin.show(id);
      if (job === null) throw new CommandFailure(`没有任务“${id}”。`, `There is no job "${id}".`);
      show(terminal, json, describe(job), JSON.stringify(describe(job), null, 2));
    } else if (verb === "discard") {
      await changeOne(app, actor, id, verb);
      show(terminal, json, { removed: 1 }, zh ? `已删除任务 ${id}。` : `Removed the job ${id}.`);
    } else if (verb === "retry") {
      if (id !== "all") await changeOne(app, actor, id, verb);
      const count = id === "all" ? await admin.retry(id) : 1;
      if (count === 0) throw new CommandFailure("没有失败的任务。", "There are no dead letters.");
      show(terminal, json, { retried: count }, zh ? `已重新排队：${count}。` : `Put back: ${count}.`);
    } else {
      const count = await admin.drain();
      show(terminal, json, { removed: count }, zh ? `已删除：${count}。` : `Removed: ${count}.`);
    }
    return 0;
  },
});

async function list(
  admin: JobsAdmin,
  terminal: Terminal,
  {
    state,
    limit,
    json,
    matching,
  }: {
    readonly state: string | undefined;
    readonly limit: string;
    readonly json: boolean;
    readonly matching: JobFilter["matching"];
  },
): Promise<void> {
  const wanted: JobFilter = {
    limit: Number(limit),
    ...(state !== undefined && { state: state as JobState }),
    ...(matching && { matching }),
  };
  const [jobs, counts] = await Promise.all([admin.list(wanted), admin.counts()]);
  const summary = Object.entries(counts).map(
    ([name, count]) => `${terminal.language === "zh" ? stateNames[name as JobState] : name} ${count}`,
  );
  const lines = [summary.join(" · "), ...jobs.map((job) => line(job, terminal.language))];
  show(terminal, json, { counts, jobs }, lines.join("\n"));
}

/** As the console does, with its entry in the audit log. Error: CommandFailure where there is none, or none in a state for it. */
async function changeOne(
  deps: JobChangesDeps,
  actor: AppContext["actor"],
  id: string,
  verb: JobVerb,
): Promise<void> {
  await createJobChanges(deps)(actor, id, verb).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== "not_found") throw error;
    throw verb === "retry"
      ? new CommandFailure(`没有失败的任务“${id}”。`, `There is no dead letter "${id}".`)
      : new CommandFailure(
          `没有等待中或失败的任务“${id}”。`,
          `There is no job "${id}" that waits or is a dead letter.`,
        );
  });
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
