import { readOverview } from "../../admin/overview.ts";
import { createLog } from "../../kernel/log.ts";
import { createHourlyCounts } from "../../observability/hourly-counts.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { overviewText } from "./overview-text.ts";

/** `overview`: what the console's first page shows. Reads, and writes and counts nothing. */
export const overview: Command = defineCommand({
  name: "overview",
  group: "look",
  needs: "app",
  json: true,
  zh: "概况：三十天内的登录、拒绝、注册、邮件和短信，以及后台任务",
  en: "how the site fares: log-ins, refusals, sign-ups, mails and SMS of thirty days, and what waits",
  details: {
    zh: "来自每个进程每分钟写一次的计数，与账号多少无关。一天从 UTC 零点算起；--json 按小时。",
    en: "From counters that each process writes once a minute, however many accounts there are. Days are those of UTC; --json has hours.",
  },
  async run({ app, clock, terminal }, { json }) {
    // This process has counted nothing.
    const counters = () => ({});
    const hourlyCounts = createHourlyCounts({ db: app.db, clock, log: createLog("silent"), counters });
    const found = await readOverview({ hourlyCounts, queue: app.jobs, clock });
    show(terminal, json, found, overviewText(found, terminal.language));
    return 0;
  },
});
